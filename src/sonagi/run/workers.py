"""What the coordinator needs of workers, wherever they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """Something a worker said. `kind` is the protocol's letter, "log" for a line it printed, or
    "gone" when it ended (payload: why)."""

    worker: int
    kind: str
    payload: bytes


class Workers(Protocol):
    """One or more workers. Local processes keep this, and so will those on other machines."""

    count: int

    @property
    def pids(self) -> Sequence[int]:
        """Processes on this machine that make load, as far as they have started."""

    async def start(self, count: int = 1) -> None:
        """Be `count` workers. May be called with fewer before there is a plan, to save time, and again. One
        that cannot start is "gone"."""

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        """Send a message; to a worker that is gone it is dropped."""

    async def receive(self) -> Message:
        """The next thing that a worker says; in order for each of them. May be cancelled."""

    def kill(self, worker: int | None = None) -> None:
        """End one of them now, or all; one that has ended stays as it is."""

    async def close(self) -> Sequence[Message]:
        """Wait until none is left; gives what they have said since they were last heard."""
