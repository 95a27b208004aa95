"""What is shown while a run goes on: a block that is redrawn in a terminal, plain lines elsewhere."""

import sys
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.live import Live as RichLive
from rich.text import Text

from sonagi.locale import text
from sonagi.model.result import Notice, ScenarioInfo
from sonagi.model.watcher import LiveSample
from sonagi.plan.duration import format_duration
from sonagi.report import cells
from sonagi.report import format as fmt

BAR = 24
NAME = 20
"""Columns of a bar, and of its scenario's name at most."""
EVERY = 5
"""Seconds between plain lines."""


def describe(scenario: ScenarioInfo) -> str:
    """One scenario as it is planned, in a line."""
    values = {
        "vus": scenario.vus,
        "iterations": scenario.iterations,
        "duration": format_duration(scenario.span),
        "stages": len(scenario.stages or scenario.rates),
        "rate": fmt.number(max((rate for _, rate in scenario.rates), default=0.0)),
        "starts": scenario.starts,
        "users": _users(scenario),
        "grace": format_duration(scenario.graceful_stop),
    }
    return text(f"report.scenario_{scenario.executor.replace('-', '_')}", **values)


def _users(scenario: ScenarioInfo) -> str:
    """Who begins the iterations of an open model."""
    if scenario.sessions:
        return text("report.users_visiting")
    return text("report.users_at_most" if scenario.drops else "report.users_as_needed", vus=scenario.vus)


def status(sample: LiveSample) -> str:
    """One second, in a line."""
    p95 = "-" if sample.p95_ms is None else fmt.duration(sample.p95_ms)
    done = (
        f"{sample.iterations}"
        if sample.iterations_total is None
        else f"{sample.iterations}/{sample.iterations_total}"
    )
    return text(
        "report.status",
        vus=sample.vus,
        iterations=done,
        rate=f"{sample.requests_per_second:.0f}",
        p95=p95,
        failed=fmt.percent(sample.failed_share),
    )


def server(signals: Mapping[str, float]) -> str:
    """What is seen of the server's side, in a line; "" when that is nothing."""
    parts = [_cpu(signals), _memory(signals), _network(signals), _pool(signals)]
    seen = " · ".join(filter(None, parts))
    return text("report.server", parts=seen) if seen else ""


def _cpu(signals: Mapping[str, float]) -> str:
    """Of the cores that the process may use; of the host's where no process is watched."""
    used, cores = signals.get("process.cpu"), signals.get("process.cores") or 1.0
    share = used / cores if used is not None else signals.get("host.cpu")
    return "" if share is None else text("report.server_cpu", cpu=f"{share * 100:.0f} %")


def _memory(signals: Mapping[str, float]) -> str:
    used, limit = signals.get("process.rss"), signals.get("process.memory_limit")
    if used is None:
        return ""
    if limit is None:
        return text("report.server_rss", used=fmt.size(used))
    return text("report.server_memory", used=fmt.size(used), limit=fmt.size(limit))


def _network(signals: Mapping[str, float]) -> str:
    rates = [signals[name] for name in ("host.net_in", "host.net_out") if name in signals]
    return text("report.server_network", rate=f"{fmt.size(max(rates))}/s") if rates else ""


def _pool(signals: Mapping[str, float]) -> str:
    if "pool.active" not in signals or "pool.max" not in signals:
        return ""
    values = {"active": f"{signals['pool.active']:.0f}", "most": f"{signals['pool.max']:.0f}"}
    waiting = signals.get("pool.pending", 0.0)
    if not waiting:
        return text("report.server_pool", **values)
    return text("report.server_waiting", **values, waiting=f"{waiting:.0f}")


def progress(scenario: ScenarioInfo, sample: LiveSample) -> float:
    """How far a scenario has come, 0 to 1: by time, or by iterations where that is farther."""
    shares = [0.0]
    if scenario.span:
        shares.append((sample.elapsed - scenario.starts_at) / scenario.span)
    if scenario.iterations_asked:
        shares.append(sample.iterations_by_scenario.get(scenario.name, 0) / scenario.iterations_asked)
    return min(max(shares), 1.0)


class Live:
    """A Watcher that shows a run in a terminal, or as plain lines in a file or pipe; with `keys`, what they
    do is told too."""

    def __init__(
        self, *, color: bool = True, quiet: bool = False, keys: bool = False, out: TextIO | None = None
    ) -> None:
        self.console = Console(file=out or sys.stderr, no_color=not color, highlight=False, soft_wrap=True)
        self.quiet = quiet
        self.keys = keys
        self.block: RichLive | None = None
        self.scenarios: tuple[ScenarioInfo, ...] = ()
        self.planned = 0.0
        self.told = 0.0

    def started(self, script: str, scenarios: tuple[ScenarioInfo, ...]) -> None:
        if self.quiet:
            return
        self.scenarios = scenarios
        self.planned = max(scenario.starts_at + scenario.span for scenario in scenarios)
        if script:
            self._print(text("report.script", script=script))
        for scenario in scenarios:
            self._tell(f"* {scenario.name}: {describe(scenario)}", "  ")
        self._print("")
        if self.console.is_terminal:
            self.block = RichLive(console=self.console, auto_refresh=False, transient=True)
            self.block.start()

    def second(self, sample: LiveSample) -> None:
        if self.quiet:
            return
        if self.block is not None:
            self.block.update(Text(self._block(sample)), refresh=True)
        elif sample.elapsed - self.told >= EVERY:
            self.told = sample.elapsed
            self._print(
                " · ".join(filter(None, [f"{self._clock(sample)}  {status(sample)}", server(sample.server)]))
            )

    def _block(self, sample: LiveSample) -> str:
        """A bar for each scenario, and below them what is true of all."""
        names = max(cells.width(scenario.name) for scenario in self.scenarios)
        lines = [self._bar(scenario, sample, min(names, NAME)) for scenario in self.scenarios]
        told = [f"{self._clock(sample)}  {status(sample)}"]
        told += filter(None, [server(sample.server)])
        told += [text("report.held")] if sample.held else []
        told += [text("report.keys")] if self.keys else []
        room = self.console.width - 2
        lines += [f"  {line}" for part in told for line in cells.wrapped(part, room, "", " · ")]
        return "\n".join(lines)

    def _clock(self, sample: LiveSample) -> str:
        return f"{fmt.clock(sample.elapsed)} / {fmt.clock(self.planned)}"

    def _bar(self, scenario: ScenarioInfo, sample: LiveSample, room: int) -> str:
        share = progress(scenario, sample)
        filled = int(share * BAR)
        bar = "█" * filled + "░" * (BAR - filled)
        done: int | str = sample.iterations_by_scenario.get(scenario.name, 0)
        if scenario.iterations_asked is not None:
            done = f"{done}/{scenario.iterations_asked}"
        name = cells.pad(cells.shorten(scenario.name, room), room)
        return f"  {name}  {bar} {share:4.0%}  {text('report.progress', iterations=done)}"

    def log(self, text: str) -> None:
        self._print(text)

    def notice(self, notice: Notice) -> None:
        if not self.quiet:
            # The rest of a long one, such as a traceback, is in the summary.
            self._tell(f"! {text(notice.key, **notice.values).splitlines()[0]}")

    def ended(self) -> None:
        if self.block is not None:
            self.block.stop()
            self.block = None

    def _tell(self, sentence: str, margin: str = "") -> None:
        """Print `sentence` behind a margin, broken where a terminal ends."""
        room = self.console.width - len(margin) if self.console.is_terminal else len(sentence) * 2
        for line in cells.wrapped(sentence, room, "  "):
            self._print(margin + line)

    def _print(self, line: str) -> None:
        self.console.print(Text(line))
