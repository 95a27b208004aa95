"""Measuring anything that is no HTTP request: a database, a broker, a browser."""

from collections.abc import Mapping
from types import TracebackType

from sonagi._core import current_scope, now_ns

MS = 1e-6


class measure:  # noqa: N801 (used as `with measure("name"):`, like a statement)
    """`with measure("SELECT seats"): …` records how long the block took in `measure_duration` (ms) and
    whether it raised in `measure_failed`, both with the tag `name`. The exception goes on. Call
    `failed()` inside for what went wrong without one:

        with measure("redis GET") as get:
            if await redis.get(key) is None:
                get.failed()
    """

    __slots__ = ("_failed", "_scope", "_started", "_tags")

    def __init__(self, name: str, tags: Mapping[str, str] | None = None) -> None:
        self._tags = [("name", name), *((key, str(value)) for key, value in (tags or {}).items())]
        self._failed = False

    def failed(self) -> None:
        """It went wrong, although nothing was raised."""
        self._failed = True

    def __enter__(self) -> "measure":
        scope = current_scope()
        if scope is None:
            raise RuntimeError("measure() belongs into a scenario's function, setup() or teardown()")
        self._scope = scope
        self._started = now_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Cut off from outside (CancelledError and the like): it did not end, so there is no time to tell.
        if kind is not None and not issubclass(kind, Exception):
            return
        took = (now_ns() - self._started) * MS
        failed = 1.0 if self._failed or kind is not None else 0.0
        self._scope.record("measure_duration", "trend", "time", took, self._tags)
        self._scope.record("measure_failed", "rate", "default", failed, self._tags)
