"""A k6 script's text, taken apart as far as a diagnosis needs: functions, constants, calls. It is not run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`"
_COMMENT = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?\*/", re.DOTALL)
_FUNCTION = re.compile(
    r"\b(?:export\s+)?(?P<default>default\s+)?(?:async\s+)?function\s*(?P<name>\w*)\s*\("
    r"|\b(?:const|let|var)\s+(?P<arrow>\w+)\s*=\s*(?:async\s+)?(?:function\b\s*\w*\s*\(|\(?[\w\s,{}=]*\)?\s*=>\s*\{)"
    r"|\bexport\s+default\s+(?P<unnamed>(?:async\s+)?\(?[\w\s,]*\)?\s*=>\s*\{)"
)
_CONSTANT = re.compile(r"\b(?:const|let|var)\s+(\w+)\s*=\s*(?!=)")
_OPENING, _CLOSING = "([{", ")]}"
_LEXEME = re.compile(rf"{_STRING}|[()\[\]{{}}]")
_ENDS = ";,\n"
_END = re.compile(rf"{_LEXEME.pattern}|[;,\n]")


@dataclass(frozen=True, slots=True)
class Function:
    """`name` is "default" for the function that k6 runs without `exec`."""

    name: str
    body: str


def uncommented(text: str) -> str:
    """Without comments; what is within strings stays."""
    return _COMMENT.sub(lambda match: match[1] or " ", text)


def functions(text: str) -> dict[str, Function]:
    """Functions at any depth by their names. The default one has its own name too."""
    found: dict[str, Function] = {}
    for match in _FUNCTION.finditer(text):
        opening = match.end() - 1 if text[match.end() - 1] == "{" else _body(text, match.end() - 1)
        if opening < 0:
            continue
        body = text[opening + 1 : _closing(text, opening)]
        is_default = bool(match["default"] or match["unnamed"])
        for name in (match["name"], match["arrow"], "default" if is_default else None):
            if name:
                found.setdefault(name, Function(name, body))
    return found


def constants(text: str) -> dict[str, str]:
    """Names that are given a value where they are declared → the expression; the first of several."""
    found: dict[str, str] = {}
    for match in _CONSTANT.finditer(text):
        found.setdefault(match[1], expression(text, match.end()))
    return found


def expression(text: str, start: int) -> str:
    """From `start` to the semicolon, comma or line's end that stands within no bracket."""
    depth = 0
    for match in _END.finditer(text, start):
        if match[0] in _OPENING:
            depth += 1
        elif match[0] in _CLOSING:
            depth -= 1
        if depth < 0 or (depth == 0 and match[0] in _ENDS):
            return text[start : match.start()].strip()
    return text[start:].strip()


def calls(text: str, name: str) -> Iterator[list[str]]:
    """The arguments of each call of what the regular expression `name` matches."""
    for match in re.finditer(rf"(?<![\w.]){name}\s*\(", text):
        opening = match.end() - 1
        yield split(text[opening + 1 : _closing(text, opening)])


def split(text: str, separator: str = ",") -> list[str]:
    """Parts between separators that stand within no string, bracket or brace."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(rf"{_LEXEME.pattern}|{re.escape(separator)}", text):
        lexeme = match[0]
        if lexeme in _OPENING:
            depth += 1
        elif lexeme in _CLOSING:
            depth -= 1
        elif lexeme == separator and depth == 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def block(text: str, key: str) -> str:
    """What stands in the braces after `key`; "" where there are none."""
    match = re.search(rf"\b{key}\b['\"]?\s*[:=]\s*\{{", text)
    return text[match.end() : _closing(text, match.end() - 1)] if match else ""


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(name, inside) of each `name: { … }` of an object."""
    for part in split(text):
        match = re.match(r"['\"]?([\w-]+)['\"]?\s*:\s*\{", part)
        if match:
            yield match[1], part[match.end() : _closing(part, match.end() - 1)]


def _body(text: str, opening: int) -> int:
    """Where the brace of a function stands whose parameters begin at `opening`; -1 for none."""
    after = _closing(text, opening) + 1
    return text.find("{", after, after + 200)


def _closing(text: str, opening: int) -> int:
    """Where the bracket at `opening` is closed; the end of the text where it isn't."""
    depth = 0
    for match in _LEXEME.finditer(text, opening):
        if match[0] in _OPENING:
            depth += 1
        elif match[0] in _CLOSING:
            depth -= 1
            if depth == 0:
                return match.start()
    return len(text)
