"""The workers of a run, as far as they are there."""

from typing import Any

from sonagi.locale import text
from sonagi.run.verdict import EXIT_OTHER, Failed
from sonagi.run.workers import Workers


class Staff:
    """Who is there and who is gone. A worker is called by its number, from 0."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.present = list(range(workers.count))
        """The numbers of those that are there, in order."""
        self.busy: int | None = None
        """The one that runs setup() or teardown() now: that is taken over by nobody."""

    @property
    def count(self) -> int:
        """How many there were at first: the load is dealt out among so many."""
        return self.workers.count

    @property
    def first(self) -> int:
        """The one that runs setup() or teardown(). Raises Failed when none is left."""
        if not self.present:
            raise Failed(text("run.worker_lost"), EXIT_OTHER)
        return self.present[0]

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        self.workers.send(worker, kind, body)

    def tell(self, kind: str, body: dict[str, Any] | None = None) -> None:
        """Send a message to all that are there."""
        for worker in self.present:
            self.send(worker, kind, body)

    def lose(self, worker: int) -> bool:
        """It is gone, or will be at once; whether it was there until now."""
        if worker not in self.present:
            return False
        self.present.remove(worker)
        self.workers.kill(worker)  # one that cannot be understood any more may still make load
        return True
