"""Who carries what: each worker its shares of scenarios, and those of a worker that is gone. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from typing import Any

from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.segment import Segment

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Share:
    """What `worker` carries of a scenario. Times are monotonic ns."""

    id: int
    worker: int
    scenario: str
    segment: Segment
    begins_at: int
    """When the scenario begins, its start_time included."""
    since: int = 0
    """When it was taken over: what was due before was somebody else's."""
    done: int = 0
    """Of iterations that are counted, those that were made before it was taken over."""

    def to_json(self) -> dict[str, Any]:
        """The order to carry it out."""
        return asdict(self)


class Shares:
    """All shares of a run by `workers` workers: begun, ended, taken over."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self.plan = plan
        self.workers = workers
        self.open: dict[int, Share] = {}
        self.begun: set[str] = set()
        self.stopped = False
        self._made: Counter[tuple[int, str]] = Counter()
        """Iterations that a worker has told of, by (worker, scenario)."""
        self._settled: Counter[tuple[int, str]] = Counter()
        """Of those, the ones of shares that are not open any more."""
        self._ids = count()

    @property
    def to_begin(self) -> bool:
        """Whether any scenario has not begun yet and will."""
        return not self.stopped and len(self.begun) < len(self.plan.scenarios)

    @property
    def over(self) -> bool:
        """Whether nothing is left to be done, now or later."""
        return not self.open and not self.to_begin

    def begin(self, at: int, present: Sequence[int]) -> list[Share]:
        """The shares of scenarios that may begin at `at`: those that wait for no other, and those whose other
        has ended in all workers. `present` are the workers that are there."""
        found: list[Share] = []
        # Again, because a scenario that has no users here ends as it begins.
        while due := [scenario for scenario in self.plan.scenarios if self._may_begin(scenario)]:
            for scenario in due:
                self.begun.add(scenario.name)
                found += self._open(self._begun(scenario, at, present))
        return found

    def _may_begin(self, scenario: ScenarioPlan) -> bool:
        before = scenario.start_after
        if self.stopped or scenario.name in self.begun:
            return False
        return before is None or (before in self.begun and not self.carriers(before))

    def _begun(self, scenario: ScenarioPlan, at: int, present: Sequence[int]) -> Iterator[Share]:
        begins_at = at + int(scenario.start_time * SECOND)
        for worker in range(self.workers):
            segment = self.plan.share(scenario, worker, self.workers)
            share = Share(-1, worker, scenario.name, segment, begins_at)
            if worker not in present:
                yield from self._parts(share, present, 0)
            elif segment.count(scenario.vus):
                yield share

    def _open(self, shares: Iterator[Share]) -> list[Share]:
        opened = [replace(share, id=next(self._ids)) for share in shares]
        self.open |= {share.id: share for share in opened}
        return opened

    def carriers(self, scenario: str) -> list[int]:
        """The workers that carry any of a scenario now."""
        return sorted({share.worker for share in self.open.values() if share.scenario == scenario})

    def count(self, worker: int, scenario: str, iterations: int) -> None:
        """A worker told of iterations that it made."""
        self._made[worker, scenario] += iterations

    def end(self, share_id: int, made: int = 0) -> None:
        """A share has been carried out; `made` of its iterations, which may be fewer than were asked: a
        script may end its users."""
        share = self.open.pop(share_id, None)
        if share is not None:
            self._settled[share.worker, share.scenario] += made

    def stop(self) -> None:
        """No scenario begins any more, and nothing is taken over."""
        self.stopped = True

    def lose(self, worker: int, present: Sequence[int], at: int) -> list[Share]:
        """`worker` is gone: who of `present` takes over what, from `at` on."""
        lost = [share for share in self.open.values() if share.worker == worker]
        for share in lost:
            del self.open[share.id]
        if self.stopped:
            return []
        return [part for share in lost for part in self._open(self._parts(share, present, at))]

    def _parts(self, share: Share, present: Sequence[int], at: int) -> Iterator[Share]:
        """`share` dealt out to `present`; who would have nothing to do gets nothing."""
        scenario = self._scenario(share.scenario)
        users = share.segment.count(scenario.vus)
        if not users or at >= share.begins_at + int(scenario.span * SECOND):
            return
        # Iterations are counted as if users made them in turns: so everybody knows which are left.
        turns, rest = divmod(share.done + self._told(share), users)
        # An open scenario's starts go where there are users for them.
        heirs = present[:users] if scenario.is_open else present
        for index, worker in enumerate(heirs):
            segment = share.segment.part(index, len(heirs))
            own = segment.count(scenario.vus)
            done = turns * own + len(range(index, rest, len(heirs)))
            part = replace(share, worker=worker, segment=segment, since=at, done=done)
            if own and (scenario.iterations is None or self._left(part)):
                yield part

    def _told(self, share: Share) -> int:
        """Iterations of `share` that its worker has told of: those of its earlier shares of a scenario
        first."""
        key = share.worker, share.scenario
        told = min(max(self._made[key] - self._settled[key], 0), self._left(share))
        self._settled[key] += told
        return told

    def _left(self, share: Share) -> int:
        """Iterations that are asked of a share; 0 where they are not counted."""
        return max(share.segment.iterations(self._scenario(share.scenario)) - share.done, 0)

    def _scenario(self, name: str) -> ScenarioPlan:
        return next(scenario for scenario in self.plan.scenarios if scenario.name == name)
