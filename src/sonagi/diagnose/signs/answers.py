"""How large answers are, and how many of them fit into memory at a time."""

from dataclasses import dataclass
from statistics import median

from sonagi.diagnose.signs.memory import STEEP, FullMemory
from sonagi.diagnose.signs.pool import EmptyPool, empty_pool
from sonagi.diagnose.signs.processors import under_load
from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import Answers

LARGE = 5e6
"""Bytes of one answer from which on its size is a matter of its own."""
MANY = 10_000
"""Rows of one answer; a page has tens."""
LIST = 1000
"""Entries from which on an answer is large because it is a long list."""
HUGE = 10
"""Times either of them, from which on little else explains what follows."""
HEAVY = 2e6
"""Bytes of memory that one request takes, from which on it is no page that is made of it."""
HELD = 0.5e6
"""The same of all requests there were, where only those that hold a connection of the pool take any."""
COMMON = 0.05
"""Share of a request's answers that must be so large: an export now and then is none of this."""


@dataclass(frozen=True, slots=True)
class LargeAnswer:
    """The largest answers of the run: `name` is the request's, "" when unknown."""

    name: str
    bytes: Quantity | None
    rows: Quantity | None
    """Of the list that it is; None where it is not known to be one: a file cannot be paged."""
    whole: bool
    """Whether one ever came whole; else its size is what the server announced."""

    @property
    def huge(self) -> bool:
        """Whether it is ten times what would be large."""
        size, rows = self.bytes.value if self.bytes else 0.0, self.rows.value if self.rows else 0.0
        return size >= HUGE * LARGE or rows >= HUGE * MANY


@dataclass(frozen=True, slots=True)
class Heavy:
    """What a request takes of memory at least: `grown` bytes for `requests`, those under way counted too;
    `pooled`, when those are all that could hold a connection at a time."""

    each: Quantity
    grown: Quantity
    requests: Quantity
    pooled: bool

    @property
    def huge(self) -> bool:
        """Whether it is ten times what would be much."""
        return self.each.value >= HUGE * HEAVY


def large_answer(evidence: Evidence) -> LargeAnswer | None:
    """None where answers are of usual size, or where their size is not known. Where no answer of a request
    came, those that it had in the run before count."""
    found = _largest(evidence, "")
    if found is None and evidence.before is not None:
        before = _largest(evidence.before, "before.")
        names = {endpoint.title for endpoint in evidence.endpoints}
        found = before if before is not None and before.name in names else None
    rows = _counted_rows(evidence)
    if found is None:
        return None if rows is None else LargeAnswer("", None, rows, False)
    return LargeAnswer(found.name, found.bytes, rows or found.rows, found.whole)


def _counted_rows(evidence: Evidence) -> Quantity | None:
    """Rows that somebody counted in the database, or that its log tells of."""
    if evidence.rows is not None and evidence.rows >= MANY:
        return Quantity(evidence.rows, "count", "rows")
    sent = [
        float(values[2])
        for template in evidence.log
        if "Rows_sent" in template.sample
        for values in template.values
        if len(values) >= 4 and values[2].isdigit()
    ]
    most = median(sent) if sent else 0.0
    return Quantity(most, "count", "median(log.rows_sent where log.duration >= 0)") if most >= MANY else None


def _largest(evidence: Evidence, prefix: str) -> LargeAnswer | None:
    large = [one for one in evidence.answers if _is_large(one)]
    if not large:
        return None
    worst = max(large, key=lambda one: _size(one)[0])
    name, what = worst.title, f"{prefix}answers[{worst.title} {worst.status}]"
    size, field = _size(worst)
    items = max((body.items or 0 for body in worst.bodies), default=0)
    rows = Quantity(items, "count", f"{what}.items") if items >= LIST else None
    whole = worst.sizes.max is not None and worst.sizes.max.value >= size
    return LargeAnswer(name, Quantity(size, "B", f"{what}.{field}"), rows, whole)


def _size(answers: Answers) -> tuple[float, str]:
    """What one answer has: the largest that was announced, or that came."""
    came = answers.sizes.max.value if answers.sizes.max else 0.0
    announced = float(answers.announced or 0)
    return (announced, "announced") if announced > came else (came, "sizes.max")


def _is_large(answers: Answers) -> bool:
    """Whether large answers are usual for this request; one that never came whole stands for the others."""
    size, field = _size(answers)
    if size < LARGE and not any((body.items or 0) >= MANY for body in answers.bodies):
        return False
    came = answers.sizes.max.value if answers.sizes.max else 0.0
    typical = answers.sizes.avg or answers.sizes.med
    return (field == "announced" and size > came) or typical is None or typical.value >= COMMON * size


def heavy(evidence: Evidence) -> Heavy | None:
    """Memory that rises by megabytes for each request there was until then. A leak takes kilobytes each, and
    warming up is over after a few."""
    series = under_load(evidence, "process.rss")
    first, most = evidence.signal("process.rss").stat("first"), series.stat("max")
    if first is None or most is None or most < STEEP * first:
        return None
    peak = series.first_at(lambda value: value == most)
    started = evidence.signal("load.requests").between(0.0, peak or 0.0)
    requests = (started.stat("sum") or 0.0) + evidence.users
    grown = Quantity(most - first, "B", f"max(process.rss)[0..{peak:g}] - first(process.rss)")
    pool = empty_pool(evidence)
    at_once = pool.maximum if pool and pool.maximum and pool.maximum.value else None
    if not started or grown.value < (HEAVY if at_once is None else HELD) * requests:
        return None
    until = at_once or Quantity(requests, "count", f"sum(load.requests)[0..{peak:g}] + users")
    each = Quantity(grown.value / until.value, "B", f"({grown.how}) / ({until.how})")
    return Heavy(each, grown, until, at_once is not None) if each.value >= HEAVY else None


def fitting(
    evidence: Evidence, memory: FullMemory | None, pool: EmptyPool | None
) -> tuple[Quantity, Quantity] | None:
    """How many such answers at a time do not fit into memory any more, and what one takes while it is made.

    By one user's run before: limit / growth. Else by this one: as many as held a connection did not fit,
    and each had had its part of the limit.
    """
    if memory is None or memory.limit is None or memory.began is None:
        return None
    room = memory.limit.value - memory.began.value
    before = evidence.before
    if before is not None and before.users == 1:
        first, peak = before.measured("process.rss", "first"), before.measured("process.rss", "max")
        if first is not None and peak is not None and peak.value - first.value > 0.05 * memory.limit.value:
            growth = peak.value - first.value
            how = f"before.{peak.how} - before.{first.how}"
            many = Quantity(
                int(room / growth) + 1,
                "count",
                f"floor(({memory.limit.how} - {memory.began.how}) / ({how})) + 1",
            )
            return many, Quantity(growth, "B", how)
    if pool is None or pool.active is None or not pool.active.value or not memory.reached:
        return None
    each = Quantity(
        room / pool.active.value, "B", f"({memory.limit.how} - {memory.began.how}) / {pool.active.how}"
    )
    return pool.active, each
