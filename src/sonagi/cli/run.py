"""`sonagi run SCRIPT`."""

import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from sonagi.cli.options import layers, load_options, option, tell
from sonagi.cli.outputs import OUT, Outputs
from sonagi.cli.store import kept_in
from sonagi.locale import text

if TYPE_CHECKING:
    from sonagi.model.result import Result
    from sonagi.plan.plan import Plan


WIDE = 200
"""Columns of a file or a pipe: nothing is broken there."""


@click.command(help=text("cli.run_help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("script")
@load_options
@option("--summary-export", metavar="FILE.json")
@option("-o", "--out", multiple=True, metavar=OUT)
@option("--summary-mode", type=click.Choice(["compact", "full", "disabled"]), default="compact")
@option("-q", "--quiet", is_flag=True)
@option("--no-color", is_flag=True)
@option("--workers", type=click.IntRange(0, 1), metavar="0|1")
@option("--keep-going", is_flag=True)
@option("--show-options", is_flag=True)
@option("--store", metavar="DIR")
@option("--no-store", is_flag=True)
def command(
    script: str,
    summary_export: str | None,
    out: tuple[str, ...],
    summary_mode: str,
    quiet: bool,
    no_color: bool,
    workers: int | None,
    keep_going: bool,
    show_options: bool,
    store: str | None,
    no_store: bool,
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
        outputs.open(summary_export, out)
        keys = Keys()
        result = run(
            script,
            env=variables,
            workers=1 if workers is None else workers,
            keep_going=keep_going,
            watcher=Live(color=not no_color, quiet=quiet, keys=keys.usable),
            below=made.below,
            above=made.above,
            outputs=outputs.samples,
            helm=keys,
            store=kept_in(store, no_store),
        )
    except (PlanError, ScriptProblem) as error:
        outputs.discard()
        return tell(error)
    if summary_mode != "disabled":
        show(result, color=not no_color, full=summary_mode == "full", err=outputs.take_stdout)
    return outputs.finish(result)


def show(result: "Result", *, color: bool, full: bool = False, err: bool = False) -> None:
    """Print the summary, on standard error with `err`."""
    from sonagi.report.summary import render

    width = shutil.get_terminal_size((WIDE, 24)).columns
    color = color and (sys.stderr if err else sys.stdout).isatty()
    click.echo(err=err)
    click.echo(render(result, width=width, color=color, full=full), err=err)


def _table(plan: "Plan") -> str:
    """Each option, its value and where it came from."""
    from sonagi.report.cells import table

    rows = [(name, value, text(f"cli.origin_{plan.origins[name]}")) for name, value in plan.options.items()]
    return table(rows)
