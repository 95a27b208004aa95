"""The index of a folder of runs: what a list of them shows, without reading each run's file.

It is made of the files, and made again wherever it does not fit them: losing it costs nothing but time.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sonagi.store.folder import INDEX, LAST, SUFFIX, pick, run_files
from sonagi.store.recording import Recording
from sonagi.store.replay import replay
from sonagi.store.runfile import NoRun

ALIVE = 10.0
"""Seconds: a run of which nothing was heard for longer is over, however it ended."""
RUNNING, CUT_OFF, OVER = "running", "cut_off", "over"


@dataclass(frozen=True, slots=True)
class Row:
    """One run in a list. Times in seconds since 1970, seconds and ms."""

    id: str
    script: str
    started: float
    seconds: float
    requests: int
    failed: int
    p95: float | None
    exit_code: int | None
    """None for one that goes on, or that was cut off."""
    verdict: str | None
    cause: str | None
    """The leading one."""
    state: str
    file: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The runs of a folder, the oldest first, and the files that are none."""

    rows: tuple[Row, ...]
    problems: tuple[NoRun, ...]


_NAMES = [field.name for field in fields(Row)]
_SCHEMA = f"CREATE TABLE IF NOT EXISTS runs ({', '.join(_NAMES)}, PRIMARY KEY (id))"


def row_of(recording: Recording, file: Path, state: str = OVER) -> Row:
    """What a list shows of a run."""
    totals, ending, findings = recording.ledger.totals, recording.ending, recording.findings or {}
    duration = totals.trend("http_req_duration")
    return Row(
        id=recording.run_id or file.stem,
        script=recording.source,
        started=recording.about.started.timestamp(),
        seconds=ending.seconds if ending else recording.last,
        requests=int(totals.counter("http_reqs") or 0),
        failed=(totals.rate("http_req_failed") or (0, 0))[0],
        p95=duration.percentile(95) if duration is not None and duration.count else None,
        exit_code=ending.exit_code if ending else None,
        verdict=findings.get("verdict"),
        cause=findings.get("cause"),
        state=state,
        file=file.name,
    )


def enter(recording: Recording, folder: Path) -> None:
    """Enter a run that is over into the index of `folder`, if that can be: it can be made anew from the
    files."""
    if recording.run_id is not None and not recording.lost:
        _write(folder, [row_of(recording, folder / f"{recording.run_id}{SUFFIX}")], [])


def listing(folder: Path, now: float | None = None) -> Listing:
    """All runs in `folder`; `now` is in seconds since 1970. Raises NoRun when there is no such folder."""
    files = run_files(folder)
    known = _read(folder)
    now = time.time() if now is None else now
    rows, problems, fresh = [], [], []
    for file in files:
        row = known.pop(file.name, None)
        if row is None or row.state == RUNNING:
            try:
                recording = replay(file)
            except NoRun as problem:
                problems.append(problem)
                continue
            row = row_of(recording, file, OVER if recording.ending else _state(file, now))
            fresh.append(row)
        rows.append(row)
    if fresh or known:
        _write(folder, fresh, list(known))
    rows.sort(key=lambda row: (row.started, row.id))
    return Listing(tuple(rows), tuple(problems))


def find(run: str, folder: Path) -> Path:
    """The file of the run that `run` means: a path, a run's name or the beginning of one, or "last". Raises
    NoRun."""
    if os.sep in run or run.endswith(SUFFIX):
        return Path(run)
    if run == LAST:
        return folder / f"{pick(run, [row.id for row in listing(folder).rows])}{SUFFIX}"
    return folder / f"{pick(run, [file.stem for file in run_files(folder)])}{SUFFIX}"


def _state(file: Path, now: float) -> str:
    """Whether a run without an end goes on: while it does, it writes each second."""
    written = [part.stat().st_mtime for part in (file, Path(f"{file}-wal")) if part.exists()]
    return RUNNING if now - max(written) < ALIVE else CUT_OFF


# --- the index itself ---


def _read(folder: Path) -> dict[str, Row]:
    """By file; nothing where there is no index, or none that can be read."""
    if not (folder / INDEX).is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{(folder / INDEX).absolute().as_uri()}?mode=ro", uri=True)) as base:
            rows = base.execute(f"SELECT {', '.join(_NAMES)} FROM runs").fetchall()  # noqa: S608 (our own names)
    except sqlite3.Error:
        return {}
    return {row[-1]: Row(*row) for row in rows}


def _write(folder: Path, rows: list[Row], gone: list[str]) -> None:
    path = folder / INDEX
    for _ in range(2):
        try:
            with _writing(path) as base:
                base.execute(_SCHEMA)
                marks = ", ".join("?" * len(_NAMES))
                base.executemany(f"INSERT OR REPLACE INTO runs VALUES ({marks})", map(astuple, rows))  # noqa: S608
                base.executemany("DELETE FROM runs WHERE file = ?", [(name,) for name in gone])
            return
        except (sqlite3.OperationalError, OSError):
            return  # full, locked or read-only: the files are what counts
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)  # damaged: begun anew


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path, timeout=2.0)) as base:
        # Lost with the machine's power it is made again: no need to wait for the disk.
        base.execute("PRAGMA synchronous = OFF")
        with base:
            yield base
