"""What the documents promise: code that runs, links that lead somewhere, flags that exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.sync.server import ServerConnection, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SONAGI = Path(sys.executable).parent / "sonagi"
READMES = ["README.md", "README.ko.md"]
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md")
    for path in ROOT.glob(pattern)
)


def python_blocks(document: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def sonagi(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SONAGI_LANG": "en"}
    return subprocess.run(
        [str(SONAGI), *arguments], capture_output=True, text=True, timeout=60, env=environment, check=False
    )


@pytest.fixture
def web_server() -> Iterator[str]:
    """The address of a server that has a page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def echo_server() -> Iterator[int]:
    """The port of a WebSocket server that sends everything back."""

    def echo(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serve(echo, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("readme", READMES)
def test_every_python_block_of_the_readme_loads_as_a_script(readme: str, tmp_path: Path) -> None:
    from sonagi.load.script import load

    blocks = python_blocks(readme)
    assert len(blocks) == 2
    for number, block in enumerate(blocks):
        script = tmp_path / f"readme_block_{number}.py"
        script.write_text(block, encoding="utf-8")
        loaded = load(str(script))
        assert loaded.functions
        assert loaded.options is not None


def test_the_first_test_of_the_readme_runs_and_passes(web_server: str, tmp_path: Path) -> None:
    block = python_blocks("README.md")[0]
    address = "http://127.0.0.1:8000/"
    assert address in block
    script = tmp_path / "first_test.py"
    script.write_text(block.replace(address, web_server), encoding="utf-8")

    ended = sonagi("run", str(script), "--duration", "1s")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    for line in ("http_req_failed", "http_req_duration", "checks", "iterations"):
        assert line in ended.stdout


@pytest.mark.parametrize("readme", READMES)
def test_the_larger_test_of_the_readme_runs(readme: str, web_server: str, tmp_path: Path) -> None:
    block = python_blocks(readme)[1]
    script = tmp_path / "larger.py"
    script.write_text(block.replace("http://127.0.0.1:8000", web_server.rstrip("/")).replace('"1m"', '"1s"'))
    ended = sonagi("run", str(script), "--quiet")
    # That server knows no concerts: goals are missed there, and nothing else goes wrong.
    assert ended.returncode == 99, ended.stdout + ended.stderr
    assert "EXCEPTIONS" not in ended.stdout, ended.stdout


def test_both_readmes_begin_with_the_same_first_test() -> None:
    assert python_blocks("README.md")[0] == python_blocks("README.ko.md")[0]


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_lists_every_flag_of_sonagi_run_and_no_other(readme: str) -> None:
    def flags(text: str) -> set[str]:
        return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))

    helped = flags(sonagi("run", "--help").stdout) - {"--help"}
    table = re.findall(r"^\| (`-.*?) \|", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
    assert flags(" ".join(table)) == helped


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), f"{document} links to {target}, which is not there"


def test_every_command_of_the_guide_that_reads_runs_works(web_server: str, tmp_path: Path) -> None:
    """Those of its `sh` blocks, one after the other, after a run."""
    guide = (ROOT / "docs/guide.md").read_text(encoding="utf-8")
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", guide, re.DOTALL | re.MULTILINE))
    assert "sonagi explain last" in commands and "sonagi report" in commands
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    run = f"sonagi hit {web_server} -n 20 --quiet\n"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-euc", run + commands],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "SONAGI_STORE": str(tmp_path / "store")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "콘서트 조회" in (tmp_path / "load-test.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", range(len(python_blocks("docs/guide.md"))))
def test_every_script_of_the_guide_runs(
    number: int, web_server: str, echo_server: int, tmp_path: Path
) -> None:
    block = python_blocks("docs/guide.md")[number]
    port = web_server.rsplit(":", 1)[1].strip("/")
    for written, here in (
        (":8000", f":{port}"),
        (":8001", f":{echo_server}"),
        (", 8000)", f", {port})"),
        ('"30s"', '"1s"'),
        ('"1m"', '"1s"'),
    ):
        block = block.replace(written, here)
    script = tmp_path / "guide.py"
    script.write_text(block, encoding="utf-8")
    own = [] if "Options(" in block else ["-i", "1"]
    ended = sonagi("run", str(script), "--quiet", *own)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "EXCEPTIONS" not in ended.stdout, ended.stdout
