"""A scenario: its label, and how its fault is made. Numbers, paths and ports are drawn per seed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from label import Label

    from sonagi.model.evidence import Evidence

HERE = Path(__file__).resolve().parent
GENERATOR_CPU, SERVER_CPU = 0, 1
"""The generator and the server have a core each, so that a busy server is not also a busy generator."""
WORDS = ("orders", "rooms", "shows", "items", "flights", "menus", "parcels", "tables", "artists", "venues")


@dataclass(frozen=True)
class Ready:
    """A server that is up, and what to do with it."""

    asked: dict[str, Any]
    """For load.py: base, paths, vus, think, seconds, …"""
    watch: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    """Stands before the generator's command, such as `ip netns exec …`."""


Make = Callable[[random.Random, Path], AbstractContextManager[Ready]]


@dataclass(frozen=True)
class Scenario:
    """`had_effect` looks at the run and says whether the fault did what it should; a run where it did not is
    no test of a diagnosis and is dropped, counted."""

    id: str
    label: Label
    make: Make
    had_effect: Callable[[Evidence], bool]


def path_of(rng: random.Random) -> str:
    """A path that says nothing of the fault."""
    return f"/{rng.choice(WORDS)}/{{id}}"


@contextmanager
def process(
    command: Sequence[str], *, cpu: int | None = SERVER_CPU, seconds: float = 3.0, **keywords: Any
) -> Iterator[subprocess.Popen[str]]:
    """A program pinned to a core, ended at the end with all its children."""
    pinned = [] if cpu is None else ["taskset", "-c", str(cpu)]
    child = subprocess.Popen(
        [*pinned, *command], stdout=subprocess.PIPE, text=True, start_new_session=True, **keywords
    )
    with child:  # closes the pipe, too
        try:
            yield child
        finally:
            os.killpg(child.pid, 15)
            try:
                child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, 9)


@contextmanager
def service(
    folder: Path, spec: dict[str, Any], *, prefix: Sequence[str] = (), cpu: int = SERVER_CPU
) -> Iterator[tuple[int, str]]:
    """service.py with `spec`; gives its port and its log."""
    log = str(folder / "service.log")
    command = [*prefix, sys.executable, str(HERE / "service.py"), "--log", log, "--spec", json.dumps(spec)]
    with process(command, cpu=cpu) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line, f"the service ended: {command}"
        yield int(line), log


def wait_for(path: Path, patience: float = 10.0) -> None:
    """Until a file is there: a server's socket or pid."""
    deadline = time.monotonic() + patience
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.05)
