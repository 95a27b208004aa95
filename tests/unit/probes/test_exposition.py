"""What servers of several kinds answer at their metrics endpoint, as samples and as signals."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.model.signals import SIGNALS
from sonagi.probes.exposition import Sample, samples
from sonagi.probes.named_metrics import MOST, Named

SPRING = """\
# HELP hikaricp_connections_active Active connections
# TYPE hikaricp_connections_active gauge
hikaricp_connections_active{pool="HikariPool-1",} 10.0
hikaricp_connections_max{pool="HikariPool-1",} 10.0
hikaricp_connections_pending{pool="HikariPool-1",} 90.0
hikaricp_connections_usage_seconds_count{pool="HikariPool-1",} 4.0
hikaricp_connections_usage_seconds_sum{pool="HikariPool-1",} 8.0
jvm_memory_used_bytes{area="heap",id="G1 Eden Space",} 1.2582912E7
jvm_memory_used_bytes{area="heap",id="G1 Old Gen",} 2.0E7
jvm_memory_used_bytes{area="nonheap",id="Metaspace",} 6.0E7
jvm_memory_max_bytes{area="heap",id="G1 Eden Space",} -1.0
jvm_memory_max_bytes{area="heap",id="G1 Old Gen",} 6.4E7
jvm_gc_pause_seconds_sum{action="end of major GC",cause="Allocation Failure",} 3.0
tomcat_threads_busy_threads{name="http-nio-8080",} 200.0
tomcat_threads_config_max_threads{name="http-nio-8080",} 200.0
http_server_requests_seconds_count{exception="None",method="GET",status="200",uri="/concerts/",} 100.0
http_server_requests_seconds_sum{exception="None",method="GET",status="200",uri="/concerts/",} 5.0
http_server_requests_seconds_count{exception="X",method="GET",status="500",uri="/concerts/",} 10.0
http_server_requests_seconds_sum{exception="X",method="GET",status="500",uri="/concerts/",} 1.0
logback_events_total{level="error",} NaN
"""
NODE = """\
nodejs_eventloop_lag_p99_seconds 0.25
process_resident_memory_bytes 50000000 1700000000000
http_request_duration_seconds_bucket{le="0.1",status="200"} 3
"""
OPEN_METRICS = """\
db_client_connection_count{state="used"} 4 # {trace_id="x"} 1 1700000000.1
db_client_connection_count{state="idle"} 6
db_client_connection_max 10
# EOF
"""


def looked(text: str, named: Named | None = None, at: float = 0.0) -> dict[str, float]:
    return (named or Named()).signals(samples(text), at)


def test_spring_s_pool_heap_and_threads_have_the_names_that_rules_know() -> None:
    signals = looked(SPRING)
    assert {name: signals[name] for name in ("pool.active", "pool.max", "pool.pending")} == {
        "pool.active": 10,
        "pool.max": 10,
        "pool.pending": 90,
    }
    assert (signals["jvm.heap_used"], signals["jvm.heap_max"]) == (32_582_912, 64_000_000)
    assert (signals["workers.busy"], signals["workers.max"]) == (200, 200)
    assert all(name in SIGNALS or name.startswith("prom.") for name in signals)


def test_rates_are_made_of_two_looks() -> None:
    named = Named()
    assert "server.requests" not in looked(SPRING, named, 0.0)
    later = (
        SPRING.replace("} 100.0", "} 150.0")
        .replace("} 5.0", "} 15.0")
        .replace("} 10.0\nhttp", "} 12.0\nhttp")
    )
    later = (
        later.replace('Failure",} 3.0', 'Failure",} 4.0')
        .replace("sum{pool", "sum{pool")
        .replace('count{pool="HikariPool-1",} 4.0', 'count{pool="HikariPool-1",} 8.0')
    )
    later = later.replace('sum{pool="HikariPool-1",} 8.0', 'sum{pool="HikariPool-1",} 16.0')
    signals = looked(later, named, 2.0)
    assert signals["server.requests"] == pytest.approx(26)
    assert signals["server.errors"] == pytest.approx(1)
    assert signals["server.mean"] == pytest.approx(10 / 52 * 1000)
    assert signals["jvm.gc"] == 0.5
    assert signals["pool.held"] == 2000


def test_a_counter_that_began_anew_makes_no_negative_rate() -> None:
    named = Named()
    looked(SPRING, named, 0.0)
    assert looked(SPRING.replace("} 100.0", "} 1.0"), named, 1.0)["server.requests"] == 0


def test_node_s_and_opentelemetry_s_names_are_known() -> None:
    assert looked(NODE)["loop.lag"] == 250
    assert looked(OPEN_METRICS) == {"pool.active": 4, "pool.max": 10}


def test_other_metrics_are_kept_under_their_own_names_when_they_change() -> None:
    named = Named()
    assert looked(NODE, named)["prom.process_resident_memory_bytes"] == 50_000_000
    assert "prom.process_resident_memory_bytes" not in looked(NODE, named, 1.0)
    many = "\n".join(f"metric_{number} {number}" for number in range(2 * MOST))
    assert len(looked(many)) == MOST


@pytest.mark.parametrize(
    ("line", "sample"),
    [
        ("a 1", Sample("a", {}, 1.0)),
        ('a{b="c"} +Inf', Sample("a", {"b": "c"}, float("inf"))),
        ('a{b="}\\"\\n\\\\",c="d",} -1e3 123', Sample("a", {"b": '}"\n\\', "c": "d"}, -1000.0)),
        ("a:b_total\t2.5", Sample("a:b_total", {}, 2.5)),
    ],
)
def test_a_line_is_read_as_the_format_has_it(line: str, sample: Sample) -> None:
    assert list(samples(f"# TYPE a gauge\n\n{line}\n")) == [sample]


@pytest.mark.parametrize("text", ["<html>", '{"status":"UP"}', "a", "a{b=c} 1", 'a{b="c} 1', "1 a"])
def test_what_is_no_exposition_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        list(samples(text))


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(ValueError):
        list(samples(text))
