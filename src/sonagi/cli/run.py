"""`sonagi run SCRIPT`."""

import shutil
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sonagi.locale import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sonagi.model.result import Result

Command = TypeVar("Command", bound="Callable[..., Any]")


def _option(*names: str, **settings: Any) -> "Callable[[Command], Command]":
    key = names[-1].lstrip("-").replace("-", "_")
    return click.option(*names, help=text(f"cli.run_{key}"), **settings)


@click.command(help=text("cli.run_help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("script")
@_option("-u", "--vus", type=int, metavar="N")
@_option("-d", "--duration", metavar="30s")
@_option("-i", "--iterations", type=int, metavar="N")
@_option("-e", "--env", multiple=True, metavar="NAME=value")
@_option("--summary-export", metavar="FILE.json")
@_option("--summary-trend-stats", metavar="avg,p(95)")
@_option("-q", "--quiet", is_flag=True)
@_option("--no-color", is_flag=True)
@_option("--workers", type=click.IntRange(0, 1), metavar="0|1")
@_option("--keep-going", is_flag=True)
def command(
    script: str,
    vus: int | None,
    duration: str | None,
    iterations: int | None,
    env: tuple[str, ...],
    summary_export: str | None,
    summary_trend_stats: str | None,
    quiet: bool,
    no_color: bool,
    workers: int | None,
    keep_going: bool,
) -> int:
    """Run a script; the exit code is k6's."""
    # Imported here: `--help` needs none of it.
    from sonagi.load.script import ScriptProblem
    from sonagi.plan.problems import PlanError
    from sonagi.report.export import Export
    from sonagi.report.live import Live
    from sonagi.run.api import run

    export: Export | None = None
    try:
        variables = _variables(env)
        if summary_export:
            export = Export(summary_export)
        result = run(
            script,
            vus=vus,
            duration=duration,
            iterations=iterations,
            env=variables,
            summary_trend_stats=summary_trend_stats.split(",") if summary_trend_stats else None,
            workers=1 if workers is None else workers,
            keep_going=keep_going,
            watcher=Live(color=not no_color, quiet=quiet),
        )
    except (PlanError, ScriptProblem) as error:
        if export is not None:
            export.discard()
        lines = str(error).splitlines()
        # Each problem of a plan is a line of its own; what a script raised has a traceback below it.
        own = len(lines) if error.exit_code == 104 else 1
        for at, line in enumerate(lines):
            click.echo(f"sonagi: {line}" if at < own else line, err=True)
        return error.exit_code
    if export is not None:
        export.write(result)
    show(result, color=not no_color and sys.stdout.isatty())
    return result.exit_code


def show(result: "Result", *, color: bool) -> None:
    """Print the summary."""
    from sonagi.report.summary import render

    click.echo()
    click.echo(render(result, width=shutil.get_terminal_size((100, 24)).columns, color=color))


def _variables(pairs: tuple[str, ...]) -> dict[str, str]:
    from sonagi.plan.problems import PlanError, Problem

    wrong = [pair for pair in pairs if not pair.partition("=")[0].strip() or "=" not in pair]
    if wrong:
        raise PlanError([Problem("env", "--env", {"value": pair}) for pair in wrong])
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
