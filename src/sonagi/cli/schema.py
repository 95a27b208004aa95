"""`sonagi schema`: what an editor needs to know of the config file, and a program of findings."""

import json

import click

from sonagi.cli.command import Choice, Command
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.schema_help"))
@click.argument("of", type=Choice(["config", "findings"]), default="config")
def command(of: str) -> int:
    """Print the JSON Schema."""
    from sonagi.plan.schema import config_schema
    from sonagi.report.findings_json import SCHEMA

    schema = SCHEMA if of == "findings" else config_schema()
    click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
    return 0
