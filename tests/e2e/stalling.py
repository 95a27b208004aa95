"""Servers that stand still, each for its own time: those of examples/stall."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

STALL = Path(__file__).parents[2] / "examples/stall"
sys.path.insert(0, str(STALL))

from server import Stall  # noqa: E402  (an example, beside the package)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NEVER = Stall(1e9, 0.0, 0.0)


@contextmanager
def stalling(stalls: Sequence[Stall]) -> Iterator[list[int]]:
    """A port for each of `stalls`, in a process of their own."""
    written = [f"{stall.begins}:{stall.lasts}:{stall.gap}" for stall in stalls]
    command = [sys.executable, str(STALL / "server.py"), *written]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()
