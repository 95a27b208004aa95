"""A browser's recording (HAR 1.2) as calls, with think times; correlation is another file's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sonagi.author.calls import AuthorError, Call, worth_sending
from sonagi.locale import text

THOUGHT = 0.3
"""Seconds between two requests from which on a person has thought, not a browser loaded."""
_STATIC = ("image", "font", "stylesheet", "script", "media", "manifest", "ping", "websocket", "eventsource")


@dataclass(slots=True)
class Exchange:
    """A recorded request with what came back for it."""

    call: Call
    status: int
    headers: Mapping[str, str]
    body: str


def read(document: bytes) -> tuple[list[Exchange], int]:
    """The exchanges that a test is about, and how many were left out (images, styles, scripts, fonts).
    Raises AuthorError."""
    try:
        entries = json.loads(document)["log"]["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise AuthorError(text("author.har_syntax", problem=error)) from None
    kept: list[tuple[datetime, float, dict[str, Any]]] = []
    for entry in entries:
        try:
            wanted = not _is_static(entry)
            began = datetime.fromisoformat(entry["startedDateTime"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AuthorError(text("author.har_syntax", problem=error)) from None
        if wanted:
            kept.append((began, float(entry.get("time") or 0.0) / 1000, entry))
    if not kept:
        raise AuthorError(text("author.har_empty", count=len(entries)))
    kept.sort(key=lambda one: one[0])
    exchanges = []
    ended: float | None = None
    for began, seconds, entry in kept:
        at = began.timestamp()
        exchange = _exchange(entry)
        if ended is not None and at - ended >= THOUGHT:
            exchange.call.pause = round(at - ended, 1)
        ended = max(ended or 0.0, at + seconds)
        exchanges.append(exchange)
    return exchanges, len(entries) - len(kept)


def _is_static(entry: dict[str, Any]) -> bool:
    url = entry["request"]["url"]
    if not url.startswith(("http://", "https://")):
        return True
    if entry.get("_resourceType") in _STATIC:
        return True
    kind = entry["response"].get("content", {}).get("mimeType", "")
    return kind.startswith(("image/", "font/", "text/css", "video/", "audio/")) or "javascript" in kind


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    headers = worth_sending((header["name"], header["value"]) for header in request.get("headers", []))
    call = Call(request["method"].upper(), request["url"].partition("#")[0], headers)
    posted = request.get("postData") or {}
    kind = str(posted.get("mimeType", ""))
    if posted.get("text") or posted.get("params"):
        _give_body(call, posted, kind)
    content = response.get("content") or {}
    body = content.get("text") or "" if content.get("encoding") != "base64" else ""
    received = {header["name"].lower(): header["value"] for header in response.get("headers", [])}
    return Exchange(call, int(response.get("status") or 0), received, body)


def _give_body(call: Call, posted: dict[str, Any], kind: str) -> None:
    written = str(posted.get("text") or "")
    told = {name: value for name, value in call.headers.items() if name.lower() != "content-type"}
    if "json" in kind:
        try:
            call.json = json.loads(written)
        except ValueError:
            call.content = written
            return
        call.headers = told
    elif kind.startswith("application/x-www-form-urlencoded"):
        params = [(param["name"], param.get("value", "")) for param in posted.get("params") or []]
        call.form = params if params and not written else parse_qsl(written, keep_blank_values=True)
        call.headers = told
    else:
        call.content = written
