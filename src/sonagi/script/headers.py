"""The headers of a response."""

from collections.abc import Iterator, Mapping


class Headers(Mapping[str, str]):
    """A mapping that ignores case. Values that came more than once are joined with ", "
    (RFC 9110, 5.3); `get_list` has them one by one, as Set-Cookie needs."""

    __slots__ = ("_pairs", "_values")

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._values: dict[str, tuple[str, str]] = {}
        for name, value in pairs:
            key = name.lower()
            if key in self._values:
                first, before = self._values[key]
                self._values[key] = (first, f"{before}, {value}")
            else:
                self._values[key] = (name, value)

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][1]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def get_list(self, name: str) -> list[str]:
        """All values of `name`, in the order they came."""
        return [value for other, value in self._pairs if other.lower() == name.lower()]

    def __repr__(self) -> str:
        return f"Headers({dict(self)})"
