"""A curl command as a call."""

import json
import shlex
from pathlib import Path
from urllib.parse import quote_plus

from sonagi.author.calls import AuthorError, Call, worth_sending
from sonagi.locale import text

# Options that take a value and change nothing that a test is about.
_SKIPPED = frozenset(
    ["-o", "--output", "-w", "--write-out", "--connect-timeout", "--retry", "-c", "--cookie-jar"]
)
_SKIPPED_FLAGS = frozenset(
    ["-s", "--silent", "-S", "--show-error", "-v", "--verbose", "-i", "--include", "-f", "--fail", "-sS"]
    + ["--compressed", "-L", "--location", "-O", "-#", "--progress-bar", "-N", "--no-buffer", "--http1.1"]
)
_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode")
_LONG = {"-X": "--request", "-H": "--header", "-u": "--user", "-b": "--cookie", "-A": "--user-agent"} | {
    "-e": "--referer", "-F": "--form", "-m": "--max-time"
}  # fmt: skip
_VALUED = frozenset([*_DATA, *_LONG.values(), "--json", "--url"])


def read(command: str) -> Call:
    """The call that `command` makes. Raises AuthorError, naming the option that it cannot follow."""
    try:
        words = shlex.split(command.replace("\\\r\n", " ").replace("\\\n", " "))
    except ValueError as error:
        raise AuthorError(text("author.curl_quotes", problem=error)) from None
    given, flags = _options(words[1:] if words[:1] == ["curl"] else words)
    urls = [value for name, value in given if name == "--url"]
    if len(urls) != 1:
        raise AuthorError(text("author.curl_urls", count=len(urls)))
    url = urls[0] if "://" in urls[0] else f"http://{urls[0]}"
    method = next((value for name, value in given if name == "--request"), "").upper()
    pairs = [value.partition(":") for name, value in given if name == "--header"]
    headers = worth_sending((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    call = Call(method or "GET", url, headers)
    body = "&".join(_piece(name, value) for name, value in given if name in (*_DATA, "--json"))
    if flags & {"-G", "--get"} and body:
        call.url += ("&" if "?" in url else "?") + body
    elif body:
        call.method = method or "POST"
        _give_body(call, body, any(name == "--json" for name, _ in given))
    if flags & {"-I", "--head"}:
        call.method = "HEAD"
    _give_rest(call, given, method)
    return call


def _options(words: list[str]) -> tuple[list[tuple[str, str]], set[str]]:
    """(name, value) pairs under their long names, and flags."""
    given: list[tuple[str, str]] = []
    flags: set[str] = set()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            given.append(("--url", word))
            continue
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        # -XPOST and -H'X: y' have the value right behind.
        if not word.startswith("--") and len(word) > 2 and word[:2] in (*_LONG, "-d", "-o"):
            name, equals, value = word[:2], "=", word[2:]
        name = _LONG.get(name, name)
        if name in _VALUED or name in _SKIPPED:
            if not equals and not rest:
                raise AuthorError(text("author.curl_value", name=name))
            given.append((name, value if equals else rest.pop(0)))
        elif name in ("-k", "--insecure", "-G", "--get", "-I", "--head"):
            flags.add(name)
        elif name not in _SKIPPED_FLAGS:
            raise AuthorError(text("author.curl_option", name=word))
    return given, flags


def _piece(name: str, value: str) -> str:
    if name in ("--data", "-d", "--data-binary", "--data-ascii", "--json") and value.startswith("@"):
        try:
            return Path(value[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AuthorError(text("author.unreadable", path=value[1:], problem=error)) from None
    if name == "--data-urlencode":
        key, equals, rest = value.partition("=")
        return f"{key}={quote_plus(rest)}" if equals and key else quote_plus(rest or key)
    return value


def _give_body(call: Call, body: str, is_json: bool) -> None:
    kind = next((value for name, value in call.headers.items() if name.lower() == "content-type"), "")
    if is_json or "json" in kind:
        try:
            call.json = json.loads(body)
        except ValueError:
            call.content = body
        else:
            if kind in ("", "application/json"):
                call.headers = {n: v for n, v in call.headers.items() if n.lower() != "content-type"}
            return
    fields = [field.partition("=") for field in body.split("&")]
    if kind in ("", "application/x-www-form-urlencoded") and all(equals for _, equals, _ in fields):
        from urllib.parse import parse_qsl

        call.form = parse_qsl(body, keep_blank_values=True)
        call.headers = {n: v for n, v in call.headers.items() if n.lower() != "content-type"}
        return
    call.content = body
    if not kind and not is_json:
        call.headers["Content-Type"] = "application/x-www-form-urlencoded"


def _give_rest(call: Call, given: list[tuple[str, str]], method: str) -> None:
    for name, value in given:
        if name == "--user":
            call.keywords["auth"] = tuple(value.split(":", 1)) if ":" in value else (value, "")
        elif name == "--user-agent":
            call.headers["User-Agent"] = value
        elif name == "--referer":
            call.headers["Referer"] = value
        elif name == "--max-time":
            call.keywords["timeout"] = float(value)
        elif name == "--cookie":
            pairs = (pair.strip().partition("=") for pair in value.split(";"))
            call.keywords["cookies"] = {key: inner for key, _, inner in pairs if key}
        elif name == "--form":
            call.method = method or "POST"
            field, _, content = value.partition("=")
            if content.startswith("@"):
                call.files.append((field, content[1:].partition(";")[0]))
            else:
                call.form = [*(call.form or []), (field, content)]
