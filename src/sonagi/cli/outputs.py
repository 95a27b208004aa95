"""Where the result of a command goes besides the terminal."""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from sonagi.locale import text

if TYPE_CHECKING:
    from sonagi.model.result import Result
    from sonagi.report.export import Output


EXIT_OTHER = 255


def opened(summary_export: str | None, out: Sequence[str] = ()) -> "list[Output]":
    """The files that the flags ask for, opened. Raises PlanError with all that is wrong."""
    from sonagi.plan.problems import PlanError, Problem, unknown
    from sonagi.report import junit
    from sonagi.report.export import Output, as_json

    kinds = {"junit": junit.render}
    found: list[Problem] = []
    made: list[Output] = []
    asked = [("--summary-export", summary_export, as_json)] if summary_export else []
    for written in out:
        kind, _, path = written.partition("=")
        if kind not in kinds:
            found.append(unknown(kind, kinds, "--out", "out"))
        elif not path:
            found.append(Problem("out_path", "--out", {"kind": kind}))
        else:
            asked.append(("--out", path, kinds[kind]))
    for flag, path, render in asked:
        try:
            made.append(Output(flag, path, render))
        except PlanError as error:
            found += error.problems
    if found:
        discard(made)
        raise PlanError(found)
    return made


def discard(outputs: "Sequence[Output]") -> None:
    """There is no result: leave every file as it was."""
    for output in outputs:
        output.discard()


def finish(outputs: "Sequence[Output]", result: "Result") -> int:
    """Write all files, and tell GitHub Actions where that is what runs us. Gives the exit code: a file that
    could not be written is told, and makes it 255 where all else went well."""
    exit_code = result.exit_code
    for output in outputs:
        try:
            output.write(result)
        except OSError as error:
            values = {"path": output.path, "reason": error.strerror}
            click.echo(f"sonagi: {text('plan.unwritable', **values)}", err=True)
            exit_code = exit_code or EXIT_OTHER
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _tell_github(result)
    return exit_code


def _tell_github(result: "Result") -> None:
    from sonagi.report.github import annotations, step_summary

    for line in annotations(result):
        click.echo(line)
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        # A summary that cannot be written is no reason for a run to fail.
        with suppress(OSError), open(path, "a", encoding="utf-8") as file:  # noqa: PTH123 (appended to)
            file.write(step_summary(result))
