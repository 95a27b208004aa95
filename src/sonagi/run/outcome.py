"""A recorded run as a result: that which has just ended, and one that was kept."""

import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Diagnosis
from sonagi.model.result import GeneratorInfo, Notice, Result
from sonagi.store.facts import Ending
from sonagi.store.recording import Recording

EXIT_CUT_OFF = 255
"""Of a run that has no end: it was killed, or goes on."""


def result_of(recording: Recording, setup_data: Any = None, *, explain: bool = True) -> Result:
    """The result of what was heard; with `explain` what it means."""
    ledger, plan = recording.ledger, recording.plan
    ending = recording.ending or _cut_off(recording)
    evidence, diagnosis, trouble = explained(recording) if explain else (None, None, None)
    notices = [*ledger.notices, *([trouble] if trouble else [])]
    notices += [Notice("run.blocked", {"place": place, "ms": ms}) for place, ms in ledger.blocked.items()]
    notices += [
        Notice("run.stood_still", {"worker": worker + 1, "seconds": f"{seconds:.1f}"})
        for worker, seconds in sorted(ledger.stood_still.items())
    ]
    if ledger.broken_frames:
        notices.append(Notice("run.broken_frames", {"count": ledger.broken_frames}))
    if recording.ending is None:
        notices.append(Notice("store.no_end", {"seconds": f"{recording.last:.0f}"}))
    cpu = ledger.cpu_ns / 1e9
    share = cpu / max(ending.load_seconds, 1.0)  # what it takes to start is no share of an instant
    return Result(
        script=plan.script,
        scenarios=plan.infos,
        started=recording.about.started,
        seconds=ending.seconds,
        measurements=ledger.totals,
        thresholds=ending.thresholds,
        errors=tuple(ledger.errors.values()),
        notices=tuple(notices),
        samples=dict(ledger.samples),
        iterations_full=int(ledger.totals.counter("iterations") or 0),
        iterations_interrupted=ledger.interrupted,
        stopped_by=ending.stopped_by,
        exit_code=ending.exit_code,
        generator=GeneratorInfo(cpu, share, ledger.rss, ending.stamps),
        setup_data=setup_data,
        options={"summaryTrendStats": list(plan.summary_trend_stats)},
        trend_stats=plan.summary_trend_stats,
        evidence=evidence,
        diagnosis=diagnosis,
        run_id=recording.run_id,
    )


def explained(recording: Recording) -> tuple[Evidence | None, Diagnosis | None, Notice | None]:
    """What was seen and what it means. An error of ours there costs the explanation, never the run: it
    becomes the third, a notice with its place."""
    # Imported here: rules are many, and no request has to wait for them.
    from sonagi.diagnose.diagnosis import diagnose

    evidence: Evidence | None = None
    try:
        evidence = recording.evidence()
        return evidence, diagnose(evidence), None
    except Exception as error:  # noqa: BLE001 (whatever it is, the numbers are worth more)
        last = traceback.extract_tb(error.__traceback__)[-1]
        values = {
            "place": f"{Path(last.filename).name}:{last.lineno}",
            "kind": type(error).__name__,
            "message": str(error),
        }
        return evidence, None, Notice("run.unexplained", values)


def kept_findings(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as it is kept beside the run: JSON types only, sentences as their keys and values."""
    leading = diagnosis.root or next(iter(diagnosis.findings), None)
    return {**asdict(diagnosis), "cause": leading.cause if leading else None}


def _cut_off(recording: Recording) -> Ending:
    """Of a run that has none: as far as it was heard. Its goals were never judged."""
    return Ending(recording.last, recording.last, "cut_off", EXIT_CUT_OFF, "thread")
