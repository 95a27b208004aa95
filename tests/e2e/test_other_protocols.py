"""Examples that measure what is no HTTP, against the real thing."""

import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from servers import postgresql, redis

import sonagi

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.needs_postgresql
def test_queries_of_postgresql_are_measured_by_name(tmp_path: Path) -> None:
    with postgresql(tmp_path) as url:
        script = EXAMPLES / "postgresql/load_test.py"
        result = sonagi.run(script, env={"DATABASE": url, "DURATION": "1s"})
    assert result.passed, (result.thresholds, result.errors)
    for name in ("free seats", "book a seat"):
        assert 0 < result.p(95, "measure_duration", name=name) < 1
    assert result.share("measure_failed") == 0


@pytest.mark.needs_redis
def test_commands_of_redis_are_measured_by_name(tmp_path: Path) -> None:
    with redis(tmp_path) as url:
        result = sonagi.run(EXAMPLES / "redis/load_test.py", env={"REDIS": url, "DURATION": "1s"})
    assert result.passed, (result.thresholds, result.errors)
    for name in ("ZADD", "ZRANK", "ZREM"):
        assert 0 < result.p(95, "measure_duration", name=name) < 1
    assert result.share("checks") == 1


class Page(BaseHTTPRequestHandler):
    """A page that fetches something once it is there."""

    asked: list[str] = []  # noqa: RUF012 (one test)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Concerts</h1><script>fetch('/concerts/')</script>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.needs_chromium
def test_a_page_in_a_browser_is_measured(capfd: pytest.CaptureFixture[str]) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {"TARGET": f"http://127.0.0.1:{server.server_port}/", "DURATION": "3s"}
    chromium = shutil.which("chromium")
    assert chromium
    try:
        script = EXAMPLES / "browser/load_test.py"
        result = sonagi.run(script, env={**env, "CHROMIUM": chromium})
    finally:
        server.shutdown()
        server.server_close()
    assert result.passed, (result.thresholds, result.errors, capfd.readouterr())
    assert result.p(50, "first_contentful_paint") > 0
    assert result.count("iterations") >= 2
    assert "/concerts/" in Page.asked  # its script ran
