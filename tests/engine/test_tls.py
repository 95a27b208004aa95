"""TLS: whom to trust, and what a failure is called."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from wire import OK, Served, forever, get, play, server

from sonagi import Options, http

Wrap = Callable[[socket.socket], socket.socket]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def wrapping(certificate: trustme.LeafCert) -> Wrap:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return lambda sock: context.wrap_socket(sock, server_side=True)


def secure(served: Served, host: str = "localhost") -> str:
    return f"https://{host}:{served.port}/"


def test_a_server_of_a_trusted_authority_is_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with server(forever(OK), wrap=wrapping(authority.issue_cert("localhost"))) as served:
        response, result = get(secure(served), options=Options(extra_ca=str(tmp_path / "ca.pem")))
    assert (response.status_code, response.text) == (200, "ok")
    assert response.timings.tls_handshaking > 0
    assert result.p(50, "http_req_tls_handshaking") > 0


def test_an_unknown_authority_is_1310(authority: trustme.CA) -> None:
    with server(forever(OK), wrap=wrapping(authority.issue_cert("localhost"))) as served:
        response, _ = get(secure(served))
    assert response.error_code == 1310


def test_a_certificate_for_another_name_is_1311(authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with server(forever(OK), wrap=wrapping(authority.issue_cert("elsewhere.test"))) as served:
        response, _ = get(secure(served), options=Options(extra_ca=str(tmp_path / "ca.pem")))
    assert response.error_code == 1311


def test_insecure_trusts_anybody(authority: trustme.CA) -> None:
    with server(forever(OK), wrap=wrapping(authority.issue_cert("elsewhere.test"))) as served:
        response, _ = get(secure(served, "127.0.0.1"), options=Options(insecure_skip_tls_verify=True))
    assert response.status_code == 200


def test_a_large_body_that_comes_faster_than_it_is_read_comes_whole(authority: trustme.CA) -> None:
    body = bytes(range(256)) * 40_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    async def ask() -> bool:
        response = await http.get(secure(served))
        return response.content == body

    with server(forever(answer), wrap=wrapping(authority.issue_cert("localhost"))) as served:
        returned, _ = play(ask, iterations=5, options=Options(insecure_skip_tls_verify=True))
    assert returned == [True] * 5


def test_a_server_that_speaks_plain_http_is_a_tls_failure() -> None:
    def behave(peer: object) -> None:
        peer.sock.recv(100)  # type: ignore[attr-defined]
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")  # type: ignore[attr-defined]

    with server(behave) as served:
        response, _ = get(secure(served))
    assert 1300 <= response.error_code < 1400
    assert response.status_code == 0
