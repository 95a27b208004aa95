"""What a run says to GitHub Actions: an annotation for each goal that was not met, and a step summary."""

from collections.abc import Iterator

from sonagi.locale import text
from sonagi.model.result import Result
from sonagi.report.metrics import observed
from sonagi.report.summary import render


def annotations(result: Result) -> Iterator[str]:
    """Workflow commands, a line each."""
    for threshold in result.thresholds:
        if not threshold.ok:
            told = (
                text("report.no_data")
                if threshold.no_data
                else f"{threshold.aggregation}={observed(result, threshold)}"
            )
            yield f"::error title={_property(threshold.name)}::{_data(f'{threshold.source}: {told}')}"
    for error in result.errors:
        told = f"{error.place}: {error.kind}: {error.message} ({text('report.times', count=error.count)})"
        yield f"::warning title={_property(error.kind)}::{_data(told)}"


def step_summary(result: Result) -> str:
    """Markdown: the goals as a table, all else as it is printed."""
    lines = [f"### sonagi {result.script or 'hit'}", ""]
    if result.thresholds:
        lines += ["| | | |", "| --- | --- | --- |"]
    for threshold in result.thresholds:
        mark = "✅" if threshold.ok else "❌"
        seen = observed(result, threshold) or "-"
        cells = (f"`{threshold.name}`", f"`{threshold.source}`", seen)
        lines.append(f"| {mark} {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join([*lines, "", "```text", render(result, width=100), "```", ""])


def _data(told: str) -> str:
    return told.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(told: str) -> str:
    return _data(told).replace(":", "%3A").replace(",", "%2C")
