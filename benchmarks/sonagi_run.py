"""Running Sonagi as a user would, on the generator's core, and reading what it exports."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from target import GENERATOR_CORE, ROOT, pinned

SCRIPTS = ROOT / "benchmarks/scripts"


@dataclass(frozen=True)
class Export:
    """`--summary-export`, k6's handleSummary shape."""

    data: dict[str, Any]

    def values(self, metric: str) -> dict[str, float]:
        """The values of a metric; empty when it was not measured."""
        entry: dict[str, Any] = self.data["metrics"].get(metric, {"values": {}})
        values: dict[str, float] = entry["values"]
        return values

    @property
    def generator(self) -> dict[str, Any]:
        """What Sonagi says of itself."""
        own: dict[str, Any] = self.data["sonagi"]
        return own

    @property
    def seconds(self) -> float:
        """The run's duration."""
        return float(self.data["state"]["testRunDurationMs"]) / 1000


def run(script: str, url: str, *flags: str, env: dict[str, str] | None = None) -> Export:
    """Run `benchmarks/scripts/<script>` against `url`. Raises RuntimeError when it fails."""
    handle, path = tempfile.mkstemp(suffix=".json")
    os.close(handle)
    command = [sys.executable, "-m", "sonagi", "run", str(SCRIPTS / script), "--quiet", "--no-color"]
    command += ["--summary-export", path, "--summary-trend-stats", "med,p(95),p(99),max,count", *flags]
    done = subprocess.run(
        pinned(command, GENERATOR_CORE),
        env={**os.environ, "TARGET": url, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    data = json.loads(Path(path).read_text())
    Path(path).unlink()
    return Export(data)
