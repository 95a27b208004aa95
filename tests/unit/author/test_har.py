"""Browsers' recordings: what is kept, how long people thought, which values are dynamic."""

import json
from typing import Any

import pytest

from sonagi.author.calls import AuthorError, hide_secrets
from sonagi.author.correlate import correlate
from sonagi.author.har import read
from sonagi.author.render import journey


def entry(at: float, url: str, *, method: str = "GET", answer: Any = "", **more: Any) -> dict[str, Any]:
    """An entry `at` seconds after the recording began, answered after 100 ms."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    headers = more.pop("headers", {})
    received = more.pop("received", {})
    posted = more.pop("post", None)
    request = {"method": method, "url": url, "headers": [{"name": n, "value": v} for n, v in headers.items()]}
    if posted is not None:
        kind = "application/json" if not isinstance(posted, str) else "application/x-www-form-urlencoded"
        request["postData"] = {
            "mimeType": kind,
            "text": posted if isinstance(posted, str) else json.dumps(posted),
        }
    response = {
        "status": 200,
        "headers": [{"name": n, "value": v} for n, v in received.items()],
        "content": {"mimeType": more.pop("kind", "application/json"), "text": text},
    }
    began = f"2026-11-23T10:00:{at:06.3f}Z"
    return {"startedDateTime": began, "time": 100, "request": request, "response": response, **more}


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"entries": entries}}).encode()


def script(*entries: dict[str, Any]) -> str:
    exchanges, _ = read(har(*entries))
    correlate(exchanges)
    calls = [exchange.call for exchange in exchanges]
    written = journey(calls, "T", hide_secrets(calls), "t.py")
    compile(written, "t.py", "exec")
    return written


def test_what_a_browser_fetches_for_its_own_is_left_out() -> None:
    exchanges, left_out = read(
        har(
            entry(0, "http://shop.test/"),
            entry(0.1, "http://shop.test/a.css", kind="text/css"),
            entry(0.1, "http://shop.test/a.js", _resourceType="script"),
            entry(0.1, "data:image/png;base64,AAAA"),
            entry(0.2, "http://shop.test/cat.png", kind="image/png"),
        )
    )
    assert [exchange.call.url for exchange in exchanges] == ["http://shop.test/"]
    assert left_out == 4


def test_pauses_are_from_an_answer_to_the_next_request_and_only_where_somebody_thought() -> None:
    exchanges, _ = read(
        har(
            entry(3.55, "http://shop.test/c"),
            entry(0, "http://shop.test/a"),
            entry(0.05, "http://shop.test/b"),
        )
    )
    assert [(exchange.call.url[-1], exchange.call.pause) for exchange in exchanges] == [
        ("a", 0.0),
        ("b", 0.0),
        ("c", 3.4),
    ]


def test_a_token_that_a_response_gave_is_a_variable_where_it_is_sent_back() -> None:
    written = script(
        entry(
            0,
            "http://s/login",
            method="POST",
            post="user=kim&password=hunter22",
            answer={"data": {"accessToken": "eyJhbGciOi"}},
        ),
        entry(2, "http://s/me", headers={"Authorization": "Bearer eyJhbGciOi", "Cookie": "a=1"}),
    )
    assert 'access_token = response.json()["data"]["accessToken"]' in written
    assert 'headers={"Authorization": f"Bearer {access_token}"}' in written
    assert 'PASSWORD = secrets.get("PASSWORD")' in written and "hunter22" not in written
    assert "await sleep(1.9)" in written
    assert "Cookie" not in written


def test_identifiers_are_followed_even_when_they_are_short() -> None:
    written = script(
        entry(0, "http://s/concerts", answer={"concerts": [{"concertId": 17, "seats": 5}]}),
        entry(1, "http://s/concerts/17/seats?page=5"),
        entry(2, "http://s/orders", method="POST", post={"concertId": 17, "seats": 5}),
    )
    assert 'concert_id = response.json()["concerts"][0]["concertId"]' in written
    assert 'api.get(f"/concerts/{concert_id}/seats?page=5")' in written
    assert 'json={"concertId": concert_id, "seats": 5}' in written


def test_a_hidden_field_of_a_form_is_taken_from_the_page() -> None:
    page = '<html><form><input type="hidden" name="csrf" value="a1b2c3d4"></form></html>'
    written = script(
        entry(0, "http://s/form", answer=page, kind="text/html"),
        entry(1, "http://s/form", method="POST", post="csrf=a1b2c3d4&n=1"),
    )
    assert "csrf = between(response.text, " in written and '"csrf": csrf' in written
    namespace: dict[str, Any] = {}
    helper = written[written.index("def between") :]
    exec(helper, namespace)
    before = '<input type="hidden" name="csrf" value="'
    assert namespace["between"](page, before, '"') == "a1b2c3d4"


def test_a_value_that_nothing_gave_stays_as_it_is() -> None:
    written = script(entry(0, "http://s/a", answer={"name": "jazz"}), entry(1, "http://s/search?q=jazz"))
    assert '"/search?q=jazz"' in written


def test_other_hosts_keep_their_whole_url() -> None:
    written = script(entry(0, "http://s/a"), entry(0, "http://s/b"), entry(0, "https://auth.test/c"))
    assert 'api = http.Client("http://s")' in written
    assert 'api.get("https://auth.test/c")' in written


def test_braces_quotes_and_hangul_survive_in_texts_with_variables() -> None:
    written = script(
        entry(0, "http://s/a", answer={"token": "abcdef123"}),
        entry(
            1, "http://s/b", method="POST", post={"t": "abcdef123", "q": '{"가"}'}, headers={"X": 'a{b} "c"'}
        ),
    )
    assert '"q": "{\\"가\\"}"' in written


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "no HAR recording"),
        (b"{}", "no HAR recording"),
        (b'{"log": {"entries": [{}]}}', "no HAR recording"),
        (b'{"log": {"entries": []}}', "none of the 0 requests"),
    ],
)
def test_what_is_no_recording_is_told(document: bytes, reason: str) -> None:
    with pytest.raises(AuthorError, match=reason):
        read(document)
