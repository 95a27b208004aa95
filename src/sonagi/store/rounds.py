"""When a second of the load has been told by all workers: then it can be looked at as a whole."""


class Rounds:
    """Frames come from each worker once a second, in no order among workers, and from one that stands still
    not at all. A second is whole when every worker has told of it, at the latest when one tells of the
    next."""

    def __init__(self, workers: int = 1) -> None:
        self._latest: dict[int, int] = dict.fromkeys(range(workers), 0)
        self._open = False
        self.whole = 0
        """The last second that is."""

    def ends_before(self, number: int) -> bool:
        """A frame of second `number` has come: whether the second before it is over without those who
        lack."""
        ends = self._open and number - 1 > self.whole
        if ends:
            self.whole = number - 1
            self._open = False
        return ends

    def ends_with(self, worker: int, number: int) -> bool:
        """`worker` has told of second `number`: whether that makes it whole."""
        self._latest[worker] = max(number, self._latest.get(worker, 0))
        self._open = True
        return self._is_whole()

    def lose(self, worker: int) -> bool:
        """`worker` tells no more: whether a second is whole without it."""
        self._latest.pop(worker, None)
        return self._is_whole()

    def _is_whole(self) -> bool:
        told = min(self._latest.values(), default=0)
        if told <= self.whole:
            return False
        self.whole = told
        self._open = False
        return True
