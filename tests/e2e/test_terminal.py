"""A whole session in a terminal of 80 and of 120 columns, read as a person sees it."""

import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest
from test_run_command import url as url

from sonagi.report import cells

SCRIPT = """
import os
from sonagi import ConstantVUs, Options, SharedIterations, check, group, http, sleep
options = Options(
    scenarios={
        "seekers": ConstantVUs(vus=2, duration="1s", exec="browse"),
        "buyers": SharedIterations(vus=1, iterations=8, exec="buy"),
    },
    thresholds={
        "http_req_duration{scenario:buyers}": ["p(95)<500", "p(99.999)<50000 "],
        "checks": ["rate>0.5"],
    },
)
async def browse(vu):
    with group("좌석 찾기"):
        response = await http.get(os.environ["TARGET"], name="콘서트의 스케줄마다 남은 좌석을 모두 나열하는 아주 긴 이름의 요청")
        check(response, {"상태가 200입니다": lambda r: r.status_code == 200})
    await sleep(0.1)
async def buy(vu):
    await http.post(os.environ["TARGET"] + "queues/issue/with/a/rather/long/path/that/goes/on")
    await http.get("http://127.0.0.1:9/")
    await sleep(0.1)
    if vu.iteration == 2:
        raise ValueError("an error whose message is quite long and has to be broken into lines somewhere")
"""


def seen(folder: Path, columns: int, script: str = SCRIPT, **env: str) -> list[str]:
    """What `sonagi run` writes into a terminal, without colours and cursor movements."""
    controller, terminal = pty.openpty()
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    (folder / "t.py").write_text(script, encoding="utf-8")
    environment = {**os.environ, "TERM": "xterm-256color", **env}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "sonagi", "run", "t.py"],
        cwd=folder,
        env=environment,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    data = b""
    while True:
        try:
            more = os.read(controller, 65536)
        except OSError:  # the other side is gone
            break
        if not more:
            break
        data += more
    os.close(controller)
    assert process.wait(10) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode())
    return re.split(r"[\r\n]+", plain)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_is_wider_than_the_terminal(tmp_path: Path, url: str, columns: int, language: str) -> None:
    lines = seen(tmp_path, columns, SONAGI_LANG=language, TARGET=url)
    assert [line for line in lines if cells.width(line) > columns] == []
    for word in ("http_req_duration", "상태가 200입니다", "127.0.0.1:9", "seekers", "buyers"):
        assert any(word in line for line in lines), word


def test_columns_of_the_summary_stand_under_each_other_in_korean_too(tmp_path: Path, url: str) -> None:
    lines = seen(tmp_path, 120, SONAGI_LANG="ko", TARGET=url)
    table = [line for line in lines if re.search(r"  [\d.]+(ms|µs)$", line)]
    assert len(table) == 2
    assert len({cells.width(line) for line in table}) == 1


def test_the_live_line_is_whole_in_a_narrow_terminal(tmp_path: Path, url: str) -> None:
    script = SCRIPT.replace('"1s"', '"3s"')
    lines = seen(tmp_path, 80, script, SONAGI_LANG="en", TARGET=url)
    assert any(re.search(r"failed \d+\.\d\d%$", line) for line in lines)
