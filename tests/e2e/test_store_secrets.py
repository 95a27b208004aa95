"""No secret is in what is kept of a run, nor in what is told of it: not in any byte of the folder."""

import os
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

import pytest

PLANTED = {number: f"h4rm-{number:02}-{number * 7919 % 99991:05}Zq" for number in range(1, 51)}
"""Fifty secrets, each in a place of its own."""
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJraW0ifQ.c2lnbmVkLWJ5LXVz"
HARMLESS = "concert-4711"
"""Is kept: what is looked for is where it would be found."""


class Shop(BaseHTTPRequestHandler):
    """Fails, and tells more than it should: in its answers and in its log."""

    protocol_version = "HTTP/1.1"
    log = Path()

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.path.partition("?")[0].strip("/")
        body = BODIES.get(kind, f"no such thing as {HARMLESS}").encode()
        self.send_response(200 if kind == "fine" else 500)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", f"sid={PLANTED[1]}; HttpOnly")
        self.end_headers()
        self.wfile.write(body)
        with self.log.open("a") as log:
            log.writelines(f"2026-01-01 00:00:00 ERROR {line}\n" for line in LINES)

    do_GET = do_POST = answer  # noqa: N815 (http.server's names)

    def log_message(self, *_: object) -> None:
        pass


BODIES = {
    "fine": f'{{"name": "{HARMLESS}", "token": "{PLANTED[2]}"}}',
    "json": f'{{"error": "{HARMLESS} is refused", "request": {{"password": "{PLANTED[3]}"}}}}',
    "nested": f'{{"error": "{HARMLESS}", "echo": "{{\\"client_secret\\": \\"{PLANTED[4]}\\"}}"}}',
    "headers": f"{HARMLESS}\nAuthorization: Bearer {PLANTED[5]}\nCookie: a={PLANTED[6]}; b={PLANTED[7]}",
    "page": f'<input name="csrf" data-token="{PLANTED[8]}"><pre>api_key={PLANTED[9]}&amp;x=1</pre>',
    "jwt": f"{HARMLESS}: {JWT}",
    "database": f"{HARMLESS}: could not connect to postgresql://app:{PLANTED[10]}@db:5432/shop",
    "python": f"{HARMLESS}: login({{'user': 'kim', 'passwd': '{PLANTED[11]}'}})",
}
LINES = [
    f"{HARMLESS} is refused",
    f"login failed: password={PLANTED[12]}, user kim",
    f"upstream got Authorization: Bearer {PLANTED[13]}",
    f"upstream got Cookie: session={PLANTED[14]}; theme={PLANTED[15]}",
    f"HikariPool-1 - jdbc:postgresql://db/shop?user=app&password={PLANTED[16]}",
    f"cannot reach redis://:{PLANTED[17]}@cache:6379/0",
    f'request was {{"api_key": "{PLANTED[18]}"}}',
    f"SPRING_DATASOURCE_PASSWORD={PLANTED[19]}",
    f"GET /hook?access_token={PLANTED[20]} took 12 ms",
    f"secret_key => '{PLANTED[21]}'",
]
SCRIPT = """
import os
from sonagi import Options, SharedIterations, check, group, http, measure, secrets, websocket
URL = os.environ["TARGET"]
key = secrets.get("KEY")
options = Options(
    scenarios={"s": SharedIterations(vus=2, iterations=4, exec="visit", env={"SHOP_PASSWORD": "$p22"})},
    thresholds={"http_req_failed": ["rate<1"], "http_req_duration{name:x?token=$p23}": ["p(95)<1000"]},
)

def setup():
    return {"token": "$p24", "key": key}

async def visit(vu):
    for kind in ("fine", "json", "nested", "headers", "page", "jwt", "database", "python"):
        await http.get(f"{URL}/{kind}")
    await http.get(URL + "/a", headers={"Authorization": "Bearer $p25", "Cookie": "sid=$p26", "X-Api-Key": "$p27"})
    await http.get(URL + "/b", auth=("kim", "$p28"), cookies={"session": "$p29"})
    await http.get(URL.replace("://", "://kim:$p30@") + "/c")
    await http.get(URL + "/d?password=$p31&access_token=$p32")
    await http.get(URL + "/d", params={"api_key": "$p33", "sid": "$p34"})
    await http.post(URL + "/e", json={"password": "$p35"})
    await http.post(URL + "/f", data={"client_secret": "$p36"})
    await http.get(URL + "/g", name="login?token=$p37", tags={"token": "$p38", "key": key})
    await http.get("http://kim:$p39@127.0.0.1:9/refused?token=$p40")
    check(1, {"password=$p41 holds": True, "key " + key: True})
    with group("token=$p42"), measure("as password=$p43"):
        print("printed", key, os.environ["DB_PASSWORD"])
    try:
        async with websocket.connect(URL.replace("http", "ws") + "/w?token=$p44"):
            pass
    except Exception:
        pass
    names = dict(auth=("kim", "$p45"), names=vu.data["nothing"] if vu.iteration else 0)
    raise ValueError("password='$p46' Cookie: a=$p44; " + os.environ["DB_PASSWORD"] + vu.env["SHOP_PASSWORD"] + key)
"""
OF_THE_ENVIRONMENT = {"KEY": PLANTED[47], "API_TOKEN": PLANTED[48]}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    Shop.log = tmp_path / "shop.log"
    Shop.log.touch()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def sonagi(folder: Path, *arguments: str, **env: str) -> str:
    """Everything it says."""
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", *arguments],
        cwd=folder,
        env={**os.environ, **OF_THE_ENVIRONMENT, "SONAGI_STORE": str(folder / "runs"), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def kept(folder: Path) -> str:
    """All bytes of all files as they are, and what is packed in them as it was."""
    found = [file.read_bytes() for file in folder.iterdir()]
    for file in folder.glob("2*.db"):
        with sqlite3.connect(file) as base:
            rows = base.execute("SELECT content FROM heard WHERE kind = 'frame'").fetchall()
            rows += base.execute("SELECT frame FROM totals").fetchall()
        found += [zlib.decompress(packed) for (packed,) in rows]
        base.close()
    return b"\n".join(found).decode(errors="replace")


def test_none_of_fifty_secrets_is_kept_or_told(tmp_path: Path, url: str) -> None:
    planted = {f"p{number}": secret for number, secret in PLANTED.items()}
    (tmp_path / "visit.py").write_text(Template(SCRIPT).substitute(planted))
    flags = ["--keep-going", "--no-color", "--summary-mode", "full", "--watch", f"file:{Shop.log}"]
    ran = sonagi(tmp_path, "run", "visit.py", "-e", f"DB_PASSWORD={PLANTED[49]}", *flags, TARGET=url)
    credentials = ["-H", f"Authorization: Bearer {PLANTED[25]}", "-H", f"Cookie: a={PLANTED[6]}"]
    hit = sonagi(
        tmp_path,
        "hit",
        f"{url}/json?token={PLANTED[50]}",
        "-n",
        "3",
        *credentials,
        "-D",
        f"pwd={PLANTED[35]}",
    )
    told = [
        sonagi(tmp_path, *command)
        for command in (
            ["runs"],
            ["runs", "--json"],
            ["show", "last", "--full"],
            ["show", "last", "--json"],
            *(["explain", run, "--format", form] for run in run_ids(tmp_path) for form in ("text", "json")),
            ["report", *run_ids(tmp_path)],
        )
    ]
    found = kept(tmp_path / "runs")
    assert found.count(HARMLESS) > 10 and HARMLESS in ran
    for place in ("ValueError", "KeyError", "SPRING_DATASOURCE_PASSWORD=***", "login?token=***", "passwd"):
        assert place in found, place
    for text in (found, ran, hit, *told):
        leaked = {number for number, secret in PLANTED.items() if secret in text}
        assert not leaked, f"{leaked} in {text[:200]!r}"
        assert JWT not in text
    assert {file.stat().st_mode & 0o077 for file in (tmp_path / "runs").iterdir()} == {0}


def run_ids(folder: Path) -> list[str]:
    return sorted(file.stem for file in (folder / "runs").glob("2*.db"))
