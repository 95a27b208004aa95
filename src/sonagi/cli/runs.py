"""`sonagi runs`: the runs that were kept."""

import click

from sonagi.cli.command import Command
from sonagi.cli.store import folder, tell
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.runs_help"))
@click.option("--store", metavar="DIR", help=text("cli.store_folder"))
@click.option("--json", "for_programs", is_flag=True, help=text("cli.as_json"))
def command(store: str | None, for_programs: bool) -> int:
    """List them; files that are none are named on standard error."""
    from sonagi.report.runs import as_json, render
    from sonagi.store.index import Listing, listing
    from sonagi.store.runfile import NoRun

    where = folder(store)
    if not where.is_dir() and store is None:
        found = Listing((), ())  # nothing was kept yet
    else:
        try:
            found = listing(where)
        except NoRun as problem:
            return tell(problem)
    rows = found.rows
    if for_programs:
        click.echo(as_json(rows))
    elif rows:
        click.echo(render(rows))
    else:
        click.echo(text("store.nothing", path=where))
    for unreadable in found.problems:
        tell(unreadable)
    return 0
