"""Secrets blotted out of what a server writes: a log is quoted in reports that others read."""

import re

BLOT = "***"

_NAMES = (
    r"[\w-]*(?:passw(?:or)?d|passwd|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[\w-]*"
    r"|[\w-]*token|jsessionid|session[_-]?id|sid"
)
_SECRETS = (
    # The whole of a header: name and password of Basic are one word, a cookie has many parts.
    re.compile(r"(?i)((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|digest|token)\s+)?)[^\s\"',;]+"),
    re.compile(r"(?i)((?:set-)?cookie2?[\"']?\s*[:=]\s*[\"']?)[^\"'\r\n\]}]+"),
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9+/=._~-]{8,}"),
    re.compile(rf"(?i)(\b(?:{_NAMES})[\"']?\s*(?:=>|[:=])\s*)(?:\"[^\"]*\"|'[^']*'|[^\s\"',;&)\]}}]+)"),
    re.compile(r"(?i)(\bidentified by\s+)(?:\"[^\"]*\"|'[^']*'|\S+)"),
    # user:password@host of any URL.
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),
    # JSON Web Tokens, wherever they stand.
    re.compile(r"()\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"),
    # Keys that say themselves what they are: of AWS, GitHub, Slack, Stripe, Google.
    re.compile(r"()\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|xox[abpr]-[\w-]{10,}|[sr]k_(?:live|test)_\w{10,}|AIza[\w-]{30,})"),
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)", re.DOTALL),
)  # fmt: skip


def mask(text: str) -> str:
    """The text with `***` for passwords, tokens, keys, and the values of Authorization and Cookie."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: found[1] + BLOT, text)
    return text
