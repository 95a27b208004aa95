"""Memory that is never given back. What grows with the requests leaks; what only grows may fill a cache.

The floor is judged, what is left after collections, and only of the later two thirds: everything grows while
it warms up (the gate and its false alarms: diagnose.shape.growth).
"""

from collections.abc import Iterator
from itertools import pairwise

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.diagnose.shape import Growth, growth, trending
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series

CAUSE = "S25"
HEAP, RESIDENT = "jvm.heap_used", "process.rss"
LIMITS = {HEAP: "jvm.heap_max", RESIDENT: "process.memory_limit"}
MEANINGFUL = 4e6
"""Bytes of growth below which pages and buffers are all it is."""
COLLECTIONS = 3
"""A heap's floor is known after so many collections."""
FULL = 0.9
"""Of the limit: from there on, the lack of memory is felt."""


def look(evidence: Evidence) -> Finding | None:
    """A floor that keeps rising: of the heap where that is seen, else of the whole process."""
    signal = HEAP if evidence.signal(HEAP) else RESIDENT
    series = evidence.signal(signal).between(0, evidence.seconds or 0)
    grown = growth(series)
    if grown is None or grown.risen < MEANINGFUL:
        return None
    if signal == HEAP and _collections(series.between(grown.start, grown.end)) < COLLECTIONS:
        return None
    scales = _by_requests(evidence, signal, grown)
    still = _not_idle(evidence, signal, grown)
    if scales is None and _load_grows(evidence, grown):
        return None
    values = _values(evidence, signal, grown)
    limit = _until_limit(evidence, signal, grown)
    full = limit is not None and values["now"].value > FULL * limit["limit"].value
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(0.35, 3.0, 6.0 if scales else 1.0, cap=cap(evidence)),
        Said("shape.s25_leak_title" if scales else "shape.s25_growth_title", values),
        tuple(_proofs(signal, grown, values, limit, scales or still)),
        Said("shape.s25_leak_action" if scales else "shape.s25_growth_action"),
        weight=1.0 if full else 0.3,
        onset=grown.start,
        against=(*(() if scales else (Said("shape.s25_one_rate"),)), *not_observed(evidence, "metrics")),
        rivals=(Rival("S22", Said("shape.s25_or_cache")),),
        explains=("S03", "S05"),
    )


def _collections(series: Series) -> int:
    """Falls by more than a tenth from one sample to the next."""
    return sum(after < 0.9 * before for before, after in pairwise(series.values))


def _load_grows(evidence: Evidence, grown: Growth) -> bool:
    """More users need more memory: that is no leak."""
    for signal in ("load.vus", "load.requests"):
        series = evidence.signal(signal)
        third = (grown.end - grown.start) / 3
        first = series.between(grown.start, grown.start + third).stat("median")
        last = series.between(grown.end - third, grown.end).stat("median")
        if first and last and last > 1.2 * first:
            return True
    return False


def _by_requests(evidence: Evidence, signal: str, grown: Growth) -> Said | None:
    """Where the load changed: that the floor rose faster by about as much as requests came faster."""
    requests = evidence.signal("load.requests")
    steps = [
        ((after - before) / (end - start), requests.between(start, end).stat("mean") or 0.0)
        for (start, before), (end, after) in pairwise(grown.floors)
    ]
    steps.sort(key=lambda step: step[1])
    half = len(steps) // 2
    calm, busy = steps[:half], steps[-half:]
    slow, fast = (sum(step[0] for step in part) / half for part in (calm, busy))
    few, many = (sum(step[1] for step in part) / half for part in (calm, busy))
    if few <= 0 or slow <= 0 or many < 1.5 * few or abs(fast / slow - many / few) > abs(fast / slow - 1):
        return None
    how = f"(floors({signal}, {grown.each}), load.requests)[{grown.start:g}..{grown.end:g}]"
    return Said(
        "shape.s25_by_requests",
        {
            "slow": Quantity(slow, "B_per_s", f"rise_when_calm{how}"),
            "fast": Quantity(fast, "B_per_s", f"rise_when_busy{how}"),
            "few": Quantity(few, "per_s", f"rate_when_calm{how}"),
            "many": Quantity(many, "per_s", f"rate_when_busy{how}"),
        },
    )


def _not_idle(evidence: Evidence, signal: str, grown: Growth) -> Said | None:
    """That the floor stood still before the load began, or after its end."""
    series, over = evidence.signal(signal), evidence.seconds or 0
    for part in (series.between(-600, -1), series.between(over + 2, over + 600)):
        if len(part) >= 10 and trending(part).high < 0.1 * grown.low:
            return Said(
                "shape.s25_not_idle",
                {"seconds": Quantity(part.at[-1] - part.at[0], "s", f"{part.at[-1]:g} - {part.at[0]:g}")},
            )
    return None


def _values(evidence: Evidence, signal: str, grown: Growth) -> dict[str, Quantity]:
    window = f"[{grown.start:g}..{grown.end:g}]"
    requests = evidence.signal("load.requests").between(grown.start, grown.end).stat("sum") or 0
    slope, span = f"theil_sen(floors({signal}, {grown.each})){window}", f"{grown.end - grown.start:g}"
    return {
        "risen": Quantity(grown.risen, "B", f"{slope} * {span}"),
        "seconds": Quantity(grown.end - grown.start, "s", f"{grown.end:g} - {grown.start:g}"),
        "now": Quantity(grown.floors.values[-1], "B", f"last(floors({signal}, {grown.each})){window}"),
        "each": Quantity(
            grown.risen / max(requests, 1), "B", f"{slope} * {span} / sum(load.requests){window}"
        ),
        "hourly": Quantity(grown.slope * 3600, "B", f"{slope} * 3600"),
        "low": Quantity(grown.low * 3600, "B", f"{slope.replace('theil_sen', 'theil_sen_low')} * 3600"),
        "high": Quantity(grown.high * 3600, "B", f"{slope.replace('theil_sen', 'theil_sen_high')} * 3600"),
    }


def _until_limit(evidence: Evidence, signal: str, grown: Growth) -> dict[str, Quantity] | None:
    limit, used = evidence.measured(LIMITS[signal], "last"), grown.floors.values[-1]
    if limit is None or limit.value <= used:
        return None
    floors = f"(floors({signal}, {grown.each}))[{grown.start:g}..{grown.end:g}]"
    left = Quantity(
        (limit.value - used) / grown.slope, "s", f"({limit.how} - last{floors}) / theil_sen{floors}"
    )
    return {"limit": limit, "left": left}


def _proofs(
    signal: str,
    grown: Growth,
    values: dict[str, Quantity],
    limit: dict[str, Quantity] | None,
    scales: Said | None,
) -> Iterator[Proof]:
    source = "metrics" if signal == HEAP else "process"
    yield Proof(Said("shape.s25_slope", values), source, grown.start)
    if scales is not None:
        yield Proof(scales, source)
    if values["each"].value > 0:
        yield Proof(Said("shape.s25_each", values), "arithmetic")
    if limit is not None:
        yield Proof(Said("shape.s25_left", limit), "arithmetic")
