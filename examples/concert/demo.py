"""`make demo`: four loads on the concert service, two of which go wrong, and what Sonagi says of them.

    1 schedules             a healthy service
    2 seats                 --errors-as-200: what it refuses goes out as a success
    3 concerts, unpaged     --unpaged: a million rows in every answer, and 600 MB to make them in
    4 concerts, paged       the same million rows, a page at a time

Each load is 100 users for 7 seconds. The services take free ports and temporary databases, and end with this
program. `--lang ko` tells it in Korean.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import sonagi
from sonagi import ConstantVUs, Options, locale
from sonagi.report.cells import Paint
from sonagi.report.story import Chapter, render

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
LOADS = HERE / "four_loads.py"
PATIENCE = 30.0  # seconds for a service to come up; a cold, busy machine took 4
MILLION = "1000016"


@dataclass(frozen=True)
class Load:
    """One of the four: which function, on a service with which flags."""

    title: str
    function: str
    flags: tuple[str, ...] = ()


FOUR = (
    Load("1 schedules", "schedules"),
    Load("2 seats", "seats", ("--errors-as-200",)),
    Load("3 concerts, unpaged", "concerts", ("--unpaged", "--concerts", MILLION, "--memory-limit", "600M")),
    Load("4 concerts, paged", "concerts", ("--concerts", MILLION)),
)


@contextmanager
def concert_service(flags: tuple[str, ...], folder: Path, number: int) -> Iterator[subprocess.Popen[str]]:
    """A service that has begun to start, and is ended at the end, whatever happens."""
    own = ("--log", str(folder / f"service-{number}.log"), "--database", str(folder / f"service-{number}.db"))
    command = [sys.executable, str(HERE / "serve.py"), "--port", "0", "--with-parent", *own, *flags]
    errors = (folder / f"service-{number}.err").open("w")  # one that is out of memory has much to say
    # A session of its own: Ctrl-C is for the load test, which then reports about a service that still runs.
    service = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        start_new_session=True,
    )
    with errors:
        try:
            yield service
        finally:
            end(service)


def end(service: subprocess.Popen[str]) -> None:
    """At once: one that is busy with a million rows hears no request, and all it has is in our folder."""
    service.kill()
    service.wait()


def address_of(service: subprocess.Popen[str], errors: Path) -> str:
    """Where the service is, as soon as it says that it is up."""
    assert service.stdout is not None
    words = service.stdout.readline().split()
    if not words:
        raise SystemExit(
            f"the concert service ended with exit code {service.wait()}\n{errors.read_text()}".rstrip()
        )
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(f"{words[-1]}/health", timeout=5):
                return words[-1]
        except (URLError, OSError) as problem:
            if time.monotonic() > deadline:
                raise SystemExit(f"the concert service is not healthy: {problem}") from problem
            time.sleep(0.1)


def tell(load: Load, address: str, seconds: float) -> Chapter:
    """Run one load, its service watched, and what it means."""
    print(f"  {load.title} …", end="", flush=True)
    users = ConstantVUs(vus=100, duration=seconds, exec=load.function, graceful_stop=3)
    result = sonagi.run(
        LOADS,
        options=Options(scenarios={load.function: users}),
        env={"CONCERT_URL": address},
        watch=["auto"],
        store=True,
    )
    print(f" sonagi explain {result.run_id}", flush=True)
    assert result.evidence is not None
    assert result.diagnosis is not None
    return Chapter(load.title, result.evidence, result.diagnosis)


def main() -> int:
    """Start the services, one load after the other, the story."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--lang", choices=locale.LANGUAGES)
    parser.add_argument("--seconds", type=float, default=7.0)
    asked = parser.parse_args()
    locale.use(asked.lang)
    with ExitStack() as open_until_the_end:
        folder = Path(open_until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="concert-")))
        # All start now: filling the databases takes seconds, and nothing is measured yet.
        services = [
            open_until_the_end.enter_context(concert_service(load.flags, folder, number))
            for number, load in enumerate(FOUR, 1)
        ]
        addresses = [
            address_of(service, folder / f"service-{number}.err")
            for number, service in enumerate(services, 1)
        ]
        chapters = []
        for load, service, address in zip(FOUR, services, addresses, strict=True):
            chapters.append(tell(load, address, asked.seconds))
            end(service)
    print()
    columns = min(shutil.get_terminal_size((110, 24)).columns, 120)
    for line in render(chapters, columns, Paint(sys.stdout.isatty())):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
