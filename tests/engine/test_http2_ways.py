"""HTTP/2 with a server that the world uses, and on all the ways that lead to one."""

import asyncio
import hashlib
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import trustme
from http2_server import Frames, Heard, answering_all, speaking, wrapping
from test_proxies import lead_on, through
from websockets.sync.server import serve
from wire import OK, forever, get, play, server

from sonagi import Options, http, websocket

NGINX = which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
KNOWN = Options(http_version="2")


@dataclass
class Nginx:
    folder: Path
    secure: str
    plain: str

    def options(self, **more: Any) -> Options:
        return Options(extra_ca=str(self.folder / "ca.pem"), **more)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """Says farewell after each 50 requests; takes 8 streams at a time and bodies of any size."""
    folder = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    (folder / "big").write_bytes(bytes(range(256)) * 40_000)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        secure, plain = one.getsockname()[1], other.getsockname()[1]
    # The test's folder is closed to nginx's own user.
    user = "user root root;" if os.geteuid() == 0 else ""
    common = f"""
      location / {{ return 200 "hello"; }}
      location /big {{ root {folder}; }}
      location /upload {{ client_max_body_size 0; proxy_pass http://127.0.0.1:{plain + 1}/; }}
      location /moved {{ return 302 /; }}
    """
    (folder / "nginx.conf").write_text(f"""
      {user} daemon off; pid {folder}/pid; error_log {folder}/error.log warn; worker_processes 1;
      events {{ worker_connections 256; }}
      http {{
        access_log off; keepalive_requests 50; http2_max_concurrent_streams 8;
        client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
        fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
        server {{
          listen 127.0.0.1:{secure} ssl http2;
          ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem; {common}
        }}
        server {{ listen 127.0.0.1:{plain} http2; {common} }}
      }}
    """)
    process = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    until = time.monotonic() + 10
    while not (folder / "pid").exists() or not (folder / "pid").read_text():
        assert process.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
        time.sleep(0.01)
    yield Nginx(folder, f"https://localhost:{secure}", f"http://127.0.0.1:{plain}")
    process.terminate()
    process.wait(10)


@pytest.mark.needs_nginx
def test_nginx_over_tls_with_farewells_in_between(nginx: Nginx) -> None:
    async def ask() -> Any:
        responses = await asyncio.gather(*(http.get(f"{nginx.secure}/", timeout=20) for _ in range(120)))
        return {
            (response.status_code, response.http_version, response.text or response.error)
            for response in responses
        }

    returned, result = play(ask, iterations=3, options=nginx.options())
    assert returned == [{(200, "HTTP/2", "hello")}] * 3
    assert result.count("http_reqs", proto="HTTP/2.0", status="200") == 360
    assert result.share("http_req_failed") == 0


@pytest.mark.needs_nginx
@pytest.mark.parametrize("place", ["secure", "plain"])
def test_nginx_sends_large_bodies_whole_and_in_pieces(nginx: Nginx, place: str) -> None:
    url = f"{getattr(nginx, place)}/big"

    async def ask() -> Any:
        whole = await http.get(url)
        async with http.stream("GET", url) as response:
            pieces = await response.aread()
        return (
            hashlib.sha256(whole.content).hexdigest(),
            hashlib.sha256(pieces).hexdigest(),
            whole.http_version,
        )

    [returned], _ = play(ask, options=nginx.options(http_version="2"))
    digest = hashlib.sha256((nginx.folder / "big").read_bytes()).hexdigest()
    assert returned == (digest, digest, "HTTP/2")


@pytest.mark.needs_nginx
def test_nginx_without_tls_by_prior_knowledge_and_redirects(nginx: Nginx) -> None:
    response, _ = get(f"{nginx.plain}/moved", options=KNOWN)
    assert (response.status_code, response.url, response.http_version) == (200, f"{nginx.plain}/", "HTTP/2")


@pytest.mark.needs_nginx
def test_nginx_answers_before_it_has_read_all_and_the_answer_counts(nginx: Nginx) -> None:
    response, _ = get(f"{nginx.secure}/", options=nginx.options())
    assert response.status_code == 200

    async def ask() -> Any:
        # Nobody listens where it would pass the body on.
        return await http.post(f"{nginx.secure}/upload", content=b"x" * 3_000_000)

    [response], _ = play(ask, options=nginx.options())
    assert (response.status_code, response.http_version) == (502, "HTTP/2")


@pytest.mark.needs_nginx
def test_http_1_only_is_not_http_2(nginx: Nginx) -> None:
    response, _ = get(f"{nginx.secure}/", options=nginx.options(http_version="1.1"))
    assert (response.status_code, response.http_version) == (200, "HTTP/1.1")


def test_a_proxy_leads_there_also_without_tls() -> None:
    with server(speaking(answering_all)) as target, server(lead_on) as proxy:
        response, _ = get(target.url, options=through(proxy, http_version="2"))
    assert (response.status_code, response.http_version) == (200, "HTTP/2")
    assert proxy.requests[0].startswith(f"CONNECT 127.0.0.1:{target.port} ".encode())


def test_a_proxy_leads_to_http_2_over_tls() -> None:
    wrap = wrapping(trustme.CA().issue_cert("localhost"), "h2")
    with server(speaking(answering_all), wrap=wrap) as target, server(lead_on) as proxy:
        options = through(proxy, insecure_skip_tls_verify=True)
        response, _ = get(f"https://localhost:{target.port}/", options=options)
    assert (response.status_code, response.http_version) == (200, "HTTP/2")


def test_a_socket_in_the_file_system_speaks_it_too(tmp_path: Path) -> None:
    path = str(tmp_path / "app.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    heard = Heard()

    def serve_one() -> None:
        sock, _ = listener.accept()
        with sock, suppress(OSError):
            answering_all(Frames(sock, heard, {}))

    thread = threading.Thread(target=serve_one, daemon=True)
    thread.start()
    options = Options(http_version="2", hosts={"app.test": f"unix:{path}"})
    response, _ = get("http://app.test/x", headers={"Host": "shop.test"}, options=options)
    thread.join(5)
    listener.close()
    assert response.status_code == 200
    assert heard.asked[0][":authority"] == "shop.test"


def test_own_addresses_are_taken_in_turns() -> None:
    peers = []

    def behave(frames: Frames) -> None:
        peers.append(frames.sock.getpeername()[0])
        answering_all(frames)

    options = Options(http_version="2", local_ips=["127.0.0.8/32"], hosts={"app.test": "127.0.0.1"})
    with server(speaking(behave)) as served:
        response, _ = get(f"http://app.test:{served.port}/", options=options)
    assert response.status_code == 200 and peers == ["127.0.0.8"]


def test_a_challenge_is_answered_on_the_same_connection() -> None:
    heard = Heard()

    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            given = dict(asked.head).get("authorization", "")
            if 'nonce="n1"' in given and re.search(r'uri="/"', given):
                frames.answer(asked)
            else:
                challenge = 'Digest realm="r", nonce="n1", qop="auth", algorithm=MD5'
                frames.answer(asked, b"who?", 401, ("www-authenticate", challenge))

    with server(speaking(behave, heard)) as served:
        response, result = get(served.url, auth=http.Digest("kim", "secret"), options=KNOWN)
    assert response.status_code == 200 and len(heard.asked) == 2
    assert served.connections == 1 and result.share("http_req_failed") == 0


def test_a_certificate_of_the_clients_own_is_shown(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    own = authority.issue_cert("client@example.test")
    own.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    own.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    context.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    pair = {"client_cert": str(tmp_path / "cert.pem"), "client_key": str(tmp_path / "key.pem")}
    trust = {"extra_ca": str(tmp_path / "ca.pem")}

    def wrap(sock: socket.socket) -> socket.socket:
        return context.wrap_socket(sock, server_side=True)

    with server(speaking(answering_all), wrap=wrap) as served:
        url = f"https://localhost:{served.port}/"
        with_it, _ = get(url, options=Options(**trust, **pair))
        without, _ = get(url, options=Options(**trust))
    assert (with_it.status_code, with_it.http_version) == (200, "HTTP/2")
    # The server's alert, or that it left after it: whichever is met first.
    assert without.status_code == 0 and without.error_code in (1300, 1201, 1220)


def test_a_websocket_beside_it_is_opened_by_http_1() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with serve(lambda peer: peer.send(peer.recv()), "localhost", 0, ssl=context) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        port = echo.socket.getsockname()[1]

        async def talk() -> Any:
            async with websocket.connect(f"wss://localhost:{port}/") as peer:
                await peer.send("hello")
                return await peer.recv()

        returned, _ = play(talk, options=Options(insecure_skip_tls_verify=True))
        echo.shutdown()
    assert returned == ["hello"]


def test_without_tls_http_1_is_spoken_unless_one_asks() -> None:
    with server(forever(OK)) as served:
        response, result = get(served.url)
    assert response.http_version == "HTTP/1.1" and response.trailers == {}
    assert result.count("http_reqs", proto="HTTP/1.1") == 1
