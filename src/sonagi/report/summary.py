"""The summary at the end of a run: goals first, then what a k6 user knows by heart, then why."""

from collections.abc import Iterable, Iterator

from sonagi.locale import text
from sonagi.model.result import Result
from sonagi.report import cells, findings, unseen
from sonagi.report import format as fmt
from sonagi.report.cells import Paint, Style
from sonagi.report.failures import failures
from sonagi.report.metrics import Line, aligned, observed, sections, too_few

ROOM = 30
UNSEEN = 3
"""Things that could not be watched; `sonagi explain` has all."""
MOST_READABLE = 120
"""Columns of prose; longer lines are hard to follow."""


def render(result: Result, *, width: int = 100, color: bool = False, full: bool = False) -> str:
    """The whole summary, without a trailing newline. `full` has every part of a request, and a block
    for each scenario."""
    paint = Paint(color)
    blocks = [
        list(_thresholds(result, paint, width)),
        list(_totals(result, paint, width, full)),
        *([list(_scenario(result, one.name, paint, width)) for one in result.scenarios] if full else []),
        list(_by_name(result, width)),
        list(_measured(result, width)),
        list(_failures(result, paint, width)),
        list(_errors(result, paint, width)),
        list(_notices(result, paint, width)),
        list(_measurement(result, paint, width)),
        list(_findings(result, paint, width)),
    ]
    return "\n".join("\n".join(block) + "\n" for block in blocks if block).rstrip("\n")


def _title(name: str, paint: Paint) -> str:
    return f"  █ {paint(text(f'report.{name}'), Style.STRONG)}\n"


def _thresholds(result: Result, paint: Paint, width: int) -> Iterator[str]:
    if not result.thresholds:
        return
    yield _title("thresholds", paint)
    last = None
    for threshold in result.thresholds:
        if threshold.name != last:
            if last is not None:
                yield ""
            yield f"    {threshold.name}"
            last = threshold.name
        mark = paint("✓", Style.GOOD) if threshold.ok else paint("✗", Style.BAD)
        if threshold.observed is None:
            seen = paint(text("report.no_data"), Style.WARN)
        else:
            seen = f"{threshold.aggregation}={observed(result, threshold)}"
            if " over " in threshold.source:
                seen += f" {text('report.worst_window')}"
            if (count := too_few(result, threshold)) is not None:
                seen += f" · {paint(text('report.too_few', count=count), Style.WARN)}"
            if threshold.budget_used is not None:
                seen += f" · {text('report.budget', share=fmt.percent(threshold.budget_used))}"
        told = cells.wrapped(f"{mark} '{threshold.source}' {seen}", width - 4, "  ", " · ")
        yield from (f"    {line}" for line in told)


def _totals(result: Result, paint: Paint, width: int, full: bool) -> Iterator[str]:
    yield _title("totals", paint)
    yield from _checks(result, paint)
    yield from _sections(sections(result, full=full), paint, width)


def _sections(found: Iterable[tuple[str, list[Line]]], paint: Paint, width: int) -> Iterator[str]:
    for title, lines in found:
        if lines:
            yield f"    {paint(title, Style.STRONG)}"
            yield from aligned(lines, "    ", ROOM, width)
            yield ""


def _scenario(result: Result, name: str, paint: Paint, width: int) -> Iterator[str]:
    """What one scenario measured; k6 leaves out the one that was not named."""
    if name == "default":
        return
    yield f"  █ {paint(text('report.scenario', name=name), Style.STRONG)}\n"
    yield from _sections(sections(result, full=True, within={"scenario": name}), paint, width)


def _checks(result: Result, paint: Paint) -> Iterator[str]:
    numbers = result.measurements
    rate = numbers.rate("checks")
    if rate is None:
        return
    held, total = rate
    failed = total - held
    yield f"    checks_total.......: {total:<7} {total / max(result.seconds, 1e-9):.6f}/s"
    of = text("report.out_of", total=total)
    yield f"    checks_succeeded...: {fmt.percent(held / total)} {held} {of}"
    yield f"    checks_failed......: {fmt.percent(failed / total)} {failed} {of}"
    yield ""
    names = dict.fromkeys((tags.get("group", ""), tags["check"]) for tags in numbers.series("checks"))
    for group, name in sorted(names):
        here = numbers.rate("checks", {"group": group, "check": name})
        if here is None:
            continue
        prefix = f"{group.removeprefix('::').replace('::', ' › ')} › " if group else ""
        if here[0] == here[1]:
            yield f"    {paint('✓', Style.GOOD)} {prefix}{name}"
        else:
            yield f"    {paint('✗', Style.BAD)} {prefix}{name}"
            share = here[0] * 100 // here[1]
            held_here, failed_here = (
                f"{paint('✓', Style.GOOD)} {here[0]}",
                f"{paint('✗', Style.BAD)} {here[1] - here[0]}",
            )
            yield f"      ↳  {share}% — {held_here} / {failed_here}"
    yield ""


def _by_name(result: Result, width: int) -> Iterator[str]:
    """Requests by name, where there is more than one: the slow one should not hide in the mean."""
    rows = []
    for tags in _kinds(result, "http_reqs", ("method", "name")):
        cells_ = _times(result, tags, "http_req_failed", "http_req_duration")
        if cells_:
            rows.append((f"{tags['method']} {tags['name']}", cells_))
    if len(rows) > 1:
        yield from _named("by_name", rows, width)


def _measured(result: Result, width: int) -> Iterator[str]:
    """What `measure()` timed, by name."""
    rows = []
    for tags in _kinds(result, "measure_duration", ("name",)):
        cells_ = _times(result, tags, "measure_failed", "measure_duration")
        if cells_:
            rows.append((tags["name"], cells_))
    if rows:
        yield from _named("measured", rows, width)


def _kinds(result: Result, metric: str, keys: tuple[str, ...]) -> list[dict[str, str]]:
    """The series of `metric`, told apart by `keys` only and sorted by them."""
    found = {tuple(t.get(key, "") for key in keys) for t in result.measurements.series(metric)}
    return [dict(zip(keys, values, strict=True)) for values in sorted(found)]


def _times(result: Result, tags: dict[str, str], failed: str, duration: str) -> list[str]:
    """Count, failures and percentiles of what carries `tags`; nothing where nothing was measured."""
    rate, trend = result.measurements.rate(failed, tags), result.measurements.trend(duration, tags)
    if rate is None or trend is None:
        return []
    times = [fmt.duration(trend.percentile(percent)) for percent in (50, 95, 99)]
    return [str(rate[1]), str(rate[0]), *times]


def _named(title: str, rows: list[tuple[str, list[str]]], width: int) -> Iterator[str]:
    """A table of numbers under their names; names give way where there is no room."""
    yield f"  █ {text(f'report.{title}')}\n"
    head = [text(f"report.column_{key}") for key in ("count", "failed", "p50", "p95", "p99")]
    widths = [
        max(cells.width(cell) for cell in column)
        for column in zip(head, *(row for _, row in rows), strict=True)
    ]
    room = width - sum(widths) - 2 * len(widths) - 4
    label = min(max(cells.width(name) for name, _ in rows), max(room, 20))
    for name, row in [("", head), *rows]:
        values = "".join(f"  {cells.pad_left(cell, widths[at])}" for at, cell in enumerate(row))
        yield f"    {cells.pad(cells.shorten(name, label), label)}{values}"


def _failures(result: Result, paint: Paint, width: int) -> Iterator[str]:
    found = failures(result.measurements)
    if not found:
        return
    yield _title("failures", paint)
    room = max(len(f"{failure.count:.0f}") for failure in found)
    for failure in found:
        cause = f"{failure.count:>{room}.0f} × {failure.cause}"
        name = cells.shorten(f"{failure.method} {failure.name}", max(width - cells.width(cause) - 8, 30))
        yield f"    {paint('✗', Style.BAD)} {cause}  {name}"
        sample = result.samples.get((failure.method, failure.name, failure.status))
        if sample:
            short = cells.shorten(" ".join(sample.split()), width - 8 - room)
            yield f"      {' ' * room}{paint(short, Style.FAINT)}"


def _errors(result: Result, paint: Paint, width: int) -> Iterator[str]:
    if not result.errors:
        return
    yield _title("errors", paint)
    for error in result.errors:
        times = text("report.times", count=error.count)
        told = cells.wrapped(f"{error.place}: {error.kind}: {error.message} ({times})", width - 6, "")
        yield f"    {paint('✗', Style.BAD)} {told[0]}"
        yield from (f"      {line}" for line in told[1:])
        if len(result.errors) <= 3:
            for line in error.traceback.splitlines()[-6:]:
                indent = "      " + line[: len(line) - len(line.lstrip())]
                for part in cells.wrapped(line.strip(), width - len(indent), ""):
                    yield f"{indent}{paint(part, Style.FAINT)}"


def _notices(result: Result, paint: Paint, width: int) -> Iterator[str]:
    for notice in result.notices:
        told = text(notice.key, **notice.values).splitlines()
        lines = [line for one in told for line in cells.wrapped(one, width - 4, "")]
        yield f"  {paint('!', Style.WARN)} {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])


def _measurement(result: Result, paint: Paint, width: int) -> Iterator[str]:
    """How the numbers were taken, and what part of the waiting was the generator's own."""
    generator, numbers = result.generator, result.measurements
    taken, resumed = (numbers.trend("generator_lag", {"phase": phase}) for phase in ("taken", "resumed"))
    lag = "-"
    if taken is not None and resumed is not None:
        lag = text(
            "report.lag",
            taken=fmt.duration(taken.percentile(99)),
            resumed=fmt.duration(resumed.percentile(99)),
        )
    stamps = text(f"report.stamps_{generator.stamps}")
    cpu = f"{generator.cpu_share * 100:.0f} %"
    memory = fmt.size(generator.rss_bytes)
    believed = f"{findings.verdict(result.diagnosis, paint)} · " if result.diagnosis else ""
    told = text("report.measurement", verdict=believed, stamps=stamps, cpu=cpu, rss=memory, lag=lag)
    yield from (f"  {line}" for line in cells.wrapped(told, width - 2, "  "))
    counts = {"full": result.iterations_full, "interrupted": result.iterations_interrupted}
    yield f"  {text('report.iterations', **counts, seconds=fmt.truncated(result.seconds, 1))}"
    if result.run_id is not None:
        yield f"  {text('report.kept', run=result.run_id)}"


def _findings(result: Result, paint: Paint, width: int) -> Iterator[str]:
    """What the run means: three findings at most, and what nobody looked at."""
    room = min(width, MOST_READABLE) - 4
    if result.diagnosis is not None and result.diagnosis.findings:
        yield _title("findings", paint)
        yield from (f"    {line}" for line in findings.brief(result.diagnosis, room, paint))
    for told in unseen.told(result.evidence)[:UNSEEN] if result.evidence is not None else ():
        for line in cells.wrapped(f"{text('findings.unseen')}: {told}", room, "  "):
            yield f"  {paint(line, Style.FAINT)}"
