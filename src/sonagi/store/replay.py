"""A kept run, heard again."""

from pathlib import Path

from sonagi.plan.plan import Plan
from sonagi.store.facts import About
from sonagi.store.recording import Recording
from sonagi.store.runfile import KeptRun, NoRun


def replay(path: Path) -> Recording:
    """The recording of the run in the file `path`, as it was when the run ended or was cut off. Raises
    NoRun."""
    kept = KeptRun(path)
    try:
        recording = Recording(
            Plan.from_json(kept.facts["plan"]), About.from_json(kept.facts["about"]), run_id=kept.facts["id"]
        )
        counted, totals = kept.totals()
        for frame in totals:
            recording.ledger.totals.merge(frame)
        for number, kind, content in kept.heard():
            recording.hear(kind, content, count=number > counted)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # Not what this version keeps: damaged, or by another hand.
        raise NoRun("store.half", str(path)) from error
    finally:
        kept.close()
    return recording
