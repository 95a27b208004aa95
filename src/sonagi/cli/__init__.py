"""The command `sonagi`. Each subcommand is a file, imported when it is named: help stays quick."""

import importlib
import sys

import click

from sonagi import __version__
from sonagi.cli.command import HELP, format_options, format_usage, mistake, with_own_help
from sonagi.locale import text

COMMANDS = {
    "control": "sonagi.cli.control",
    "completion": "sonagi.cli.completion",
    "explain": "sonagi.cli.explain",
    "hit": "sonagi.cli.hit",
    "new": "sonagi.cli.new",
    "plan": "sonagi.cli.plan",
    "report": "sonagi.cli.report",
    "run": "sonagi.cli.run",
    "runs": "sonagi.cli.runs",
    "schema": "sonagi.cli.schema",
    "show": "sonagi.cli.show",
}


# Flags of `k6 run` that mean nothing here, and why: a refusal by name is worth more than "no such option".
REFUSED = {
    "rate": ["--rps"],
    "gather": ["--batch", "--batch-per-host"],
    "paused": ["--paused", "-p"],
    "report": ["--no-usage-report"],
    "summary": ["--summary-time-unit", "--new-machine-readable-summary", "--system-tags"],
    "log": ["--console-output", "--log-output", "--log-format", "--http-debug", "--verbose", "-v"],
    "reset": ["--no-vu-connection-reuse"],
    "secret": ["--secret-source"],
    "traces": ["--traces-output"],
    "script": ["--compatibility-mode", "--type", "-t", "--include-system-env-vars", "--features"],
    "api": ["--address", "-a", "--linger", "-l", "--profiling-enabled"],
}


class Lazy(click.Group):
    """Subcommands by name, loaded when wanted; an unknown one gets the nearest that exists."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        del ctx
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name]).command
        return command

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        format_usage(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return with_own_help(super().get_help_option(ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section(text("cli.commands")):
            formatter.write_dl([(name, text(f"cli.{name}")) for name in sorted(COMMANDS)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            key = "cli.command_is_script" if args[0].endswith(".py") else "cli.no_command"
            raise click.UsageError(text(key, name=args[0], valid=", ".join(sorted(COMMANDS))), ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Lazy, help=text("cli.help"), context_settings=HELP)
@click.version_option(__version__, message="sonagi %(version)s", help=text("cli.show_version"))
def sonagi() -> None:
    """Everything is in the subcommands."""


def _usage(error: click.UsageError) -> str:
    """What was wrong with the command line, in the user's language."""
    asked = ["sonagi", *(name for name in sys.argv[1:2] if name in COMMANDS)]
    command = error.ctx.command_path if error.ctx else " ".join(asked)
    if isinstance(error, click.NoSuchOption):
        why = next((why for why, names in REFUSED.items() if error.option_name in names), None)
        if why is not None:
            return text("cli.refused", name=error.option_name, why=text(f"cli.why_{why}"))
        near = (error.possibilities or [""])[0]
        key = "cli.no_option_near" if near else "cli.no_option"
        return text(key, name=error.option_name, near=near, command=command)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return text("cli.missing", name=str(error.param.name).upper(), command=command)
    return text("cli.usage", message=mistake(error) or error.format_message(), command=command)


def main() -> None:
    """The installed command. Usage errors exit with 104, as k6's invalid configurations do."""
    try:
        code = sonagi.main(standalone_mode=False)
    except click.UsageError as error:
        click.echo(f"sonagi: {_usage(error)}", err=True)
        sys.exit(104)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(105)
    sys.exit(code if isinstance(code, int) else 0)
