"""What failed requests were answered is in the summary: the first of each kind, shortened, without secrets."""

from pathlib import Path

from test_plan_command import sonagi
from wire import forever, server

SCRIPT = """
import os
from sonagi import http, secrets
KEY = secrets.get("KEY")
async def default():
    await http.get(os.environ["TARGET"], headers={"X-Key": KEY}, name="seats")
"""


def answer(body: str) -> str:
    return f"HTTP/1.1 500 Internal Server Error\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def test_the_beginning_of_a_failed_answer_stands_below_its_cause(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(SCRIPT)
    body = '{"message": "no such key: s3cr3t-key",\n  "trace": "' + "x" * 5000 + '"}'
    with server(forever(answer(body))) as served:
        flags = ("--iterations", "3", "--quiet", "--no-color")
        done = sonagi(tmp_path, "run", "t.py", *flags, TARGET=served.url, KEY="s3cr3t-key")
    lines = done.stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if "3 × status 500" in line)
    assert "GET seats" in lines[at]
    assert lines[at + 1].strip().startswith('{"message": "no such key: ***')
    assert len(lines[at + 1]) <= 80
    assert "s3cr3t" not in done.stdout


def test_an_answer_without_a_body_needs_no_line(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(SCRIPT)
    with server(forever(answer(""))) as served:
        flags = ("--iterations", "1", "--quiet", "--no-color")
        done = sonagi(tmp_path, "run", "t.py", *flags, TARGET=served.url, KEY="s3cr3t-key")
    lines = done.stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if "1 × status 500" in line)
    assert not lines[at + 1].strip()
