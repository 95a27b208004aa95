"""What probes saw, on the load's clock."""

import json

from sonagi.model.sight import Sight
from sonagi.model.traffic import Event, LogTemplate
from sonagi.store.watched import TEMPLATES, VALUES, Watched, sight_json, sight_of

BEGAN = 100.0


def line(text: str, first_at: float | None, count: int = 1, **more: object) -> LogTemplate:
    return LogTemplate("", text, count, first_at, text, **more)  # type: ignore[arg-type]


def heard(*sights: Sight) -> Watched:
    watched = Watched()
    for sight in sights:
        watched.hear(sight)
    return watched


def test_times_are_seconds_after_load_began_and_before_it_negative() -> None:
    watched = heard(
        Sight(98.5, {"process.rss": 1.0}, events=(Event(98.6, "log_rotated"),)),
        Sight(101.25, {"process.rss": 3.0}, events=(Event(101.0, "restart"),)),
    )
    rss = watched.signals(BEGAN)["process.rss"]
    assert (rss.at, rss.values) == ((-1.5, 1.25), (1.0, 3.0))
    assert [event.at for event in watched.events(BEGAN)] == [-1.4, 1.0]
    assert watched.latest == {"process.rss": 3.0}


def test_events_are_in_the_order_in_which_they_happened() -> None:
    watched = heard(Sight(103.0, events=(Event(102.9, "b"), Event(101.0, "a"))))
    assert [event.kind for event in watched.events(BEGAN)] == ["a", "b"]


def test_lines_of_one_template_add_up_by_second_and_keep_some_values() -> None:
    many = tuple((str(number),) for number in range(VALUES))
    watched = heard(
        Sight(101.0, log=(line("a", 100.4, 2, values=(("x",),), source="app.log"),)),
        Sight(
            102.0,
            log=(line("a", 100.9, 1, source="app.log"), line("a", 101.2, 4, values=many, source="app.log")),
        ),
        Sight(102.0, log=(line("a", 101.5, 1, source="other.log"),)),
    )
    one, other = watched.log(BEGAN)
    assert (one.count, one.first_at, one.source, len(one.values)) == (7, 0.4, "app.log", VALUES)
    assert (one.by_second.at, one.by_second.values) == ((1.0, 2.0), (3.0, 4.0))
    assert (other.count, other.source) == (1, "other.log")


def test_lines_without_a_time_are_counted_when_they_were_read() -> None:
    [one] = heard(Sight(102.3, log=(line("a", None, 5),))).log(BEGAN)
    assert (one.first_at, one.by_second.at, one.by_second.values) == (None, (3.0,), (5.0,))


def test_who_looked_is_told_by_what_was_seen() -> None:
    assert heard(Sight(1.0)).senses == set()
    watched = heard(Sight(1.0, {"cgroup.throttled": 1.0, "pool.active": 1.0, "up": 1.0}, (line("a", 1.0),)))
    assert watched.senses == {"host", "metrics", "log"}


def test_what_could_not_be_seen_is_told_once() -> None:
    assert heard(Sight(1.0, unseen=("a",)), Sight(2.0, unseen=("b", "a"))).unseen == ["a", "b"]


def test_a_log_with_ever_new_lines_has_an_end() -> None:
    watched = heard(*(Sight(1.0, log=(line(str(number), 1.0),)) for number in range(TEMPLATES + 9)))
    assert len(watched.log(0.0)) == TEMPLATES


def test_a_sight_is_the_same_after_it_was_kept() -> None:
    seen = Sight(
        1.5,
        {"host.cpu": 0.5},
        (
            line(
                "a <*>",
                1.25,
                2,
                values=(("1", "2"), ("3",)),
                stamps=(1.7e9,),
                level="ERROR",
                source="app.log",
            ),
        ),
        (Event(1.4, "oom_kill", "java", "kernel"),),
        ("unseen.remote|address=10.0.0.1",),
    )
    assert sight_of(json.loads(json.dumps(sight_json(seen)))) == seen
