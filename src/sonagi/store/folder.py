"""The folder in which runs are kept: where it is, what a run is called there, and finding it again."""

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from sonagi.plan.problems import nearest
from sonagi.store.runfile import NoRun, RunFile

VARIABLE = "SONAGI_STORE"
INDEX = "runs.db"
SUFFIX = ".db"
LAST = "last"
LONGEST = 24
"""Characters of a script's name in a run's."""


def default_folder(environ: Mapping[str, str]) -> Path:
    """$SONAGI_STORE, else where the XDG Base Directory Specification keeps a program's state."""
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE])
    state = environ.get("XDG_STATE_HOME", "")
    # The specification ignores what is no absolute path.
    home = environ.get("HOME") or "/"
    return (Path(state) if state.startswith("/") else Path(home) / ".local/state") / "sonagi"


def unwritable(folder: Path) -> str | None:
    """Why nothing can be written into `folder`, which is made where it is not; None where it can."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or str(error)


def new_file(folder: Path, script: str, started: datetime) -> tuple[str, RunFile]:
    """A run's name, such as 20261125-2008-concert-3f, and its file in `folder`, which is made where it is
    not. Raises OSError when nothing can be written there."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)
    return _made(folder, f"{started:%Y%m%d-%H%M}-{plain(script)}")


def _made(folder: Path, begin: str) -> tuple[str, RunFile]:
    for size in (1, 1, 1, 2, 4):
        run_id = f"{begin}-{secrets.token_hex(size)}"
        try:
            return run_id, RunFile(folder / f"{run_id}{SUFFIX}")
        except FileExistsError:
            continue
    raise FileExistsError(17, os.strerror(17))


def plain(script: str) -> str:
    """The name of a script or the host of a URL, in letters that are easy to type."""
    host = re.match(r"\w+://(?:[^/@]*@)?([^/:?#]+)", script)
    name = host.group(1) if host else Path(script).stem
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:LONGEST].strip("-") or "run"


def run_files(folder: Path) -> list[Path]:
    """The files of runs in `folder`, the oldest first. Raises NoRun when there is no such folder."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix == SUFFIX and path.name != INDEX)
    except OSError as error:
        raise NoRun("store.no_folder", str(folder), reason=error.strerror) from None
    return [folder / name for name in names]


def pick(run: str, ids: Iterable[str]) -> str:
    """The one of `ids` that `run` means: its name, the beginning of it, or "last". Raises NoRun with the
    nearest."""
    known = list(ids)
    if run in known:
        return run
    if run == LAST and known:
        return known[-1]
    begun = [name for name in known if run and name.startswith(run)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise NoRun("store.ambiguous", run, names=", ".join(begun[-5:]))
    if not known:
        raise NoRun("store.empty", run)
    near = nearest(run, known)
    if near is None or Path(run).suffix:
        raise NoRun("store.no_run_or_file", run, last=known[-1])
    raise NoRun("store.no_run", run, near=near)
