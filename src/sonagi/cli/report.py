"""`sonagi report RUN… -o load-test.md`: runs written up, for whoever was not there."""

from pathlib import Path

import click

from sonagi import locale
from sonagi.cli.command import Choice, Command
from sonagi.cli.explain import chapters_of
from sonagi.cli.store import EXIT_OTHER
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.report_help"))
@click.argument("runs", nargs=-1, metavar="[RUN|last|FILE]...")
@click.option("-o", "--output", metavar="FILE.md", help=text("cli.report_output"))
@click.option("--title", help=text("cli.report_title"))
@click.option("--log", "logs", multiple=True, metavar="FILE", help=text("cli.explain_log"))
@click.option("--script", metavar="FILE", help=text("cli.explain_script"))
@click.option("--store", metavar="DIR", help=text("cli.store_folder"))
@click.option("--lang", type=Choice(locale.LANGUAGES), help=text("cli.explain_lang"))
def command(
    runs: tuple[str, ...],
    output: str | None,
    title: str | None,
    logs: tuple[str, ...],
    script: str | None,
    store: str | None,
    lang: str | None,
) -> int:
    """One document of all runs, in Markdown."""
    from sonagi.report.document import render

    if lang is not None:
        locale.use(lang)
    chapters, problems = chapters_of(runs or ("last",), logs, script, store)
    for problem in problems:
        click.echo(f"sonagi: {problem}", err=True)
    if not chapters:
        return EXIT_OTHER
    written = render(title or text("document.title"), chapters)
    if output is None:
        click.echo(written, nl=False)
        return 0
    try:
        Path(output).write_text(written, encoding="utf-8")
    except OSError as error:
        click.echo(f"sonagi: {text('plan.unwritable', path=output, reason=error.strerror)}", err=True)
        return EXIT_OTHER
    return 0
