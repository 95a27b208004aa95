"""Groups: what belongs together in a script, told apart in the results."""

from types import TracebackType

from sonagi._core import current_scope, enter_scope, leave_scope, now_ns

MS = 1e-6


class group:  # noqa: N801 (used as `with group("name"):`, like a statement)
    """`with group("buy a ticket"): …` tags everything inside with its path, `::buy a ticket`, and
    records how long it took in `group_duration` (ms). Groups nest. Raises ValueError for a name
    that contains "::"."""

    __slots__ = ("_inner", "_name", "_started", "_token")

    def __init__(self, name: str) -> None:
        if "::" in name:
            raise ValueError(f'group {name!r}: a name may not contain "::"')
        self._name = name

    def __enter__(self) -> None:
        outer = current_scope()
        if outer is None:
            raise RuntimeError("group() belongs into a scenario's function, setup() or teardown()")
        self._inner = outer.inner(self._name)
        self._token = enter_scope(self._inner)
        self._started = now_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inner.record("group_duration", "trend", "time", (now_ns() - self._started) * MS)
        leave_scope(self._token)
