"""What holds for every rule: it finds its cause, keeps quiet where that only seems so, and proves what it says."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from cases import healthy

from sonagi import locale
from sonagi.diagnose import rules
from sonagi.diagnose.diagnosis import diagnose
from sonagi.model.finding import Finding, Said
from sonagi.model.quantity import Quantity
from sonagi.report.said import say


def modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}."):
        if not module.ispkg:
            yield importlib.import_module(module.name)


ALL = [
    pytest.param(module, id=module.__name__.rpartition(".")[2])
    for module in modules()
    if hasattr(module, "CAUSE")
]


def own_test(module: ModuleType) -> ModuleType:
    return importlib.import_module(f"rules.test_{module.__name__.rpartition('.')[2]}")


def sentences(finding: Finding) -> list[Said]:
    said = [finding.title, finding.action, *finding.against, *(proof.said for proof in finding.evidence)]
    return [*said, *(rival.check for rival in finding.rivals)]


@pytest.mark.parametrize("module", ALL)
def test_a_rule_finds_its_cause_and_not_what_looks_alike(module: Any) -> None:
    own = own_test(module)
    finding = module.look(own.CASE)
    assert finding is not None
    assert finding.cause == module.CAUSE
    assert module.look(own.COUNTER) is None


@pytest.mark.parametrize("module", ALL)
def test_a_rule_finds_nothing_in_a_healthy_run(module: Any) -> None:
    assert module.look(healthy()) is None


@pytest.mark.parametrize("module", ALL)
def test_a_finding_has_evidence_whose_numbers_say_how_they_came_about(module: Any) -> None:
    finding = module.look(own_test(module).CASE)
    assert finding.evidence
    quantities = [
        value
        for said in [finding.title, *(proof.said for proof in finding.evidence)]
        for value in said.values.values()
        if isinstance(value, Quantity)
    ]
    assert quantities
    assert all(quantity.how for quantity in quantities)
    assert not any(isinstance(value, float) for said in sentences(finding) for value in said.values.values())


@pytest.mark.parametrize("language", locale.LANGUAGES)
@pytest.mark.parametrize("module", ALL)
def test_a_finding_can_be_said_in_both_languages(module: Any, language: str) -> None:
    finding = module.look(own_test(module).CASE)
    locale.use(language)
    try:
        said = [say(one) for one in sentences(finding)]
    finally:
        locale.use(None)
    assert all(said)
    assert not any("Quantity(" in sentence or "Reading(" in sentence for sentence in said)


def test_every_rule_is_asked() -> None:
    asked = {rule.__module__ for rule in rules.RULES}
    assert asked == {module.__name__ for module in modules() if hasattr(module, "CAUSE")}


def test_nothing_is_found_in_a_healthy_run() -> None:
    assert diagnose(healthy()).findings == ()
