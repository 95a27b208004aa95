"""A virtual user, as its script sees it."""

import random
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from itertools import count
from typing import Any

from sonagi._core import Engine, Scope, new_scope
from sonagi.plan.segment import Segment


class StopUser(Exception):
    """`raise StopUser` ends the user that raises it; the iteration under way does not count."""


class Numbering:
    """Numbers of a scenario's iterations: each is there only once, in all workers together. `draw` gives what
    number of its `segment` the iteration that begins has; `first` is that of the first one."""

    __slots__ = ("draw", "first", "segment")

    def __init__(self, segment: Segment, draw: Callable[[], int], first: int = 0) -> None:
        self.segment = segment
        self.draw = draw
        self.first = first


UNNUMBERED = Numbering(Segment(), count().__next__)


class Tags(MutableMapping[str, str]):
    """A user's own tags: everything it measures from now on carries them."""

    __slots__ = ("_scope", "_tags")

    def __init__(self, scope: Scope, tags: Mapping[str, str]) -> None:
        self._scope = scope
        self._tags = dict(tags)
        if tags:
            scope.set_tags(list(self._tags.items()))

    def __getitem__(self, name: str) -> str:
        return self._tags[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._tags[name] = str(value)
        self._scope.set_tags(list(self._tags.items()))

    def __delitem__(self, name: str) -> None:
        del self._tags[name]
        self._scope.set_tags(list(self._tags.items()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags)

    def __len__(self) -> int:
        return len(self._tags)


class Vu:
    """The argument of a scenario's function.

    - `id`: from 1, unique in the whole run; `iteration`: from 0, of this user
    - `iteration_in_test`: from 0, of its scenario: no two iterations of all users have the same
    - `scenario`: its name; `data`: what setup() returned; `env`: the scenario's own variables
    - `tags`: tags for all that this user measures from now on
    - `state`: a dict for whatever should outlive an iteration
    - `random`: a random.Random of this user's own, the same in each run with the same seed
    """

    __slots__ = (
        "_random",
        "_seed",
        "_state",
        "_tags",
        "data",
        "drawn",
        "env",
        "id",
        "numbering",
        "scenario",
        "scope",
    )

    def __init__(
        self,
        engine: Engine,
        index: int,
        vu_id: int,
        scenario: str,
        seed: int,
        *,
        group: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.id = vu_id
        self.scenario = scenario
        self.data: Any = None
        self.env: Mapping[str, str] = {}
        self.scope = new_scope(engine, index, self, scenario, group)
        self.numbering = UNNUMBERED
        self.drawn = -1
        self._seed = seed
        self._tags = Tags(self.scope, tags) if tags else None
        self._state: dict[str, Any] | None = None
        self._random: random.Random | None = None

    @property
    def iteration(self) -> int:
        return self.scope.iteration

    @property
    def iteration_in_test(self) -> int:
        return self.numbering.segment.number(self.drawn) if self.drawn >= 0 else -1

    # Made when first asked for: a generator alone is 2.5 KB, and there may be 10,000 users.

    @property
    def tags(self) -> Tags:
        if self._tags is None:
            self._tags = Tags(self.scope, {})
        return self._tags

    @property
    def state(self) -> dict[str, Any]:
        if self._state is None:
            self._state = {}
        return self._state

    @property
    def random(self) -> random.Random:
        if self._random is None:
            self._random = random.Random(f"{self._seed}:{self.id}")
        return self._random

    def __repr__(self) -> str:
        return f"<Vu {self.id} of {self.scenario}, iteration {self.iteration}>"
