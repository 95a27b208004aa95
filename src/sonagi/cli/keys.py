"""Single keys that steer a run: p pauses and resumes, + and - change the users, q ends gracefully."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sonagi.run.steering import Steered


class Keys:
    """The keys of the terminal that Sonagi was started from."""

    def __init__(self) -> None:
        self.terminal = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else None

    @property
    def usable(self) -> bool:
        """Whether somebody sits there: a terminal, ours to read, that shows what the run does."""
        if self.terminal is None or not sys.stderr.isatty():
            return False
        try:
            # In the background a change of the terminal would stop us.
            return os.tcgetpgrp(self.terminal) == os.getpgrp()
        except OSError:  # it is not the terminal of our session
            return False

    @contextmanager
    def steer(self, run: "Steered") -> Iterator[None]:
        """Hear keys inside of the block; Ctrl-C stays what it is."""
        if not self.usable or self.terminal is None:
            yield
            return
        terminal = self.terminal
        before = termios.tcgetattr(terminal)
        loop = asyncio.get_running_loop()
        tty.setcbreak(terminal, termios.TCSADRAIN)
        loop.add_reader(terminal, lambda: press(run, os.read(terminal, 64)))
        try:
            yield
        finally:
            loop.remove_reader(terminal)
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def press(run: "Steered", keys: bytes) -> None:
    """What each of `keys` asks for; others are ignored."""
    actions = {
        ord("p"): run.hold,
        ord(" "): run.hold,
        ord("+"): lambda: run.change_users(1),
        ord("="): lambda: run.change_users(1),  # the same key without shift
        ord("-"): lambda: run.change_users(-1),
        ord("q"): run.stop,
    }
    # An arrow or another special key comes as several bytes, the first an escape.
    for key in b"" if keys.startswith(b"\x1b") else keys:
        if key in actions:
            actions[key]()
