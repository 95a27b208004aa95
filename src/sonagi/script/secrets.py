"""Secrets: read where they are kept, and blotted out wherever a test would show them.

    key = secrets.get("API_KEY")                          # the environment
    key = secrets.get("API_KEY", file="/run/secrets/key")
    key = secrets.get("API_KEY", command="pass show api-key")

Whatever was read here is replaced by *** in names, URLs and errors of the results, in exceptions with their
tracebacks, in what setup() returned, and in what the script prints.
"""

import base64
import json
import os
import shlex
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from sonagi._core import hide
from sonagi.locale import text
from sonagi.model.secrecy import names_a_secret
from sonagi.plan.plan import Plan

# What a URL's path leaves as it is (WHATWG URL, path percent-encode set).
_IN_PATHS = "!$%&'()*+,-./:;=@[\\]^_|~"
SHORTEST = 4
"""Shorter text would be blotted out everywhere by chance."""
GUESSED = 6
"""So too where only a name says that it is one: AUTH=true."""


class SecretError(Exception):
    """A secret that cannot be had."""


def get(name: str, *, file: str | None = None, command: str | None = None) -> str:
    """The secret `name`: the first line of `file`, what `command` prints (no shell), or else the variable
    of that name. Raises SecretError."""
    if file is not None and command is not None:
        raise SecretError(text("script.secret_both", name=name))
    secret = (
        _from_file(name, file)
        if file
        else _from_command(name, command)
        if command
        else _from_environment(name)
    )
    if len(secret) < SHORTEST:
        raise SecretError(text("script.secret_short", name=name, count=len(secret), least=SHORTEST))
    _hide(secret, SHORTEST)
    return secret


def hide_those_of(plan: Plan) -> None:
    """Blot out what a plan itself says that must be secret by its name: variables of the script, and the
    headers, credentials and address of a request without one."""
    for variables in (plan.env, *(scenario.env for scenario in plan.scenarios)):
        for name, value in variables.items():
            if names_a_secret(name):
                _hide(value)
    for request in (scenario.request for scenario in plan.scenarios if scenario.request):
        for name, value in dict(request.get("headers") or {}).items():
            if names_a_secret(name):
                _hide(value)
                _hide(value.partition(" ")[2])  # without its scheme: "Bearer"
        if request.get("auth"):
            user, password = request["auth"]
            _hide(password)
            _hide(f"{user}:{password}")
        address = urlsplit(str(request.get("url", "")))
        _hide(address.password or "")
        for name, value in parse_qsl(address.query):
            if names_a_secret(name):
                _hide(value)


def _hide(secret: str, shortest: int = GUESSED) -> None:
    if len(secret) >= shortest:
        for form in _forms(secret):
            hide(form)


def _from_environment(name: str) -> str:
    secret = os.environ.get(name)
    if secret is None:
        raise SecretError(text("script.secret_missing", name=name))
    return secret


def _from_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(text("script.secret_unread", name=name, path=path, reason=error)) from None
    except IndexError:
        raise SecretError(text("script.secret_empty", name=name, path=path)) from None


def _from_command(name: str, command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 (the script's author says what to run)
            shlex.split(command),
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip() or f"exit code {error.returncode}"
        raise SecretError(text("script.secret_failed", name=name, command=command, reason=said)) from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise SecretError(text("script.secret_unrun", name=name, command=command, reason=error)) from None
    return done.stdout.strip()


def _forms(secret: str) -> set[str]:
    """How a secret may be written: as it is, in JSON, in a URL, in base64."""
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    quoted = {quote(secret, safe=safe) for safe in ("", "/", _IN_PATHS)} | {quote_plus(secret)}
    return {secret, *escaped, *quoted, encoded}
