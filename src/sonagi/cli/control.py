"""`sonagi control RUN …`: steer a run that goes on."""

import errno
from typing import TYPE_CHECKING

import click

from sonagi.cli.command import Command
from sonagi.cli.store import EXIT_OTHER, folder, tell
from sonagi.locale import text

if TYPE_CHECKING:
    from pathlib import Path

    from sonagi.run.orders import Order


WHY = {
    errno.EACCES: "cli.control_denied",
    errno.EPERM: "cli.control_denied",
    errno.ECONNREFUSED: "cli.control_over",
    errno.ENOENT: "cli.control_over",
}
"""Of a system's errors, what they mean to somebody who wants to steer."""


@click.command(cls=Command, help=text("cli.control_help"))
@click.argument("run", required=False)
@click.argument("does", metavar="pause|resume|vus|rate|stop|note", required=False)
@click.argument("value", nargs=-1)
@click.option("--scenario", metavar="NAME", help=text("cli.control_scenario"))
@click.option("--store", metavar="DIR", help=text("cli.store_folder"))
def command(
    run: str | None, does: str | None, value: tuple[str, ...], scenario: str | None, store: str | None
) -> int:
    """Give one order; without any, list the runs that can be steered. 104 for what is no order, 255 where
    nobody obeys."""
    from sonagi.cli.options import tell as tell_problems
    from sonagi.plan.problems import PlanError, Problem
    from sonagi.run.orders import DOES, from_words
    from sonagi.store.folder import LAST, pick
    from sonagi.store.runfile import NoRun

    known = _known(store)
    if run is None:
        return _list(known)
    if run in DOES:
        words = " ".join([run, *([does] if does else []), *value])
        return tell_problems(PlanError([Problem("control_no_name", "", {"words": words})]))
    if does is None:
        return tell_problems(PlanError([Problem("control_nothing", "")]))
    order = from_words(does, " ".join(value) or None, scenario)
    if isinstance(order, Problem):
        return tell_problems(PlanError([order]))
    if not known:
        click.echo(f"sonagi: {text('cli.control_none')}", err=True)
        return EXIT_OTHER
    if run == LAST and len(known) > 1:
        return tell_problems(PlanError([Problem("control_many", "", {"names": ", ".join(known)})]))
    try:
        name = pick(run, known)
    except NoRun as problem:
        return tell(problem)
    return _give(order, name, known[name])


def _known(store: str | None) -> "dict[str, Path]":
    """Runs that may be steered: those in the store, and of this user's those that are kept nowhere or whose
    store is too far away for a socket. With a store that is named: of that store only."""
    from sonagi.run.control import is_heard, is_private, own_folder, sockets
    from sonagi.store.folder import SUFFIX

    where = folder(store)
    aside = sockets([own_folder()]) if is_private(own_folder()) else {}
    if store is not None:
        aside = {run: path for run, path in aside.items() if (where / f"{run}{SUFFIX}").exists()}
    return {
        run: path
        for run, path in {**aside, **sockets([where])}.items()
        if run.isprintable() and is_heard(path)
    }


def _list(known: "dict[str, Path]") -> int:
    for name in known:
        click.echo(name)
    if not known:
        click.echo(text("cli.control_none"))
    return 0


def _give(order: "Order", run: str, path: "Path") -> int:
    from sonagi.run.control import ask

    try:
        answer = ask(path, order)
    except (OSError, ValueError) as error:
        why = WHY.get(getattr(error, "errno", None) or 0, "cli.control_silent")
        click.echo(f"sonagi: {text(why, run=run, owner=_owner(path))}", err=True)
        return EXIT_OTHER
    said = text(answer["key"], **answer["values"])
    if answer["ok"]:
        click.echo(f"{run}: {said}")
        return 0
    click.echo(f"sonagi: {run}: {said}", err=True)
    return EXIT_OTHER


def _owner(path: "Path") -> str:
    try:
        return path.owner()
    except (KeyError, OSError):
        return "?"
