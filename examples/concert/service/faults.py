"""What the service can be told to do wrong: the faults that the first load test found in the original."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """All off: the service is healthy."""

    unpaged: bool = False
    """The list of concerts reads every row and sends them all."""
    errors_as_200: bool = False
    """What the service refuses goes out with HTTP status 200, and in always the same words."""
    racy_tokens: bool = False
    """A token is looked for and then inserted, and no unique key stops a second one."""
