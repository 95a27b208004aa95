"""A run, from prepared workers to the last frame. The coordinator makes no load itself."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sonagi.model.result import Result, ThresholdResult
from sonagi.model.sight import Sight
from sonagi.model.watcher import Watcher
from sonagi.plan.plan import Plan
from sonagi.plan.problems import Problem
from sonagi.plan.workers import REDISTRIBUTE
from sonagi.run.byhand import ByHand
from sonagi.run.hearing import Hearing
from sonagi.run.helmsman import Helmsman
from sonagi.run.making import Load
from sonagi.run.orders import Order
from sonagi.run.outcome import kept_findings, result_of
from sonagi.run.post import Post
from sonagi.run.samples import SampleOutput
from sonagi.run.shares import Shares
from sonagi.run.staff import Staff
from sonagi.run.verdict import (
    EXIT_ABORTED,
    EXIT_OTHER,
    EXIT_SETUP_TIMEOUT,
    EXIT_SIGNAL,
    EXIT_TEARDOWN_TIMEOUT,
    EXIT_THRESHOLDS,
    Failed,
    Verdict,
)
from sonagi.run.watching import Probing
from sonagi.run.workers import Workers
from sonagi.store.begin import begin_recording
from sonagi.store.facts import Ending
from sonagi.store.recording import Recording

UNREACHABLE_AFTER = 1


class Conductor:
    """One run. `stop()` may be called at any time, from a signal handler too: the first call ends
    gracefully, the second at once. `hold()` and `change_users()` steer it."""

    def __init__(
        self,
        plan: Plan,
        workers: Workers,
        watcher: Watcher,
        *,
        keep_going: bool = False,
        on_loss: str = REDISTRIBUTE,
        outputs: Sequence[SampleOutput] = (),
        recording: Recording | None = None,
        probes: Probing | None = None,
    ) -> None:
        self.plan = plan
        self.recording = recording or begin_recording(plan, None)
        self.ledger = self.recording.ledger
        self.probes = probes
        self.outputs = outputs
        self.watcher = watcher
        self.keep_going = keep_going
        self.stamps = "thread"
        self.setup_data: Any = None
        self.verdict = Verdict()
        self.staff = Staff(workers)
        shares = Shares(plan, workers.count)
        self.load = Load(plan, self.staff, shares, self.recording, self.verdict, on_loss)
        self.hearing = Hearing(plan, self.recording, watcher, outputs, shares, self._look)
        self.by_hand = ByHand(plan, self.staff, shares, self.recording, self.load.clock)
        self.hearing.held = lambda: self.by_hand.held
        self.by_hand.on_rate = self.hearing.rate_changes
        self.helmsman = Helmsman(plan, shares, self.by_hand, self.load, self.stop)
        self.post = Post(self.staff, self.hearing, self.by_hand, watcher.log, self.load.lose)
        self.load.connect(self.hearing, self.by_hand, self.post)

    async def run(self) -> Result:
        """Prepare, set up, make load, tear down. Raises ScriptProblem when preparing fails."""
        began = time.monotonic()
        for output in self.outputs:
            output.begin(self.plan.thresholds)
        self._watch()
        try:
            await self._prepare()
            began = time.monotonic()
            await self._set_up()
            await self._make_load()
            await self._tear_down()
        except Failed as failed:
            self.verdict.ends("error", failed.exit_code)
            self.recording.notice("run.failed", message=str(failed))
        finally:
            seconds = time.monotonic() - began
            self.staff.tell("Q")
            with contextlib.suppress(asyncio.CancelledError):
                # What a script prints comes by another way than frames, and may come after the last of them.
                for message in await self.staff.workers.close():
                    if message.kind == "log":
                        self.watcher.log(message.payload.decode())
            await self._watch_no_more()
            for output in self.outputs:
                output.close()
                self.hearing.look_at(output)
        return self._end(seconds)

    # --- steering ---

    def stop(self) -> None:
        """Ctrl-C."""
        if self.verdict.stopped_by == "signal":
            self.recording.notice("run.stopping_now")
            self.load.stop(0.0)
            return
        self.verdict.ends("signal", EXIT_SIGNAL)
        self.recording.notice("run.stopping")
        self.load.stop(max(scenario.graceful_stop for scenario in self.plan.scenarios))

    def hold(self) -> None:
        """Begin no iterations for now; called again, go on."""
        self.by_hand.hold(not self.by_hand.held)

    def obey(self, order: Order) -> Mapping[str, Any] | Problem:
        """Carry out an order that came from outside; what is to be answered."""
        return self.helmsman.obey(order)

    def change_users(self, tenths: int) -> None:
        """More users, or fewer, by tenths of the plan's."""
        self.by_hand.change_users(tenths)

    # --- the stages of a run ---

    async def _prepare(self) -> None:
        order = {
            "plan": self.plan.to_json(),
            "workers": self.staff.count,
            "script": {"path": self.plan.script},
            "env": dict(self.plan.env),
            "keep_samples": bool(self.outputs),
        }
        everyone = list(self.staff.present)
        for worker in everyone:
            self.staff.send(worker, "P", {**order, "worker": worker})
        for answer in await self.post.answers("R", everyone, 60.0, EXIT_OTHER, "run.prepare_timeout"):
            self.stamps = answer["stamps"]

    async def _set_up(self) -> None:
        limits = self.plan.setup_timeout, EXIT_SETUP_TIMEOUT
        answer = await self._once("S", "s", *limits, "run.setup_timeout", "run.setup_lost")
        self.setup_data = answer.get("shown", answer["data"])
        self.staff.tell("D", answer)

    async def _make_load(self) -> None:
        if self.verdict.exit_code:
            return
        self.watcher.started(self.plan.script, self.plan.infos)
        if self.plan.replaced:
            self.ledger.notice("run.replaced", scenarios=", ".join(self.plan.replaced))
        await self.load.make()

    async def _tear_down(self) -> None:
        limits = self.plan.teardown_timeout, EXIT_TEARDOWN_TIMEOUT
        await self._once("T", "t", *limits, "run.teardown_timeout", "run.teardown_lost")

    async def _once(
        self, order: str, kind: str, timeout: float, exit_code: int, late: str, lost: str
    ) -> dict[str, Any]:
        """Have one worker do what is done once in a run, and wait for its answer: see `Post.answers`."""
        first = self.staff.busy = self.staff.first
        self.staff.send(first, order)
        [answer] = await self.post.answers(kind, [first], timeout, exit_code, late, lost)
        self.staff.busy = None
        return answer

    def _look(self, broken: ThresholdResult | None) -> None:
        """A second is over, and `broken` a threshold that ends the run."""
        if self.verdict.exit_code:
            return
        if broken is not None:
            self.verdict.ends("threshold", EXIT_THRESHOLDS)
            self.recording.notice("run.threshold_abort", name=broken.name, source=broken.source)
            self.load.stop(0.0)
            return
        # Nobody listens there: no need to go on and count refusals.
        unreachable = self.ledger.refused_seconds >= UNREACHABLE_AFTER and not self.ledger.answered
        if unreachable and not self.keep_going:
            self.verdict.ends("unreachable", EXIT_ABORTED)
            self.recording.notice("run.unreachable", sample=self.ledger.refused_sample)
            self.load.stop(0.0)

    # --- the server's side ---

    def _watch(self) -> None:
        if self.probes is None:
            return
        loop = asyncio.get_running_loop()

        def hear(sight: Sight) -> None:
            # Probes may look from a thread of their own; what they see is kept from this one.
            loop.call_soon_threadsafe(self.recording.sight, sight)

        self.probes.start(hear)

    async def _watch_no_more(self) -> None:
        if self.probes is not None:
            self.probes.stop()
            await asyncio.sleep(0)  # the last sight waits on the loop

    # --- the end ---

    def _end(self, seconds: float) -> Result:
        """How it ended; what it means is the last that is kept of it."""
        thresholds = self.hearing.goals.results(self.ledger.totals, seconds)
        if not all(threshold.ok for threshold in thresholds):
            self.verdict.ends("finished", EXIT_THRESHOLDS)
        by, exit_code = self.verdict.stopped_by, self.verdict.exit_code
        self.recording.end(Ending(seconds, self.load.seconds, by, exit_code, self.stamps, thresholds))
        result = result_of(self.recording, self.setup_data)
        if result.diagnosis is not None:
            self.recording.found(kept_findings(result.diagnosis))
        return result
