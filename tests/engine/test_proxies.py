"""Proxies, sockets in the file system, own addresses, and how names are looked up."""

import base64
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from wire import OK, Peer, Served, answering, forever, get, play, server

import sonagi
from sonagi import Options, PerVUIterations, http
from sonagi.plan.problems import PlanError


def lead_on(peer: Peer) -> None:
    """Do what an honest proxy does with CONNECT."""
    place = peer.request().split()[1].decode()
    host, _, port = place.rpartition(":")
    with socket.create_connection((host, int(port))) as onward:
        peer.send("HTTP/1.1 200 Connection established\r\n\r\n")
        pump = threading.Thread(target=copy, args=(onward, peer.sock), daemon=True)
        pump.start()
        copy(peer.sock, onward)
        pump.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def through(proxy: Served, **more: Any) -> Options:
    return Options(proxy=f"http://127.0.0.1:{proxy.port}", **more)


def test_a_proxy_is_asked_for_the_whole_url_and_told_who_asks() -> None:
    with server(forever(OK)) as proxy:
        options = Options(proxy=f"http://kim:hunter2@127.0.0.1:{proxy.port}")

        async def twice() -> Any:
            await http.get("http://shop.test:8080/concerts?n=1", headers={"X-A": "1"})
            return (await http.post("http://shop.test:8080/b", content="body")).status_code

        returned, _ = play(twice, options=options)
    assert returned == [200]
    head = proxy.requests[0].decode()
    assert head.startswith("GET http://shop.test:8080/concerts?n=1 HTTP/1.1\r\nHost: shop.test:8080\r\n")
    secret = base64.b64encode(b"kim:hunter2").decode()
    assert f"Proxy-Authorization: Basic {secret}\r\n" in head and "X-A: 1\r\n" in head
    assert proxy.requests[1].startswith(b"POST http://shop.test:8080/b ")
    assert proxy.connections == 1


def test_what_is_encrypted_goes_through_a_tunnel_and_the_proxy_sees_nothing(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def wrap(sock: socket.socket) -> socket.socket:
        return context.wrap_socket(sock, server_side=True)

    with server(forever(OK), wrap=wrap) as target, server(lead_on) as proxy:
        url = f"https://localhost:{target.port}/secret"
        options = through(proxy, extra_ca=str(tmp_path / "ca.pem"))
        response, _ = get(url, headers={"X-A": "1"}, options=options)
    assert (response.status_code, response.text) == (200, "ok")
    assert proxy.requests[0].startswith(f"CONNECT localhost:{target.port} HTTP/1.1".encode())
    assert b"X-A" not in proxy.requests[0]
    assert response.timings.tls_handshaking > 0


def test_a_websocket_goes_through_a_tunnel_even_when_it_is_not_encrypted() -> None:
    from test_websockets import echo, real_server

    with real_server(echo) as url, server(lead_on) as proxy:

        async def talk() -> Any:
            async with sonagi.websocket.connect(url) as opened:
                await opened.send("hello")
                return await opened.recv()

        assert play(talk, options=through(proxy))[0] == ["hello"]
    assert proxy.requests[0].startswith(b"CONNECT 127.0.0.1:")


@pytest.mark.parametrize(
    ("what", "answer", "told"),
    [
        (
            "refuses",
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!",
            "status 407",
        ),
        ("lies", "HTTP/1.1 200 OK\r\n\r\n<html>buy something</html>", "spoke before it was asked"),
        ("speaks no HTTP", "220 smtp.test ESMTP\r\n\r\n", "proxy: malformed HTTP response"),
        ("hangs up", "", "ended before it was answered"),
    ],
)
def test_a_proxy_that_does_not_lead_on_is_named_as_the_cause(what: str, answer: str, told: str) -> None:
    with server(answering(answer)) as proxy:
        response, result = get("https://shop.test/", options=through(proxy))
    assert response.status_code == 0, what
    assert told in response.error
    assert result.share("http_req_failed") == 1


def test_a_proxy_that_is_not_there_is_named() -> None:
    response, _ = get("http://shop.test/", options=Options(proxy="http://127.0.0.1:9"))
    assert response.error_code == 1212
    assert response.error == "proxy 127.0.0.1:9: dial: connection refused"


def test_a_proxy_that_says_nothing_is_a_timeout() -> None:
    with server(lambda peer: time.sleep(1)) as proxy:
        response, _ = get("https://shop.test/", options=through(proxy, connect_timeout=0.2))
    assert response.error_code == 1211


def test_a_proxy_of_the_environment_is_used_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(forever(OK)) as proxy, server(forever(OK)) as direct:
        monkeypatch.setenv("http_proxy", f"http://localhost:{proxy.port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1,.local.test")

        async def both() -> Any:
            await http.get("http://shop.test/")
            await http.get(direct.url)

        _, result = play(both)
    assert (proxy.connections, direct.connections) == (1, 1)
    assert [notice.values for notice in result.notices if notice.key == "run.proxy"] == [
        {"proxy": "localhost"}
    ]


def test_a_socket_in_the_file_system_is_a_host(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    heads: list[bytes] = []

    def serve() -> None:
        sock, _ = listener.accept()
        with sock:
            answering(OK)(Peer(sock, heads))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    response, _ = get("http://app.test/x", options=Options(hosts={"app.test": f"unix:{path}"}))
    thread.join(2)
    listener.close()
    assert (response.status_code, response.text) == (200, "ok")
    assert b"Host: app.test\r\n" in heads[0]


def test_a_socket_that_is_not_there_is_an_error() -> None:
    response, _ = get("http://app.test/", options=Options(hosts={"app.test": "unix:/no/such.sock"}))
    assert response.error_code == 1213 and "No such file" in response.error


def test_users_come_from_the_addresses_they_are_given_in_turns() -> None:
    peers: list[str] = []

    def behave(peer: Peer) -> None:
        peers.append(peer.sock.getpeername()[0])
        forever(OK)(peer)

    async def once() -> None:
        await http.get(served.url)

    with server(behave) as served:
        scenarios = {"all": PerVUIterations(vus=4)}
        sonagi.run(once, options=Options(scenarios=scenarios, local_ips=["127.0.0.2-127.0.0.3"]))
    assert set(peers) == {"127.0.0.2", "127.0.0.3"}


def test_an_address_of_somebody_else_is_an_error() -> None:
    with server(forever(OK)) as served:
        response, _ = get(served.url, options=Options(local_ips=["203.0.113.1"]))
    assert response.error_code == 1213


def test_each_connection_asks_again_when_answers_hold_for_no_time() -> None:
    async def twice() -> Any:
        url = f"http://localhost:{served.port}/"
        return [(await http.get(url)).timings.looking_up > 0 for _ in range(2)]

    with server(forever(OK)) as served:
        fresh = Options(dns_ttl=0, no_connection_reuse=True, dns_policy="onlyIPv4", dns_select="roundRobin")
        kept = Options(no_connection_reuse=True, dns_policy="onlyIPv4")
        assert play(twice, options=fresh)[0] == [[True, True]]
        assert play(twice, options=kept)[0] == [[True, False]]


def test_a_wrong_proxy_address_or_choice_is_told_with_the_rest() -> None:
    wrong: dict[str, Any] = {
        "proxy": "socks5://a:1",
        "local_ips": ["10.0.0.9-10.0.0.1"],
        "dns_select": "roundrobin",
        "hosts": {"a": "unix:relative"},
    }

    async def nothing() -> None:
        pass

    with pytest.raises(PlanError) as caught:
        sonagi.run(nothing, options=Options(**wrong))
    told = str(caught.value).splitlines()
    assert len(told) == 4
    assert any("proxy: 'socks5://a:1' is no proxy" in line for line in told)
    assert any('did you mean "roundRobin"?' in line for line in told)


def test_a_certificate_that_has_expired_is_named(tmp_path: Path) -> None:
    import datetime

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_before=past, not_after=past + datetime.timedelta(1)).configure_cert(
        context
    )

    def wrap(sock: socket.socket) -> socket.socket:
        return context.wrap_socket(sock, server_side=True)

    with server(forever(OK), wrap=wrap) as served:
        url = f"https://localhost:{served.port}/"
        response, _ = get(url, options=Options(extra_ca=str(tmp_path / "ca.pem")))
    assert response.error_code == 1300
    # Without the time of the look: each second's failures would be a kind of their own.
    assert response.error == "tls: the server's certificate has expired: it was valid until 2020-01-02"
