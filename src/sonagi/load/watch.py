"""What goes wrong in a script without raising: a loop that is blocked, a warning of Python's."""

import json
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Iterable
from typing import Any

from sonagi._core import Engine, mask


def watch_for_blockers(engine: Engine) -> None:
    """Name the line whenever this thread's loop is found blocked, until the engine stops."""
    arguments = (engine, threading.get_ident())
    threading.Thread(target=_name_blockers, args=arguments, name="sonagi-watch", daemon=True).start()


def _name_blockers(engine: Engine, loop_thread: int) -> None:
    """When the loop is found blocked, tell the line that blocks it."""
    while (blocked_ms := engine.wait_until_blocked()) is not None:
        frame = sys._current_frames().get(loop_thread)
        stack = traceback.extract_stack(frame) if frame else []
        if stack and os.path.basename(stack[-1].filename) == "selectors.py":
            continue  # it waits again: whatever held it up, was no line of the script
        # The innermost line that is not the standard library's is the one its author can change.
        own = [line for line in stack if "/asyncio/" not in line.filename and "/sonagi/" not in line.filename]
        if own:
            place = f"{os.path.basename(own[-1].filename)}:{own[-1].lineno} in {own[-1].name}"
            engine.note("blocked", json.dumps({"ms": blocked_ms, "place": place}))


def forward_warnings() -> None:
    """Python's warnings, such as a coroutine that was never awaited, in one line each."""

    def show(message: Any, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        first = str(message).split("\n", 1)[0]
        print(f"{os.path.basename(filename)}:{lineno}: {category.__name__}: {first}", file=sys.stderr)

    warnings.showwarning = show


def hide_secrets_in_output() -> None:
    """What this process prints has the script's secrets blotted out."""
    sys.stdout = _Blotting(sys.stdout)
    sys.stderr = _Blotting(sys.stderr)


class _Blotting:
    """A text stream without secrets. A secret that is printed in pieces is not recognised."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(mask(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
