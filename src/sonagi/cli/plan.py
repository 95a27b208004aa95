"""`sonagi plan SCRIPT`: what a run will do, without doing it."""

import shutil
from typing import Any

import click

from sonagi.cli.command import Command
from sonagi.cli.options import layers, load_options, tell
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.plan_help"))
@click.argument("script")
@load_options
def command(script: str, **load: Any) -> int:
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
    click.echo(render(plan, least, width=shutil.get_terminal_size((100, 24)).columns))
    return 0
