"""`sonagi run SCRIPT`."""

import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from sonagi.cli.command import Choice, Command
from sonagi.cli.options import layers, load_options, option, tell
from sonagi.cli.outputs import OUT, Outputs
from sonagi.cli.store import kept_in
from sonagi.locale import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sonagi.model.result import Result
    from sonagi.plan.plan import Plan


WIDE = 200
"""Columns of a file or a pipe: nothing is broken there."""


@click.command(cls=Command, help=text("cli.run_help"))
@click.argument("script")
@load_options
@option("--summary-export", envvar="SONAGI_SUMMARY_EXPORT", metavar="FILE.json")
@option("-o", "--out", envvar="SONAGI_OUT", multiple=True, metavar=OUT)
@option(
    "--summary-mode",
    type=Choice(["compact", "full", "disabled"]),
    envvar="SONAGI_SUMMARY_MODE",
    default="compact",
)
@option("-q", "--quiet", is_flag=True)
@option("--no-color", is_flag=True)
@option("--workers", default="auto", metavar="auto|N")
@option("--on-worker-loss", type=Choice(["redistribute", "stop"]), default="redistribute")
@option("--keep-going", is_flag=True)
@option("--show-options", is_flag=True)
@option("--store", metavar="DIR")
@option("--no-store", is_flag=True)
@option("--watch", multiple=True, metavar="auto|none|host|pid:…|port:…|name:…|file:…|http://…")
def command(
    script: str,
    summary_export: str | None,
    out: tuple[str, ...],
    summary_mode: str,
    quiet: bool,
    no_color: bool,
    workers: str,
    on_worker_loss: str,
    keep_going: bool,
    show_options: bool,
    store: str | None,
    no_store: bool,
    watch: tuple[str, ...],
    **load: Any,
) -> int:
    """Run a script; the exit code is k6's."""
    # Imported here: `--help` needs none of it.
    from sonagi.cli.keys import Keys
    from sonagi.load.script import ScriptProblem
    from sonagi.plan.problems import PlanError
    from sonagi.report.live import Live
    from sonagi.run.api import make_plan, run

    outputs = Outputs()
    try:
        made, variables = layers(load)
        if show_options:
            click.echo(_table(make_plan(script, layers=made, env=variables)[1]))
            return 0
        _open(outputs, summary_export, out, lambda: make_plan(script, layers=made, env=variables))
        keys = Keys()
        result = run(
            script,
            env=variables,
            workers=workers,
            on_worker_loss=on_worker_loss,
            keep_going=keep_going,
            watcher=Live(color=not no_color, quiet=quiet, keys=keys.usable),
            below=made.below,
            above=made.above,
            outputs=outputs.samples,
            helm=keys,
            store=kept_in(store, no_store),
            watch=watch or ("auto",),
        )
    except (PlanError, ScriptProblem) as error:
        outputs.discard()
        return tell(error)
    if summary_mode != "disabled":
        show(result, color=not no_color, full=summary_mode == "full", err=outputs.take_stdout)
    return outputs.finish(result)


def _open(
    outputs: Outputs, summary_export: str | None, out: tuple[str, ...], plan: "Callable[[], object]"
) -> None:
    """Open what the numbers go to. Raises PlanError, with what is wrong with the plan where that is too."""
    from sonagi.load.script import ScriptProblem
    from sonagi.plan.problems import PlanError

    try:
        outputs.open(summary_export, out)
    except PlanError as error:
        with suppress(ScriptProblem):
            try:
                plan()
            except PlanError as other:
                raise PlanError([*other.problems, *error.problems]) from None
        raise


def show(result: "Result", *, color: bool, full: bool = False, err: bool = False) -> None:
    """Print the summary, on standard error with `err`."""
    from sonagi.report.summary import render

    width = shutil.get_terminal_size((WIDE, 24)).columns
    # https://no-color.org: set to anything but nothing.
    color = color and not os.environ.get("NO_COLOR") and (sys.stderr if err else sys.stdout).isatty()
    click.echo(err=err)
    click.echo(render(result, width=width, color=color, full=full), err=err)


def _table(plan: "Plan") -> str:
    """Each option, where its value came from, and the value, broken where a terminal ends."""
    from sonagi.report.cells import pad, width, wrapped

    origins = {name: text(f"cli.origin_{plan.origins[name]}") for name in plan.options}
    names, told = (max(map(width, column)) for column in (origins.keys(), origins.values()))
    # Into a file or a pipe each option is a line, for grep.
    room = shutil.get_terminal_size((10**6, 24)).columns - names - told - 4
    lines = []
    for name, value in plan.options.items():
        head = f"{pad(name, names)}  {pad(origins[name], told)}"
        for part in wrapped(value, room, ""):
            lines.append(f"{head}  {part}")
            head = " " * (names + told + 2)
    return "\n".join(lines)
