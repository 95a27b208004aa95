"""What answers held, told each second: how many and how large, which bodies, how many items."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from notes import heard
from wire import OK, Behave, Peer, answering, forever, play, server

from sonagi import Options, http, websocket
from sonagi._core import hit, now_ns


def answer(body: str | bytes, *more: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An answer that announces `length`, or as much as it has."""
    content = body.encode() if isinstance(body, str) else body
    announced = f"Content-Length: {len(content) if length is None else length}"
    return "\r\n".join([f"HTTP/1.1 {status}", announced, *more, "", ""]).encode() + content


def concerts(count: int) -> str:
    return json.dumps({"data": [{"concertId": number, "title": "concert"} for number in range(count)]})


def answers(
    ask: Callable[[], Awaitable[Any]], *, iterations: int = 1, **options: Any
) -> list[dict[str, Any]]:
    """What is noted while one user asks."""
    with heard() as notes:
        play(ask, iterations=iterations, options=Options(**options))
    return notes.of("answers")


def alternating(*all_of_them: bytes) -> Behave:
    """Answer request n with answer n, and then from the first on."""

    def behave(peer: Peer) -> None:
        served = 0
        while peer.request():
            peer.send(all_of_them[served % len(all_of_them)])
            served += 1

    return behave


def half_and_wait(part: bytes) -> Behave:
    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(part)
        peer.request()

    return behave


def test_answers_are_counted_and_measured_by_name_and_status() -> None:
    async def ask() -> None:
        await http.get(served.url, name="shop")
        await http.post(served.url, name="shop")

    busy = answer("try again later", status="503 Busy")
    with server(alternating(answer("abc"), OK, answer("abcdefg"), busy)) as served:
        told = answers(ask, iterations=2)
    by_key = {(one["method"], one["status"]): one for one in told}
    assert set(by_key) == {("GET", 200), ("POST", 200), ("POST", 503)}
    assert {one["name"] for one in told} == {"shop"}
    gets = by_key["GET", 200]
    sizes = [gets[field] for field in ("count", "cut", "bytes_sum", "bytes_min", "bytes_max", "announced")]
    assert sizes == [2, 0, 10, 3, 7, 7]
    assert by_key["POST", 503]["bodies"][0]["sample"] == "try again later"


def test_errors_that_come_as_200_are_told_apart_from_what_was_asked_for() -> None:
    wrong = [answer(f'{{"responseStatus":"FAIL","seat":{seat}}}') for seat in (1, 22, 333)]
    with server(alternating(answer('{"responseStatus":"OK","data":[1,2]}'), *wrong)) as served:
        [told] = answers(lambda: http.get(served.url), iterations=20)
    assert (told["count"], told["kinds"], told["looked"]) == (20, 2, 20)
    by_count = {body["count"]: body for body in told["bodies"]}
    assert by_count[15]["sample"] == '{"responseStatus":"FAIL","seat":1}'
    assert (by_count[15]["items"], by_count[5]["items"]) == (None, 2)
    assert len(by_count[5]["fp"]) == 16


@pytest.mark.parametrize(
    ("count", "exact"), [(0, True), (10, True), (20_000, True), (40_000, False)]
)  # 1 MiB are some 26,000
def test_the_items_of_a_list_are_counted(count: int, exact: bool) -> None:
    with server(forever(answer(concerts(count)))) as served:
        [told] = answers(lambda: http.get(served.url))
    [body] = told["bodies"]
    assert body["exact"] is exact
    assert body["items"] == count if exact else abs(body["items"] / count - 1) < 0.05
    assert len(body["sample"]) <= 2048


def test_a_compressed_list_is_counted_as_user_code_sees_it_and_measured_as_it_came() -> None:
    wire = gzip.compress(concerts(5000).encode())
    with server(forever(answer(wire, "Content-Encoding: gzip"))) as served:
        [told] = answers(lambda: http.get(served.url))
    assert (told["bytes_sum"], told["announced"]) == (len(wire), len(wire))
    assert (told["bodies"][0]["items"], told["bodies"][0]["exact"]) == (5000, True)
    assert told["bodies"][0]["bytes"] == len(concerts(5000))


@pytest.mark.parametrize("came", [20_000, 3_000_000])
@pytest.mark.parametrize("waits", [True, False])
def test_a_list_that_never_came_whole_tells_how_long_it_was_to_become(came: int, waits: bool) -> None:
    whole = concerts(1_000_000)
    part = answer(whole[:came], length=len(whole))
    with server(half_and_wait(part) if waits else answering(part)) as served:
        [told] = answers(lambda: http.get(served.url, timeout=0.5))
    assert (told["status"], told["count"], told["cut"]) == (200, 1, 1)
    assert (told["bytes_sum"], told["announced"]) == (came, len(whole))
    [body] = told["bodies"]
    assert not body["exact"]
    assert body["items"] == pytest.approx(1_000_000, rel=0.15)
    assert body["sample"].startswith('{"data": [{"concertId": 0,')


def test_an_answer_that_nobody_waits_for_any_more_is_told_as_well() -> None:
    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(http.get(served.url), 0.3)

    with server(half_and_wait(answer("half", length=50_000_000))) as served:
        [told] = answers(give_up)
    assert (told["cut"], told["announced"], told["bytes_sum"]) == (1, 50_000_000, 4)


def test_what_never_had_a_head_is_no_answer() -> None:
    with server(answering("HTTP/1.1 200 OK\r\nContent-")) as served:
        assert answers(lambda: http.get(served.url)) == []


def test_a_head_without_a_body_to_come_announces_nothing() -> None:
    with server(answering(answer("", length=94_000_000))) as served:
        [told] = answers(lambda: http.request("HEAD", served.url))
    assert (told["method"], told["count"], told["bytes_sum"], told["announced"]) == ("HEAD", 1, 0, None)
    assert told["bodies"] == []


def test_bodies_that_are_discarded_are_measured_all_the_same() -> None:
    with server(forever(answer("abc"))) as served:
        [told] = answers(lambda: http.get(served.url), iterations=3, discard_response_bodies=True)
    assert (told["count"], told["bytes_sum"], told["announced"], told["bodies"]) == (3, 9, 3, [])


def test_a_body_that_cannot_be_decoded_came_all_the_same() -> None:
    with server(answering(answer("zip", "Content-Encoding: gzip"))) as served:
        [told] = answers(lambda: http.get(served.url))
    assert (told["status"], told["count"], told["cut"], told["bytes_sum"], told["bodies"]) == (
        200,
        1,
        0,
        3,
        [],
    )


@pytest.mark.parametrize(("wanted", "status"), [(3, "whole"), (1, "part"), (0, "broken")])
def test_a_body_that_is_streamed_is_measured(wanted: int, status: str) -> None:
    async def ask() -> None:
        async with http.stream("GET", served.url) as response:
            if status == "broken":
                with pytest.raises(http.RequestError):
                    await response.aread()
            elif status == "whole":
                await response.aread()

    body = answer("abc" * 100_000, length=900_000 if status == "broken" else None)
    with server(answering(body)) as served:
        [told] = answers(ask)
    assert (told["count"], told["cut"], told["bodies"]) == (1, int(status == "broken"), [])
    assert told["announced"] == (900_000 if status == "broken" else 300_000)
    assert told["bytes_sum"] == 300_000 if status != "part" else told["bytes_sum"] <= 300_000


def test_hops_of_a_redirect_are_answers_of_their_own() -> None:
    moved = answer("elsewhere", "Location: /new", status="302 Found")
    with server(alternating(moved, OK)) as served:
        told = answers(lambda: http.get(f"{served.url}old"))
    assert {(one["name"].rpartition("/")[2], one["status"]): one["count"] for one in told} == {
        ("old", 302): 1,
        ("new", 200): 1,
    }


def test_user_code_gets_its_body_whole_while_that_is_counted() -> None:
    body = concerts(20_000)

    async def ask() -> None:
        responses = [await http.get(served.url) for _ in range(3)]
        assert [len(response.content) for response in responses] == [len(body)] * 3
        assert responses[0].json()["data"][19_999]["concertId"] == 19_999

    with server(forever(answer(body))) as served:
        told = answers(ask)
    assert sum(one["count"] for one in told) == 3


def test_the_tool_without_a_script_tells_answers_as_well() -> None:
    with server(forever(answer('{"seats":[1,2,3]}'))) as served:
        told = answers(lambda: hit(http.get(served.url), 1, now_ns() + 10_000_000_000, 300))
    assert sum(one["count"] for one in told) == 300
    assert sum(body["count"] for one in told for body in one["bodies"]) == 300
    assert told[0]["bodies"][0]["items"] == 3


def test_secrets_do_not_reach_a_sample() -> None:
    secrets = '{"password":"hunter2","session_id":"abc","user":"kim","jwt":"eyJhbGciOi.e30.sig"}'
    with server(forever(answer(secrets))) as served:
        [told] = answers(lambda: http.get(served.url))
    assert told["bodies"][0]["sample"] == '{"password":"***","session_id":"***","user":"kim","jwt":"***"}'


def test_a_websocket_that_opens_has_no_body_to_tell_of() -> None:
    async def ask() -> None:
        with pytest.raises(websocket.Error):
            async with websocket.connect(f"ws://127.0.0.1:{served.port}/"):
                pass

    with server(answering(OK)) as served:
        assert answers(ask) == []
