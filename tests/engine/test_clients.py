"""Clients, batches and retries."""

from typing import Any

import pytest
from wire import OK, answering, forever, play, server

from sonagi import Options, http

BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


def head(request: bytes) -> list[str]:
    return request.decode().split("\r\n")


def test_a_client_adds_its_url_headers_and_tags() -> None:
    async def ask() -> list[str]:
        api = http.Client(f"{served.url}api/", headers={"X-Key": "1", "Accept": "a"}, tags={"team": "web"})
        responses = [
            await api.get("/items", headers={"accept": "b"}, tags={"part": "list"}),
            await api.post("items", json={"a": 1}),
            await api.get(f"{served.url}whole"),
            await api.delete(""),
        ]
        return [response.url for response in responses]

    with server(forever(OK)) as served:
        [urls], result = play(ask)
    assert urls == [f"{served.url}{path}" for path in ("api/items", "api/items", "whole", "api")]
    lines = head(served.requests[0])
    assert {"X-Key: 1", "accept: b"} <= set(lines)
    assert "Accept: a" not in lines
    assert head(served.requests[1])[0].startswith("POST")
    assert result.count("http_reqs", team="web") == 4
    assert result.count("http_reqs", team="web", part="list") == 1


def test_keywords_of_a_client_hold_unless_a_request_has_its_own() -> None:
    async def ask() -> None:
        api = http.Client(served.url, auth=("mina", "pw"))
        await api.get("a")
        await api.get("b", auth=http.Bearer("t"))

    with server(forever(OK)) as served:
        play(ask)
    assert "Authorization: Basic bWluYTpwdw==" in head(served.requests[0])
    assert "Authorization: Bearer t" in head(served.requests[1])


@pytest.mark.parametrize("base", ["localhost:8000", "ftp://host", "http://"])
def test_a_client_without_a_host_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="write for example"):
        http.Client(base)


def test_a_batch_is_sent_at_once_and_keeps_its_order_and_names() -> None:
    async def ask() -> tuple[list[int], dict[str, int]]:
        some: list[Any] = [f"{served.url}1", ("POST", f"{served.url}2"), http.put(f"{served.url}3")]
        listed = await http.batch(some)
        named = await http.batch({"a": f"{served.url}4", "b": f"{served.url}5"})
        return [r.status_code for r in listed], {name: r.status_code for name, r in named.items()}

    with server(forever(OK)) as served:
        [(listed, named)], _ = play(ask)
    assert (listed, named) == ([200] * 3, {"a": 200, "b": 200})
    methods = sorted(head(request)[0].split()[0] for request in served.requests)
    assert methods == ["GET", "GET", "GET", "POST", "PUT"]
    assert served.connections == 3


def test_a_request_is_tried_again_until_it_goes_well_and_each_attempt_counts() -> None:
    async def ask() -> int:
        response = await http.retry(lambda: http.get(served.url), attempts=5, pause=0.001)
        return response.status_code

    with server(answering(BUSY, BUSY, OK, OK)) as served:
        [status], result = play(ask)
    assert status == 200
    assert (result.count("http_reqs"), result.count("retries")) == (3, 2)
    assert result.measurements.rate("http_req_failed") == (2, 3)


def test_the_last_response_is_given_when_no_attempt_went_well() -> None:
    async def ask() -> int:
        return (await http.retry(lambda: http.get(served.url), attempts=2, pause=0.001)).status_code

    with server(forever(BUSY)) as served:
        [status], result = play(ask)
    assert (status, result.count("http_reqs"), result.count("retries")) == (503, 2, 1)


def test_with_throw_a_request_that_fails_raises_unless_it_says_otherwise() -> None:
    async def ask() -> int:
        quiet = await http.get(f"{served.url}missing", raise_on_error=False)
        with pytest.raises(http.HTTPStatusError):
            await http.get(f"{served.url}missing")
        with pytest.raises(http.RequestError):
            await http.get("http://127.0.0.1:9/")
        return quiet.status_code

    with server(forever("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as served:
        assert play(ask, options=Options(throw=True))[0] == [404]
