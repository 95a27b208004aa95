"""Real servers that tests start for themselves."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A server of its own in `folder`, reached by a socket there; gives its URL."""
    socket = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            patience = time.monotonic() + 10
            while not socket.exists():
                assert server.poll() is None
                assert time.monotonic() < patience
                time.sleep(0.02)
            yield f"unix://{socket}"
        finally:
            server.terminate()


@contextmanager
def postgresql(folder: Path, more: str = "") -> Iterator[str]:
    """A server of its own in `folder`, reached by a socket there; gives its URL. It won't run as root. `more` are
    settings as on its command line; its log is the file `log`."""
    programs = os.pathsep.join([os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    control = shutil.which("pg_ctl", path=programs)
    assert control
    user, become = getpass.getuser(), []
    if os.geteuid() == 0:
        user, become = "postgres", ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
    for parent in folder.parents[:3] if become else ():
        parent.chmod(parent.stat().st_mode | 0o011)
    data = str(folder / "data")
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off {more}"

    def call(*arguments: str) -> None:
        command = [*become, control, "-D", data, "-s", "-w", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    call("init", "-o", "-A trust -E UTF8")
    call("-l", str(folder / "log"), "-o", settings, "start")
    try:
        yield f"postgresql://{user}@/postgres?host={folder}"
    finally:
        call("-m", "immediate", "stop")
