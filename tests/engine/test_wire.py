"""What a server may do to us on the wire: always a sample with the right error code, never a crash."""

import random
import socket
import time

import pytest
from wire import OK, Peer, answering, forever, get, play, server

from sonagi import Options, http

HEAD = "HTTP/1.1 200 OK\r\n"

BROKEN = [
    ("garbage", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 1000, "malformed"),
    ("a body cut short", HEAD + "Content-Length: 50\r\n\r\nshort", 1000, "unexpected EOF"),
    ("a head cut short", HEAD + "Content-Le", 1000, "unexpected EOF"),
    ("no answer at all", "", 1000, "EOF"),
    (
        "two different lengths",
        HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        1000,
        "two different",
    ),
    ("a length that is no number", HEAD + "Content-Length: many\r\n\r\n", 1000, "Content-Length"),
    ("a bad chunk size", HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 1000, "chunk"),
    ("chunks cut short", HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", 1000, "unexpected EOF"),
    ("broken gzip", HEAD + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz", 1701, "decompression"),
]


@pytest.mark.parametrize(
    ("answer", "code", "words"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_a_broken_answer_is_a_failed_request_with_its_code(answer: str, code: int, words: str) -> None:
    with server(answering(answer)) as served:
        response, result = get(served.url)
    assert (response.status_code, response.error_code) == (0, code)
    assert words in response.error
    assert result.count("http_reqs", error_code=str(code)) == 1
    assert result.share("http_req_failed") == 1


FINE = [
    ("a length", HEAD + "Content-Length: 5\r\n\r\nhello", 200, b"hello"),
    ("chunks", HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, b"hello"),
    ("until close", "HTTP/1.0 200 OK\r\n\r\nhello", 200, b"hello"),
    ("no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    ("100 and 103 first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK, 200, b"ok"),
    ("not found", "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope", 404, b"nope"),
]


@pytest.mark.parametrize(
    ("answer", "status", "body"), [case[1:] for case in FINE], ids=[case[0] for case in FINE]
)
@pytest.mark.parametrize("size", [1 << 20, 7, 1], ids=["at once", "in sevens", "byte by byte"])
def test_an_answer_reads_the_same_however_its_bytes_arrive(
    answer: str, status: int, body: bytes, size: int
) -> None:
    def behave(peer: Peer) -> None:
        peer.request()
        for at in range(0, len(answer), size):
            peer.send(answer[at : at + size])

    with server(behave) as served:
        response, _ = get(served.url)
    assert (response.status_code, response.content) == (status, body)


def test_a_refused_connection_is_1212() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    response, result = get(f"http://127.0.0.1:{port}/")
    assert response.error_code == 1212
    assert "refused" in response.error
    assert result.p(50, "http_req_duration") == 0


def test_a_name_that_does_not_exist_is_1101() -> None:
    response, _ = get("http://name.invalid/")
    # A machine without a resolver cannot know that there is no such name.
    assert response.error_code in (1101, 1100)
    assert "lookup name.invalid" in response.error


def test_a_reset_is_1220() -> None:
    def behave(peer: Peer) -> None:
        peer.request()
        peer.reset()

    with server(behave) as served:
        response, _ = get(served.url)
    assert response.error_code == 1220


def test_a_timeout_is_1050_and_its_time_is_waiting() -> None:
    def behave(peer: Peer) -> None:
        peer.request()
        peer.sock.recv(1)

    with server(behave) as served:
        response, _ = get(served.url, timeout=0.2)
    assert response.error_code == 1050
    assert 190 < response.timings.waiting < 400


def test_the_timeout_counts_over_a_whole_slow_drip() -> None:
    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD + "Content-Length: 1000\r\n\r\n")
        while True:
            peer.send("x")
            time.sleep(0.02)

    with server(behave) as served:
        response, _ = get(served.url, timeout=0.3)
    assert response.error_code == 1050
    assert response.timings.receiving > 100


def test_endless_headers_are_cut_off() -> None:
    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD)
        while True:
            peer.send("X-Endless: " + "x" * 1000 + "\r\n")

    with server(behave) as served:
        response, _ = get(served.url, timeout=5)
    assert response.error_code == 1000
    assert "head longer" in response.error


def test_a_body_over_the_limit_is_cut_off() -> None:
    with server(answering(HEAD + "Content-Length: 100000\r\n\r\n" + "x" * 100000)) as served:
        response, _ = get(served.url, options=Options(max_body_bytes=5000))
    assert response.error_code == 1000
    assert "limit of 5000 bytes" in response.error


def test_discarded_bodies_are_counted_and_not_kept() -> None:
    with server(answering(HEAD + "Content-Length: 9000\r\n\r\n" + "x" * 9000)) as served:
        response, result = get(served.url, options=Options(discard_response_bodies=True))
    assert (response.status_code, response.content) == (200, b"")
    assert result.count("data_received") > 9000


def test_an_answer_before_the_body_is_sent_counts() -> None:
    def behave(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        time.sleep(0.2)

    async def ask() -> http.Response:
        return await http.post(served.url, content=b"x" * 20_000_000, timeout=3)

    with server(behave) as served:
        [response], _ = play(ask)
    assert response.status_code == 413


def test_no_random_damage_makes_us_crash() -> None:
    rng = random.Random(7)
    good = (
        HEAD + "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    ).encode()
    answers = []
    for _ in range(300):
        damaged = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        answers.append(bytes(damaged[: rng.randint(1, len(damaged))]))
    behaviours = [answering(answer) for answer in answers]

    async def ask() -> http.Response:
        return await http.get(served.url, timeout=2, follow_redirects=False)

    with server(*behaviours) as served:
        responses, result = play(ask, iterations=len(answers), options=Options(no_connection_reuse=True))
    assert all(response.status_code or response.error_code for response in responses)
    assert result.count("http_reqs") == len(answers)


def test_timings_add_up_to_what_the_server_took() -> None:
    def behave(peer: Peer) -> None:
        while peer.request():
            time.sleep(0.05)
            peer.send(OK)

    with server(behave) as served:
        response, result = get(served.url)
    t = response.timings
    assert 50 <= t.waiting < 80
    assert t.sending + t.waiting + t.receiving == pytest.approx(t.duration, abs=0.001)
    assert response.elapsed.total_seconds() * 1000 == pytest.approx(t.duration, abs=0.01)
    assert result.generator.stamps in ("kernel", "thread")


def test_head_has_no_body_although_it_names_a_length() -> None:
    async def ask() -> list[http.Response]:
        return [await http.head(served.url), await http.head(served.url)]

    with server(forever(HEAD + "Content-Length: 500\r\n\r\n")) as served:
        [responses], _ = play(ask)
    assert [response.status_code for response in responses] == [200, 200]
    assert served.connections == 1
