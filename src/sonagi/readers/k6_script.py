"""What a k6 script's text gives away: sleeps, values drawn at random, how long a request is, its
scenarios."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from sonagi.readers import javascript, numbers
from sonagi.readers.javascript_text import Rendered, Scope
from sonagi.readers.k6_options import loads
from sonagi.readers.script_facts import Script, Visit

_DRAWN = re.compile(r"\b(\w+)\s*[:=]\s*([^;\n]*?\brandom\w*\s*\([^;\n]*)", re.IGNORECASE)
_TIMES = re.compile(r"Math\.random\(\)\s*\*\s*(\((?:[^()]|\([^()]*\))*\)|[\w.]+)")
_BETWEEN = re.compile(r"\b\w*random\w*\(\s*([\w.]+)\s*,\s*([\w.]+)\s*\)", re.IGNORECASE)
_METHODS = {"get": "GET", "head": "HEAD", "post": "POST", "put": "PUT", "patch": "PATCH", "del": "DELETE"}
_BODILESS = frozenset({"get", "head"})
MOST_KEYS = 10**12


def read(text: str) -> Script:
    """A script's facts. It is not run, so what is computed remains unknown."""
    text = javascript.uncommented(text)
    constants, named = javascript.constants(text), javascript.functions(text)
    visits = {name: _visit(_with_callees(name, named), constants) for name in named}
    planned = loads(text, Scope(constants))
    runs = tuple(dict.fromkeys(function for _, function in planned))
    return Script(
        {name: visit for name, visit in visits.items() if visit.requests},
        tuple(load for load, _ in planned),
        runs or (("default",) if "default" in named else ()),
        {"keep_alive": "false"} if re.search(r"\bnoConnectionReuse\b\W+true\b", text) else {},
    )


def _with_callees(name: str, named: Mapping[str, javascript.Function]) -> str:
    """A function's body with those of all that it calls."""
    bodies, waiting = dict[str, str](), [name]
    while waiting:
        name = waiting.pop()
        if name in bodies or name not in named:
            continue
        bodies[name] = named[name].body
        waiting += re.findall(r"(?<![\w.])(\w+)\s*\(", named[name].body)
    return "\n".join(bodies.values())


def _visit(body: str, constants: Mapping[str, str]) -> Visit:
    scope = Scope({**constants, **javascript.constants(body)}, dict(_keys(body, Scope(constants))))
    sleeps = [scope.number(arguments[0]) for arguments in javascript.calls(body, "sleep") if arguments]
    known = [seconds for seconds in sleeps if seconds is not None]
    requests = list(_requests(body))
    sizes = [_size(method, arguments, scope) for method, arguments in requests]
    agent = scope.text(constants.get("userAgent", "")) if "userAgent" in constants else None
    timeout = re.search(r"\btimeout\s*:\s*['\"]([\dhms.]+)['\"]", body)
    return Visit(
        sum(known) if sleeps and len(known) == len(sleeps) else None,
        tuple(sorted(scope.keys.items())),
        len(requests),
        sizes[0] if len(sizes) == 1 else None,
        round(agent.size) + len("User-Agent: \r\n") if agent else None,
        numbers.seconds(timeout[1]) if timeout else None,
    )


def _keys(body: str, scope: Scope) -> Iterator[tuple[str, int]]:
    """Names of values that are drawn at random, and how many different ones there are."""
    for name, expression in _DRAWN.findall(body):
        times, between = _TIMES.search(expression), _BETWEEN.search(expression)
        count: float | None = None
        if times:
            count = scope.number(times[1])
        elif between:
            low, high = scope.number(between[1]), scope.number(between[2])
            count = high - low + 1 if low is not None and high is not None else None
        # A fraction of a second, or the like, is no key.
        if count is not None and 2 <= count <= MOST_KEYS and "sleep" not in expression:
            yield name, int(count)


def _requests(body: str) -> Iterator[tuple[str, list[str]]]:
    for name in _METHODS:
        for arguments in javascript.calls(body, rf"http\.{name}"):
            yield name, arguments
    for arguments in javascript.calls(body, r"http\.(?:request|asyncRequest)"):
        method = arguments[0].strip("'\"`").lower() if arguments else ""
        if method.isalpha():
            yield "del" if method == "delete" else method, arguments[1:]


def _size(method: str, arguments: list[str], scope: Scope) -> float | None:
    """Bytes of a request as Go writes it, but for the line that names k6; None where its text tells none."""
    url = scope.text(arguments[0]) if arguments else None
    if url is None:
        return None
    try:
        parts = urlsplit(url.text)
    except ValueError:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = Rendered(
        f"{_METHODS.get(method, method.upper())} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n", url.drawn
    )
    rest = arguments[1:]
    body = Rendered("")
    if method not in _BODILESS and rest and rest[0] not in ("null", "undefined"):
        found = scope.text(rest[0])
        if found is None:
            return None
        body = Rendered(f"Content-Length: {len(found)}\r\n") + found
    headers = _headers(rest[-1] if len(rest) > (method not in _BODILESS) else "", scope)
    return None if headers is None else (head + headers + body).size


def _headers(params: str, scope: Scope) -> Rendered | None:
    """Headers of a request's parameters; none are known to be none."""
    params = scope.constants.get(params.strip(), params)
    found = re.search(r"\bheaders\b(?:\s*:\s*(\{|\w+))?", params)
    if found is None:
        return Rendered("")
    named = found[1] if found[1] not in (None, "{") else "headers"
    inside = javascript.block(params, "headers") or scope.constants.get(named, "{").strip("{} \n")
    lines = Rendered("")
    for member in javascript.split(inside):
        name, _, value = member.partition(":")
        text = scope.text(value)
        if text is None:
            return None
        lines += Rendered(f"{name.strip(chr(39) + chr(34) + ' ')}: \r\n") + text
    return lines
