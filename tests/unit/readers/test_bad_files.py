"""What is no run, half of one, or something else: one sentence, and the rest is used."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sonagi import locale
from sonagi.readers import ReadProblem, read

GOOD = Path(__file__).resolve().parents[3] / "examples/report/3-schedules-100-users.txt"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"%PDF-1.7\n\x00\x01\x02",
        b"{}",
        b"[1, 2",
        b"a,b\n1,2\n",
        b"\xff\xfe\x00" * 50,
        "한글".encode("cp949"),
    ],
)
def test_a_foreign_or_half_file_is_one_sentence_that_names_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange.txt"
    path.write_bytes(content)
    with pytest.raises(ReadProblem) as problem:
        read([str(path)])
    for language in locale.LANGUAGES:
        locale.use(language)
        assert "strange.txt" in str(problem.value)
    locale.use(None)


def test_a_file_that_is_not_there_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    heard: list[ReadProblem] = []
    runs = read([str(tmp_path / "nowhere.txt"), str(GOOD)], tell=heard.append)
    assert [run.requests for run in runs] == [59_400]
    assert len(heard) == 1


def test_a_log_with_garbage_in_it_still_gives_its_lines(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    lines = [
        b"\x00\x01\xfe garbage \xff\n",
        b"2024-08-22T23:13:04.722+09:00 ERROR 1 --- [x] a.B : java.lang.OutOfMemoryError: Java heap space\n",
        "2024-08-22 23:13:05 WARN 느린 질의\n".encode("cp949"),
    ]
    log.write_bytes(b"".join(lines))
    run = read([str(GOOD)], log=str(log))[0]
    assert "jvm" in {template.signature for template in run.log}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=400) | st.binary(max_size=400))
def test_nothing_but_a_read_problem_is_ever_raised(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    try:
        read([str(path)])
    except ReadProblem as problem:
        assert str(problem)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(0, 6000), junk=st.binary(max_size=20))
def test_a_summary_cut_anywhere_is_read_or_told(tmp_path: Path, cut: int, junk: bytes) -> None:
    path = tmp_path / "cut.txt"
    path.write_bytes(GOOD.read_bytes()[:cut] + junk)
    try:
        read([str(path)])
    except ReadProblem as problem:
        assert str(problem)
