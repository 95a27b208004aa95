"""The lookout: every probe once a look, and none that ends the run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sonagi import locale
from sonagi.model.sight import Sight
from sonagi.model.unseen import parts
from sonagi.plan.problems import PlanError
from sonagi.probes.asked import Asked, asked
from sonagi.probes.endpoint import Endpoint, NoMetrics
from sonagi.probes.lookout import Lookout, probes_for
from sonagi.probes.probe import Seen


class Counting:
    """Sees a signal."""

    name = "counting"

    def __init__(self) -> None:
        self.looks = 0

    def look(self, seen: Seen) -> None:
        self.looks += 1
        seen.signals["host.cpu"] = float(self.looks)

    def close(self) -> None:
        pass


class Broken(Counting):
    """Raises at its second look."""

    name = "broken"

    def look(self, seen: Seen) -> None:
        super().look(seen)
        if self.looks == 2:
            raise KeyError("gone")


def watching(*probes: Counting) -> tuple[Lookout, list[Sight]]:
    lookout, sights = Lookout([], lambda: ()), list[Sight]()
    lookout.probes += probes
    lookout._on_sight = sights.append
    return lookout, sights


def test_a_probe_that_raises_is_silenced_and_told_and_the_others_go_on() -> None:
    broken, good = Broken(), Counting()
    lookout, sights = watching(broken, good)
    for _ in range(4):
        lookout.look()
    assert (broken.looks, good.looks) == (2, 4)
    assert [len(sight.unseen) for sight in sights] == [0, 1, 0, 0]
    assert parts(sights[1].unseen[0])[0] == "unseen.probe_failed"


def test_a_clock_that_jumps_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    lookout, sights = watching()
    lookout.look()
    wall = time.time()
    monkeypatch.setattr(time, "time", lambda: wall + 3600)
    lookout.look()
    assert [event.kind for event in sights[1].events] == ["clock_step"]
    assert sights[1].events[0].text.startswith("+3600")


def test_the_host_is_watched_with_whatever_lives_on_it(tmp_path: Path) -> None:
    def names(*written: str) -> list[str]:
        probes = probes_for(asked(written), lambda: ())
        for probe in probes:
            probe.close()
        return [probe.name for probe in probes]

    assert names("port:1", "file:/x.log") == ["host", "kernel", "port:1", "file:/x.log"]
    assert names("http://user:secret@h/metrics") == ["http://h/metrics"]
    assert names("host", "name:java") == ["host", "kernel", "name:java"]
    assert names("auto") == []


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_all_that_is_asked_wrongly_is_told_at_once(language: str) -> None:
    locale.use(language)
    try:
        with pytest.raises(PlanError) as error:
            asked(["prot:80", "pid:x", "name:", "http://", "none", "auto", "?"])
        assert len(error.value.problems) == 6
        assert "port:8080" in str(error.value)
    finally:
        locale.use(None)
    assert asked(["auto", "auto", "port:80"]) == (Asked("auto"), Asked("port", "80"))


def looks(ask: Callable[[str], str], times: int) -> list[Seen]:
    endpoint = Endpoint("http://h/metrics", ask=ask, patience=5.0)
    seen = [Seen(float(number), 0.0) for number in range(times)]
    for one in seen:
        endpoint.look(one)
    endpoint.close()
    return seen


def test_an_endpoint_s_answer_becomes_signals() -> None:
    assert looks(lambda _: "hikaricp_connections_active 3\n", 1)[0].signals == {"pool.active": 3.0}


def test_an_endpoint_that_wants_a_login_is_told_once() -> None:
    def ask(_: str) -> str:
        raise NoMetrics("unseen.metrics_refused", url="http://h/metrics", status=401)

    seen = looks(ask, 3)
    assert [one.unseen for one in seen] == [
        ["unseen.metrics_refused|url=http://h/metrics|status=401"],
        [],
        [],
    ]


def test_an_endpoint_that_falls_silent_and_comes_back_is_an_event_each() -> None:
    answers = iter(["a 1\n", None, None, "a 2\n"])

    def ask(_: str) -> str:
        answer = next(answers)
        if answer is None:
            raise OSError("refused")
        return answer

    seen = looks(ask, 4)
    assert [[event.kind for event in one.events] for one in seen] == [
        [],
        [],
        ["probe_silent"],
        ["probe_back"],
    ]
    assert seen[2].events[0].at == 1.0
    assert all(one.unseen == [] for one in seen)


def test_an_endpoint_that_never_answered_is_told() -> None:
    def ask(_: str) -> str:
        raise OSError("connection refused")

    assert looks(ask, 2)[0].unseen[0].startswith("unseen.metrics_silent")
