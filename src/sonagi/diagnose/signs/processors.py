"""How busy the processors are that the server may use, and with whose work."""

from dataclasses import dataclass

from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series

BUSY = 0.9
"""Share of the cores that counts as all of them: a second's sample always holds some idle moment."""
IDLE = 0.6
LONG = 0.5
"""Share of the run's seconds in which they must be busy; or `IN_A_ROW` seconds on end."""
IN_A_ROW = 5
BRIEF, FEWEST = 0.1, 3
"""Share of the run below which busy seconds on end are an episode; samples below which nothing is told."""
THROTTLED = 0.2
"""Share of a cgroup's periods that must be throttled: below, bursts explain it."""


@dataclass(frozen=True, slots=True)
class Processors:
    """`used` of `cores`, in cores, on average over the seconds under load; `busy_at` is when they began to be
    all in use, None when they never were for long."""

    used: Quantity
    cores: Quantity
    busy_at: float | None
    lasting: float
    """Share of the seconds in which they were all in use."""
    whose: str
    """process or host."""

    @property
    def share(self) -> float:
        """Of the cores, 0 to 1."""
        return self.used.value / self.cores.value


def processors(evidence: Evidence) -> Processors | None:
    """The server's own use where its process is watched, else that of all its host; None: not seen."""
    if evidence.signal("process.cpu"):
        cores = allowed(evidence)
        return None if cores is None else _use(evidence, "process.cpu", cores, 1.0, "process")
    cores = evidence.measured("host.cores", "last")
    if cores is None or not evidence.signal("host.cpu"):
        return None
    return _use(evidence, "host.cpu", cores, cores.value, "host")


def allowed(evidence: Evidence) -> Quantity | None:
    """Cores that the server may use: of the machine, by affinity, by its cgroup's quota."""
    known = (evidence.measured(name, "last") for name in ("process.cores", "cgroup.cpu_limit", "host.cores"))
    return min((one for one in known if one is not None and one.value > 0), key=_value, default=None)


def _value(quantity: Quantity) -> float:
    return quantity.value


def under_load(evidence: Evidence, signal: str) -> Series:
    """A signal from the load's first second to its last."""
    series = evidence.signal(signal)
    return series.between(0.0, evidence.seconds if evidence.seconds is not None else float("inf"))


def _use(evidence: Evidence, signal: str, cores: Quantity, scale: float, whose: str) -> Processors | None:
    series = under_load(evidence, signal)
    used = evidence.measured(signal, "mean", series.at[0], series.at[-1]) if series else None
    if used is None:
        return None

    def busy(value: float) -> bool:
        return value * scale >= BUSY * cores.value

    lasting = series.share(busy)
    # A few busy seconds of a long run, such as warming up, or the only one of a short one, are no lack.
    counts = lasting >= BRIEF and len(series) >= FEWEST
    row = series.first_at(busy, lasting=min(IN_A_ROW, len(series))) if counts else None
    busy_at = row if row is not None else series.first_at(busy) if lasting >= LONG else None
    if row is not None or lasting >= LONG:
        used = evidence.measured(signal, "mean", busy_at, series.at[-1]) or used
    scaled = used if scale == 1.0 else Quantity(used.value * scale, "cores", f"{used.how} * {cores.how}")
    return Processors(scaled, cores, busy_at, lasting, whose)


def of_others(evidence: Evidence) -> Quantity | None:
    """Cores of the server's host, on average under load, that neither its process nor the generator used:
    a database's, mostly. None where the three were not all seen."""
    cores = evidence.signal("host.cores").stat("last")
    whole, own = (under_load(evidence, name) for name in ("host.cpu", "process.cpu"))
    generator = under_load(evidence, "generator.cpu").stat("mean")
    busy, used = whole.stat("mean"), own.stat("mean")
    if cores is None or busy is None or used is None or generator is None:
        return None
    span = f"[{whole.at[0]:g}..{whole.at[-1]:g}]"
    how = f"mean(host.cpu){span} * last(host.cores) - mean(process.cpu){span} - mean(generator.cpu){span}"
    return Quantity(max(busy * cores - used - generator, 0.0), "cores", how)


def throttled(evidence: Evidence) -> float | None:
    """Since when the quota held the server back; None where it did not, or was not seen."""
    series = under_load(evidence, "cgroup.throttled")
    if series.share(lambda value: value >= THROTTLED) < 0.3:
        return None
    return series.first_at(lambda value: value >= THROTTLED, lasting=3)
