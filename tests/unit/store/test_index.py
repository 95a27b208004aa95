"""Runs of a folder: what they are called, found by, and listed as."""

import os
from pathlib import Path

import pytest
from runs import BEGAN, ENDING, STARTED, plan, requests, second

from sonagi.store import index
from sonagi.store.begin import begin_recording
from sonagi.store.folder import default_folder, new_file, pick, plain
from sonagi.store.recording import Recording
from sonagi.store.runfile import NoRun, RunFile


def run(folder: Path, count: int = 1, *, ends: bool = True) -> Recording:
    made = begin_recording(plan(), folder)
    made.load_begins(BEGAN, STARTED.timestamp())
    made.frame(second(1, *requests(*[5.0] * count)))
    if ends:
        made.end(ENDING)
        made.found({"verdict": "suspect", "cause": "S06"})
    made.close()
    return made


def file_of(made: Recording, folder: Path) -> Path:
    return folder / f"{made.run_id}.db"


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"SONAGI_STORE": "/a", "XDG_STATE_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"SONAGI_STORE": "", "XDG_STATE_HOME": "/b", "HOME": "/c"}, "/b/sonagi"),
        ({"XDG_STATE_HOME": "not/absolute", "HOME": "/c"}, "/c/.local/state/sonagi"),
        ({}, "/.local/state/sonagi"),
    ],
)
def test_where_runs_are_kept(environ: dict[str, str], folder: str) -> None:
    assert default_folder(environ) == Path(folder)


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("tests/Shop Load.py", "shop-load"),
        ("콘서트.py", "콘서트"),
        ("https://ada:hush@shop.example:8443/a?b", "shop-example"),
        ("a" * 40 + ".py", "a" * 24),
        ("___.py", "run"),
        ("", "run"),
    ],
)
def test_a_run_is_called_after_its_script_or_host(script: str, name: str) -> None:
    assert plain(script) == name


def test_two_runs_of_one_minute_have_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["aa", "aa", "bb"])
    monkeypatch.setattr("secrets.token_hex", lambda _size: next(drawn))
    made = [new_file(tmp_path, "shop.py", STARTED) for _ in range(2)]
    assert [run_id for run_id, _ in made] == ["20260102-0304-shop-aa", "20260102-0304-shop-bb"]
    for _, file in made:
        file.close()


@pytest.mark.parametrize(
    ("asked", "found"),
    [("last", "b-2"), ("a-1", "a-1"), ("a", "a-1")],
)
def test_a_run_is_meant_by_its_name_the_beginning_of_one_or_last(asked: str, found: str) -> None:
    assert pick(asked, ["a-1", "b-1", "b-2"]) == found


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("b", "store.ambiguous"),
        ("c-1", "store.no_run"),
        ("", "store.no_run_or_file"),
        ("results.txt", "store.no_run_or_file"),
        ("b-1.txt", "store.no_run_or_file"),
    ],
)
def test_what_is_no_run_is_told_with_the_nearest_or_as_a_file_that_is_missing(asked: str, told: str) -> None:
    with pytest.raises(NoRun) as why:
        pick(asked, ["a-1", "b-1", "b-2"])
    assert why.value.key == told


def test_of_no_runs_none_can_be_had() -> None:
    with pytest.raises(NoRun) as why:
        pick("last", [])
    assert why.value.key == "store.empty"


def test_a_run_that_is_over_is_listed_as_it_ended_whether_it_was_entered_or_not(tmp_path: Path) -> None:
    made = run(tmp_path, 3)
    [row] = index.listing(tmp_path).rows
    assert (row.id, row.script, row.requests, row.failed) == (made.run_id, "shop.py", 3, 0)
    assert (row.seconds, row.exit_code, row.state) == (3.5, 0, index.OVER)
    assert (row.verdict, row.cause) == ("suspect", "S06")
    assert row.p95 == pytest.approx(5.0, rel=0.01)
    (tmp_path / index.INDEX).unlink()
    index.enter(made, tmp_path)
    assert index.listing(tmp_path).rows == (row,)


def test_a_run_without_an_end_goes_on_while_it_is_written_and_then_was_cut_off(tmp_path: Path) -> None:
    made = run(tmp_path, ends=False)
    written = file_of(made, tmp_path).stat().st_mtime
    [row] = index.listing(tmp_path, written + 1).rows
    assert (row.state, row.exit_code) == (index.RUNNING, None)
    [row] = index.listing(tmp_path, written + 60).rows
    assert row.state == index.CUT_OFF


def test_a_run_that_was_deleted_is_listed_no_more(tmp_path: Path) -> None:
    first, other = run(tmp_path), run(tmp_path)
    assert len(index.listing(tmp_path).rows) == 2
    file_of(first, tmp_path).unlink()
    assert [row.id for row in index.listing(tmp_path).rows] == [other.run_id]


@pytest.mark.parametrize("damage", [b"", b"not an index", b"SQLite format 3\0" + bytes(4000)])
def test_an_index_that_is_damaged_is_made_again(tmp_path: Path, damage: bytes) -> None:
    made = run(tmp_path)
    rows = index.listing(tmp_path).rows
    (tmp_path / index.INDEX).write_bytes(damage)
    assert index.listing(tmp_path).rows == rows
    assert index.find("last", tmp_path) == file_of(made, tmp_path)


def test_a_file_that_is_no_run_is_told_and_hides_no_other(tmp_path: Path) -> None:
    made = run(tmp_path)
    (tmp_path / "a.db").write_text("Dear reader")
    (tmp_path / "b.db").touch()
    (tmp_path / "c.db").write_bytes(file_of(made, tmp_path).read_bytes()[:5000])
    found = index.listing(tmp_path)
    assert [row.id for row in found.rows] == [made.run_id]
    assert [problem.key for problem in found.problems] == ["store.foreign", "store.half", "store.half"]


def test_a_run_is_found_by_its_path_too(tmp_path: Path) -> None:
    made = run(tmp_path)
    file = file_of(made, tmp_path)
    assert index.find(str(file), Path("/nowhere")) == file
    assert made.run_id is not None and index.find(made.run_id[:-1], tmp_path) == file
    with pytest.raises(NoRun) as why:
        index.find("last", tmp_path / "none")
    assert why.value.key == "store.no_folder"


def test_files_are_their_owner_s_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = RunFile(tmp_path / "a.db")
        file.begin({"id": "a"})
        modes = {part.name: part.stat().st_mode & 0o777 for part in tmp_path.iterdir()}
        file.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600} and "a.db-wal" in modes
