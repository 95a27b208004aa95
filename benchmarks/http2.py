"""CPU per request over HTTP/2 and TLS, beside h2load and k6: one stream a connection, as a user without
`gather` has.

The target is nginx on the last core, the tool has the first. Each tool makes as many requests; what it takes
to start, a run with one request a connection, is subtracted. `python benchmarks/http2.py [rounds]`; needs
nginx, h2load, k6.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 18943
URL = f"https://localhost:{PORT}/"
CONNECTIONS = 100
SCRIPT = f"""
from sonagi import Options, check, http

options = Options(insecure_skip_tls_verify=True)


async def default(vu):
    check(await http.get("{URL}"), {{"is 200": lambda r: r.status_code == 200}})
"""
K6 = f"""
import http from "k6/http";
import {{ check }} from "k6";
export const options = {{ insecureSkipTLSVerify: true }};
export default function () {{ check(http.get("{URL}"), {{ "is 200": (r) => r.status === 200 }}); }}
"""


@contextmanager
def nginx(folder: Path) -> Iterator[None]:
    """HTTP/2 over TLS, answering "hello"."""
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    (folder / "nginx.conf").write_text(f"""
      daemon off; pid {folder}/pid; error_log {folder}/error.log warn; worker_processes 1;
      worker_cpu_affinity {1 << (os.cpu_count() or 1) - 1:b};
      events {{ worker_connections 4096; }}
      http {{
        access_log off; keepalive_requests 1000000000;
        server {{
          listen 127.0.0.1:{PORT} ssl http2 backlog=4096;
          ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem;
          location / {{ return 200 "hello"; }}
        }}
      }}
    """)
    path = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    process = subprocess.Popen([path, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    time.sleep(0.5)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def commands(folder: Path, requests: int) -> dict[str, list[str]]:
    """What makes so many requests, by tool; those that are here."""
    (folder / "script.py").write_text(SCRIPT)
    (folder / "script.js").write_text(K6)
    sonagi = str(Path(sys.executable).parent / "sonagi")
    users, count = str(CONNECTIONS), str(requests)
    quiet = ["-q", "--no-store", "--watch", "none"]
    found = {
        "h2load": ["h2load", "-n", count, "-c", users, "-m", "1", URL],
        "sonagi hit": [sonagi, "hit", URL, "-k", "-c", users, "-n", count, *quiet],
        "sonagi": [sonagi, "run", str(folder / "script.py"), "-u", users, "-i", count, *quiet],
        "k6": [
            "k6",
            "run",
            "-q",
            "--summary-mode",
            "disabled",
            "-u",
            users,
            "-i",
            count,
            str(folder / "script.js"),
        ],
    }
    return {tool: command for tool, command in found.items() if shutil.which(command[0])}


def cpu(command: list[str]) -> float:
    """Seconds of CPU that `command` took, with all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["taskset", "-c", "0", *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(rounds: int) -> None:
    requests = 200_000
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with nginx(folder):
            for _ in range(rounds):
                short = commands(folder, CONNECTIONS)
                for tool, command in commands(folder, requests).items():
                    took = cpu(command) - cpu(short[tool])
                    figures.setdefault(tool, []).append(took / (requests - CONNECTIONS) * 1e6)
    print("| tool | CPU µs a request (min / median / max) | ratio to h2load (median) |\n| --- | --- | --- |")
    for tool, all_ in figures.items():
        shown = f"{min(all_):.1f} / {statistics.median(all_):.1f} / {max(all_):.1f}"
        ratios = [mine / other for mine, other in zip(all_, figures.get("h2load", all_), strict=True)]
        print(f"| {tool} | {shown} | {statistics.median(ratios):.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
