"""`sonagi explain RUN|last|FILE…`: what broke, when, why, and what to do next."""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sonagi import locale
from sonagi.cli.command import Choice, Command
from sonagi.cli.store import EXIT_OTHER, folder
from sonagi.locale import text

if TYPE_CHECKING:
    from sonagi.model.evidence import Evidence
    from sonagi.report.story import Chapter

FORMATS = ("text", "json", "markdown")
READABLE = 120
"""Columns of prose; longer lines are hard to follow."""
WIDE = 110
"""Columns of a file or a pipe."""
KEPT = b"SQLite format 3\0"
"""How the file of a kept run begins."""


@click.command(cls=Command, help=text("cli.explain_help"))
@click.argument("runs", nargs=-1, metavar="[RUN|last|FILE]...")
@click.option("--log", "logs", multiple=True, metavar="FILE", help=text("cli.explain_log"))
@click.option("--script", metavar="FILE", help=text("cli.explain_script"))
@click.option("--store", metavar="DIR", help=text("cli.store_folder"))
@click.option("--format", "form", type=Choice(FORMATS), default="text", help=text("cli.explain_format"))
@click.option("--lang", type=Choice(locale.LANGUAGES), help=text("cli.explain_lang"))
@click.option("--no-color", is_flag=True, help=text("cli.run_no_color"))
def command(
    runs: tuple[str, ...],
    logs: tuple[str, ...],
    script: str | None,
    store: str | None,
    form: str,
    lang: str | None,
    no_color: bool,
) -> int:
    """Read runs of ours or of other tools, and say what they mean."""
    from sonagi.report.cells import Paint

    if lang is not None:
        locale.use(lang)
    chapters, problems = chapters_of(runs or ("last",), logs, script, store)
    if form == "json":
        click.echo(as_json(chapters))
    elif chapters:
        columns = min(shutil.get_terminal_size((WIDE, 24)).columns, READABLE)
        paint = Paint(not no_color and sys.stdout.isatty())
        click.echo("\n".join(_markdown(chapters) if form == "markdown" else _text(chapters, columns, paint)))
    for problem in problems:
        click.echo(f"sonagi: {problem}", err=True)
    return EXIT_OTHER if problems and not chapters else 0


def chapters_of(
    runs: Sequence[str], logs: Sequence[str], script: str | None, store: str | None
) -> tuple[list["Chapter"], list[str]]:
    """What each of `runs` means, kept ones before files, and a sentence for each of which nothing was had."""
    from sonagi.diagnose.diagnosis import diagnose
    from sonagi.report.story import Chapter

    found, problems = _evidence(runs, logs, script, store)
    chapters = []
    for number, evidence in enumerate(found, 1):
        name = evidence.title or evidence.source
        title = name if len(found) == 1 else f"{number} {name}"
        chapters.append(Chapter(title, evidence, diagnose(evidence)))
    return chapters, problems


def _evidence(
    runs: Sequence[str], logs: Sequence[str], script: str | None, store: str | None
) -> tuple[list["Evidence"], list[str]]:
    from sonagi.readers import ReadProblem, read
    from sonagi.store.index import find
    from sonagi.store.replay import replay
    from sonagi.store.runfile import NoRun

    problems: list[ReadProblem | NoRun] = []
    kept: list[Evidence] = []
    files = [run for run in runs if run == "-" or (Path(run).exists() and not _is_kept(Path(run)))]
    for run in runs:
        if run in files:
            continue
        try:
            kept.append(replay(find(run, folder(store))).evidence())
        except NoRun as problem:
            problems.append(problem)
    found = kept
    if files or (kept and (logs or script or len(kept) > 1)):
        try:
            found = read(files, log=logs, script=script, tell=problems.append, known=kept)
        except ReadProblem as problem:
            problems.append(problem)
    return found, [text(problem.key, **problem.values) for problem in problems]


def _is_kept(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(KEPT)) == KEPT
    except OSError:
        return False


def as_json(chapters: Sequence["Chapter"]) -> str:
    """The findings of one run, or {"runs": […]} of several, each with its source."""
    from sonagi.report.findings_json import as_dict

    told = [{"source": chapter.evidence.source, **as_dict(chapter.diagnosis)} for chapter in chapters]
    shown = told[0] if len(told) == 1 else {"runs": told}
    return json.dumps(shown, indent=2, ensure_ascii=False, allow_nan=False)


def _text(chapters: Sequence["Chapter"], columns: int, paint: object) -> Iterator[str]:
    from sonagi.report import findings, story
    from sonagi.report.cells import Paint, Style, wrapped
    from sonagi.report.unseen import told

    assert isinstance(paint, Paint)
    if len(chapters) > 1:
        yield from story.table(chapters)
        yield ""
    for chapter in chapters:
        yield paint(chapter.title, Style.STRONG)
        yield f"{text('findings.measurement')}: {findings.verdict(chapter.diagnosis, paint)}"
        yield ""
        yield from findings.full(chapter.diagnosis, columns, paint)
        if not chapter.diagnosis.findings:
            yield text("findings.nothing")
            yield ""
        for line in told(chapter.evidence):
            yield from wrapped(f"{text('findings.unseen')}: {line}", columns, "  ")
        yield ""


def _markdown(chapters: Sequence["Chapter"]) -> Iterator[str]:
    from sonagi.report import findings_markdown

    for chapter in chapters:
        yield f"## {chapter.title}"
        yield ""
        yield from findings_markdown.render(chapter.diagnosis, level=3)
        yield ""
