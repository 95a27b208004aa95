"""Secrets do not leave the process in anything that is shown or written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sonagi import secrets
from sonagi.script.secrets import SecretError

SECRET = 'tr0ub4dor&3"한'
SCRIPT = """
import logging
from sonagi import check, http, secrets, sleep
key = secrets.get("API_KEY")

def setup():
    return {"key": key, "list": [key]}

async def default(vu):
    assert vu.data["key"] == key
    print("printed", key)
    logging.warning("logged %s", key)
    await http.get("http://127.0.0.1:9/" + key)
    await http.get("http://ada:l0velace@127.0.0.1:9/")
    await http.get("htp://ada:l0velace@127.0.0.1:9/")
    await http.get("http://127.0.0.1:9/", params={"key": key}, name="named " + key, tags={"tag": key})
    check(1, {"checked " + key: True})
    raise ValueError("raised " + key)
"""


def test_no_output_of_a_run_holds_a_secret(tmp_path: Path) -> None:
    script, export = tmp_path / "secret.py", tmp_path / "out.json"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", "run", str(script), "-i", "1", "--keep-going", "--no-color"]
        + ["--summary-export", str(export), "--summary-mode", "full"],
        env={**os.environ, "API_KEY": SECRET},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    everything = done.stdout + done.stderr + export.read_text()
    for written in (SECRET, "tr0ub4dor", "l0velace"):
        assert written not in everything
    for place in ("printed ***", "logged ***", "named ***", "checked ***", "raised ***", '"key": "***"'):
        assert place in everything, place


def test_a_password_in_a_url_is_sent_and_in_no_output(tmp_path: Path) -> None:
    script = tmp_path / "visit.py"
    script.write_text(
        "from sonagi import http\n"
        "async def default(vu):\n"
        "    await http.get('http://bob:pa55word@127.0.0.1:9/')\n"
        "    await http.get('http://bob:pa55word@127.0.0.1:99999/')\n"
    )
    files = {kind: tmp_path / f"out.{kind}" for kind in ("json", "csv", "junit")}
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", "run", str(script), "-i", "1", "--keep-going"]
        + ["--summary-export", str(tmp_path / "out"), "--summary-mode", "full"]
        + [f"--out={kind}={file}" for kind, file in files.items()],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    written = [file.read_text() for file in (*files.values(), tmp_path / "out")]
    everything = "".join([done.stdout, done.stderr, *written])
    assert "http://127.0.0.1:9/" in everything and "http://127.0.0.1:99999/" in everything
    assert "pa55word" not in everything and "bob" not in everything


@pytest.mark.parametrize("command", [["run", "--show-options"], ["run"], ["plan"]])
@pytest.mark.parametrize("proxy", ["http://bob:pa55word@127.0.0.1:9", "socks5://bob:pa55word@127.0.0.1:9"])
def test_a_proxy_s_password_is_in_no_output(tmp_path: Path, command: list[str], proxy: str) -> None:
    script = tmp_path / "visit.py"
    script.write_text(
        "from sonagi import Options, http\n"
        f"options = Options(proxy={proxy!r}, iterations=1)\n"
        "async def default(vu):\n"
        "    await http.get('http://127.0.0.1:9/')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", *command, str(script)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "127.0.0.1:9" in done.stdout + done.stderr or command == ["plan"]
    assert "pa55word" not in done.stdout + done.stderr


def test_a_secret_may_be_in_a_file_or_come_from_a_command(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\nsecond line\n")
    assert secrets.get("A", file=str(tmp_path / "key")) == "from-a-file"
    assert secrets.get("A", command=f"{sys.executable} -c 'print(\"from-a-command\")'") == "from-a-command"


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({}, "there is no variable NOT_THERE; set it, or pass -e NOT_THERE=…"),
        ({"file": "/nowhere/key"}, "/nowhere/key cannot be read"),
        ({"file": "/dev/null"}, "/dev/null is empty"),
        ({"command": "false"}, "false failed: exit code 1"),
        ({"command": "no-such-command"}, "cannot be run"),
        ({"command": "echo abc"}, "3 characters; fewer than 4 cannot be hidden"),
        ({"file": "a", "command": "b"}, "not both"),
    ],
)
def test_a_secret_that_cannot_be_had_says_why(keywords: dict[str, str], told: str) -> None:
    with pytest.raises(SecretError, match=told):
        secrets.get("NOT_THERE", **keywords)
