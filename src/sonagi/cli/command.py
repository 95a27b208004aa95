"""A command that speaks the user's language: click's own words are English only."""

from collections.abc import Sequence
from typing import Any

import click

from sonagi.locale import text

HELP = {"help_option_names": ["-h", "--help"]}


class Command(click.Command):
    """A subcommand, with usage, help and mistakes out of the catalogue."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        # What is left over after parsing is told by us.
        self.context_settings = {**HELP, "allow_extra_args": True}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            raise click.UsageError(text("cli.extra", value=" ".join(ctx.args)), ctx)
        return rest

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        format_usage(self, ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        format_options(self, ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return with_own_help(super().get_help_option(ctx))


def format_usage(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The first line of help."""
    prefix = f"{text('cli.usage_title')}: "
    formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix)


def format_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The flags, under their title."""
    flags = [param for param in command.get_params(ctx) if isinstance(param, click.Option)]
    found = [record for flag in flags if (record := flag.get_help_record(ctx))]
    with formatter.section(text("cli.options_title")):
        formatter.write_dl(found)


def with_own_help(option: click.Option | None) -> click.Option | None:
    """`--help`, with what it does said by us."""
    if option is not None:
        option.help = text("cli.show_help")
    return option


class Choice(click.Choice[str]):
    """One of a few words."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        del ctx
        return text("plan.choice", name=value, valid=", ".join(self.choices))


def mistake(error: click.UsageError) -> str | None:
    """What was wrong with a flag or an argument, in the user's language; None for other mistakes."""
    if isinstance(error, click.MissingParameter):
        return None
    if isinstance(error, click.BadParameter):
        name = error.param.opts[-1] if isinstance(error.param, click.Option) else ""
        return f"{name}: {error.message}" if name else error.message
    if isinstance(error, click.BadOptionUsage):
        return text("cli.flag_value", name=error.option_name)
    return None
