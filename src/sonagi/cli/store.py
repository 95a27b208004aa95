"""Where a command keeps runs, or finds them."""

import os
from typing import TYPE_CHECKING, Any

import click

from sonagi.locale import text

if TYPE_CHECKING:
    from pathlib import Path

EXIT_OTHER = 255
"""No such run, or none that can be read."""


def folder(store: str | None) -> "Path":
    """The folder `--store` names, or the usual one."""
    from pathlib import Path

    from sonagi.store.folder import default_folder

    return Path(store) if store else default_folder(os.environ)


def kept_in(store: str | None, no_store: bool) -> "Path | None":
    """The folder that keeps a run; None where nothing shall be kept. Raises PlanError."""
    from sonagi.plan.problems import PlanError, Problem
    from sonagi.store.folder import VARIABLE, unwritable

    if store and no_store:
        raise PlanError([Problem("shortcuts_both", "--store", {"other": "--no-store"})])
    if no_store:
        return None
    where = folder(store)
    if store or os.environ.get(VARIABLE):
        return where
    # Nobody asked for this one: without a home to write to, as in many containers, the run matters more.
    reason = unwritable(where)
    if reason is None:
        return where
    click.echo(f"sonagi: {text('store.not_kept', path=where, reason=reason)}", err=True)
    return None


def tell(problem: Any) -> int:
    """Say why a run cannot be had; the exit code."""
    click.echo(f"sonagi: {text(problem.key, **problem.values)}", err=True)
    return EXIT_OTHER
