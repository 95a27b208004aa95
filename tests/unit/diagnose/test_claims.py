"""What looks like a cause and is none: found by reading the rules as a stranger would."""

from dataclasses import replace

import pytest
from cases import constant, healthy, per_second, trend
from failed import failing, failures
from stories import saturated

from sonagi.diagnose import bodies
from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.failures import n03_bandwidth, s17_accept_queue, s28_not_listening, s30_serialised
from sonagi.diagnose.rules.server import s06_workers, s11_result_set
from sonagi.diagnose.rules.validity import c09_script_error
from sonagi.diagnose.signs.processors import processors
from sonagi.model.finding import Role
from sonagi.model.quantity import Reading
from sonagi.model.series import Series
from sonagi.model.traffic import Answers, Body, Check, FailureKind, Trend


def test_answers_of_200_kb_at_a_steady_rate_are_no_full_network() -> None:
    """Users who pause make a steady rate by themselves, and a large answer takes half of 2 ms to arrive."""
    steady = healthy(
        signals={"load.received": constant(20e6), "process.cpu": constant(0.1)},
        trends={"http_req_duration": trend(2.0), "http_req_receiving": trend(1.0)},
    )
    assert n03_bandwidth.look(steady) is None


def test_one_busy_core_that_keeps_up_is_not_what_holds_users_up() -> None:
    busy = {"process.cpu": constant(0.95), "process.cores": constant(4.0), "load.p50": constant(32.0)}
    assert s30_serialised.look(healthy(signals={**busy, "load.ok": constant(97.0)})) is None


def test_a_script_that_breaks_on_missing_answers_is_not_the_cause_of_their_missing() -> None:
    refused = failures(FailureKind.REFUSED, per_second(lambda _: 10))
    evidence = failing(
        refused,
        offered=per_second(lambda _: 10),
        iterations=600,
        exceptions=(("JSONDecodeError: Expecting value", 600),),
    )
    finding = c09_script_error.look(evidence)
    assert finding is not None and finding.confidence < 0.5
    root = diagnose(evidence).root
    assert root is not None and root.cause == "S28" and root.confidence > 0.9


def test_a_check_that_fails_with_the_requests_is_right() -> None:
    late = failures(FailureKind.STATUS, per_second(lambda _: 5), status=500)
    evidence = failing(late, checks=(Check("bought", 0, 300),))
    assert c09_script_error.look(evidence) is None


def test_an_address_that_never_answers_is_no_accept_queue() -> None:
    lost = failures(FailureKind.CONNECT_TIMEOUT, Series((31.0, 61.0, 91.0), (1.0, 1.0, 1.0)))
    one_user = failing(lost, offered=Series((31.0, 61.0, 91.0), (1.0, 1.0, 1.0)), vus=(1, 1, 1))
    assert s17_accept_queue.look(replace(one_user, signals={})) is None


def test_a_second_of_refusals_is_no_server_that_is_gone() -> None:
    moment = failures(FailureKind.REFUSED, per_second(lambda second: 90 if second == 30 else 0))
    assert s28_not_listening.look(failing(moment)) is None


def test_refusals_without_seconds_stop_no_diagnosis() -> None:
    """Locust tells no seconds of a name with two kinds of failures."""
    told = failures(FailureKind.REFUSED, per_second(lambda second: 99 if second > 20 else 0))
    untold = replace(told, name="/b", by_second=Series())
    assert diagnose(failing(told, untold)).findings


@pytest.mark.parametrize(
    ("body", "most"),
    [
        ('{"id":12,"status":"UNAVAILABLE"}', 0.6),
        ('{"title":"결제 오류 안내","id":3}', 0.6),
        ('{"id":1,"paymentStatus":"failed"}', 0.6),
        ('{"message":"존재하지 않는 좌석입니다.","data":null}', 0.8),
        ('{"responseStatus":"FAIL","data":null}', 0.97),
        ('{"orderStatus":"FAILED","error":"no such order"}', 0.93),
    ],
)
def test_what_was_asked_for_is_not_what_the_answer_is(body: str, most: float) -> None:
    sign = bodies.failure(body)
    assert sign is not None and sign.likely == most


def test_times_that_vary_by_nature_are_no_two_workers() -> None:
    """Ten users without a pause on a dependency that takes 20 to 400 ms."""
    wide = Trend(*map(Reading.exact, (100.0, 20.0, 80.0, 400.0)), {95.0: Reading.exact(240.0)}, 6000)
    quiet = saturated(10, 100, 20, signals={"process.cpu": constant(0.3), "process.cores": constant(4.0)})
    loop = replace(
        quiet,
        endpoints=tuple(replace(one, ok=wide) for one in quiet.endpoints),
        trends=dict.fromkeys(quiet.trends, wide),
        vus=(10, 10, 10),
        loads=tuple(replace(load, vus=10) for load in quiet.loads),
    )
    finding = s06_workers.look(loop)
    assert finding is None or finding.confidence < 0.5


def test_a_warm_up_of_five_seconds_is_no_lack_of_processors() -> None:
    warm = Series(
        tuple(float(second) for second in range(1, 601)),
        tuple(4.0 if second < 5 else 0.6 for second in range(600)),
    )
    use = processors(healthy(seconds=600.0, signals={"process.cpu": warm, "process.cores": constant(4.0)}))
    assert use is not None
    assert use.busy_at is None


def test_three_pictures_are_no_long_list() -> None:
    pictures = Answers(
        "GET",
        "/images",
        200,
        5900,
        Trend(avg=Reading.exact(6e6), max=Reading.exact(6e6)),
        bodies=(Body("aa", 5900, 6_000_000, '["iVBORw0KGgo', 3),),
    )
    refused = failures(FailureKind.STATUS, per_second(lambda _: 8), status=500)
    evidence = failing(refused, answers=(pictures,))
    finding = s11_result_set.look(evidence)
    assert finding is None or finding.title.key == "memory.s11_bytes"


def test_an_undecided_pair_is_told_with_a_check_whoever_names_it() -> None:
    from sonagi import locale
    from sonagi.model.finding import Diagnosis, Finding, Rival, Said
    from sonagi.report import findings
    from sonagi.report.cells import Paint

    def root(cause: str, *rivals: Rival) -> Finding:
        return Finding(
            cause,
            Role.ROOT,
            0.47,
            Said("server.s06_title_queue"),
            (),
            Said("server.s06_action"),
            rivals=rivals,
        )

    pair = (root("S06"), root("S01", Rival("S06", Said("shape.s30_or_workers"))))
    locale.use("en")
    try:
        told = " ".join(findings.full(Diagnosis(pair, undecided=("S06", "S01")), 110, Paint(False)))
    finally:
        locale.use(None)
    assert "To decide:" in told and told.split("To decide:")[1].strip() != ""
