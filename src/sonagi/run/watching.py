"""Who watches the server's side of a run."""

from collections.abc import Callable
from typing import Protocol

from sonagi.model.sight import Sight


class Probing(Protocol):
    """Looks at the server's side each second. Whatever happens to it, the run goes on."""

    def start(self, on_sight: Callable[[Sight], None]) -> None:
        """Begin to look, before setup: what the server is like at rest is evidence too. `on_sight` hears
        each sight and may be called from any thread."""

    def stop(self) -> None:
        """Look no more; the last sight has been handed over when this returns."""
