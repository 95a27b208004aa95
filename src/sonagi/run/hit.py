"""`sonagi hit`: one request again and again, made by the core without any Python between."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sonagi.model.result import Result
from sonagi.model.watcher import Watcher
from sonagi.plan.build import build_plan
from sonagi.plan.duration import Duration
from sonagi.plan.functions import Offered
from sonagi.plan.network import without_user
from sonagi.plan.options import Options
from sonagi.plan.plan import Plan
from sonagi.plan.problems import PlanError, Problem
from sonagi.plan.workers import REDISTRIBUTE, asked_on_loss, asked_workers, how_many
from sonagi.probes.asked import Asked, asked
from sonagi.run.api import Silent, carry_out, kept_in, probing
from sonagi.run.limits import check_descriptors, cores
from sonagi.run.local import InProcess, LocalProcesses
from sonagi.run.samples import SampleOutput
from sonagi.run.workers import Workers
from sonagi.store.begin import begin_recording

CONNECTIONS = 50
"""Users where nothing is said: oha's and hey's number."""


def hit(
    url: str,
    *,
    connections: int | None = None,
    duration: Duration | None = None,
    requests: int | None = None,
    request: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    workers: int | str | None = None,
    on_worker_loss: str = REDISTRIBUTE,
    keep_going: bool = False,
    watcher: Watcher | None = None,
    outputs: Sequence[SampleOutput] = (),
    store: str | os.PathLike[str] | bool | None = None,
    watch: Sequence[str] = (),
) -> Result:
    """Ask `url` from `connections` users at once (CONNECTIONS when nothing is said, and no more than there
    are requests), for `duration` (10 s) or `requests` times. `request` are keywords of http.request (method,
    headers, content, auth, timeout), `options` those of Options; `workers` and `on_worker_loss` are as for
    `sonagi.run`; `outputs` get each sample, `store` is a folder that keeps the run, `watch` as for
    `sonagi.run`. Raises PlanError."""
    watched = asked(watch)
    count, on_loss = asked_workers(workers), asked_on_loss(on_worker_loss)
    plan = plan_of(url, connections, duration, requests, request or {}, options or {})
    crew = LocalProcesses() if count != 0 else InProcess()
    return asyncio.run(
        _go(plan, crew, count, on_loss, watcher or Silent(), keep_going, outputs, kept_in(store), watched)
    )


def plan_of(
    url: str,
    connections: int | None,
    duration: Duration | None,
    requests: int | None,
    request: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Plan:
    """The plan of a hit. Raises PlanError with all problems."""
    found = []
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        found.append(Problem("url", "", {"url": without_user(url)}))
    if duration is None and requests is None:
        duration = 10.0
    if connections is None:
        few = isinstance(requests, int) and 0 < requests < CONNECTIONS
        connections = requests if few else CONNECTIONS
    workload = {"vus": connections, "duration": duration, "iterations": requests}
    given = {name: value for name, value in workload.items() if value is not None}
    try:
        plan = build_plan(Offered(url, ("hit",)), [Options(**given, discard_response_bodies=True, **options)])
    except PlanError as error:
        raise PlanError([*found, *error.problems]) from None
    if found:
        raise PlanError(found)
    scenario = replace(plan.scenarios[0], start="together", request={"method": "GET", "url": url, **request})
    return replace(plan, script="", scenarios=(scenario,))


async def _go(
    plan: Plan,
    crew: Workers,
    workers: int | None,
    on_loss: str,
    watcher: Watcher,
    keep_going: bool,
    outputs: Sequence[SampleOutput],
    store: Path | None,
    watched: Sequence[Asked],
) -> Result:
    count = how_many(workers, cores(), plan)
    check_descriptors(plan, count)
    recording = begin_recording(plan, store)
    await crew.start(count)
    return await carry_out(
        plan,
        crew,
        watcher,
        keep_going=keep_going,
        on_loss=on_loss,
        outputs=outputs,
        recording=recording,
        store=store,
        probes=probing(watched, crew),
    )
