"""The server that is measured against, pinned to a core of its own, and what it says of itself."""

import json
import os
import re
import signal
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "core/target/release/examples/truth"
GENERATOR_CORE, TARGET_CORE = 0, 1


def build(example: str = "truth") -> None:
    """Compile the server; quick when nothing changed."""
    subprocess.run(
        ["cargo", "build", "--release", "--quiet", "--no-default-features", "--example", example]
        + ["--manifest-path", str(ROOT / "core/Cargo.toml")],
        check=True,
    )


@dataclass(frozen=True)
class Served:
    """What the server did: totals, and for each request (arrival, departure) in ns of the wall clock."""

    requests: int
    cpu_seconds: float
    times: list[tuple[int, int]]

    def service_ms(self) -> list[float]:
        """How long each request really took, sorted, in ms."""
        return sorted((departure - arrival) / 1e6 for arrival, departure in self.times)


class Target:
    """`with Target("constant:5ms", log=True) as target:`; afterwards `target.served` is known."""

    def __init__(self, service: str = "none", *, log: bool = False, seed: int = 1) -> None:
        self.service = service
        self.seed = seed
        self.log = Path(tempfile.mkstemp(suffix=".truth")[1]) if log else None
        self.served = Served(0, 0.0, [])

    def __enter__(self) -> Self:
        command = [str(BINARY), "--service", self.service, "--seed", str(self.seed)]
        if self.log:
            command += ["--log", str(self.log)]
        self.process = subprocess.Popen(pinned(command, TARGET_CORE), stdout=subprocess.PIPE, text=True)
        first = self._line()
        match = re.search(r"\d+", first)
        if match is None:
            raise RuntimeError(f"the target said {first!r}")
        self.url = f"http://127.0.0.1:{match.group()}/"
        return self

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        totals = json.loads(self._line())
        self.process.wait()
        times: list[tuple[int, int]] = []
        if self.log:
            times = list(struct.iter_unpack("<QQ", self.log.read_bytes()))
            self.log.unlink()
        self.served = Served(totals["requests"], totals["cpu_seconds"], times)


def pinned(command: list[str], core: int) -> list[str]:
    """`command` on one core."""
    return ["taskset", "-c", str(core), *command]
