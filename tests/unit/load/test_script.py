"""Loading a script: what it holds, and each thing that may be wrong with it."""

from pathlib import Path

import pytest

from sonagi.load.awaits import forgotten_awaits
from sonagi.load.script import ScriptProblem, from_function, load

GOOD = """
from sonagi import Counter, Options, http
options = Options(vus=2, duration="5s")
tickets = Counter("tickets")
def setup(): return 1
async def browse(vu): await http.get("http://x/")
async def _helper(): ...
def plain(): ...
"""


def script(tmp_path: Path, source: str) -> str:
    path = tmp_path / "load_test.py"
    path.write_text(source)
    return str(path)


def test_a_script_tells_its_functions_options_and_metrics(tmp_path: Path) -> None:
    loaded = load(script(tmp_path, GOOD))
    assert list(loaded.functions) == ["browse"]
    assert loaded.plain_functions == ("plain",)
    assert loaded.metrics == {"tickets": "counter"}
    assert loaded.setup is not None
    assert loaded.teardown is None
    assert loaded.options is not None
    assert loaded.options.vus == 2


@pytest.mark.parametrize(
    ("source", "words", "exit_code"),
    [
        ("async def f(vu):\n    x = (\n", ":2: '(' was never closed\n    x = (\n        ^", 107),
        ("import nothing_like_this", "load_test.py:1: ModuleNotFoundError", 107),
        ("def f():\n    raise KeyError('a')\nf()", "load_test.py:2 in f: KeyError: 'a'", 107),
        (
            "from sonagi import http\nasync def f():\n    http.get('http://x')",
            ":3: http.get(…) is not awaited",
            104,
        ),
        ("options = {'vus': 1}", "options is a dict", 104),
    ],
)
def test_a_problem_names_place_and_mistake(tmp_path: Path, source: str, words: str, exit_code: int) -> None:
    with pytest.raises(ScriptProblem) as caught:
        load(script(tmp_path, source))
    assert words in str(caught.value)
    assert caught.value.exit_code == exit_code


def test_a_missing_script_names_the_nearest_one_there_is(tmp_path: Path) -> None:
    script(tmp_path, GOOD)
    with pytest.raises(ScriptProblem, match=r"did you mean .*load_test\.py\?") as caught:
        load(str(tmp_path / "laod_test.py"))
    assert caught.value.exit_code == 255


def test_a_folder_and_binary_data_are_no_scripts(tmp_path: Path) -> None:
    (tmp_path / "data.py").write_bytes(b"\xff\xfe\x00")
    for path, words in ((tmp_path, "folder"), (tmp_path / "data.py", "not UTF-8")):
        with pytest.raises(ScriptProblem, match=words):
            load(str(path))


def test_a_function_that_is_not_async_is_refused() -> None:
    with pytest.raises(ScriptProblem, match="async def plain"):
        from_function(plain)


def plain() -> None: ...


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("http.get(u)", "http.get"),
        ("sleep(1)", "sleep"),
        ("asyncio.sleep(1)", "asyncio.sleep"),
        ("helper()", "helper"),
        ("await http.get(u)", None),
        ("r = http.get(u)", None),
        ("await gather(http.get(u), sleep(1))", None),
        ("print(1)", None),
    ],
)
def test_only_a_result_that_is_thrown_away_is_a_forgotten_await(line: str, found: str | None) -> None:
    source = f"async def helper(): ...\nasync def f():\n    {line}\n"
    assert forgotten_awaits(source) == ([(3, found)] if found else [])
