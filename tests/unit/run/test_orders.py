"""What somebody may ask of a run that goes on."""

import json
from typing import Any

import pytest

from sonagi.plan.problems import Problem
from sonagi.run.orders import Order, from_json, from_words, meant


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (("pause", None), Order("pause")),
        (("vus", "8"), Order("vus", 8.0, scenario="shop")),
        (("rate", "0.5"), Order("rate", 0.5, scenario="shop")),
        (("stop", "now"), Order("stop", text="now")),
        (("note", "deploy of 1.2 begins"), Order("note", text="deploy of 1.2 begins")),
    ],
)
def test_words_are_orders_and_survive_a_socket(words: tuple[str, str | None], order: Order) -> None:
    given = from_words(*words, order.scenario)
    assert given == order
    assert from_json(json.loads(json.dumps(order.to_json()))) == order


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fly", None), "control"),
        (("pauze", None), "control_near"),
        (("vus", None), "control_number"),
        (("vus", "0"), "control_vus"),
        (("vus", "-3"), "control_vus"),
        (("vus", "2.5"), "control_vus"),
        (("vus", "many"), "control_vus"),
        (("rate", "nan"), "control_rate"),
        (("rate", "inf"), "control_rate"),
        (("rate", "0"), "control_rate"),
        (("note", None), "control_note"),
        (("note", "  "), "control_note"),
        (("pause", "now"), "control_value"),
    ],
)
def test_what_is_no_order_is_told(words: tuple[str, str | None], code: str) -> None:
    found = from_words(*words, None)
    assert isinstance(found, Problem)
    assert found.code == code


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "pause",
        {},
        {"does": "fly"},
        {"does": "vus", "number": 0},
        {"does": "vus", "number": True},
        {"does": "rate", "number": "5"},
        {"does": "note", "text": 5},
        {"does": "pause", "more": 1},
        {"does": "pause", "scenario": ["a"]},
    ],
)
def test_what_another_program_sends_is_looked_at_before_it_is_obeyed(data: Any) -> None:
    assert from_json(data) is None


@pytest.mark.parametrize(
    ("able", "asked", "found"),
    [
        (["a"], None, "a"),
        (["a", "b"], "b", "b"),
        (["a", "b"], None, "control_which"),
        (["a"], "b", "control_no_rate"),
        ([], None, "control_no_rate"),
        (["a"], "c", "control_scenario"),
    ],
)
def test_the_scenario_that_is_meant_is_the_only_one_or_the_one_that_is_named(
    able: list[str], asked: str | None, found: str
) -> None:
    which = meant(able, asked, ["a", "b"], "rate")
    assert (which.code.removesuffix("_near") if isinstance(which, Problem) else which) == found
