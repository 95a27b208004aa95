"""A network that is full."""

from dataclasses import replace

from cases import constant, healthy, per_second, trend

from sonagi.diagnose.rules.failures.n03_bandwidth import look
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Answers, Endpoint, Trend

CAPPED = {
    "load.received": per_second(lambda second: 600_000 + 20_000 * (second % 3)),
    "load.vus": per_second(lambda second: 10 + second),
}
SLOW = healthy().trends | {"http_req_duration": trend(900.0), "http_req_receiving": trend(700.0)}

CASE = healthy(signals=CAPPED, trends=SLOW)
# The server is at work all the while: answers are made that slowly.
COUNTER = healthy(signals=CAPPED | {"process.cpu": constant(1.0)}, trends=SLOW)


def test_bytes_that_stay_while_users_grow_and_answers_trickle_in() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.values["rate"].value == 620_000
    assert finding.confidence > 0.8
    assert {"network.n03_receiving", "network.n03_pressed", "network.n03_idle"} <= {
        proof.said.key for proof in finding.evidence
    }


def test_a_client_alone_is_held_to_its_cap() -> None:
    alone = {name: series for name, series in CASE.signals.items() if name.startswith("load.")}
    finding = look(replace(CASE, signals=alone, seen=frozenset({"client", "seconds"})))
    assert finding is not None
    assert finding.confidence <= 0.6


def test_bytes_that_grow_with_the_users_have_no_cap_yet() -> None:
    growing = CAPPED | {"load.received": per_second(lambda second: 60_000 * (10 + second))}
    assert look(healthy(signals=growing, trends=SLOW)) is None


def test_small_answers_that_queue_up_outside_the_server_show_it_by_its_own_clock() -> None:
    queueing = healthy().trends | {"http_req_duration": trend(900.0)}
    finding = look(healthy(signals=CAPPED | {"server.mean": constant(12)}, trends=queueing))
    assert finding is not None
    assert "network.n03_away" in [proof.said.key for proof in finding.evidence]
    assert look(healthy(signals=CAPPED, trends=queueing)) is None


def test_a_busy_generator_reads_that_slowly() -> None:
    assert look(healthy(signals=CAPPED | {"generator.cpu": constant(0.95)}, trends=SLOW)) is None


def test_names_with_large_and_small_answers_are_told_apart() -> None:
    def answers(name: str, size: float) -> Answers:
        return Answers("GET", name, 200, 100, Trend(Reading.exact(size)))

    sized = replace(
        CASE,
        endpoints=(
            Endpoint("GET", "/all", 100, 0, trend(1500.0)),
            Endpoint("GET", "/one", 100, 0, trend(20.0)),
        ),
        answers=(answers("/all", 400_000), answers("/one", 300)),
    )
    finding = look(sized)
    assert finding is not None
    told = {proof.said.key: proof.said.values for proof in finding.evidence}["network.n03_sizes"]
    assert dict(told) == {"large": "GET /all", "small": "GET /one"}
