"""A locustfile is recognised, and its author told how to bring it."""

import ast
import textwrap
from pathlib import Path

import pytest

from sonagi.load.locustfile import LocustUser, locust_users, told
from sonagi.load.script import ScriptProblem, load

LOCUSTFILE = """
from locust import HttpUser, between, task

class Shop(HttpUser):
    wait_time = between(0.5, 2)

    def on_start(self):
        self.client.post("/login")

    @task(7)
    def browse(self):
        self.client.get("/")

    @task
    def buy(self):
        self.client.post("/buy")

class Helper:
    pass
"""


def test_users_tasks_weights_and_waits_are_found() -> None:
    assert locust_users(LOCUSTFILE) == [LocustUser("Shop", (("browse", 7), ("buy", 1)), "between(0.5, 2)")]
    assert locust_users("import locustapi\n") is None


def test_what_is_shown_is_a_script_that_could_be_run() -> None:
    said = told("locustfile.py", locust_users(LOCUSTFILE) or [])
    assert "Shop becomes one scenario of the functions browse x7, buy x1" in said
    code = textwrap.dedent("\n".join(said.splitlines()[2:]))
    ast.parse(code)
    assert "think.uniform(0.5, 2)" in code
    assert "Mix({browse: 7, buy: 1})" in code


def test_a_locustfile_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "locustfile.py"
    path.write_text(LOCUSTFILE)
    with pytest.raises(ScriptProblem, match="is a locustfile"):
        load(str(path))
