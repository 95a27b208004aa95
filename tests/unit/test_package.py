"""The package itself: what it exports, and what it does not load."""

import subprocess
import sys

import pytest

import sonagi
from sonagi._core import Totals
from sonagi.model.metrics import BUILTIN


def test_every_name_that_is_promised_is_there() -> None:
    for name in sonagi.__all__:
        assert getattr(sonagi, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = sonagi.nothing_such  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statements",
    [
        "import sonagi.run.api",
        "import sonagi.run",
        "from sonagi import run; import sonagi.run.conduct",
        "import sonagi",
    ],
)
def test_run_is_the_function_whatever_was_imported_before(statements: str) -> None:
    code = f"{statements}; import sonagi; assert callable(sonagi.run), sonagi.run"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_help_loads_neither_the_core_nor_pydantic_nor_rich() -> None:
    code = (
        "import sys; from sonagi.cli import sonagi; sonagi.main(['--help'], standalone_mode=False); "
        "heavy = {'sonagi._core', 'pydantic', 'rich', 'asyncio'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_model_and_the_core_agree_on_the_built_in_metrics() -> None:
    totals = Totals()
    for metric in BUILTIN.values():
        totals.add(metric.name, metric.kind.value, metric.contains, 1.0)
    assert {name for name, _, _ in totals.metrics()} == BUILTIN.keys()
