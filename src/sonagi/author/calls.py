"""Requests on their way from a description to a script."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

MARK = "\0"
"""Around the name of a variable inside of a text: `Bearer \\0token\\0` is written f"Bearer {token}"."""

# What a client sets by itself, or what only a browser means.
_NOISE = frozenset(
    [
        "host",
        "content-length",
        "connection",
        "keep-alive",
        "te",
        "accept-encoding",
        "accept-language",
        "cookie",
    ]
    + ["user-agent", "origin", "referer", "pragma", "cache-control", "dnt", "upgrade-insecure-requests"]
    + ["priority", "if-none-match", "if-modified-since"]
)
_SECRET = re.compile(r"passw|secret|token|api[-_]?key|authorization|credential", re.IGNORECASE)


class AuthorError(Exception):
    """A description that no script can be made of, in a sentence."""

    exit_code = 104


@dataclass(frozen=True, slots=True)
class Capture:
    """A variable `name` set from the response: `expression` is what follows `response`."""

    name: str
    expression: str


@dataclass(slots=True)
class Call:
    """A request. At most one of json, form, content is given; texts may hold marked variables."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    form: list[tuple[str, str]] | None = None
    content: str | None = None
    files: list[tuple[str, str]] = field(default_factory=list)
    """(field, path of the file)"""
    keywords: dict[str, Any] = field(default_factory=dict)
    pause: float = 0.0
    """Seconds that the user thinks before."""
    captures: list[Capture] = field(default_factory=list)
    name: str = ""
    """Of the function that makes it, where it has one of its own."""

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def marked(name: str) -> str:
    """A variable inside of a text."""
    return f"{MARK}{name}{MARK}"


def worth_sending(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that the author of a test would have written."""
    kept = {}
    for name, value in headers:
        lower = name.lower()
        if lower in _NOISE or lower.startswith(("sec-", ":")) or (lower == "accept" and value == "*/*"):
            continue
        kept[name] = value
    return kept


def hide_secrets(calls: Iterable[Call]) -> list[str]:
    """Replace what looks like a secret by `secrets.get(…)`; gives the names of the variables to set."""
    found: dict[str, str] = {}

    def hidden(name: str, value: Any) -> Any:
        if not isinstance(value, str) or not _SECRET.search(name) or len(value) < 4 or MARK in value:
            return value
        # "Bearer x" has a public half.
        scheme, space, rest = value.partition(" ") if name.lower() == "authorization" else ("", "", value)
        secret, kept = (rest, scheme + space) if rest else (value, "")
        variable = next((known for known, text in found.items() if text == secret), None)
        if variable is None:
            base = re.sub(r"\W+", "_", name).strip("_").upper()
            variable, number = base, 2
            while variable in found:
                variable, number = f"{base}_{number}", number + 1
            found[variable] = secret
        return kept + marked(variable)

    for call in calls:
        _take_user_out(call)
        call.url = _in_query(call.url, hidden)
        if "auth" in call.keywords:
            user, password = call.keywords["auth"]
            call.keywords["auth"] = (user, hidden("password", password))
        call.headers = {name: hidden(name, value) for name, value in call.headers.items()}
        call.form = [(name, hidden(name, value)) for name, value in call.form] if call.form else call.form
        call.json = _walk(call.json, hidden)
    return list(found)


def _take_user_out(call: Call) -> None:
    """A user and password in the URL become `auth`, as the URL's host would have got them."""
    parts = urlsplit(call.url)
    user, at, host = parts.netloc.rpartition("@")
    if at:
        call.url = urlunsplit(parts._replace(netloc=host))
        name, _, password = user.partition(":")
        call.keywords.setdefault("auth", (unquote(name), unquote(password)))


def _in_query(url: str, change: Callable[[str, Any], Any]) -> str:
    """`url` with the values of its query changed by their names."""
    address, mark, query = url.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&"))
    return address + mark + "&".join(name + equals + change(name, value) for name, equals, value in pairs)


def _walk(value: Any, change: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _walk(inner, change, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner, change, name) for inner in value]
    return change(name, value)
