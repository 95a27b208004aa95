"""A run begins to be recorded, and in a folder to be kept."""

from contextlib import suppress
from pathlib import Path

from sonagi.model.evidence import ScriptFacts
from sonagi.plan.plan import Plan
from sonagi.plan.problems import PlanError, Problem
from sonagi.script.secrets import hide_those_of
from sonagi.store.facts import About, kept_plan
from sonagi.store.folder import new_file
from sonagi.store.recording import Recording


def begin_recording(plan: Plan, folder: Path | None, script: ScriptFacts | None = None) -> Recording:
    """The recording of a run of `plan` that begins now; kept in `folder`, or in memory alone. Raises
    PlanError when nothing can be kept there."""
    hide_those_of(plan)
    about = About.now(plan.script, script)
    if folder is None:
        return Recording(plan, about)
    file = None
    try:
        hit = next((str(one.request["url"]) for one in plan.scenarios if one.request), "")
        run_id, file = new_file(folder, plan.script or hit, about.started)
        file.begin({"id": run_id, "plan": kept_plan(plan).to_json(), "about": about.to_json()})
    except OSError as error:
        if file is not None:
            with suppress(OSError):
                file.discard()
        values = {"path": str(folder), "reason": error.strerror or str(error)}
        raise PlanError([Problem("store", "", values)]) from None
    return Recording(plan, about, file, run_id)
