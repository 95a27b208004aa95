"""Who may steer a run while it goes on."""

from contextlib import AbstractContextManager
from typing import Protocol


class Steered(Protocol):
    """A run that can be steered, from the thread that runs it."""

    def stop(self) -> None:
        """End gracefully; the second time, at once."""

    def hold(self) -> None:
        """Begin no iterations for now; called again, go on."""

    def change_users(self, tenths: int) -> None:
        """More users, or fewer, by tenths of the plan's."""


class Helm(Protocol):
    """Something that steers, such as the keys of a terminal."""

    def steer(self, run: Steered) -> AbstractContextManager[None]:
        """Steer `run` inside of the block; called on the loop that carries it."""
