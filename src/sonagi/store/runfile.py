"""One run's file: SQLite, with a line for each thing that was heard.

| table | |
| --- | --- |
| facts | plan, about (when, where, version): JSON by name |
| heard | each thing in the order in which it came: frames (zlib), sights, notices, how it ended, findings
(JSON) | | totals | what everything up to `heard` adds up to, at full precision: frames (zlib) |

While a run goes on, the file has a write-ahead log beside it: what `keep` wrote is there for every other
process, also when ours is killed, without waiting for the disk. Closed, it is one file.
docs/decisions/0009-store.md says why.
"""

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

APPLICATION = 0x536F6E61  # "Sona"
VERSION = 1
_HEAD = b"SQLite format 3\0"
_SCHEMA = (
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE heard (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, content BLOB NOT NULL)",
    "CREATE TABLE totals (heard INTEGER NOT NULL, frame BLOB NOT NULL)",
)


class NoRun(Exception):
    """A file that cannot be shown: `key` of the catalogue says why."""

    def __init__(self, key: str, path: str, **values: Any) -> None:
        super().__init__(key, path)
        self.key = key
        self.values = {"path": path, **values}


class RunFile:
    """A run's file while the run goes on. Whatever goes wrong is an OSError."""

    def __init__(self, path: Path) -> None:
        """Make the file; FileExistsError when there is one."""
        self.path = str(path)
        # For its owner only, from the first byte on; SQLite gives its log the same rights.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self._heard = 0
        try:
            with _trouble():
                self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
                self._base.execute("PRAGMA journal_mode = WAL")
                self._base.execute("PRAGMA synchronous = NORMAL")
        except OSError:
            self.discard()
            raise

    def begin(self, facts: dict[str, Any]) -> None:
        """Keep what is known before anything is heard."""
        rows = [(name, json.dumps(value, ensure_ascii=False)) for name, value in facts.items()]
        with _trouble(), self._base:
            self._base.execute("BEGIN")  # all or nothing: a file that is ours says whose run it is
            for statement in _SCHEMA:
                self._base.execute(statement)
            self._base.executemany("INSERT INTO facts VALUES (?, ?)", rows)

    def keep(self, kind: str, content: bytes) -> None:
        """Keep one thing, for good when this returns."""
        kept = zlib.compress(content, 1) if kind == "frame" else content.decode()
        with _trouble():
            row = self._base.execute("INSERT INTO heard (kind, content) VALUES (?, ?)", (kind, kept))
        self._heard = row.lastrowid or 0

    def keep_totals(self, frames: list[bytes]) -> None:
        """Keep what everything so far adds up to, in place of what was kept before."""
        rows = [(self._heard, zlib.compress(frame, 1)) for frame in frames]
        with _trouble(), self._base:
            self._base.execute("BEGIN")
            self._base.execute("DELETE FROM totals")
            self._base.executemany("INSERT INTO totals VALUES (?, ?)", rows)

    def close(self) -> None:
        """Put the log into the file; from here on it is one."""
        with _trouble(), closing(self._base):
            self._base.execute("PRAGMA journal_mode = DELETE")

    def discard(self) -> None:
        """There was no run: leave nothing."""
        base = getattr(self, "_base", None)
        if base is not None:
            base.close()
        for suffix in ("", "-wal", "-shm"):
            Path(self.path + suffix).unlink(missing_ok=True)


@contextmanager
def _trouble() -> Iterator[None]:
    """What SQLite says of a disk as the system's own error."""
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(0, str(error)) from error


class KeptRun:
    """A run's file, to read. Raises NoRun for what is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._look_at_head()
        # A run that was killed left its log: whoever reads it first puts it into the file.
        mode = "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "ro"
        with self._reading():
            self._base = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
            )
            try:
                self.facts = self._facts()
            except BaseException:
                self._base.close()
                raise

    def _look_at_head(self) -> None:
        try:
            with self.path.open("rb") as file:
                head = file.read(len(_HEAD))
        except OSError as error:
            raise NoRun("store.unreadable", str(self.path), reason=error.strerror) from None
        if head != _HEAD:
            raise NoRun("store.foreign" if head else "store.half", str(self.path))

    def _facts(self) -> dict[str, Any]:
        [application] = self._base.execute("PRAGMA application_id").fetchone()
        [version] = self._base.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION:
            [tables] = self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()
            raise NoRun("store.foreign" if tables else "store.half", str(self.path))
        if version > VERSION:
            raise NoRun("store.newer", str(self.path))
        rows = self._base.execute("SELECT name, value FROM facts").fetchall()
        facts = {name: json.loads(value) for name, value in rows}
        if not {"id", "plan", "about"} <= facts.keys():
            raise NoRun("store.half", str(self.path))
        return facts

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise NoRun("store.unreadable", str(self.path), reason=str(error)) from error
        except (sqlite3.DatabaseError, ValueError) as error:
            raise NoRun("store.half", str(self.path)) from error

    def totals(self) -> tuple[int, list[bytes]]:
        """Up to which thing they go, and the frames that add up to them."""
        with self._reading():
            rows = self._base.execute("SELECT heard, frame FROM totals ORDER BY rowid").fetchall()
            return (rows[0][0] if rows else 0), [_unpacked(frame) for _, frame in rows]

    def heard(self) -> Iterator[tuple[int, str, bytes]]:
        """Each thing in the order in which it came: its number, kind and content."""
        with self._reading():
            for number, kind, content in self._base.execute(
                "SELECT id, kind, content FROM heard ORDER BY id"
            ):
                yield number, kind, _unpacked(content) if kind == "frame" else str(content).encode()

    def close(self) -> None:
        """No more is asked."""
        self._base.close()


def _unpacked(content: Any) -> bytes:
    try:
        return zlib.decompress(content)
    except (zlib.error, TypeError) as error:
        raise ValueError(str(error)) from error
