"""Several pools, processes and endpoints of one machine are kept apart."""

import os

import pytest

from sonagi.probes.asked import Asked, asked
from sonagi.probes.discovery import Discovery
from sonagi.probes.endpoint import Endpoint
from sonagi.probes.exposition import samples
from sonagi.probes.lookout import probes_for
from sonagi.probes.named_metrics import Named
from sonagi.probes.probe import Seen
from sonagi.probes.process import Process

TWO_POOLS = """
hikaricp_connections_active{pool="main"} 10
hikaricp_connections_max{pool="main"} 10
hikaricp_connections_pending{pool="main"} 7
hikaricp_connections_active{pool="reports"} 0
hikaricp_connections_max{pool="reports"} 10
hikaricp_connections_pending{pool="reports"} 0
"""


def signals(text: str) -> dict[str, float]:
    return Named().signals(samples(text), 1.0)


def test_a_full_pool_is_not_hidden_by_an_idle_one() -> None:
    assert signals(TWO_POOLS) == {"pool.active": 10.0, "pool.max": 10.0, "pool.pending": 7.0}


def test_threads_that_have_no_limit_are_no_workers_of_the_server() -> None:
    text = (
        "tomcat_threads_busy_threads 150\ntomcat_threads_config_max_threads 200\n"
        'executor_active_threads{name="applicationTaskExecutor"} 60\n'
    )
    found = signals(text)
    assert (found["workers.busy"], found["workers.max"]) == (150.0, 200.0)


@pytest.mark.parametrize(
    ("written", "suffixes"),
    [
        (("name:java", "name:postgres"), ["", "|name:postgres"]),
        (("auto", "name:postgres"), ["|name:postgres"]),
        (("auto", "port:8000", "port:5432"), ["", "|port:5432"]),
    ],
)
def test_the_server_itself_has_no_suffix_and_everything_else_has_one(
    written: tuple[str, ...], suffixes: list[str]
) -> None:
    probes = probes_for(asked(written), lambda: ())
    assert [probe.suffix for probe in probes if isinstance(probe, Process)] == suffixes
    for probe in probes:
        probe.close()


def test_a_second_endpoint_does_not_overwrite_the_first() -> None:
    probes = probes_for(asked(["http://a:1/metrics", "http://b:2/metrics"]), lambda: ())
    seen = Seen(1.0, 1.0)
    for number, probe in enumerate(probes):
        assert isinstance(probe, Endpoint)
        probe.ask = lambda _, number=number: f"hikaricp_connections_active {number}\n"  # type: ignore[misc]
        probe.patience = 5.0
        probe.look(seen)
        probe.close()
    assert seen.signals == {"pool.active": 0.0, "pool.active|2": 1.0}


def test_a_port_that_was_named_is_not_watched_twice_and_its_logs_are_looked_for() -> None:
    named = Process(Asked("port", "8000"), "", frozenset({os.getpid()}))
    discovery = Discovery(lambda: (), (named,))
    assert discovery._target("127.0.0.1", 8000) == []
    assert discovery._ports[8000] is named
    others = discovery._target("127.0.0.1", 8001)
    assert [one.suffix for one in others if isinstance(one, Process)] == ["|:8001"]
    discovery.close()
    for probe in (named, *others):
        probe.close()
