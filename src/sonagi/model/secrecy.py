"""What in a text looks like a secret: told by what stands around it, since nobody said that it is one.

What a script has read as a secret is known by its value and blotted out by the core
(`sonagi.script.secrets`). This is for text from elsewhere: answers, log lines, tracebacks, addresses.
"""

import re
from functools import lru_cache

BLOT = "***"

_WORDS = (
    r"password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?"
)
_HEADERS = r"(?:proxy-)?authorization|(?:set-)?cookie2?|x-api-key|x-auth-token|x-csrf-token"
_SESSIONS = r"j?session[_-]?id|phpsessid|sid"
# What stands between a name and its value in a header, a query, JSON and Python.
_BETWEEN = r"[\\\"']{0,2}\s*[:=]\s*(?:[bru]?[\\\"']{1,2})?"

# To the end of its string where it is in one, else to the end of the word.
_VALUE = r"(?:(?<=[\"'])[^\\\"'\r\n]+|[^\s\\\"'&;,<>(){}\[\]]+)"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # RFC 3986, 3.2.1: name and password before an address.
    (re.compile(r"(://)[^\s/?#\\\"'<>@]*@"), rf"\1{BLOT}@"),
    # A header's value goes on to the end of its line or of its string.
    (re.compile(rf"(?i)\b((?:{_HEADERS}){_BETWEEN})[^\r\n\\\"']+"), rf"\1{BLOT}"),
    (re.compile(rf"(?i)((?:{_WORDS}){_BETWEEN}){_VALUE}"), rf"\1{BLOT}"),
    (re.compile(rf"(?i)((?<![a-z])(?:{_SESSIONS}){_BETWEEN}){_VALUE}"), rf"\1{BLOT}"),
    # A line of Python in a traceback.
    (re.compile(r"(?i)\b(auth\s*=\s*\(|(?:bearer|basic|digest)\()[^)\r\n]*"), rf"\1{BLOT}"),
    # "Basic" and "Bearer" are English words too: what follows has to look drawn at random.
    (re.compile(r"(?i)\b(bearer|basic)\s+(?=\S*[0-9=+/._-])[a-z0-9+/._~-]{6,}=*"), rf"\1 {BLOT}"),
    # A JSON Web Token (RFC 7519): two parts of JSON in base64, and a signature.
    (re.compile(r"\beyJ[\w-]{6,}\.eyJ[\w-]{6,}\.[\w-]*"), BLOT),
)
_NAME = re.compile(rf"(?i)(?:{_WORDS}|{_HEADERS}|(?<![a-z])(?:{_SESSIONS}|pass|auth|key|dsn))s?$")


@lru_cache(4096)  # names, methods and kinds come again each second, from every worker
def without_secrets(text: str) -> str:
    """`text` with passwords, tokens, cookies and the like blotted out."""
    for pattern, blotted in _PATTERNS:
        text = pattern.sub(blotted, text)
    return text


def names_a_secret(name: str) -> bool:
    """Whether a variable or header of this name holds one: `DB_PASSWORD`, `GITHUB_TOKEN`, `X-Api-Key`; but
    not `TOKEN_URL`."""
    return _NAME.search(name) is not None
