"""docs/causes.md lists every cause that there is, and says which of them can be told."""

import re
from pathlib import Path

from test_rules import modules

PAGE = (Path(__file__).resolve().parents[3] / "docs/causes.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([CSN]\d\d) \| (.+?) \| (told)? ?\|$", PAGE, re.MULTILINE)


def test_every_cause_is_listed_once_in_its_order() -> None:
    ids = [cause for cause, _, _ in ROWS]
    assert ids == [
        f"{kind}{number:02}"
        for kind, most in (("C", 18), ("S", 32), ("N", 6))
        for number in range(1, most + 1)
    ]


def test_every_rules_cause_is_listed_as_one_that_is_told() -> None:
    rules = {module.CAUSE for module in modules() if hasattr(module, "CAUSE")}
    assert rules == {cause for cause, _, told in ROWS if told}
