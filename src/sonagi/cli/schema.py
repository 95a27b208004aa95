"""`sonagi schema`: what an editor needs to know of the config file."""

import json

import click

from sonagi.cli.command import Command
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.schema_help"))
def command() -> int:
    """Print the JSON Schema."""
    from sonagi.plan.schema import config_schema

    click.echo(json.dumps(config_schema(), indent=2, ensure_ascii=False))
    return 0
