"""Calls as a script that reads as if somebody had written it."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sonagi.author.calls import MARK, Call

WIDTH = 100


def journey(calls: list[Call], title: str, secrets: Iterable[str], file: str) -> str:
    """One function that makes all calls, one after the other, as a user did."""
    base = _base(calls)
    body: list[str] = []
    for call in calls:
        if call.pause >= 0.05:
            body += [f"    await sleep({call.pause:.1f})"] if body else []
        body += _call(call, base)
        body.append("")
    title += f"\n\n    sonagi run {file} --vus 10 --duration 1m"
    options = [
        "options = Options(",
        '    thresholds={"http_req_failed": ["rate<0.01"], "checks": ["rate>0.99"]},',
        ")",
    ]
    return _file(title, base, secrets, options, [["async def session() -> None:", *body[:-1]]])


def operations(calls: list[Call], title: str, secrets: Iterable[str], file: str) -> str:
    """A function for each call, and users who do one of them at a time."""
    base = _base(calls)
    functions = [[f"async def {call.name}() -> None:", *_call(call, base)] for call in calls]
    weights = [f'                    "{call.name}": 1,' for call in calls]
    options = [
        "options = Options(",
        "    scenarios={",
        '        "api": ConstantVUs(',
        "            vus=10,",
        '            duration="30s",',
        '            pacing="1s",',
        "            exec=Mix(",
        "                {",
        *weights,
        "                }",
        "            ),",
        "        )",
        "    },",
        '    thresholds={"http_req_failed": ["rate<0.01"], "http_req_duration": ["p(95)<500"]},',
        ")",
    ]
    return _file(f"{title}\n\n    sonagi run {file}", base, secrets, options, functions)


def _base(calls: list[Call]) -> str:
    return Counter(call.origin for call in calls).most_common(1)[0][0]


def _file(
    title: str, base: str, secrets: Iterable[str], options: list[str], functions: list[list[str]]
) -> str:
    code = "\n\n\n".join("\n".join(function) for function in functions)
    everything = "\n".join(options) + code
    names = [name for name in ("ConstantVUs", "Mix", "Options") if f"{name}(" in everything]
    names += (
        ["check", "http"] + (["secrets"] if secrets else []) + (["sleep"] if "await sleep(" in code else [])
    )
    parts = [
        f'"""{title}\n"""',
        "",
        f"from sonagi import {', '.join(names)}",
        "",
        f"api = http.Client({_text(base)})",
    ]
    parts += [f"{name} = secrets.get({_text(name)})" for name in secrets]
    parts += ["", *options, "", "", code, "", "", *HELPERS]
    if "between(" in code:
        parts += ["", "", *BETWEEN]
    return "\n".join(parts) + "\n"


HELPERS = [
    "def ok(response: http.Response) -> None:",
    '    """The server did what it was asked to."""',
    '    check(response, {"status is below 400": lambda r: 0 < r.status_code < 400})',
]
BETWEEN = [
    "def between(text: str, before: str, after: str) -> str:",
    '    """What stands in `text` behind `before`, up to `after`."""',
    "    return text.partition(before)[2].partition(after)[0]",
]


def _call(call: Call, base: str) -> list[str]:
    short = call.method.lower() in ("get", "head", "options", "delete", "post", "put", "patch")
    url = call.url.removeprefix(base) or "/" if call.origin == base else call.url
    arguments = [] if short else [_text(call.method)]
    arguments.append(_text(url))
    if call.json is not None:
        arguments.append(f"json={literal(call.json, 8)}")
    if call.form:
        many = len({name for name, _ in call.form}) < len(call.form)
        arguments.append(f"data={literal(call.form if many else dict(call.form), 8)}")
    if call.content is not None:
        arguments.append(f"content={_text(call.content)}")
    if call.files:
        files = ", ".join(f'{_text(name)}: open({_text(path)}, "rb")' for name, path in call.files)
        arguments.append(f"files={{{files}}}")
    if call.headers:
        arguments.append(f"headers={literal(call.headers, 8)}")
    arguments += [f"{name}={literal(value, 8)}" for name, value in call.keywords.items()]
    function = f"api.{call.method.lower()}" if short else "api.request"
    line = f"    response = await {function}({', '.join(arguments)})"
    if len(line) > WIDTH or "\n" in line:
        lines = [
            f"    response = await {function}(",
            *(f"        {argument}," for argument in arguments),
            "    )",
        ]
        line = "\n".join(lines)
    captures = [f"    {capture.name} = response{capture.expression}" for capture in call.captures]
    captures = [re.sub(r"response(between\()", r"\1response", one) for one in captures]
    return [*line.split("\n"), "    ok(response)", *captures]


def literal(value: Any, indent: int) -> str:
    """A value as Python code, over several lines where it is long; marked texts become f-strings."""
    plain = _flat(value)
    if indent + len(plain) <= WIDTH - 16 or not isinstance(value, (dict, list, tuple)) or not value:
        return plain
    inner = " " * (indent + 4)
    if isinstance(value, dict):
        lines = [f"{inner}{_text(str(key))}: {literal(item, indent + 4)}," for key, item in value.items()]
        return "{\n" + "\n".join(lines) + "\n" + " " * indent + "}"
    lines = [f"{inner}{literal(item, indent + 4)}," for item in value]
    return "[\n" + "\n".join(lines) + "\n" + " " * indent + "]"


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(str(key))}: {_flat(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_flat, value)) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return repr(value)


def _text(value: str) -> str:
    """A text as Python code, in double quotes."""
    if MARK not in value:
        return json.dumps(value, ensure_ascii=False)
    parts = value.split(MARK)
    if len(parts) == 3 and not parts[0] and not parts[2]:
        return parts[1]
    written = "".join(
        f"{{{part}}}"
        if at % 2
        else json.dumps(part, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")
        for at, part in enumerate(parts)
    )
    return f'f"{written}"'
