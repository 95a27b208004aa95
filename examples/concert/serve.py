"""Runs the concert service: `python examples/concert/serve.py --port 8000`.

Prints its address once it accepts connections. Port 0 takes a free one. Without --database the data lives in
a temporary file and goes when the service ends.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn
from service import limits, log
from service.app import create_app
from service.database import open_engine
from service.faults import Faults
from service.seed import CONCERTS, seed


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description="A concert-reservation service to test against.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--database", help="a SQLite file, made where missing, or postgresql://…")
    parser.add_argument(
        "--concerts", type=int, default=CONCERTS, help="rows to begin with (default: %(default)s)"
    )
    parser.add_argument(
        "--log", type=Path, help="a file for the log; without it warnings go to standard error"
    )
    parser.add_argument(
        "--memory-limit",
        type=limits.parse,
        default="1500M",
        help="memory the process may have, 0 for no limit (default: %(default)s)",
    )
    faults = parser.add_argument_group("faults", "what to do wrong, for tests that should notice")
    faults.add_argument(
        "--unpaged", action="store_true", help="send all concerts at once; with --concerts 1000016"
    )
    faults.add_argument(
        "--errors-as-200",
        action="store_true",
        help="refuse with HTTP status 200 and always the same 121 bytes",
    )
    faults.add_argument(
        "--racy-tokens", action="store_true", help="look for a token, then insert one, without a unique key"
    )
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    return parser.parse_args()


class AnnouncingServer(uvicorn.Server):
    """Prints its address when it has started."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then tells whoever waits for it."""
        await super().startup(sockets=sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            print(f"serving on http://{host}:{port}", flush=True)


def end_with_parent(server: uvicorn.Server) -> None:
    """Stops the server at the end of standard input: a parent that died can't say so itself."""
    # Not sys.stdin.read: a thread that waits inside it holds a lock which Python wants at its own end.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.should_exit = True


def serve(asked: argparse.Namespace, database: str) -> None:
    """Runs until a signal, or until the parent is gone."""
    faults = Faults(asked.unpaged, asked.errors_as_200, asked.racy_tokens)
    engine = open_engine(database, racy_tokens=faults.racy_tokens)
    seed(engine, asked.concerts)
    server = AnnouncingServer(
        uvicorn.Config(
            create_app(engine, faults),
            log_config=log.settings(asked.log),
            access_log=False,
            timeout_keep_alive=60,  # longer than a user thinks, so that connections are kept
            timeout_graceful_shutdown=2,
        )
    )
    if asked.with_parent:
        threading.Thread(target=end_with_parent, args=[server], daemon=True).start()
    with listen(asked.host, asked.port) as listener:
        server.run(sockets=[listener])
    engine.dispose()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; made here and not by uvicorn, so that port 0 becomes a known number."""
    # The protocol is named because asyncio sets TCP_NODELAY only where it is. Without, head and body leave as
    # two small packets, and the second waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(2048)
    return listener


def leave(_signal: int, _frame: object) -> None:
    """Ends the program the way that cleans up; uvicorn passes the signal on when it has shut down."""
    sys.exit(0)


def main() -> None:
    """Finds a place for the database, and serves."""
    asked = arguments()
    limits.hold(asked.memory_limit)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    if asked.database is not None:
        named = "://" in asked.database
        serve(asked, asked.database if named else f"sqlite:///{asked.database}")
        return
    with tempfile.TemporaryDirectory(prefix="concert-") as folder:
        serve(asked, f"sqlite:///{folder}/concert.db")


if __name__ == "__main__":
    main()
