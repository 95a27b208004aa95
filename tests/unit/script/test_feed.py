"""Test data and who gets which row."""

import textwrap
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sonagi
from sonagi import ConstantVUs, Options, PerVUIterations, Vu, feed, locale
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.segment import Segment
from sonagi.script.feed import Feed, FeedError, Share
from sonagi.script.vu import UNNUMBERED, Numbering

ROWS = [{"n": str(number)} for number in range(5)]


def taken(rows: Feed, vus: int = 1, iterations: int = 1) -> tuple[list[tuple[int, str]], sonagi.Result]:
    """(user, row) in the order in which they were taken."""
    seen: list[tuple[int, str]] = []

    async def take(vu: Vu) -> None:
        seen.append((vu.id, rows.take()["n"]))

    scenarios = {"s": PerVUIterations(vus=vus, iterations=iterations, start="together")}
    return seen, sonagi.run(take, options=Options(scenarios=scenarios))


def test_sequential_rows_go_round() -> None:
    seen, _ = taken(Feed(ROWS), iterations=7)
    assert [row for _, row in seen] == ["0", "1", "2", "3", "4", "0", "1"]


def test_each_user_has_its_own_row() -> None:
    seen, _ = taken(Feed(ROWS, "vu"), vus=3, iterations=3)
    assert set(seen) == {(1, "0"), (2, "1"), (3, "2")}


def test_no_two_iterations_have_the_same_row_and_one_has_the_same_twice() -> None:
    rows, seen = Feed(ROWS, "iteration"), []

    async def take() -> None:
        seen.append((rows.take()["n"], rows.take()["n"]))

    sonagi.run(take, vus=2, iterations=4)
    assert sorted(seen) == [(str(n), str(n)) for n in range(4)]


def test_random_rows_are_the_same_in_each_run_with_the_same_seed() -> None:
    first, second = (
        taken(Feed(ROWS, "random"), vus=2, iterations=9),
        taken(Feed(ROWS, "random"), vus=2, iterations=9),
    )
    assert sorted(first[0]) == sorted(second[0])
    assert len({row for _, row in first[0]}) > 1


def test_rows_that_run_out_fail_the_iteration_with_what_to_do() -> None:
    seen, result = taken(Feed(ROWS, "iteration"), iterations=6)
    assert len(seen) == 5
    assert "all 5 rows are taken" in result.errors[0].message


def test_what_is_wrong_with_test_data_is_said_in_korean_too() -> None:
    locale.use("ko")
    try:
        with pytest.raises(FeedError, match="데이터가 한 줄도 없습니다"):
            Feed([])
    finally:
        locale.use(None)


def test_rows_that_run_out_may_end_their_user() -> None:
    rows, count = Feed(ROWS, at_end="stop"), 0

    async def take() -> None:
        nonlocal count
        rows.take()
        count += 1
        await sonagi.sleep(0.001)

    scenarios = {"s": ConstantVUs(vus=2, duration=5, start="together")}
    result = sonagi.run(take, options=Options(scenarios=scenarios))
    assert (count, result.iterations_full, result.errors) == (5, 5, ())
    assert result.seconds < 2


def test_a_row_is_the_takers_own(tmp_path: Path) -> None:
    rows = Feed(ROWS)
    sonagi.run(_spoil(rows), iterations=1)
    assert ROWS[0] == {"n": "0"}


def _spoil(rows: Feed) -> Callable[[], Any]:
    async def spoil() -> None:
        rows.take()["n"] = "spoilt"

    return spoil


def test_workers_share_out_sequential_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Share, "segment", Segment(1, 2))
    rows = Feed(ROWS, at_end="fail")
    assert [rows._deal() for _ in range(3)] == [1, 3, 5]


def counted(name: str, vus: int, iterations: int, executor: str = "per-vu-iterations") -> ScenarioPlan:
    return ScenarioPlan(name, executor, {"f": 1}, vus, 1, iterations=iterations)


def rows_of_workers(
    monkeypatch: pytest.MonkeyPatch, plan: Plan, workers: int, rows: int, every: int = 1
) -> list[int]:
    """What all iterations take that ask for a row: every `every`-th of them."""
    found = []
    for worker in range(workers):
        monkeypatch.setattr(Share, "segment", plan.segment.part(worker, workers))
        monkeypatch.setattr(Share, "scenarios", plan.scenarios)
        feed_ = Feed(range(rows), "iteration")
        for scenario in plan.scenarios:
            segment = plan.share(scenario, worker, workers)
            numbering = Numbering(segment.in_turns(scenario.vus), count().__next__)
            vu = SimpleNamespace(id=scenario.name, scenario=scenario.name, numbering=numbering)
            iterations = range(0, segment.iterations(scenario), every)
            found += [feed_._at(feed_._number(vu, at)) for at in iterations]  # type: ignore[arg-type]
    return found


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["per-vu-iterations", "shared-iterations"]), st.integers(1, 7), st.integers(7, 20)
        ),
        min_size=1,
        max_size=3,
    ),
    st.integers(2, 5),
)
def test_rows_for_all_iterations_are_enough_whoever_makes_them(
    asked: list[tuple[str, int, int]], workers: int
) -> None:
    scenarios = [counted(f"s{at}", vus, each, kind) for at, (kind, vus, each) in enumerate(asked)]
    total = sum(scenario.iterations_asked or 0 for scenario in scenarios)
    with pytest.MonkeyPatch.context() as patch:
        found = rows_of_workers(patch, Plan("t.py", tuple(scenarios)), workers, total)
    assert sorted(found) == list(range(total))


def test_iterations_that_ask_for_no_row_leave_it_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found = rows_of_workers(monkeypatch, Plan("t.py", (counted("s", 4, 25),)), 2, rows=20, every=5)
    assert sorted(found) == list(range(20))


def test_a_worker_whose_own_rows_have_run_out_says_that_there_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timed = ScenarioPlan("t", "constant-vus", {"f": 1}, 2, 1, duration=1.0)
    with pytest.raises(FeedError, match=r"the 2 of 5 rows that are this worker's are taken; .* --workers 1"):
        monkeypatch.setattr(Share, "segment", Segment(1, 2))
        monkeypatch.setattr(Share, "scenarios", (timed,))
        rows = Feed(ROWS, at_end="fail")
        for _ in range(3):
            rows._at(rows._deal())


def test_what_setup_takes_is_no_iterations_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Share, "segment", Segment(0, 2))
    monkeypatch.setattr(Share, "scenarios", (counted("s", 2, 2),))
    rows = Feed(ROWS, "iteration")
    vu = SimpleNamespace(id=0, scenario="", numbering=UNNUMBERED)
    assert rows._at(rows._number(vu, -1)) == ROWS[4]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("users.csv", "\ufeffname,city\nmina,Seoul\n\n", feed.csv),
        ("users.json", '[{"name": "mina", "city": "Seoul"}]', feed.json),
        ("users.jsonl", '\n{"name": "mina", "city": "Seoul"}\n', feed.jsonl),
    ],
)
def test_files_of_each_kind_are_read(
    tmp_path: Path, name: str, content: str, read: Callable[..., Feed]
) -> None:
    (tmp_path / name).write_text(content)
    assert list(read(str(tmp_path / name)).rows) == [{"name": "mina", "city": "Seoul"}]


@pytest.mark.parametrize(
    ("name", "content", "read", "told"),
    [
        ("a.csv", "", feed.csv, "there are no rows"),
        ("a.csv", "a,b\n1\n", feed.csv, "line 2 has not as many fields"),
        ("a.csv", "a,b\n1,2,3\n", feed.csv, "line 2 has not as many fields"),
        ("a.json", '{"a": 1}', feed.json, "holds no list"),
        ("a.json", "[1,", feed.json, "a.json: "),
        ("a.jsonl", '{"a": 1}\nnope\n', feed.jsonl, "line 2 is no JSON"),
        ("a.jsonl", None, feed.jsonl, "there is no file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, name: str, content: str | None, read: Callable[..., Feed], told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(FeedError, match=told):
        read(str(tmp_path / name))


def test_a_relative_path_is_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("n\n1\n")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        from sonagi import feed
        rows = feed.csv("rows.csv")
        async def default():
            assert rows.take() == {"n": "1"}
        """)
    )
    result = sonagi.run(str(script), workers=0)
    assert (result.errors, result.iterations_full) == ((), 1)


def test_a_policy_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="pick='rnd'; there are sequential, random, vu, iteration"):
        Feed(ROWS, "rnd")  # type: ignore[arg-type]
