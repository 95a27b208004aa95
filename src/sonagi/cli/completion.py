"""`sonagi completion SHELL`: what makes the Tab key know commands, flags and files."""

import click
from click.shell_completion import get_completion_class

from sonagi.cli.command import Choice, Command
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.completion_help"))
@click.argument("shell", type=Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the script that the shell is to read."""
    from sonagi.cli import sonagi

    kind = get_completion_class(shell)
    assert kind is not None  # click has these three
    click.echo(kind(sonagi, {}, "sonagi", "_SONAGI_COMPLETE").source())
    return 0
