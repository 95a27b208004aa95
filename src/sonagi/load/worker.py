"""The worker: one process, or one task in the coordinator's, that carries its shares of a plan.

`python -m sonagi.load.worker FD NUMBER` speaks the worker protocol (`sonagi.load.protocol`) on the socket
FD. The core's I/O thread owns that socket; messages arrive here through `Engine.drain`.
"""

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any

from sonagi._core import (
    STAMPS,
    Engine,
    enter_scope,
    leave_scope,
    mask,
)
from sonagi.load.arrivals import Arrivals
from sonagi.load.crew import Crew, Scripted, Unscripted, change
from sonagi.load.descriptors import allow_descriptors
from sonagi.load.errors import ScriptErrors
from sonagi.load.life import Life, Tally, as_call, mixed, together
from sonagi.load.script import LoadedScript, ScriptProblem, load, place_of, script_traceback
from sonagi.load.settings import configure
from sonagi.load.turns import SECOND
from sonagi.load.watch import forward_warnings, hide_secrets_in_output, watch_for_blockers
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.segment import Segment
from sonagi.script.feed import Share
from sonagi.script.secrets import hide_those_of
from sonagi.script.vu import Numbering, Vu


class Worker:
    """One worker's part in a run, message by message."""

    def __init__(self, channel: int, number: int, script: LoadedScript | None, own_process: bool) -> None:
        self.loop = asyncio.get_running_loop()
        self.number = number
        self.workers = 1
        self.script = script
        self.own_process = own_process
        self.engine = Engine(channel, number, self.loop, self.receive, own_process=own_process)
        self.loop.add_reader(self.engine.fileno(), self.engine.drain)
        self.plan: Plan | None = None
        self.data: Any = None
        self.tallies: list[Tally] = []
        self.told = Tally()
        self.users = 0
        self.extra = 0
        self.places = 1
        """Users' places in the core that are taken; the first is that of setup() and teardown()."""
        self.crews: dict[str, list[Crew]] = {}
        self.numberings: dict[str, Numbering] = {}
        self.beats: asyncio.Task[None] | None = None
        self.held = False
        self.stopping = False
        self.errors = ScriptErrors("", self.engine.note)
        self.jobs: set[asyncio.Task[None]] = set()
        self.over = asyncio.Event()

    # --- messages ---

    def receive(self, kind: str, payload: bytes) -> None:
        """A message from the coordinator."""
        body = json.loads(payload) if payload else {}
        handlers: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "P": self.prepare,
            "S": self.setup,
            "D": self.take_data,
            "G": self.go,
            "B": self.begin,
            "W": self.wind_up,
            "X": self.stop,
            "H": self.hold,
            "U": self.change_users,
            "V": self.change_rate,
            "T": self.teardown,
            "Q": self.quit,
        }
        handler = handlers.get(kind)
        if handler is not None:
            job = self.loop.create_task(self.guard(handler, body))
            self.jobs.add(job)
            job.add_done_callback(self.jobs.discard)

    async def guard(self, handler: Callable[[dict[str, Any]], Awaitable[None]], body: dict[str, Any]) -> None:
        """Run a handler; an exception is told to the coordinator, not lost."""
        try:
            await handler(body)
        except ScriptProblem as error:
            self.send("E", {"message": mask(str(error)), "exit_code": error.exit_code})
        except Exception as error:
            path = self.script.path if self.script else ""
            entry = {
                "kind": type(error).__name__,
                "message": mask(str(error)),
                "place": place_of(error, path),
            }
            self.send("E", {**entry, "traceback": mask(script_traceback(error, path)), "exit_code": 107})

    def send(self, kind: str, body: dict[str, Any] | None = None) -> None:
        self.engine.send(kind, json.dumps(body or {}).encode())

    async def prepare(self, body: dict[str, Any]) -> None:
        self.plan = Plan.from_json(body["plan"])
        self.number, self.workers = body["worker"], body["workers"]
        Share.segment, Share.scenarios = self.segment(), self.plan.scenarios
        os.environ.update(body.get("env") or {})
        hide_those_of(self.plan)
        allow_descriptors(self.plan.vus)
        if self.script is None:
            path = body["script"]["path"]
            self.script = load(path) if path else LoadedScript("", {})
        self.errors = ScriptErrors(self.script.path, self.engine.note)
        configure(self.engine, self.plan.http, self.number)
        if body.get("keep_samples"):
            self.engine.keep_samples()
        closed = [scenario for scenario in self.plan.scenarios if not scenario.is_open]
        self.users = sum(self.own(scenario).count(scenario.vus) for scenario in closed)
        self.engine.set_users(0, self.allocated)
        self.send("R", {"pid": os.getpid(), "stamps": STAMPS})

    async def setup(self, _body: dict[str, Any]) -> None:
        script = self._script()
        skipped = self._plan().no_setup
        data = await self.lifecycle(script.setup, "setup") if script.setup and not skipped else None
        written = json.dumps(data)
        self.send("s", {"data": json.loads(written), "shown": _blotted(json.loads(written))})

    async def teardown(self, _body: dict[str, Any]) -> None:
        script = self._script()
        if script.teardown and not self._plan().no_teardown:
            await self.lifecycle(script.teardown, "teardown", self.data)
        self.tell()
        self.engine.send_frame()
        self.send("t")

    async def lifecycle(self, function: Callable[..., Any], name: str, *arguments: Any) -> Any:
        """Call setup or teardown, with as many of `arguments` as it takes, as a user of its own."""
        vu = Vu(self.engine, 0, 0, "", self._plan().seed, group=f"::{name}")
        token = enter_scope(vu.scope)
        try:
            takes = function.__code__.co_argcount
            result = function(*arguments[:takes])
            return await result if asyncio.iscoroutine(result) else result
        finally:
            leave_scope(token)
            vu.scope.leave()

    async def take_data(self, body: dict[str, Any]) -> None:
        self.data = body.get("data")

    # --- load ---

    async def go(self, body: dict[str, Any]) -> None:
        """Load begins; what there is to do comes by `begin`."""
        self.engine.send_frames_from(int(body["at_ns"]))
        self.beats = self.loop.create_task(self.beat())
        if self.own_process:  # what is frozen is never freed; a caller's process lives on
            gc.collect()
            gc.freeze()

    async def begin(self, body: dict[str, Any]) -> None:
        """Carry out a share (`run.shares.Share`), and say when that is done."""
        plan, segment = self._plan(), Segment.from_json(body["segment"])
        scenario = next(one for one in plan.scenarios if one.name == body["scenario"])
        made = 0
        if not self.stopping:
            since, done, rates = body["since"], body["done"], body["rates"]
            tally = await self.carry_out(
                scenario, segment, body["begins_at"], since=since, done=done, rates=rates
            )
            made = tally.full
        if scenario.iterations is not None:
            # From here on nobody makes them again: what was measured of them goes first.
            self.tell()
            self.engine.send_frame()
        self.send("e", {"share": body["id"], "made": made})

    async def wind_up(self, _body: dict[str, Any]) -> None:
        """Nothing is left to do: tell what was not told yet."""
        if self.beats is not None:
            self.beats.cancel()
        self.tell()
        self.engine.send_frame()
        self.send("Z")

    async def carry_out(
        self,
        scenario: ScenarioPlan,
        segment: Segment,
        begins_at: int,
        *,
        since: int = 0,
        done: int = 0,
        rates: Sequence[tuple[float, int]] = (),
    ) -> Tally:
        """Users of one scenario, from their first iteration to their last. What was another worker's until
        `since` (monotonic ns) goes on where that one was: it had made `done` of its iterations, at `rates`
        that were changed by hand. Gives what became of the iterations."""
        tally = Tally()
        self.tallies.append(tally)
        numbers = segment.users(scenario)
        first, self.places = self.places, self.places + len(numbers)
        place = _places(numbers, first)
        if segment != self.own(scenario) and not scenario.is_open:
            self.users += len(numbers)
        numbering = self.numbering(scenario, segment, done)

        def user(number: int) -> Vu:
            return self.user(scenario, place(number), scenario.first_vu + number, numbering)

        crew: Crew
        aside = Vu(self.engine, 0, 0, scenario.name, self._plan().seed).scope
        if scenario.is_open:
            life = self.life(scenario, tally)

            def visitor(at: int, start: int) -> Vu:
                return self.user(scenario, place(at), self._plan().first_visitor(scenario) + start, numbering)

            seed = self._plan().seed
            crew = Arrivals(scenario, segment, begins_at, seed, life, aside, user, visitor, since=since)
        elif scenario.request is not None:
            crew = Unscripted(scenario, segment, begins_at, tally, user, since=since, done=done)
        else:
            life = self.life(scenario, tally)

            def extra() -> Vu:
                return self.extra_user(scenario, numbering)

            crew = Scripted(scenario, segment, begins_at, life, user, extra, since=since, done=done)
        self.crews.setdefault(scenario.name, []).append(crew)
        crew.hold(self.held)
        for rate, at in rates:
            crew.change_rate(rate, at)
        await crew.see_through()
        if crew.undone:
            aside.record("dropped_iterations", "counter", "default", float(crew.undone), None)
        return tally

    def numbering(self, scenario: ScenarioPlan, segment: Segment, done: int) -> Numbering:
        """Numbers for iterations of `segment`. Counted iterations have theirs, and who makes one again gives
        it the same; others draw from this worker's own, whoever their user was."""
        if scenario.iterations is not None:
            return Numbering(segment.in_turns(scenario.vus), count(done).__next__, done)
        own = Numbering(self.own(scenario), count().__next__)
        return self.numberings.setdefault(scenario.name, own)

    def life(self, scenario: ScenarioPlan, tally: Tally) -> Life:
        script = self._script()
        calls = [(as_call(script.functions[name]), weight) for name, weight in scenario.functions.items()]
        return Life(
            mixed(calls),
            tally,
            self.errors,
            setup=as_call(script.vu_setup) if script.vu_setup else None,
            teardown=as_call(script.vu_teardown) if script.vu_teardown else None,
            pacing_ns=int((scenario.pacing or scenario.min_iteration or 0) * SECOND) or None,
            makes_up=scenario.pacing is not None,
        )

    def user(self, scenario: ScenarioPlan, index: int, number: int, numbering: Numbering) -> Vu:
        """A user of `scenario`; `index` is its place in this worker, `number` its id in the run."""
        plan = self._plan()
        tags = {**plan.tags, **scenario.tags}
        vu = Vu(self.engine, index, number, scenario.name, plan.seed, tags=tags)
        vu.env = scenario.env
        vu.data = self.own_data()
        vu.numbering = numbering
        return vu

    def extra_user(self, scenario: ScenarioPlan, numbering: Numbering) -> Vu:
        """A user that the plan does not have, with an id and a place of its own."""
        number = self._plan().vus + self.segment().number(self.extra) + 1
        self.extra += 1
        self.places += 1
        return self.user(scenario, self.places - 1, number, numbering)

    def own_data(self) -> Any:
        """What setup() returned, for one user: a copy, so that no user changes another's."""
        if isinstance(self.data, (dict, list)):
            return json.loads(json.dumps(self.data))
        return self.data

    async def stop(self, body: dict[str, Any]) -> None:
        """Begin no more iterations and no more users; interrupt what outlasts the grace."""
        self.stopping = True
        self.engine.end_hits()
        grace = body.get("grace_s")
        seconds = 30.0 if grace is None else float(grace)
        await asyncio.gather(*(crew.stop(seconds) for crew in self.all_crews()))

    async def hold(self, body: dict[str, Any]) -> None:
        """Begin no iterations for now, or go on."""
        self.held = bool(body["on"])
        for crew in self.all_crews():
            crew.hold(self.held)

    def all_crews(self) -> list[Crew]:
        return [crew for crews in self.crews.values() for crew in crews]

    async def change_users(self, body: dict[str, Any]) -> None:
        """More or fewer users in one scenario; tells how many there are then."""
        users = change(self.crews.get(body["scenario"], ()), int(body["by"]))
        self.send("u", {"scenario": body["scenario"], "users": users})

    async def change_rate(self, body: dict[str, Any]) -> None:
        """Another rate in one open scenario, from a moment on."""
        for crew in self.crews.get(body["scenario"], ()):
            crew.change_rate(float(body["rate"]), int(body["at_ns"]))

    async def quit(self, _body: dict[str, Any]) -> None:
        self.over.set()

    async def beat(self) -> None:
        """Each second, what the core cannot know: counts of iterations and of exceptions."""
        while True:
            self.tell()
            await asyncio.sleep(0.5)
            sys.set_coroutine_origin_tracking_depth(0)

    def tell(self) -> None:
        now, before = together(self.tallies), self.told
        self.engine.set_users(now.active, self.allocated)
        changes = {
            "failed": now.failed - before.failed,
            "interrupted": now.interrupted - before.interrupted,
        }
        if any(changes.values()):
            self.engine.note("iterations", json.dumps(changes))
            self.told = now
        self.errors.tell()

    @property
    def allocated(self) -> int:
        """Users that there are: those of an open model come as they are needed."""
        return self.users + self.extra + sum(crew.joined for crew in self.all_crews())

    # --- parts that exist from "prepare" on ---

    def segment(self) -> Segment:
        """Of all that is dealt out among workers, what is this one's."""
        return self._plan().segment.part(self.number, self.workers)

    def own(self, scenario: ScenarioPlan) -> Segment:
        """This worker's segment of a scenario, as planned."""
        return self._plan().share(scenario, self.number, self.workers)

    def _plan(self) -> Plan:
        if self.plan is None:
            raise RuntimeError("not prepared")
        return self.plan

    def _script(self) -> LoadedScript:
        if self.script is None:
            raise RuntimeError("not prepared")
        return self.script


def _places(numbers: Sequence[int], first: int) -> Callable[[int], int]:
    """The place in this worker of each of the users `numbers`, who have those from `first` on."""
    if isinstance(numbers, range):  # there may be millions, of whom few ever come
        return lambda number: first + numbers.index(number)
    return {number: first + offset for offset, number in enumerate(numbers)}.__getitem__


def _blotted(data: Any) -> Any:
    """JSON data with secrets blotted out of its texts."""
    if isinstance(data, str):
        return mask(data)
    if isinstance(data, list):
        return [_blotted(entry) for entry in data]
    if isinstance(data, dict):
        return {mask(key): _blotted(value) for key, value in data.items()}
    return data


async def serve(
    sock: socket.socket, number: int, script: LoadedScript | None = None, *, own_process: bool = False
) -> None:
    """Be worker `number` on `sock` until the coordinator says that the run is over."""
    worker = Worker(sock.detach(), number, script, own_process)
    watch_for_blockers(worker.engine)
    try:
        await worker.over.wait()
    finally:
        worker.loop.remove_reader(worker.engine.fileno())
        worker.engine.stop()


def main() -> None:
    """The worker process. Ctrl-C, and a SIGTERM to the whole group, is the coordinator's business: it tells
    its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not ignored: what a script starts would ignore it too, and could not be ended.
    signal.signal(signal.SIGTERM, lambda *_: None)
    forward_warnings()
    hide_secrets_in_output()
    # Where a coroutine was made that nobody awaited; switched off once the run has begun.
    sys.set_coroutine_origin_tracking_depth(1)
    with contextlib.suppress(KeyboardInterrupt):
        descriptor, number = map(int, sys.argv[1:3])
        asyncio.run(serve(socket.socket(fileno=descriptor), number, own_process=True))


if __name__ == "__main__":
    main()
