"""A run, from prepared workers to the last frame. The coordinator makes no load itself."""

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from typing import Any

from sonagi.load.script import ScriptProblem
from sonagi.locale import text
from sonagi.model.result import Result
from sonagi.model.sight import Sight
from sonagi.model.traffic import Event
from sonagi.model.watcher import Watcher
from sonagi.plan.duration import format_duration
from sonagi.plan.plan import Plan
from sonagi.run.goals import Goals
from sonagi.run.outcome import kept_findings, result_of
from sonagi.run.pace import Pace
from sonagi.run.samples import SampleOutput
from sonagi.run.saturation import Saturation
from sonagi.run.watching import Probing
from sonagi.run.workers import Message, Workers
from sonagi.store.begin import begin_recording
from sonagi.store.facts import Ending
from sonagi.store.recording import Recording

MARGIN_NS = 20_000_000
"""Between the order to start and the start: time for the order to reach everyone."""
PATIENCE = 2.0
"""Seconds that a worker gets beyond what it was promised."""
UNREACHABLE_AFTER = 1
ADJUSTABLE = ("constant-vus", "shared-iterations")
"""Executors whose number of users may change while they run."""
EXIT_SETUP_TIMEOUT, EXIT_TEARDOWN_TIMEOUT, EXIT_SCRIPT, EXIT_SIGNAL = 100, 101, 107, 105
EXIT_THRESHOLDS, EXIT_ABORTED, EXIT_OTHER = 99, 108, 255


class Failed(Exception):
    """The run cannot go on. What was measured until then is kept."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Conductor:
    """One run. `stop()` may be called at any time, from a signal handler too: the first call ends
    gracefully, the second at once."""

    def __init__(
        self,
        plan: Plan,
        workers: Workers,
        watcher: Watcher,
        *,
        keep_going: bool = False,
        outputs: Sequence[SampleOutput] = (),
        recording: Recording | None = None,
        probes: Probing | None = None,
    ) -> None:
        self.plan = plan
        self.recording = recording or begin_recording(plan, None)
        self.probes = probes
        self.outputs = outputs
        self.workers = workers
        self.watcher = watcher
        self.keep_going = keep_going
        self.ledger = self.recording.ledger
        self.ledger.on_notice, self.ledger.on_gauge = watcher.notice, self._put_out
        self.goals = Goals(plan.thresholds)
        self.load_began: float | None = None
        self.stamps = "thread"
        self.setup_data: Any = None
        self.stopped_by = "finished"
        self.exit_code = 0
        self.held = False
        self.gone: set[int] = set()
        self.deadline: float | None = None
        self.load_seconds = 0.0

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
            self._ends("error", failed.exit_code)
            self.recording.notice("run.failed", message=str(failed))
        finally:
            seconds = time.monotonic() - began
            for worker in range(self.workers.count):
                self.workers.send(worker, "Q")
            with contextlib.suppress(asyncio.CancelledError):
                # What a script prints comes by another way than frames, and may come after the last of them.
                for message in await self.workers.close():
                    if message.kind == "log":
                        self.watcher.log(message.payload.decode())
            await self._watch_no_more()
            for output in self.outputs:
                output.close()
                self._look_at_output(output)
        return self._end(seconds)

    def stop(self) -> None:
        """Ctrl-C."""
        if self.stopped_by == "signal":
            self.recording.notice("run.stopping_now")
            self._stop_load(0.0)
            return
        self._ends("signal", EXIT_SIGNAL)
        self.recording.notice("run.stopping")
        self._stop_load(max(scenario.graceful_stop for scenario in self.plan.scenarios))

    def hold(self) -> None:
        """Begin no iterations for now; called again, go on. The plan's clock does not stop."""
        self.held = not self.held
        for worker in range(self.workers.count):
            self.workers.send(worker, "H", {"on": self.held})
        self._by_hand("run.held" if self.held else "run.resumed")

    def change_users(self, tenths: int) -> None:
        """More users, or fewer, by tenths of the plan's, in each scenario whose number may change."""
        adjustable = [scenario for scenario in self.plan.scenarios if scenario.executor in ADJUSTABLE]
        for scenario in adjustable:
            step = max(round(scenario.vus / 10), 1)
            self.workers.send(0, "U", {"scenario": scenario.name, "by": tenths * step})
        if not adjustable:
            self.recording.notice("run.fixed_users")

    def _by_hand(self, key: str, **values: Any) -> None:
        """Somebody steered: told now, and an event in the run's record."""
        self.recording.notice(key, at=self._clock(), **values)
        self.recording.event(Event(time.monotonic(), "note", key))

    def _clock(self) -> str:
        return format_duration(round(time.monotonic() - (self.load_began or time.monotonic())))

    def _stop_load(self, grace: float) -> None:
        self.deadline = time.monotonic() + grace + PATIENCE
        for worker in range(self.workers.count):
            self.workers.send(worker, "X", {"grace_s": grace})

    def _ends(self, by: str, exit_code: int) -> None:
        if self.exit_code == 0:
            self.stopped_by, self.exit_code = by, exit_code

    # --- the stages of a run ---

    async def _prepare(self) -> None:
        for worker in range(self.workers.count):
            self.workers.send(
                worker,
                "P",
                {
                    "plan": self.plan.to_json(),
                    "segment": {"index": worker, "of": self.workers.count},
                    "script": {"path": self.plan.script},
                    "env": dict(self.plan.env),
                    "keep_samples": bool(self.outputs),
                },
            )
        for answer in await self._answers("R", self.workers.count, 60.0, EXIT_OTHER, "run.prepare_timeout"):
            self.stamps = answer["stamps"]

    async def _set_up(self) -> None:
        self.workers.send(0, "S")
        timeout = self.plan.setup_timeout
        [answer] = await self._answers("s", 1, timeout, EXIT_SETUP_TIMEOUT, "run.setup_timeout")
        self.setup_data = answer.get("shown", answer["data"])
        for worker in range(self.workers.count):
            self.workers.send(worker, "D", answer)

    async def _make_load(self) -> None:
        if self.exit_code:
            return
        self.watcher.started(self.plan.script, self.plan.infos)
        if self.plan.replaced:
            self.ledger.notice("run.replaced", scenarios=", ".join(self.plan.replaced))
        at = time.monotonic_ns() + MARGIN_NS
        began = self.load_began = at / 1e9
        self.recording.load_begins(began, time.time() + MARGIN_NS / 1e9)
        for worker in range(self.workers.count):
            self.workers.send(worker, "G", {"at_ns": at})
        pace, saturation = Pace(self.ledger, self.plan), Saturation(self.plan)
        self.deadline = began + self.plan.total + PATIENCE
        ended: set[int] = set()
        while len(ended | self.gone) < self.workers.count:
            message = await self._next(self.deadline)
            if message is None:
                self.load_seconds = time.monotonic() - began
                self.recording.load_ends(began + self.load_seconds)
                self.workers.kill()
                raise Failed(text("run.killed"), EXIT_OTHER)
            if message.kind == "F":
                elapsed, server = time.monotonic() - began, self.recording.watched.latest
                self.watcher.second(pace.sample(elapsed, held=self.held, server=server))
                for notice in () if self.held else saturation.look(self.recording.last, self.ledger.totals):
                    self.recording.notice(notice.key, **notice.values)
                self._look_at_target()
            elif message.kind == "Z":
                ended.add(message.worker)
        self.load_seconds = time.monotonic() - began
        self.recording.load_ends(began + self.load_seconds)
        self.deadline = None
        if self.gone:
            raise Failed(text("run.worker_lost"), EXIT_OTHER)

    async def _tear_down(self) -> None:
        self.workers.send(0, "T")
        timeout = self.plan.teardown_timeout
        await self._answers("t", 1, timeout, EXIT_TEARDOWN_TIMEOUT, "run.teardown_timeout")

    def _look_at_target(self) -> None:
        """Nobody listens there: no need to go on and count refusals."""
        unreachable = self.ledger.refused_seconds >= UNREACHABLE_AFTER and not self.ledger.answered
        if unreachable and not self.keep_going and self.exit_code == 0:
            self._ends("unreachable", EXIT_ABORTED)
            self.recording.notice("run.unreachable", sample=self.ledger.refused_sample)
            self._stop_load(0.0)

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

    # --- messages ---

    async def _answers(
        self, kind: str, count: int, timeout: float, exit_code: int, late: str
    ) -> list[dict[str, Any]]:
        """Wait for `count` messages of `kind`."""
        answers: list[dict[str, Any]] = []
        deadline = time.monotonic() + timeout
        while len(answers) < count:
            message = await self._next(deadline)
            if message is None:
                raise Failed(text(late, seconds=f"{timeout:g}"), exit_code)
            if message.kind == kind:
                answers.append(json.loads(message.payload))
            elif message.kind == "gone":
                raise Failed(text("run.worker_lost"), EXIT_OTHER)
        return answers

    async def _next(self, deadline: float) -> Message | None:
        """The next message, dealt with where that is always the same; None after the deadline."""
        while True:
            # A second Ctrl-C brings the deadline forward: look at it again each tenth of a second.
            limit = min(deadline, self.deadline or deadline)
            wait = min(limit - time.monotonic(), 0.1)
            if wait <= 0:
                return None
            try:
                message = await asyncio.wait_for(self.workers.receive(), wait)
            except TimeoutError:
                continue
            if message.kind == "F":
                self._merge(message.payload)
            elif message.kind == "u":
                users = json.loads(message.payload)
                self._by_hand("run.users", **users)
            elif message.kind == "L":
                self._hear_samples(message.payload)
            elif message.kind == "log":
                self.watcher.log(message.payload.decode())
            elif message.kind == "E":
                self._worker_failed(json.loads(message.payload))
            elif message.kind == "gone":
                self.gone.add(message.worker)
                if message.payload not in (b"0", b"3"):
                    self.recording.notice("run.worker_gone", why=message.payload.decode())
            return message

    def _merge(self, frame: bytes) -> None:
        self.recording.frame(frame)
        if self.load_began is None or not self.plan.thresholds:
            return
        try:
            broken = self.goals.hear(time.monotonic() - self.load_began, frame, self.ledger.totals)
        except ValueError:
            return  # a frame that cannot be read; the ledger has counted it
        if broken is not None and self.exit_code == 0:
            self._ends("threshold", EXIT_THRESHOLDS)
            self.recording.notice("run.threshold_abort", name=broken.name, source=broken.source)
            self._stop_load(0.0)

    def _hear_samples(self, samples: bytes) -> None:
        for output in self.outputs:
            try:
                output.hear(samples)
            except ValueError:
                self.ledger.broken_frames += 1
            self._look_at_output(output)

    def _put_out(self, metric: str, value: float) -> None:
        for output in self.outputs:
            output.gauge(metric, value)

    def _look_at_output(self, output: SampleOutput) -> None:
        """An output that fails is said, and the run goes on."""
        trouble = output.trouble()
        if trouble is not None:
            self.recording.notice(trouble.key, **trouble.values)

    def _worker_failed(self, error: dict[str, Any]) -> None:
        if "kind" not in error:
            raise ScriptProblem(error["message"], error["exit_code"])
        where = {"place": error["place"], "kind": error["kind"], "message": error["message"]}
        raise Failed(text("script.raised", **where, trace=error["traceback"]), error["exit_code"])

    # --- the end ---

    def _end(self, seconds: float) -> Result:
        """How it ended; what it means is the last that is kept of it."""
        thresholds = self.goals.results(self.ledger.totals, seconds)
        if not all(threshold.ok for threshold in thresholds):
            self._ends("finished", EXIT_THRESHOLDS)
        load_seconds = self.load_seconds
        ending = Ending(seconds, load_seconds, self.stopped_by, self.exit_code, self.stamps, thresholds)
        self.recording.end(ending)
        result = result_of(self.recording, self.setup_data)
        if result.diagnosis is not None:
            self.recording.found(kept_findings(result.diagnosis))
        return result
