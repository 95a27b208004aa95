"""A recording says the same live, read again, and cut off, as far as it was heard."""

from dataclasses import replace
from pathlib import Path

import pytest
from runs import BEGAN, ENDING, STARTED, generator, plan, recording, requests, second

from sonagi.model.sight import Sight
from sonagi.model.traffic import Event, LogTemplate
from sonagi.store.begin import begin_recording
from sonagi.store.facts import About, kept_plan
from sonagi.store.recording import Recording
from sonagi.store.replay import replay
from sonagi.store.runfile import RunFile

ANSWERS = [
    {
        "method": "GET",
        "name": "/",
        "status": 200,
        "count": 2,
        "bytes_sum": 20,
        "bytes_min": 8,
        "bytes_max": 12,
        "announced": 12,
        "kinds": 1,
        "bodies": [
            {"fp": "0f" * 8, "count": 2, "bytes": 8, "items": 3, "exact": True, "sample": "[1, 2, 3]"}
        ],
    }
]
FAILURES = [
    {
        "kind": "status",
        "method": "GET",
        "name": "/",
        "status": 500,
        "code": 1500,
        "errno": 0,
        "text": "",
        "count": 1,
        "reused": 1,
        "idle_ms": [4.0],
        "age_ms": [900.0],
        "duration_ms": [30.0],
    }
]
LINE = LogTemplate("", "pool <*> is empty", 3, BEGAN + 1.5, "pool 1 is empty", "ERROR", values=(("1",),))


def kept(folder: Path) -> tuple[Recording, Path]:
    path = folder / "run.db"
    file = RunFile(path)
    made = recording(file, begins=False)
    file.begin({"id": made.run_id, "plan": made.plan.to_json(), "about": made.about.to_json()})
    return made, path


def tell(made: Recording) -> None:
    """A run of three seconds with two workers, something of everything."""
    vus = {"active": 1, "initialized": 1}
    made.frame(second(-0.1, *requests(100.0, name="/setup")))
    made.load_begins(BEGAN, STARTED.timestamp())
    made.sight(
        Sight(BEGAN + 0.5, {"process.rss": 5e6}, (LINE,), (Event(BEGAN + 0.7, "oom_kill"),), ("unseen.x",))
    )
    for number in (1, 2):
        for worker in (0, 1):
            made.frame(
                second(
                    number,
                    *requests(10.0, 20.0),
                    *requests(30.0, status="500"),
                    worker=worker,
                    generator=generator(0.25),
                    answers=ANSWERS,
                    failures=FAILURES,
                    connections={"opened": 1, "reused": 2},
                    vus=vus,
                )
            )
    made.notice("run.stopping")
    made.notice("run.stopping")
    made.load_ends(BEGAN + 2.5)
    made.frame(second(2.6, *requests(5.0, name="/teardown")))
    made.frame(b"no frame at all")


def test_what_is_read_again_is_what_was_heard(tmp_path: Path) -> None:
    made, path = kept(tmp_path)
    tell(made)
    made.end(ENDING)
    made.found({"verdict": "valid", "cause": "S01"})
    made.close()
    again = replay(path)
    assert again.evidence() == made.evidence()
    assert again.ledger.totals.frames() == made.ledger.totals.frames()
    assert (again.ending, again.findings) == (ENDING, {"verdict": "valid", "cause": "S01"})
    assert again.ledger.notices == made.ledger.notices
    assert (again.about, again.plan, again.run_id) == (made.about, made.plan, made.run_id)


def test_a_run_that_is_cut_off_is_whole_up_to_there(tmp_path: Path) -> None:
    made, path = kept(tmp_path)
    tell(made)
    again = replay(path)  # nothing was closed: as after SIGKILL
    live, read = made.evidence(), again.evidence()
    assert (read.requests, read.failed, read.iterations) == (live.requests, live.failed, live.iterations)
    assert (read.failures, read.answers, read.log, read.events) == (
        live.failures,
        live.answers,
        live.log,
        live.events,
    )
    assert {name: series.at for name, series in read.signals.items()} == {
        name: series.at for name, series in live.signals.items()
    }
    assert again.ending is None
    made.discard()
    assert list(tmp_path.iterdir()) == []


def test_the_evidence_is_of_all_workers_and_of_the_load_alone_where_it_goes_by_second(tmp_path: Path) -> None:
    made, _ = kept(tmp_path)
    tell(made)
    evidence = made.evidence()
    made.discard()
    assert (evidence.requests, evidence.failed) == (14, 4)
    assert evidence.signal("load.requests").at == (1.0, 2.0)
    assert evidence.signal("load.requests").values == (6.0, 6.0)
    assert evidence.signal("load.failed|GET /").values == (2.0, 2.0)
    assert evidence.signal("load.connects").values == (2.0, 2.0)
    assert (evidence.connects, evidence.reused) == (4, 8)
    [answers] = evidence.answers
    assert (answers.count, answers.bodies[0].count, answers.bodies[0].items) == (8, 8, 3)
    [failures] = evidence.failures
    assert (failures.count, failures.reused, failures.by_second.values) == (4, 4, (2.0, 2.0))
    [line] = evidence.log
    assert (line.first_at, line.count, line.by_second.at) == (1.5, 3, (2.0,))
    assert [(event.at, event.kind) for event in evidence.events] == [(0.7, "oom_kill")]
    assert evidence.signal("process.rss").at == (0.5,)
    assert evidence.unseen == ("unseen.x",)
    assert evidence.seen >= {"client", "seconds", "process", "log"} and "host" not in evidence.seen
    assert evidence.seconds == 2.5
    assert made.ledger.broken_frames == 1
    assert [notice.key for notice in made.ledger.notices] == ["run.stopping"], "told once"


class Full:
    """A disk that has room for so many things."""

    path = "runs/x.db"

    def __init__(self, room: int) -> None:
        self.room = room
        self.closed = False

    def keep(self, kind: str, content: bytes) -> None:
        del kind, content
        if not self.room:
            raise OSError(28, "No space left on device")
        self.room -= 1

    def keep_totals(self, frames: list[bytes]) -> None:
        del frames

    def close(self) -> None:
        self.closed = True

    def discard(self) -> None:
        raise AssertionError("what was kept stays")


@pytest.mark.parametrize("room", [1, 4])
def test_a_disk_that_fills_is_told_once_and_the_evidence_is_whole(room: int) -> None:
    disk, told = Full(room), []
    made = recording(disk, begins=False)
    made.ledger.on_notice = told.append
    tell(made)
    made.end(ENDING)
    whole = recording(begins=False)
    tell(whole)
    whole.end(ENDING)
    assert made.evidence() == whole.evidence()
    lost = [notice for notice in told if notice.key == "store.lost"]
    assert [notice.values for notice in lost] == [{"path": "runs/x.db", "reason": "No space left on device"}]
    assert disk.closed and made.lost and not whole.lost


def test_of_a_plan_names_are_kept_and_no_values() -> None:
    request = {
        "method": "POST",
        "url": "http://ada:hush@h/a?token=hush",
        "headers": {"Authorization": "Bearer hush", "Accept": "text/html"},
        "content": b"hush",
        "auth": ("ada", "hush"),
    }
    scenario = replace(plan().scenarios[0], env={"B": "hush"}, request=request)
    kept = kept_plan(replace(plan(), env={"A": "hush"}, scenarios=(scenario,)))
    assert "hush" not in repr(kept)
    assert set(kept.env) == {"A"} and set(kept.scenarios[0].env) == {"B"}
    asked = dict(kept.scenarios[0].request or {})
    assert asked["headers"] == {"Authorization": "***", "Accept": "text/html"}


def test_where_and_when_survive_being_kept(tmp_path: Path) -> None:
    script = tmp_path / "shop.py"
    script.write_text("pass\n")
    about = About.now(str(script))
    assert About.from_json(about.to_json()) == about
    assert len(about.script_hash) == 64 and about.started.tzinfo is not None
    assert About.now("").script_hash == ""
    begun = begin_recording(plan(), tmp_path / "a/b")
    begun.discard()
    assert list((tmp_path / "a/b").iterdir()) == []
