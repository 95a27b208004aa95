"""`make demo`: starts the concert service, tests it for about 20 seconds, stops it.

The service takes a free port and a temporary database. Flags go to `sonagi run`, whose exit code is the
demo's: `python examples/concert/demo.py --vus 10 --duration 5s`.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
LOAD_TEST = HERE / "load_test.py"
SONAGI = Path(sys.executable).parent / "sonagi"
PATIENCE = 30.0  # seconds for the service to come up; a cold, busy machine took 4


@contextmanager
def concert_service() -> Iterator[str]:
    """The address of a running service, which is stopped at the end, whatever happens."""
    command = [sys.executable, str(HERE / "serve.py"), "--port", "0", "--with-parent"]
    # A session of its own: Ctrl-C is for the load test, which then reports about a service that still runs.
    service = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert service.stdout is not None
        words = service.stdout.readline().split()
        if not words:
            raise SystemExit(f"the concert service ended with exit code {service.wait()}")
        address = words[-1]
        wait_until_healthy(address)
        yield address
    finally:
        service.terminate()
        try:
            service.wait(timeout=10)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()


def wait_until_healthy(address: str) -> None:
    """Returns when the service says that it is up."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(f"{address}/health", timeout=5):
                return
        except (URLError, OSError) as problem:
            if time.monotonic() > deadline:
                raise SystemExit(f"the concert service at {address} is not healthy: {problem}") from problem
            time.sleep(0.1)


def run_load_test(address: str, flags: list[str]) -> int:
    """Runs the load test against the service, and hands Ctrl-C to it."""
    command = [str(SONAGI), "run", str(LOAD_TEST), *flags]
    shown = [f"CONCERT_URL={address}", "sonagi", "run", os.path.relpath(LOAD_TEST), *flags]
    print("$", shlex.join(shown), flush=True)
    test = subprocess.Popen(command, env={**os.environ, "CONCERT_URL": address})
    # The terminal sends Ctrl-C to the test as well: it stops gracefully and reports; we only wait for it.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: test.terminate())
    return test.wait()


def main() -> int:
    """Starts, tests, stops."""
    print("$ python", os.path.relpath(HERE / "serve.py"), "--port 0", flush=True)
    with concert_service() as address:
        return run_load_test(address, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
