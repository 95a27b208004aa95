"""`sonagi schema`: what an editor needs to know of the config file."""

import json

import click

from sonagi.locale import text


@click.command(help=text("cli.schema_help"), context_settings={"help_option_names": ["-h", "--help"]})
def command() -> int:
    """Print the JSON Schema."""
    from sonagi.plan.schema import config_schema

    click.echo(json.dumps(config_schema(), indent=2, ensure_ascii=False))
    return 0
