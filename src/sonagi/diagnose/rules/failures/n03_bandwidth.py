"""The network is full: bytes a second stand at a cap, answers take the longer to arrive the larger they are,
and the server has little to do."""

from collections.abc import Iterator
from statistics import fmean

from sonagi.diagnose.anatomy import DURATION
from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.diagnose.shape import elasticity
from sonagi.diagnose.signs.harm import harm
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "N03"
BEGINNING, WINDOW = 2, 4
"""Seconds: in the first of them users begin and connections are opened; what a large answer has counts in the
second in which it was complete, so several make one value."""
FLAT = 0.2
"""By how much, relatively, a cap lets bytes a second vary between quartiles: users who wait come in waves."""
RECEIVING, AWAY = 0.4, 0.6
"""Shares of the mean time: in which an answer was arriving, that passed outside the server."""
SERVER_BUSY = 0.7
"""Cores: a server that works so much may be what makes bytes come slowly."""
GENERATOR_BUSY = 0.85


def look(evidence: Evidence) -> Finding | None:
    """A rate of bytes that stands still while answers trickle in, or queue up behind each other."""
    capped, idle = _capped(evidence), evidence.measured("process.cpu", "median")
    if capped is None or (idle is not None and idle.value > SERVER_BUSY) or _generator_busy(evidence):
        return None
    follows = elasticity(evidence.signal("load.vus"), evidence.signal("load.received"))
    if follows is not None and follows > 0.3:
        return None
    pressed, sizes = follows is not None, _by_size(evidence)
    receiving, away = _receiving(evidence), _away(evidence)
    if receiving is None and (away is None or not (pressed or sizes)):
        return None
    # Users who pause make a steady rate by themselves: somebody must suffer from it, or more must not help.
    hurt = harm(evidence)
    if not pressed and not hurt.notable:
        return None
    ratios = (3.0 if idle else 1.0, 4.0 if pressed else 1.0, 3.0 if sizes else 1.0, 2.0 if away else 1.0)
    confidence = weigh(0.3, 4.0 if receiving else 1.5, *ratios, cap=cap(evidence))
    return Finding(
        CAUSE,
        Role.ROOT,
        confidence,
        Said("network.n03_title", {"rate": capped}),
        tuple(_proofs(evidence, capped, (receiving, away), sizes, pressed=pressed)),
        Said("network.n03_action"),
        weight=1.0 if pressed else hurt.share,
        onset=evidence.signal("load.received").first_at(lambda rate: rate >= (1 - FLAT) * capped.value),
        against=not_observed(evidence, "host", "process"),
        rivals=(Rival("S11", Said("network.n03_or_size")), Rival("C01", Said("network.n03_or_generator"))),
        explains=("S06",),
    )


def _capped(evidence: Evidence) -> Quantity | None:
    """Bytes a second, where most of the time saw about the same."""
    series = evidence.signal("load.received")
    begins = range(BEGINNING, len(series) - WINDOW, WINDOW)  # the last second is a part of one
    means = sorted(fmean(series.values[at : at + WINDOW]) for at in begins)
    if len(means) < 4:
        return None
    low, middle, high = (means[(len(means) - 1) * part // 4] for part in (1, 2, 3))
    if middle <= 0 or high - low > FLAT * middle or means[-1] > (1 + 2 * FLAT) * middle:
        return None
    span = f"[{series.at[BEGINNING]:g}..{series.at[-2]:g}]"
    return Quantity(middle, "B_per_s", f"low_median(means(load.received, {WINDOW})){span}")


def _receiving(evidence: Evidence) -> Quantity | None:
    """Share of the mean time in which an answer was already arriving, where that is large."""
    receiving, whole = evidence.trend("http_req_receiving").avg, evidence.trend(DURATION).avg
    if receiving is None or whole is None or receiving.value < RECEIVING * whole.value:
        return None
    share = min(receiving.value / whole.value, 1.0)
    return Quantity(share, "share", "min(http_req_receiving.avg / http_req_duration.avg, 1)")


def _away(evidence: Evidence) -> Quantity | None:
    """Share of the mean time that the server knows nothing of, where that is large."""
    inside, whole = evidence.measured("server.mean", "median"), evidence.trend(DURATION).avg
    if inside is None or whole is None or inside.value > (1 - AWAY) * whole.value:
        return None
    return Quantity(1 - inside.value / whole.value, "share", f"1 - {inside.how} / http_req_duration.avg")


def _generator_busy(evidence: Evidence) -> bool:
    """Bytes come as fast as they are read, then."""
    cpu = evidence.signal("generator.cpu").stat("median")
    return cpu is not None and cpu > GENERATOR_BUSY


def _by_size(evidence: Evidence) -> tuple[str, str] | None:
    """Names of the slowest and the quickest kind of request, where the slow one's answers are far larger."""
    sizes = {(one.method, one.name): one.sizes.avg.value for one in evidence.answers if one.sizes.avg}
    known = [
        (one.ok.avg.value, sizes[one.method, one.name], one.title)
        for one in evidence.endpoints
        if one.ok.avg and (one.method, one.name) in sizes
    ]
    if len(known) < 2:
        return None
    quick, slow = min(known), max(known)
    return (slow[2], quick[2]) if slow[0] > 3 * quick[0] and slow[1] > 5 * quick[1] else None


def _proofs(
    evidence: Evidence,
    capped: Quantity,
    parts: tuple[Quantity | None, Quantity | None],
    sizes: tuple[str, str] | None,
    *,
    pressed: bool,
) -> Iterator[Proof]:
    yield Proof(Said("network.n03_flat", {"rate": capped}), "client")
    receiving, away = parts
    if receiving is not None:
        yield Proof(Said("network.n03_receiving", {"part": receiving}), "arithmetic")
    if away is not None:
        yield Proof(Said("network.n03_away", {"part": away}), "metrics")
    if pressed:
        users = evidence.signal("load.vus")
        span = f"[{users.at[0]:g}..{users.at[-1]:g}]"
        few = Quantity(users.stat("min") or 0, "count", f"min(load.vus){span}")
        many = Quantity(users.stat("max") or 0, "count", f"max(load.vus){span}")
        yield Proof(Said("network.n03_pressed", {"few": few, "many": many}), "client")
    if sizes is not None:
        yield Proof(Said("network.n03_sizes", {"large": sizes[0], "small": sizes[1]}), "client")
    idle = evidence.measured("process.cpu", "median")
    if idle is not None:
        yield Proof(Said("network.n03_idle", {"cpu": idle}), "process")
    out = evidence.measured("host.net_out", "median")
    if out is not None:
        yield Proof(Said("network.n03_host", {"out": out}), "host")
