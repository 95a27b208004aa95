"""`sonagi show RUN`: the summary of a run that was kept."""

import click

from sonagi.cli.command import Command
from sonagi.cli.store import folder, tell
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.show_run_help"))
@click.argument("run")
@click.option("--store", metavar="DIR", help=text("cli.store_folder"))
@click.option("--json", "for_programs", is_flag=True, help=text("cli.as_json"))
@click.option("--full", is_flag=True, help=text("cli.show_full"))
@click.option("--no-color", is_flag=True, help=text("cli.run_no_color"))
def command(run: str, store: str | None, for_programs: bool, full: bool, no_color: bool) -> int:
    """Show it as it was shown when it ended, or what of it was heard until it was cut off."""
    from sonagi.cli.run import show
    from sonagi.report.export import as_json
    from sonagi.run.outcome import result_of
    from sonagi.store.index import find
    from sonagi.store.replay import replay
    from sonagi.store.runfile import NoRun

    try:
        result = result_of(replay(find(run, folder(store))))
    except NoRun as problem:
        return tell(problem)
    if for_programs:
        click.echo(as_json(result))
    else:
        show(result, color=not no_color, full=full)
    return 0
