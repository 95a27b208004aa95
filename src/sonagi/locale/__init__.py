"""Every sentence a user reads, in English and Korean. Codes, metric names and JSON stay English.

    text("problem.duration", value="5x")

The language is SONAGI_LANG's, else that of LC_ALL, LC_MESSAGES or LANG, else English. In Korean
templates `{name:은/는}` adds the particle that fits the sound of `name`.
"""

import importlib
import os
from functools import cache
from string import Formatter
from typing import Any

from sonagi.locale.particles import with_particle

LANGUAGES = ("en", "ko")

_chosen: list[str] = []


def language() -> str:
    """Either "en" or "ko"."""
    if _chosen:
        return _chosen[-1]
    for variable in ("SONAGI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"


def use(name: str | None) -> None:
    """Speak `name` from here on, whatever the environment says; None takes that back."""
    _chosen.clear()
    if name is not None:
        _chosen.append(name)


def text(key: str, /, **values: Any) -> str:
    """The sentence `key` with `values` in it. `key` begins with its area: "plan.duration"."""
    template = catalogue(language(), key.split(".", 1)[0])[key]
    return _FORMATTER.vformat(template, (), values)


def areas() -> tuple[str, ...]:
    """The areas there are: a file of sentences each, in every language's folder."""
    from pkgutil import iter_modules

    folder = importlib.import_module("sonagi.locale.en").__path__
    return tuple(sorted(module.name for module in iter_modules(folder)))


@cache
def catalogue(name: str, area: str) -> dict[str, str]:
    """One area's sentences. Loaded when one of them is wanted: help needs no more than its own."""
    messages: dict[str, str] = importlib.import_module(f"sonagi.locale.{name}.{area}").MESSAGES
    return messages


class _Sentences(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if "/" in format_spec:
            return with_particle(str(value), format_spec)
        return str(super().format_field(value, format_spec))


_FORMATTER = _Sentences()
