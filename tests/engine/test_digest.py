"""Digest authentication, against a server that checks each answer by RFC 7616 and its own arithmetic."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from wire import OK, Behave, Peer, answering, get, play, server

from sonagi import http, websocket

USER, PASSWORD = "Mufasa", "Circle of Life, 한"
WHO = http.Digest(USER, PASSWORD)
HASHES: dict[str, Callable[[bytes], Any]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class Guard:
    """Challenges whoever has no right answer to its last nonce; `uses` of a nonce make it stale."""

    def __init__(self, algorithm: str = "MD5", qop: str = 'qop="auth", ', uses: int = 1000) -> None:
        self.algorithm, self.qop, self.uses = algorithm, qop, uses
        self.nonces = 0
        self.counts: list[int] = []

    def __call__(self, peer: Peer) -> None:
        while request := peer.request():
            peer.send(OK if self.is_right(request.decode()) else self.challenge())

    def challenge(self) -> str:
        self.nonces += 1
        self.counts = []
        how = f'{self.qop}nonce="n{self.nonces}", opaque="o", algorithm={self.algorithm}'
        header = f'WWW-Authenticate: Basic realm="b"\r\nWWW-Authenticate: Digest realm="the, realm", {how}'
        return f"HTTP/1.1 401 Unauthorized\r\n{header}\r\nContent-Length: 4\r\n\r\nwho?"

    def is_right(self, request: str) -> bool:
        method, uri, _ = request.split("\r\n", 1)[0].split(" ")
        found = re.search(r"^authorization: digest (.*)\r$", request, re.IGNORECASE | re.MULTILINE)
        if not found or len(self.counts) >= self.uses:
            return False
        given = {name: quoted or bare for name, quoted, bare in
                 re.findall(r'([\w]+)=(?:"([^"]*)"|([^,\s]+))', found[1])}  # fmt: skip
        if given["nonce"] != f"n{self.nonces}" or given["uri"] != uri or given.get("opaque") != "o":
            return False

        def digest(*parts: str) -> str:
            return str(HASHES[self.algorithm.removesuffix("-sess")](":".join(parts).encode()).hexdigest())

        secret = digest(USER, "the, realm", PASSWORD)
        if self.algorithm.endswith("-sess"):
            secret = digest(secret, given["nonce"], given["cnonce"])
        middle = [given["nc"], given["cnonce"], given["qop"]] if self.qop else []
        if self.qop:
            count = int(given["nc"], 16)
            assert count not in self.counts, "a count that was used before"
            self.counts.append(count)
        return given["response"] == digest(secret, given["nonce"], *middle, digest(method, uri))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
def test_a_challenge_is_answered(algorithm: str) -> None:
    with server(Guard(algorithm)) as served:
        response, result = get(f"{served.url}lions?of=the%20rock", auth=WHO)
    assert response.status_code == 200
    assert [before.status_code for before in response.history] == [401]
    assert served.connections == 1
    # The challenge is an exchange of its own, and no failure: it was to be expected.
    assert result.count("http_reqs") == 2
    assert result.count("http_reqs", status="401", expected_response="true") == 1
    assert result.measurements.rate("http_req_failed") == (0, 2)
    assert not result.samples


def test_an_old_server_without_qop_is_answered_too() -> None:
    with server(Guard(qop="")) as served:
        assert get(served.url, auth=WHO)[0].status_code == 200


def test_the_next_requests_of_a_user_carry_an_answer_from_the_start() -> None:
    async def thrice() -> list[int]:
        return [(await http.get(served.url, auth=WHO)).status_code for _ in range(3)]

    guard = Guard()
    with server(guard) as served:
        play(thrice)
    assert len(served.requests) == 4
    assert guard.counts == [1, 2, 3]


def test_a_nonce_that_is_used_up_is_renewed() -> None:
    async def thrice() -> list[int]:
        return [(await http.get(served.url, auth=WHO)).status_code for _ in range(3)]

    guard = Guard(uses=1)
    with server(guard) as served:
        [codes], _ = play(thrice)
    assert codes == [200, 200, 200]
    assert guard.nonces == 3


def test_a_wrong_password_is_tried_once_and_its_refusal_is_the_result() -> None:
    with server(Guard()) as served:
        response, result = get(served.url, auth=http.Digest(USER, "wrong"))
    assert response.status_code == 401
    assert len(served.requests) == 2
    assert result.count("http_reqs", status="401", expected_response="false") == 1
    assert ("GET", served.url, "401") in result.samples


def test_a_body_is_sent_again_with_the_answer() -> None:
    async def post() -> http.Response:
        return await http.post(served.url, json={"a": 1}, auth=WHO)

    with server(Guard()) as served:
        [response], _ = play(post)
    assert response.status_code == 200
    assert served.requests[0].endswith(b'{"a":1}')
    assert served.requests[1].endswith(b'{"a":1}')


def test_a_stream_is_challenged_too() -> None:
    async def read() -> bytes:
        async with http.stream("GET", served.url, auth=WHO) as response:
            return await response.aread()

    with server(Guard()) as served:
        assert play(read)[0] == [b"ok"]


def test_credentials_stay_with_the_server_that_was_asked() -> None:
    with server(Guard()) as other:
        redirect = f"HTTP/1.1 302 Found\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        with server(answering(redirect)) as served:
            response, _ = get(served.url, auth=WHO)
    assert response.status_code == 401
    assert len(other.requests) == 1
    assert b"uthorization" not in other.requests[0]


@pytest.mark.parametrize(
    "header", ["", "WWW-Authenticate: Basic\r\n", "WWW-Authenticate: Digest realm=x, algorithm=MD4\r\n"]
)
def test_a_challenge_that_cannot_be_met_is_a_refusal(header: str) -> None:
    behave: Behave = answering(f"HTTP/1.1 401 No\r\n{header}Content-Length: 0\r\n\r\n")
    with server(behave) as served:
        response, result = get(served.url, auth=WHO)
    assert (response.status_code, len(served.requests)) == (401, 1)
    assert result.measurements.rate("http_req_failed") == (1, 1)


def test_a_websocket_has_no_digest() -> None:
    with pytest.raises(TypeError, match="a WebSocket's auth is"):
        websocket.connect("ws://127.0.0.1:9/", auth=WHO)
