"""A server's log as evidence: what its lines say, how often, when, and when it said nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sonagi.model.evidence import Evidence
from sonagi.model.series import Series
from sonagi.model.traffic import LogTemplate
from sonagi.probes.line_times import claimed
from sonagi.probes.records import Record, Records
from sonagi.probes.templates import VALUES, Templates, level
from sonagi.readers.silences import Silences

BEFORE, AFTER = 600.0, 120.0
"""Seconds around a run in which lines belong to it: before it they are background, after it consequences."""
MOST_SECONDS = 20_000
"""Seconds that are told apart of one template's lines; the latest, where there are more."""
QUARTER, FARTHEST = 900.0, 14 * 3600.0
"""Offsets of time zones are whole quarters of an hour."""
_SQL = (b"org.hibernate.SQL", b"\nHibernate: ", b"sqlalchemy.engine.Engine")
"""What frameworks put before each statement when they write all of them."""


def is_log_line(text: str) -> bool:
    """Whether a line begins with a time and names a level, as most servers' do."""
    return level(text) != "" and claimed(text, datetime.now(UTC).year) is not None


@dataclass(slots=True)
class _Kept:
    """Lines of one template."""

    first: LogTemplate
    count: int = 0
    since: float | None = None
    seconds: Counter[int] = field(default_factory=Counter)
    values: list[tuple[str, ...]] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)


class LogBook:
    """Lines of one log, put together by what they say; in bounded memory, however long it is. All its times
    are those that its lines claim, in seconds since 1970."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.silences = Silences(datetime.now(UTC).year)
        self.shows_sql = False
        self._records = Records()
        self._templates = Templates(name)
        self._kept: dict[tuple[str, str], _Kept] = {}

    def __bool__(self) -> bool:
        return bool(self._kept) or self.silences.first is not None

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """A part of the log, in its order; the `last` one completes the record that waits for more."""
        self.silences.feed(data + b"\n" if last else data)
        self.shows_sql = self.shows_sql or any(sign in data for sign in _SQL)
        now = self.silences.last
        for record in self._records.feed(data, now or 0.0, last=last):
            self._add(record)
        for told in self._templates.take():
            self._keep(told)

    def feed_lines(self, lines: Iterable[str]) -> None:
        """All lines of a log that is quoted somewhere."""
        self.feed("".join(f"{line}\n" for line in lines).encode(), last=True)

    def _add(self, record: Record) -> None:
        told = claimed(record.text, self.silences.year)
        at = told[0] if told else record.read_at
        self._templates.add(record, at, at)

    def _keep(self, told: LogTemplate) -> None:
        """Put what was counted now to what was before. Templates are few; `probes.templates` sees to it."""
        kept = self._kept.setdefault((told.signature, told.text), _Kept(told))
        kept.count += told.count
        at = told.first_at
        if at:
            kept.since = at if kept.since is None else min(kept.since, at)
            kept.seconds[int(at // 1)] += told.count
            if len(kept.seconds) > MOST_SECONDS:
                for second in sorted(kept.seconds)[: MOST_SECONDS // 2]:
                    del kept.seconds[second]
        room = VALUES - len(kept.values)
        kept.values += told.values[:room]
        kept.stamps += told.stamps[:room]

    def covers(self, evidence: Evidence) -> bool:
        """Whether any of it was written while `evidence` was made, or that can't be told."""
        first, last = self.silences.first, self.silences.last
        if evidence.began is None or first is None or last is None:
            return True
        shift = self._shift(evidence)
        return first + shift <= _end(evidence) + AFTER and last + shift >= evidence.began - BEFORE

    def added_to(self, evidence: Evidence) -> Evidence:
        """`evidence` with what this log says of it."""
        if not self:
            return evidence
        shift = self._shift(evidence)
        placed = (self._placed(kept, evidence, shift) for kept in self._kept.values())
        return replace(
            evidence,
            seen=evidence.seen | {"log"},
            log=evidence.log + tuple(one for one in placed if one is not None),
            silences=evidence.silences + self.silences.within(*_window(evidence, 0.0), shift),
            settings={**evidence.settings, **({"show_sql": "true"} if self.shows_sql else {})},
        )

    def _shift(self, evidence: Evidence) -> float:
        """Seconds to add to stamps that name no zone: those of the zone in which the log lies most in the
        run, the nearest to UTC of several."""
        first, last = self.silences.first, self.silences.last
        if self.silences.zoned or evidence.began is None or first is None or last is None:
            return 0.0
        began, ended = evidence.began, _end(evidence)

        def shared(shift: float) -> float:
            return min(last + shift, ended) - max(first + shift, began)

        steps = int(FARTHEST / QUARTER)
        shifts = (step * QUARTER for step in range(-steps, steps + 1))
        return max(shifts, key=lambda shift: (shared(shift), -abs(shift)))

    def _placed(self, kept: _Kept, evidence: Evidence, shift: float) -> LogTemplate | None:
        """A template on the run's clock; None for one that has no line near the run."""
        first_at, by_second, count = None, Series(), kept.count
        if evidence.began is not None and kept.since is not None:
            offset = shift - evidence.began
            low, high = _window(evidence, -evidence.began)
            near = sorted(
                (at + offset, float(n)) for at, n in kept.seconds.items() if low <= at + offset <= high
            )
            if not near:
                return None
            by_second = Series(tuple(at for at, _ in near), tuple(number for _, number in near))
            count, first_at = round(sum(by_second.values)), max(near[0][0], kept.since + offset)
        values, stamps = tuple(kept.values), tuple[float, ...]()
        if kept.values and all(kept.stamps):
            # What other runs' lines said is no evidence of this one.
            low, high = _window(evidence, 0.0)
            pairs = [
                (values, at + shift)
                for values, at in zip(kept.values, kept.stamps, strict=False)
                if low <= at + shift <= high
            ]
            values, stamps = tuple(one for one, _ in pairs), tuple(at for _, at in pairs)
        return replace(
            kept.first, count=count, first_at=first_at, by_second=by_second, values=values, stamps=stamps
        )


def _end(evidence: Evidence) -> float:
    return (evidence.began or 0.0) + (evidence.seconds or 0.0)


def _window(evidence: Evidence, plus: float) -> tuple[float, float]:
    """From when to when lines belong to a run, without bounds where it has no clock."""
    if evidence.began is None:
        return float("-inf"), float("inf")
    return evidence.began - BEFORE + plus, _end(evidence) + AFTER + plus
