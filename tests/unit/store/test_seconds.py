"""Each second of a load as signals: what belongs to it, and what is left out."""

import pytest
from frames import delta, floats, trend
from runs import BEGAN, generator, recording, requests, second

from sonagi.model.evidence import Evidence


def told(*frames: bytes) -> Evidence:
    made = recording()
    for one in frames:
        made.frame(one)
    return made.evidence()


def test_a_second_has_counts_and_percentiles_of_successes_and_failures_apart() -> None:
    seen = told(second(1, *requests(*range(1, 101)), *requests(900.0, status="500")))
    values = {name: seen.signal(name).values for name in ("load.requests", "load.ok", "load.failed")}
    assert values == {"load.requests": (101.0,), "load.ok": (100.0,), "load.failed": (1.0,)}
    assert seen.signal("load.p95").values[0] == pytest.approx(95.0, rel=0.01)
    assert seen.signal("load.failed_p50").values[0] == pytest.approx(900.0, rel=0.01)


@pytest.mark.parametrize(
    ("ends", "belongs"),
    [(1.0, 1), (1.2, 1), (1.3, 2), (0.3, 1), (0.2, None), (-1.0, None)],
)
def test_a_frame_belongs_to_the_second_that_it_ends(ends: float, belongs: int | None) -> None:
    at = told(second(ends, *requests(1.0))).signal("load.requests").at
    assert at == (() if belongs is None else (float(belongs),))


def test_a_late_frame_is_counted_in_the_second_that_is_open() -> None:
    frames = [second(1, *requests(1.0)), second(2, *requests(1.0)), second(1, *requests(1.0), worker=1)]
    assert told(*frames).signal("load.requests").values == (1.0, 2.0)


def test_no_second_is_later_than_the_load() -> None:
    made = recording()
    made.frame(second(1, *requests(1.0)))
    made.frame(second(2, *requests(1.0)))
    made.load_ends(BEGAN + 1.4)
    assert made.evidence().signal("load.requests").at == (1.0, 1.4)


def test_the_busiest_worker_and_all_workers_memory() -> None:
    frames = [
        second(number, worker=worker, generator=generator(cpu, rss=rss, fds=10 + worker, user_cpu_ns=10**8))
        for number in (1, 2)
        for worker, cpu, rss in ((0, 0.25, 1000), (1, 0.75, 500))
    ]
    seen = told(*frames)
    assert seen.signal("generator.cpu").values == (0.75,), "of the first frame nobody knows how long it was"
    assert seen.signal("generator.user_cpu").values == (0.1,)
    assert seen.signal("generator.rss").values == (1500.0,)
    assert seen.signal("generator.fds").values == (11.0,)
    assert "generator.ports" not in seen.signals, "nobody told"


def test_kinds_of_requests_beyond_the_first_have_no_signals_of_their_own() -> None:
    series = [one for number in range(40) for one in requests(1.0, name=f"http://h/{number:02}")]
    seen = told(second(1, *series))
    titles = [name for name in seen.signals if name.startswith("load.requests|")]
    assert len(titles) == 30 and "load.requests|GET /00" in titles
    assert len(seen.endpoints) == 40


def test_one_path_of_two_servers_has_two_signals() -> None:
    seen = told(second(1, *requests(1.0, name="http://a/x"), *requests(1.0, 2.0, name="http://b/x")))
    assert seen.signal("load.requests|GET /x").values == (1.0,)
    assert seen.signal("load.requests|GET http://b/x").values == (2.0,)


def test_the_time_to_connect_is_of_connections_that_were_opened() -> None:
    reused = delta("http_req_connecting", "trend", trend(*[0.0] * 90, *range(1, 11)), "time")
    seen = told(second(1, reused, connections={"opened": 10, "reused": 90}))
    assert seen.signal("load.connects").values == (10.0,)
    assert 9.0 <= seen.signal("load.connect_p95").values[0] <= 10.05


def test_users_are_those_of_all_workers() -> None:
    def users(number: float, worker: int, active: int) -> bytes:
        return second(number, worker=worker, vus={"active": active, "initialized": 9})

    made = recording(workers=2)
    for frame in (users(1, 0, 3), users(1, 1, 4), users(2, 0, 0), users(2, 1, 0)):
        made.frame(frame)
    seen = made.evidence()
    assert seen.signal("load.vus").values == (7.0, 7.0), "in the last second all have left by its end"
    assert seen.vus == (7, 7, 7), "nobody counts half of a second's workers"


def test_counters_of_bytes_and_iterations_are_by_second() -> None:
    series = [delta("iterations", "counter", floats(3)), delta("data_received", "counter", floats(1e6))]
    seen = told(second(1, *series), second(2, *series))
    assert (seen.iterations, seen.signal("load.iterations").values) == (6, (3.0, 3.0))
    assert seen.signal("load.received").values == (1e6, 1e6)
