"""Names that lead elsewhere or nowhere."""

import socket
import ssl
from pathlib import Path

import pytest
import trustme
from wire import OK, forever, get, server

from sonagi import Options


def test_a_name_leads_where_the_user_said_with_its_port() -> None:
    with server(forever(OK)) as served:
        hosts = {"*.shop.test": f"127.0.0.1:{served.port}"}
        response, _ = get("http://api.shop.test/x", options=Options(hosts=hosts))
    assert response.status_code == 200
    assert b"Host: api.shop.test\r\n" in served.requests[0]
    assert response.timings.looking_up == 0


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (Options(block_hostnames=["*.0.0.1"]), 1111, "hostname 127.0.0.1 is blocked (*.0.0.1)"),
        (Options(blacklist_ips=["10.0.0.0/8", "127.0.0.0/8"]), 1110, "in the blocked range 127.0.0.0/8"),
    ],
)
def test_nobody_goes_where_the_user_forbade_it(options: Options, code: int, told: str) -> None:
    with server(forever(OK)) as served:
        response, _ = get(served.url, options=options)
    assert (response.error_code, served.connections) == (code, 0)
    assert told in response.error


def mutual(authority: trustme.CA, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    if version is None:
        context.verify_mode = ssl.CERT_REQUIRED
    else:
        context.minimum_version = context.maximum_version = version
    return context


def test_a_client_shows_its_certificate_where_it_is_asked_for(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    own = authority.issue_cert("client@example.test")
    own.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    own.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    trust = {"extra_ca": str(tmp_path / "ca.pem")}
    pair = {"client_cert": str(tmp_path / "cert.pem"), "client_key": str(tmp_path / "key.pem")}

    def wrap(sock: socket.socket) -> socket.socket:
        return mutual(authority).wrap_socket(sock, server_side=True)

    with server(forever(OK), wrap=wrap) as served:
        url = f"https://localhost:{served.port}/"
        with_it, _ = get(url, options=Options(**trust, **pair))
        without, _ = get(url, options=Options(**trust))
    assert with_it.status_code == 200
    assert without.status_code == 0


@pytest.mark.parametrize(
    ("version", "works"), [("tls1.2", ssl.TLSVersion.TLSv1_2), ("tls1.3", ssl.TLSVersion.TLSv1_3)]
)
def test_only_the_version_that_was_asked_for_is_spoken(
    version: str, works: ssl.TLSVersion, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    options = Options(extra_ca=str(tmp_path / "ca.pem"), tls_version=version)
    for offered in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = mutual(authority, offered)

        def wrap(sock: socket.socket, context: ssl.SSLContext = context) -> socket.socket:
            return context.wrap_socket(sock, server_side=True)

        with server(forever(OK), wrap=wrap) as served:
            response, _ = get(f"https://localhost:{served.port}/", options=options)
        assert (response.status_code == 200) == (offered == works)
