"""Where the numbers of a command go besides the terminal."""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from sonagi.locale import text

if TYPE_CHECKING:
    from sonagi.model.result import Result
    from sonagi.plan.problems import Problem
    from sonagi.report.export import Output
    from sonagi.run.samples import SampleOutput


EXIT_OTHER = 255
KINDS = ("junit", "json", "csv")
OUT = "junit|json|csv=FILE"
"""How `--out` is written."""


class Outputs:
    """What the flags ask for: files that are written at the end, and those that get samples meanwhile."""

    def __init__(self) -> None:
        self.at_end: list[Output] = []
        self.samples: list[SampleOutput] = []

    @property
    def take_stdout(self) -> bool:
        """Whether samples go to standard output, so that nothing else may."""
        return any(output.on_stdout for output in self.samples)

    def open(self, summary_export: str | None, out: Sequence[str]) -> None:
        """Open all. Raises PlanError with all that is wrong; `discard` then leaves every file as it was."""
        from sonagi.plan.problems import PlanError

        found: list[Problem] = []
        for flag, kind, path in _asked(summary_export, out, found):
            try:
                self._add(flag, kind, path, found)
            except PlanError as error:
                found += error.problems
        if found:
            raise PlanError(found)

    def _add(self, flag: str, kind: str, path: str, found: "list[Problem]") -> None:
        from sonagi.plan.problems import Problem, unknown
        from sonagi.report import junit
        from sonagi.report.export import Output, as_json
        from sonagi.run.samples import STAMPS, SampleOutput

        if kind in ("summary", "junit"):
            self.at_end.append(Output(flag, path, as_json if kind == "summary" else junit.render))
            return
        path, _, stamp = path.partition(",timeFormat=") if kind == "csv" else (path, "", "")
        if stamp and stamp not in STAMPS:
            found.append(unknown(stamp, STAMPS, flag, "time_format"))
            return
        try:
            self.samples.append(SampleOutput(kind, path or "-", stamp or "unix"))
        except OSError as error:
            found.append(Problem("unwritable", flag, {"path": path, "reason": error.strerror}))

    def discard(self) -> None:
        """There is no result: leave every file as it was."""
        for output in self.at_end:
            output.discard()
        for samples in self.samples:
            samples.discard()

    def finish(self, result: "Result") -> int:
        """Write what is written at the end, and tell GitHub Actions where that is what runs us. Gives the
        exit code: a file that could not be written is told, and makes it 255 where all else went well."""
        failed = any(output.failed for output in self.samples)
        for output in self.at_end:
            try:
                output.write(result)
            except OSError as error:
                values = {"path": output.path, "reason": error.strerror}
                click.echo(f"sonagi: {text('plan.unwritable', **values)}", err=True)
                failed = True
        if os.environ.get("GITHUB_ACTIONS") == "true":
            _tell_github(result)
        return result.exit_code or (EXIT_OTHER if failed else 0)


def _asked(
    summary_export: str | None, out: Sequence[str], found: "list[Problem]"
) -> list[tuple[str, str, str]]:
    """(flag, kind, path) of each output; what cannot be meant goes to `found`."""
    from sonagi.plan.problems import Problem, unknown

    asked = [("--summary-export", "summary", summary_export)] if summary_export else []
    for written in out:
        kind, _, path = written.partition("=")
        if kind not in KINDS:
            found.append(unknown(kind, KINDS, "--out", "out"))
        elif kind == "junit" and not path:
            found.append(Problem("out_path", "--out", {"kind": kind}))
        else:
            asked.append(("--out", kind, path))
    return asked


def _tell_github(result: "Result") -> None:
    from sonagi.report.github import annotations, step_summary

    for line in annotations(result):
        click.echo(line)
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        # A summary that cannot be written is no reason for a run to fail.
        with suppress(OSError), open(path, "a", encoding="utf-8") as file:  # noqa: PTH123 (appended to)
            file.write(step_summary(result))
