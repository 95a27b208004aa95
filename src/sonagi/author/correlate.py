"""Dynamic values of a recording: what a response gave and a later request sent back becomes a variable.

A value counts as given when it stands in an earlier response as a whole: a leaf of its JSON, a header, or a
hidden field of its HTML. Short values mean nothing unless their place says that they are an identifier.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from sonagi.author.calls import Call, Capture, marked
from sonagi.author.har import Exchange

SHORTEST = 6
LARGEST_BODY = 2_000_000
"""Characters of a response beyond which its values are not looked at."""
_HIDDEN = re.compile(r"<(?:input|meta)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(name|value|content)=["']([^"']*)["']""", re.IGNORECASE)
_HEADERS = ("authorization", "location", "x-csrf-token", "x-auth-token", "etag", "x-request-token")


class Source:
    """Where a value was seen: in which response, and how to take it from there."""

    def __init__(self, at: int, hint: str, expression: str, is_id: bool) -> None:
        self.at = at
        self.hint = hint
        self.expression = expression
        self.is_id = is_id


def correlate(exchanges: list[Exchange]) -> int:
    """Replace values by variables, in place; gives how many variables there are."""
    seen: dict[str, Source] = {}
    taken: dict[tuple[int, str], str] = {}
    names: set[str] = set()

    def variable(value: str, *, is_id: bool = False) -> str | None:
        source = seen.get(value)
        if source is None or (len(value) < SHORTEST and not (is_id and source.is_id)):
            return None
        key = (source.at, source.expression)
        if key not in taken:
            base = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", source.hint)).strip("_").lower()
            base = base if base and not base[0].isdigit() else "value"
            name, number = base, 2
            while name in names or name in _RESERVED:
                name, number = f"{base}_{number}", number + 1
            names.add(name)
            taken[key] = name
            exchanges[source.at].call.captures.append(Capture(name, source.expression))
        return taken[key]

    for at, exchange in enumerate(exchanges):
        _replace(exchange.call, variable)
        seen.update(_values(exchange, at))
    return len(names)


_RESERVED = frozenset(
    ["response", "api", "vu", "http", "check", "sleep", "secrets", "ok", "between", "id", "type"]
)


def _replace(call: Call, variable: Callable[..., str | None]) -> None:
    def changed(value: str, *, is_id: bool = False) -> str:
        name = variable(value, is_id=is_id)
        return marked(name) if name else value

    parts = urlsplit(call.url)
    path = "/".join(changed(unquote(part), is_id=True) if part else part for part in parts.path.split("/"))
    query = "&".join(
        f"{key}{equals}{changed(unquote(value), is_id=True)}"
        for key, equals, value in (pair.partition("=") for pair in parts.query.split("&"))
    )
    # What was not replaced keeps the spelling it had.
    path = path if "\0" in path else parts.path
    query = query if "\0" in query else parts.query
    call.url = urlunsplit((parts.scheme, parts.netloc, _spelled(path), query, ""))
    for name, value in call.headers.items():
        scheme, space, rest = value.partition(" ")
        whole = changed(value)
        call.headers[name] = scheme + space + changed(rest) if whole == value and rest else whole
    if call.form:
        call.form = [(name, changed(value, is_id=_is_id(name))) for name, value in call.form]
    call.json = _json(call.json, "", variable)


def _spelled(path: str) -> str:
    return "\0".join(
        part if at % 2 else quote(part, safe="/%:@!$&'()*+,;=~-._")
        for at, part in enumerate(path.split("\0"))
    )


def _json(value: Any, name: str, variable: Callable[..., str | None]) -> Any:
    if isinstance(value, dict):
        return {key: _json(inner, key, variable) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json(inner, name, variable) for inner in value]
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return value
    found = variable(str(value), is_id=_is_id(name))
    return marked(found) if found else value


def _is_id(name: str) -> bool:
    return name.lower().endswith(("id", "no", "key", "token", "code", "cursor"))


def _values(exchange: Exchange, at: int) -> Iterator[tuple[str, Source]]:
    for name in _HEADERS:
        value = exchange.headers.get(name, "")
        scheme, _, rest = value.partition(" ")
        if rest:
            yield rest, Source(at, "token", f'.headers["{name}"].split(" ")[1]', False)
        elif scheme:
            yield value, Source(at, name, f'.headers["{name}"]', False)
    if len(exchange.body) > LARGEST_BODY:
        return
    if exchange.body.lstrip()[:1] in ("{", "["):
        try:
            yield from _leaves(json.loads(exchange.body), at, ".json()", "")
        except (ValueError, RecursionError):
            return
    elif "<" in exchange.body[:1000]:
        for tag in _HIDDEN.findall(exchange.body):
            attributes = {key.lower(): value for key, value in _ATTRIBUTE.findall(tag)}
            value = attributes.get("value") or attributes.get("content") or ""
            if value and attributes.get("name"):
                before = tag[: tag.index(value)]
                quoted = json.dumps(before, ensure_ascii=False), json.dumps(tag[len(before) + len(value)])
                yield value, Source(at, attributes["name"], f"between(.text, {quoted[0]}, {quoted[1]})", True)


def _leaves(value: Any, at: int, path: str, name: str) -> Iterator[tuple[str, Source]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, at, f"{path}[{json.dumps(key, ensure_ascii=False)}]", key)
    elif isinstance(value, list):
        for index, inner in enumerate(value[:50]):
            yield from _leaves(inner, at, f"{path}[{index}]", name)
    elif isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
        yield str(value), Source(at, name, path, _is_id(name))
