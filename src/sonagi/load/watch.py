"""What goes wrong in a script without raising: a loop that is blocked, a warning of Python's."""

import json
import os
import sys
import threading
import traceback
import warnings
from typing import Any

from sonagi._core import Engine


def watch_for_blockers(engine: Engine) -> None:
    """Name the line whenever this thread's loop is found blocked, until the engine stops."""
    arguments = (engine, threading.get_ident())
    threading.Thread(target=_name_blockers, args=arguments, name="sonagi-watch", daemon=True).start()


def _name_blockers(engine: Engine, loop_thread: int) -> None:
    """When the loop is found blocked, tell the line that blocks it."""
    while (blocked_ms := engine.wait_until_blocked()) is not None:
        frame = sys._current_frames().get(loop_thread)
        stack = traceback.extract_stack(frame) if frame else []
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
