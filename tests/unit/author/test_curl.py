"""curl commands, as people copy them out of documents and browsers."""

from pathlib import Path
from typing import Any

import pytest

from sonagi.author.calls import AuthorError, hide_secrets, marked
from sonagi.author.curl import read


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl localhost:8000/x", {"method": "GET", "url": "http://localhost:8000/x"}),
        ("curl -XPOST http://a/", {"method": "POST"}),
        ("curl http://a/ -d a=1 -d 'b=x y'", {"method": "POST", "form": [("a", "1"), ("b", "x y")]}),
        ("curl http://a/ --data-urlencode 'q=1&2'", {"form": [("q", "1&2")]}),
        ("curl -G http://a/?p=1 -d q=2", {"method": "GET", "url": "http://a/?p=1&q=2", "form": None}),
        ("""curl http://a/ --json '{"n": 1}'""", {"method": "POST", "json": {"n": 1}}),
        (
            """curl http://a/ -H 'content-type: application/json' --data-raw '{"n": [1]}'""",
            {"json": {"n": [1]}, "headers": {}},
        ),
        ("curl http://a/ -H 'Content-Type: text/xml' -d '<a/>'", {"content": "<a/>", "method": "POST"}),
        ("curl -u kim:pa:ss http://a/", {"keywords": {"auth": ("kim", "pa:ss")}}),
        (
            "curl -b 'a=1; b=2' -m 2.5 http://a/",
            {"keywords": {"cookies": {"a": "1", "b": "2"}, "timeout": 2.5}},
        ),
        ("curl -F 'photo=@cat.png;type=image/png' -F n=1 http://a/", {"files": [("photo", "cat.png")]}),
        ("curl -I http://a/", {"method": "HEAD"}),
        ("curl http://a/ \\\n  -H 'X-A: 1' \\\n  --compressed -sS", {"headers": {"X-A": "1"}}),
        ("curl http://a/ -H 'Host: b' -H 'Sec-Fetch-Mode: cors' -H 'Accept: */*'", {"headers": {}}),
    ],
)
def test_a_command_becomes_the_request_that_curl_would_make(command: str, expected: dict[str, Any]) -> None:
    call = read(command)
    assert {name: getattr(call, name) for name in expected} == expected


@pytest.mark.parametrize("user", ["-u kim:pa55word http://a/", "http://kim:pa55word@a/"])
def test_secrets_in_a_url_are_left_to_the_environment(user: str) -> None:
    call = read(f"curl {user}x?access_token=abcd1234&page=2")
    assert hide_secrets([call]) == ["ACCESS_TOKEN", "PASSWORD"]
    assert call.url == f"http://a/x?access_token={marked('ACCESS_TOKEN')}&page=2"
    assert call.keywords == {"auth": ("kim", marked("PASSWORD"))}


def test_a_body_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"n": 1}')
    assert read(f"curl http://a/ --json @{tmp_path}/body.json").json == {"n": 1}


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("curl", "0 URLs"),
        ("curl http://a http://b", "2 URLs"),
        ("curl -T file http://a", "-T has no counterpart"),
        ("curl http://a -H", "--header has no value"),
        ("curl 'http://a", "No closing quotation"),
        ("curl http://a -d @/no/such/file", "/no/such/file cannot be read"),
    ],
)
def test_what_cannot_be_followed_is_named(command: str, reason: str) -> None:
    with pytest.raises(AuthorError, match=reason):
        read(command)
