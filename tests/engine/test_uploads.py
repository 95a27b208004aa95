"""Forms with files, and bodies that come compressed."""

import io
import os
import resource
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from wire import OK, Peer, forever, get, play, server

from sonagi import http

TEXT = "a sudden downpour, a sudden downpour, a sudden downpour"
# TEXT, packed by node's zlib and the command zstd.
PACKED = {
    "br": "1b3600f8c56d6c5df9dd23d8b528a2a82a4450893d290dd5bbeb2640",
    "zstd": "28b52ffd0458cd000098612073756464656e20646f776e706f75722c2001001b39c3115b89a7",
}


def parts(request: bytes) -> list[tuple[str, str | None, str, bytes]]:
    """(field, file name, type, content) of each part, by a parser that is not ours."""
    head, _, body = request.partition(b"\r\n\r\n")
    line = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-type:"))
    whole = message_from_bytes(line + b"\r\n\r\n" + body)
    found = []
    for part in whole.get_payload():
        assert not isinstance(part, str)
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append((str(name), part.get_filename(), part.get_content_type(), payload))
    return found


def posted(**keywords: Any) -> bytes:
    async def ask() -> None:
        response = await http.post(served.url, **keywords)
        assert response.status_code == 200

    with server(forever(OK)) as served:
        play(ask)
    return served.requests[0]


def test_a_form_with_fields_and_files_of_every_shape(tmp_path: Path) -> None:
    (tmp_path / "poster.png").write_bytes(b"\x89PNG")
    with (tmp_path / "poster.png").open("rb") as poster:
        request = posted(
            data={"title": "소나기", "tags": ["a", "b"]},
            files={
                "poster": poster,
                "seats": ("seats.csv", "id,price\n1,100\n"),
                "raw": ("raw", b"\x00\x01", "application/x-raw"),
                "text": io.StringIO("plain"),
            },
        )
    assert parts(request) == [
        ("title", None, "text/plain", "소나기".encode()),
        ("tags", None, "text/plain", b"a"),
        ("tags", None, "text/plain", b"b"),
        ("poster", "poster.png", "image/png", b"\x89PNG"),
        ("seats", "seats.csv", "text/csv", b"id,price\n1,100\n"),
        ("raw", "raw", "application/x-raw", b"\x00\x01"),
        ("text", "upload", "application/octet-stream", b"plain"),
    ]


def test_several_files_of_one_field_and_names_with_quotes() -> None:
    request = posted(files=[("file", ('a"b.txt', "1")), ("file", ("c.txt", "2"))])
    assert [content for *_, content in parts(request)] == [b"1", b"2"]
    assert b'filename="a%22b.txt"' in request


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({"files": {"a": "x"}, "json": {}}, "with files, give the other fields as data"),
        ({"files": {"a": 5}}, "content is text, bytes or an open file, not int"),
        ({"files": {"a": ("only a name",)}}, "give \\(filename, content"),
        ({"files": 5}, "files must be a mapping or a list"),
        ({"files": {"a": ("a", "b", "c\r\nX: y")}}, "line break"),
    ],
)
def test_files_that_cannot_be_sent_say_why(keywords: dict[str, Any], told: str) -> None:
    with pytest.raises((TypeError, ValueError), match=told):
        http.post("http://127.0.0.1/", **keywords)


@pytest.mark.parametrize("encoding", PACKED)
def test_brotli_and_zstd_are_asked_for_and_undone(encoding: str) -> None:
    body = bytes.fromhex(PACKED[encoding])

    def behave(peer: Peer) -> None:
        assert f"{encoding}" in peer.request().decode()
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
        peer.send(head.encode() + body)

    with server(behave) as served:
        response, _ = get(served.url)
    assert response.text == TEXT


@pytest.mark.parametrize("encoding", PACKED)
def test_a_broken_body_is_a_failure_of_its_own(encoding: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: 4\r\n\r\nnope"
    with server(forever(head)) as served:
        response, _ = get(served.url)
    assert response.error_code == 1701
    assert "decompression" in response.error


def test_a_large_file_is_sent_from_where_it_stands_and_never_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "video.bin"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    received = 0

    def swallow(peer: Peer) -> None:
        nonlocal received
        head = b""
        while b"\r\n\r\n" not in head:
            head += peer.sock.recv(65536)
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        received = len(head.partition(b"\r\n\r\n")[2])
        while received < length:
            received += len(peer.sock.recv(1 << 20))
        peer.send(OK)

    async def ask() -> Any:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with path.open("rb") as file:
            file.seek(1000)
            response = await http.put(served.url, content=file)
        assert response.status_code == 200
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    with server(swallow) as served:
        [grown], result = play(ask)
    assert received == 1_000_000_000 - 1000
    assert grown < 30_000  # KiB
    assert result.count("data_sent") > received


@pytest.mark.parametrize("pieces_are", ["made", "awaited"])
@pytest.mark.parametrize("length", [3, 3_000_000])
def test_a_body_may_be_made_piece_by_piece(pieces_are: str, length: int) -> None:
    def made() -> Iterator[bytes | str]:
        for _ in range(length // 3):
            yield "소" if length == 3 else b"abc"

    async def awaited() -> AsyncIterator[bytes | str]:
        for piece in made():
            yield piece

    async def ask() -> None:
        with await http.spooled(made() if pieces_are == "made" else awaited()) as content:
            response = await http.post(served.url, content=content)
        assert response.status_code == 200

    with server(forever(OK)) as served:
        play(ask)
    head, _, body = served.requests[0].partition(b"\r\n\r\n")
    assert body == ("소".encode() if length == 3 else b"abc" * (length // 3))
    assert f"content-length: {length}".encode() in head.lower()


def test_a_generator_as_a_body_says_what_makes_a_file_of_it() -> None:
    with pytest.raises(TypeError, match=r"await http.spooled\(…\)"):
        http.post("http://127.0.0.1/", content=(piece for piece in [b"a"]))  # type: ignore[arg-type]


def test_a_large_file_in_a_form_comes_whole_between_the_other_fields(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    path = tmp_path / "seats.bin"
    path.write_bytes(content)
    with path.open("rb") as file:
        request = posted(data={"a": "1"}, files={"seats": file})
    assert parts(request) == [
        ("a", None, "text/plain", b"1"),
        ("seats", "seats.bin", "application/octet-stream", content),
    ]


def test_a_file_that_becomes_shorter_while_it_is_sent_fails_the_request(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * 1_000_000)

    async def ask() -> Any:
        with path.open("rb") as file:
            asked = http.post(served.url, content=file)
            os.truncate(path, 500_000)
            return (await asked).error

    with server(forever(OK)) as served:
        [error], result = play(ask)
    assert "write: " in error
    assert result.share("http_req_failed") == 1
