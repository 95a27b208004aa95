"""`sonagi plan SCRIPT`: what a run will do, without doing it."""

import shutil
from pathlib import Path
from typing import Any

import click

from sonagi.cli.command import Command
from sonagi.cli.options import layers, load_options, option, tell
from sonagi.locale import text

ROWS = 6
"""Lines of a chart in a picture: there is room."""


@click.command(cls=Command, help=text("cli.plan_help"))
@click.argument("script")
@load_options
@option("--svg", of="plan", metavar="FILE.svg")
def command(script: str, svg: str | None, **load: Any) -> int:
    """Show the plan; 104 when there is something wrong with it."""
    from sonagi.load.script import ScriptProblem
    from sonagi.load.sleeps import least_seconds
    from sonagi.plan.problems import PlanError
    from sonagi.report.planned import render
    from sonagi.run.api import make_plan

    try:
        made, variables = layers(load)
        loaded, plan = make_plan(script, layers=made, env=variables)
    except (PlanError, ScriptProblem) as error:
        return tell(error)
    least = {name: least_seconds(function) for name, function in loaded.functions.items()}
    if svg is not None:
        return _draw(svg, render(plan, least, rows=ROWS))
    click.echo(render(plan, least, width=shutil.get_terminal_size((100, 24)).columns))
    return 0


def _draw(path: str, planned: str) -> int:
    from sonagi.plan.problems import PlanError, Problem
    from sonagi.report.picture import as_svg

    try:
        Path(path).write_text(as_svg(planned, text("cli.plan_title")), encoding="utf-8")
    except OSError as error:
        values = {"path": path, "reason": error.strerror}
        return tell(PlanError([Problem("unwritable", "--svg", values)]))
    return 0
