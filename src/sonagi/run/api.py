"""`sonagi.run(…)`: what `sonagi run script.py` calls, and notebooks and tests too."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonagi.load.script import LoadedScript, ScriptProblem, from_function, load
from sonagi.load.sleeps import least_seconds
from sonagi.model.evidence import ScriptFacts
from sonagi.model.result import Notice, Result, ScenarioInfo
from sonagi.model.watcher import LiveSample, Watcher
from sonagi.plan.build import build_plan
from sonagi.plan.duration import Duration
from sonagi.plan.functions import Offered
from sonagi.plan.layers import Layer
from sonagi.plan.options import Options
from sonagi.plan.plan import Plan
from sonagi.plan.problems import PlanError, Problem
from sonagi.plan.workers import REDISTRIBUTE, asked_on_loss, asked_workers, how_many
from sonagi.probes.asked import Asked, asked
from sonagi.run.access_log import read_arrivals
from sonagi.run.conduct import Conductor
from sonagi.run.control import listening, place
from sonagi.run.limits import check_descriptors, cores, most_vus, unread_pem
from sonagi.run.local import InProcess, LocalProcesses
from sonagi.run.samples import SampleOutput
from sonagi.run.steering import Helm
from sonagi.run.watching import Probing
from sonagi.store.begin import begin_recording
from sonagi.store.folder import default_folder
from sonagi.store.index import enter
from sonagi.store.recording import Recording

if TYPE_CHECKING:
    from sonagi.run.workers import Workers


class Silent:
    """Watches and says nothing."""

    def started(self, script: str, scenarios: tuple[ScenarioInfo, ...]) -> None:
        pass

    def second(self, sample: LiveSample) -> None:
        pass

    def log(self, text: str) -> None:
        pass

    def notice(self, notice: Notice) -> None:
        pass

    def ended(self) -> None:
        pass


def run(
    script: str | os.PathLike[str] | Callable[..., Any],
    *,
    vus: int | None = None,
    duration: Duration | None = None,
    iterations: int | None = None,
    options: Options | None = None,
    env: Mapping[str, str] | None = None,
    summary_trend_stats: list[str] | None = None,
    workers: int | str | None = None,
    on_worker_loss: str = REDISTRIBUTE,
    keep_going: bool = False,
    watcher: Watcher | None = None,
    below: Sequence[Layer] = (),
    above: Sequence[Layer] = (),
    outputs: Sequence[SampleOutput] = (),
    helm: Helm | None = None,
    store: str | os.PathLike[str] | bool | None = None,
    watch: Sequence[str] = (),
) -> Result:
    """Run a load test and give its result.

    `script` is the path of a script, which runs in worker processes, or an async function, which runs in this
    one. `workers` is how many processes make the load: "auto" takes one for each core but one, 0 this one;
    `on_worker_loss` says what happens when one dies: "redistribute" or "stop". The other arguments win over
    the script's own `options`; a bare number of `duration` is seconds. `below` and `above` are layers of
    options under and over the script's own, as the command has them; `outputs` get each sample, `helm` steers
    the run, `store` is a folder that keeps it for later (True: the usual one), `watch` what to watch of the
    server, as `--watch` has it. Raises PlanError for what was asked wrongly and ScriptProblem for a script
    that cannot be loaded; a failed run is a result, see `Result.exit_code`."""
    watched = asked(watch)
    given = {
        "vus": vus,
        "duration": duration,
        "iterations": iterations,
        "summary_trend_stats": summary_trend_stats,
    }
    arguments = Layer("flag", {name: value for name, value in given.items() if value is not None})
    count = asked_workers(workers)
    if callable(script) and count:
        raise PlanError([Problem("workers_of_function", "workers", {"value": count})])
    job = _Job(
        script,
        options,
        Layers(below, (*above, arguments)),
        dict(env or {}),
        0 if callable(script) else count,
        asked_on_loss(on_worker_loss),
        keep_going,
        watcher or Silent(),
        outputs,
        helm,
        kept_in(store),
        watched,
    )
    if not _a_loop_runs():
        return asyncio.run(job.go())
    # In a notebook a loop runs already: the run gets a thread and a loop of its own.
    results: list[Result] = []
    errors: list[BaseException] = []
    thread = threading.Thread(target=job.go_in_thread, args=(results, errors))
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _a_loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _Job:
    """One call of `run`."""

    def __init__(
        self,
        script: str | os.PathLike[str] | Callable[..., Any],
        options: Options | None,
        layers: "Layers",
        env: dict[str, str],
        workers: int | None,
        on_loss: str,
        keep_going: bool,
        watcher: Watcher,
        outputs: Sequence[SampleOutput],
        helm: Helm | None,
        store: Path | None,
        watched: Sequence[Asked],
    ) -> None:
        self.store = store
        self.watched = watched
        self.script = script
        self.options = options
        self.layers = layers
        self.env = env
        self.workers = workers
        self.on_loss = on_loss
        self.keep_going = keep_going
        self.watcher = watcher
        self.outputs = outputs
        self.helm = helm

    def go_in_thread(self, results: list[Result], errors: list[BaseException]) -> None:
        try:
            results.append(asyncio.run(self.go()))
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
            errors.append(error)

    async def go(self) -> Result:
        early: Workers | None = None
        if self.workers != 0 and not callable(self.script) and Path(self.script).is_file():
            # The first one starts while we read the script: both take a tenth of a second.
            early = LocalProcesses()
            await early.start()
        try:
            loaded, plan = self._plan()
            count = how_many(self.workers, cores(), plan)
            check_descriptors(plan, count)
            recording = begin_recording(plan, self.store, _facts(loaded, plan))
            crew = early or InProcess(loaded)
            await crew.start(count)
        except BaseException:
            if early is not None:
                early.kill()
                await early.close()
            raise
        return await carry_out(
            plan,
            crew,
            self.watcher,
            keep_going=self.keep_going,
            on_loss=self.on_loss,
            outputs=self.outputs,
            helm=self.helm,
            recording=recording,
            store=self.store,
            probes=probing(self.watched, crew),
        )

    def _plan(self) -> tuple[LoadedScript, Plan]:
        return make_plan(self.script, self.options, self.layers, self.env)


@dataclass(frozen=True, slots=True)
class Layers:
    """Options under and over those of the script."""

    below: Sequence[Layer] = ()
    above: Sequence[Layer] = ()


def make_plan(
    script: str | os.PathLike[str] | Callable[..., Any],
    options: Options | None = None,
    layers: Layers = Layers(),
    env: Mapping[str, str] | None = None,
) -> tuple[LoadedScript, Plan]:
    """Load a script and plan its run, without running it. Raises PlanError and ScriptProblem."""
    # A script reads its variables where any Python program does.
    os.environ.update(env or {})
    try:
        loaded = from_function(script) if callable(script) else load(os.fspath(script))
    except ScriptProblem:
        known = [problem for layer in (*layers.below, *layers.above) for problem in layer.problems]
        if known:
            raise PlanError(known) from None
        raise
    offered = Offered(
        loaded.path,
        tuple(loaded.functions),
        loaded.plain_functions,
        loaded.metrics,
        arrivals=lambda path: read_arrivals(path, loaded.path),
        most_vus=most_vus(),
        unread=unread_pem,
    )
    own = options or loaded.options or Options()
    return loaded, build_plan(offered, [*layers.below, own, *layers.above], env)


def _facts(loaded: LoadedScript, plan: Plan) -> ScriptFacts:
    """What the script's text says of all of its users."""
    names = {name for scenario in plan.scenarios for name in scenario.functions}
    pauses = {least_seconds(loaded.functions[name]) for name in names if name in loaded.functions}
    return ScriptFacts(think=pauses.pop() or None if len(pauses) == 1 else None)


def kept_in(store: str | os.PathLike[str] | bool | None) -> Path | None:
    """The folder that keeps a run; None where nothing shall be kept."""
    if store is None or store is False:
        return None
    return default_folder(os.environ) if store is True else Path(store)


def probing(watched: Sequence[Asked], crew: "Workers") -> Probing | None:
    """Who looks at the server's side; None where nobody is asked to."""
    if not watched or Asked("none") in watched:
        return None
    # Imported here: the workers have begun to start by now, and need as long.
    from sonagi.probes.lookout import Lookout

    return Lookout(watched, lambda: crew.pids)


async def carry_out(
    plan: Plan,
    crew: "Workers",
    watcher: Watcher,
    *,
    keep_going: bool = False,
    on_loss: str = REDISTRIBUTE,
    outputs: Sequence[SampleOutput] = (),
    helm: Helm | None = None,
    recording: Recording | None = None,
    store: Path | None = None,
    probes: Probing | None = None,
) -> Result:
    """Run `plan` by workers that were started, to its end or to Ctrl-C. `recording` hears it, and is
    entered into the index of `store`, if it is kept there."""
    recording = recording or begin_recording(plan, None)
    conductor = Conductor(
        plan,
        crew,
        watcher,
        keep_going=keep_going,
        on_loss=on_loss,
        outputs=outputs,
        recording=recording,
        probes=probes,
    )

    def untold(reason: str) -> None:
        recording.notice("run.no_control", reason=reason)

    with _signals(conductor.stop), helm.steer(conductor) if helm else nullcontext():
        try:
            async with listening(place(store, recording.run_id), conductor.obey, untold):
                result = await conductor.run()
        except ScriptProblem:
            recording.discard()  # there was no run
            raise
        finally:
            watcher.ended()
            recording.close()
    if store is not None:
        enter(recording, store)
    return result


class _signals:  # noqa: N801 (used as a `with` statement)
    """SIGINT and SIGTERM call `stop` inside the block, where signals can be had: in the main thread."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self.stop = stop
        self.caught: list[signal.Signals] = []

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(RuntimeError, ValueError, NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, self.stop)
                self.caught.append(number)

    def __exit__(self, *_: object) -> None:
        for number in self.caught:
            asyncio.get_running_loop().remove_signal_handler(number)
