"""What goes out: bodies, headers, cookies, credentials, redirects."""

import base64
import gzip
import zlib

import pytest
from wire import OK, Peer, answering, forever, get, play, server

from sonagi import Options, http


def sent(**keywords: object) -> bytes:
    """The request that a POST with `keywords` makes."""

    async def ask() -> http.Response:
        return await http.post(served.url, **keywords)  # type: ignore[arg-type]

    with server(forever(OK)) as served:
        play(ask)
    return served.requests[0]


def test_json_goes_out_compact_with_its_type() -> None:
    request = sent(json={"customerId": 7, "이름": "소나기"})
    assert request.endswith('{"customerId":7,"이름":"소나기"}'.encode())
    assert b"Content-Type: application/json\r\n" in request


def test_a_form_goes_out_encoded_and_lists_repeat_their_key() -> None:
    request = sent(data={"a": "1 2", "b": ["x", "y"], "c": True})
    assert request.endswith(b"a=1+2&b=x&b=y&c=true")
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in request


def test_bytes_and_text_go_out_as_they_are() -> None:
    assert sent(content=b"\x00\xff").endswith(b"\r\n\r\n\x00\xff")
    assert sent(content="소").endswith("소".encode())
    assert b"Content-Length: 0\r\n" in sent()


def test_params_join_the_query() -> None:
    async def ask() -> http.Response:
        return await http.get(f"{served.url}p?a=1#part", params={"b": "x y", "c": [1, 2]})

    with server(forever(OK)) as served:
        play(ask)
    assert served.requests[0].startswith(b"GET /p?a=1&b=x+y&c=1&c=2 HTTP/1.1\r\n")


def test_credentials_become_an_authorization_header() -> None:
    basic = b"Authorization: Basic " + base64.b64encode("사용자:비밀".encode())
    assert basic in sent(auth=("사용자", "비밀"))
    assert b"Authorization: Bearer abc\r\n" in sent(auth=http.Bearer("abc"))


def test_a_user_in_the_url_is_sent_as_basic_authentication_and_in_no_name() -> None:
    async def ask() -> None:
        await http.get(served.url.replace("//", "//kim:p%40ss@") + "concerts/17")

    with server(forever(OK)) as served:
        _, result = play(ask)
    assert b"Authorization: Basic " + base64.b64encode(b"kim:p@ss") in served.requests[0]
    names = [tags["name"] for tags in result.measurements.series("http_reqs")]
    assert names == [f"{served.url}concerts/{{id}}"]


def test_a_header_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValueError, match="line break"):
        http.get("http://127.0.0.1/", headers={"X-Evil": "a\r\nHost: b"})


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("example.com/x", "write http://example.com/x"),
        ("http://", "no host"),
        ("ftp://a/", "not http or https"),
    ],
)
def test_an_invalid_url_is_1020_and_says_how_to_mend_it(url: str, mend: str) -> None:
    response, result = get(url)
    assert response.error_code == 1020
    assert mend in response.error
    assert result.count("http_reqs", error_code="1020") == 1


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
    ],
)
def test_encoded_bodies_are_decoded(encoding: str, packed: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n"
    with server(answering(head.encode() + packed)) as served:
        response, _ = get(served.url)
    assert response.text == "hello"


def redirecting(status: int, location: str) -> str:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("status", "method", "body"), [(302, b"GET", b""), (303, b"GET", b""), (307, b"POST", b"data")]
)
def test_a_redirect_is_followed_and_each_hop_is_a_sample(status: int, method: bytes, body: bytes) -> None:
    async def ask() -> http.Response:
        return await http.post(f"{served.url}from", content="data")

    with server(answering(redirecting(status, "/to"), OK)) as served:
        [response], result = play(ask)
    assert (response.status_code, response.url) == (200, f"{served.url}to")
    assert [hop.status_code for hop in response.history] == [status]
    assert served.requests[1].startswith(method + b" /to ")
    assert served.requests[1].endswith(b"\r\n\r\n" + body)
    assert result.count("http_reqs") == 2
    assert result.count("http_reqs", name=f"{served.url}to") == 1


def test_redirects_end_at_the_limit_with_the_last_one() -> None:
    with server(forever(redirecting(302, "/again"))) as served:
        response, result = get(served.url, options=Options(max_redirects=3))
    assert response.status_code == 302
    assert result.count("http_reqs") == 4


def test_redirects_are_not_followed_when_not_wanted() -> None:
    with server(forever(redirecting(302, "/to"))) as served:
        response, result = get(served.url, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (302, "/to")
    assert result.count("http_reqs") == 1


def test_credentials_do_not_follow_to_another_origin() -> None:
    with (
        server(forever(OK)) as other,
        server(forever(redirecting(302, f"http://127.0.0.1:{other.port}/"))) as first,
    ):
        response, _ = get(first.url, auth=("user", "secret"), headers={"X-Mine": "1"})
    assert response.status_code == 200
    assert b"Authorization" in first.requests[0]
    assert b"Authorization" not in other.requests[0]
    assert b"X-Mine: 1" in other.requests[0]


COOKIE = "HTTP/1.1 200 OK\r\nSet-Cookie: session=s1; Path=/\r\nSet-Cookie: deep=d; Path=/deep\r\nContent-Length: 0\r\n\r\n"


def test_cookies_are_sent_back_where_they_belong_and_forgotten_with_the_iteration() -> None:
    async def ask() -> dict[str, str]:
        first = await http.get(served.url)
        await http.get(served.url)
        await http.get(f"{served.url}deep/er", cookies={"own": "o"})
        return first.cookies

    with server(forever(COOKIE)) as served:
        cookies, _ = play(ask, iterations=2)
    assert cookies[0] == {"session": "s1", "deep": "d"}
    sent_cookies = [
        next((line[8:].decode() for line in request.split(b"\r\n") if line.startswith(b"Cookie: ")), "")
        for request in served.requests
    ]
    assert sent_cookies[0] == ""
    assert sent_cookies[1] == "session=s1"
    assert set(sent_cookies[2].split("; ")) == {"own=o", "session=s1", "deep=d"}
    assert sent_cookies[3] == ""


def test_cookies_stay_when_asked_to() -> None:
    with server(forever(COOKIE)) as served:
        play(lambda: http.get(served.url), iterations=2, options=Options(no_cookies_reset=True))
    assert b"Cookie: session=s1" in served.requests[1]


def test_raise_on_error_raises_and_carries_the_response() -> None:
    async def ask() -> int:
        try:
            await http.get(served.url, raise_on_error=True)
        except http.HTTPStatusError as error:
            return error.response.status_code
        return 0

    with server(answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")) as served:
        [status], _ = play(ask)
    assert status == 503


def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 40_000

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10240000\r\n\r\n" + body)

    async def ask() -> bytes:
        return (await http.post(served.url, content=body)).content

    with server(behave) as served:
        [content], _ = play(ask)
    assert content == body
    assert served.requests[0].endswith(body)
