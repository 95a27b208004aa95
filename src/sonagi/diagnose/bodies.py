"""Whether a body says that something failed, whatever its status says."""

import re
from dataclasses import dataclass

SHORT = 1024
"""Bytes up to which a phrase in a body is what the body is about."""

ENVELOPE = 300
"""Characters in which an answer says what it is, before what it carries."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What in a body says so, as it stands there, and how likely it means a failure, 0 to 1."""

    quote: str
    likely: float


_OF_THE_ANSWER = (
    r"(?:response|result|reply|answer|api|http|request|error|message|msg|ret(?:urn)?|biz|sub)?[_-]?"
    r"(?:status|result|outcome|type|level|state|code)"
)
_KEY = r"""["']?\b{name}["']?\s*[:=]\s*"""
_WORD = (
    r"""["']?(?:fail(?:ed|ure)?|err(?:or)?|ng|nok|not_?found|bad_?request|invalid\w*|exception)["']?(?=\W)"""
)
_STATUS = r'"?(?:40[01345689]|41[0235]|42[29]|50[0-4])\b'
# A key whose value says that it failed. Values that say the opposite (null, [], {}, 0, "", false) are none.
_KEYS = (
    (re.compile(_KEY.format(name="(?:success|ok|isSuccess|succeeded)") + r"(?:false|0)\b", re.I), 0.97),
    (re.compile(_KEY.format(name=_OF_THE_ANSWER) + _WORD, re.I), 0.97),
    (re.compile(_KEY.format(name=r"(?:status|statusCode|httpStatus|code)") + _STATUS, re.I), 0.95),
    (
        re.compile(
            _KEY.format(name=r"(?:code|errorCode|error_code)") + r'"?\w*(?:NOT_FOUND|ERROR|INVALID|FAIL)\w*'
        ),
        0.95,
    ),
    (
        re.compile(
            _KEY.format(name=r"(?:error|errors|exception|errorMessage|error_message|error_description)")
            + r"""(?!null\b|none\b|false\b|0\b|""|''|\[\s*\]|\{\s*\})["'\w\[{]""",
            re.I,
        ),
        0.93,
    ),
    (re.compile(r"<title>\s*(?:[45]\d\d\b|error\b|not found|bad gateway)[^<]*", re.I), 0.95),
    (re.compile(r"Traceback \(most recent call last\)|\b\w+(?:\.\w+)+(?:Exception|Error)\b"), 0.95),
    # Of a payment, an order or a seat it may be what was asked for.
    (re.compile(_KEY.format(name=r"\w*(?:status|result|outcome|type|level|state|code)") + _WORD, re.I), 0.6),
)
# Outcomes that a rush for tickets has by design: the request did what it was there for.
_OUTCOMES = re.compile(
    r"sold.?out|out.?of.?stock|already|duplicate|conflict|closed|매진|품절|이미|중복|마감|선점", re.I
)
_PHRASES = re.compile(
    r"not found|does ?n[o']t exist|no such|unauthori[sz]ed|forbidden|access denied|permission denied"
    r"|internal server error|bad request|something went wrong|unavailable|too many requests"
    r"|(?:찾을|조회할|처리할) 수 없|존재하지 않|없는 \S+입니다|잘못된|실패|오류|에러|권한이 없",
    re.I,
)
_MESSAGE = re.compile(
    r"""["'](?:message|msg|detail|reason|description|errorMessage)["']\s*:\s*["'][^"']*$""", re.I
)
_NOTHING = re.compile(
    r"""["'](?:data|result|results|items|content|payload|body)["']\s*:\s*(?:null|\[\s*\]|\{\s*\})"""
)


def failure(sample: str) -> Sign | None:
    """The strongest sign in the beginning of a body; None where it has none."""
    for pattern, likely in _KEYS:
        if match := pattern.search(sample):
            # In a list, or far inside, it may be about one of the things that were asked for.
            deep = sample.lstrip().startswith("[") or match.start() > ENVELOPE
            doubt = 0.6 if deep else 0.7 if _OUTCOMES.search(sample) else 1.0
            return Sign(_quoted(match), likely * doubt)
    if len(sample) <= SHORT and (match := _PHRASES.search(sample)):
        # A sentence of its own says what the answer is; a value among others may be what was asked for.
        own = sample.lstrip()[:1] not in ("{", "[", "<") or _MESSAGE.search(sample[: match.start()])
        return Sign(_quoted(match), 0.6 if _OUTCOMES.search(sample) else 0.8 if own else 0.6)
    return None


def nothing(sample: str) -> Sign | None:
    """Whether a body carries no data: `"data": null`, an empty list."""
    if match := _NOTHING.search(sample):
        return Sign(_quoted(match), 0.5)
    return Sign(sample.strip(), 0.5) if sample.strip() in ("", "[]", "{}", "null") else None


def _quoted(match: re.Match[str]) -> str:
    """What matched, on one line."""
    return " ".join(match[0].split())[:80]
