"""`sonagi schema` prints what the package holds."""

import json
from pathlib import Path

from test_plan_command import sonagi

from sonagi.plan.schema import config_schema
from sonagi.report.findings_json import SCHEMA


def test_the_schema_is_printed_as_json(tmp_path: Path) -> None:
    done = sonagi(tmp_path, "schema")
    assert done.returncode == 0 and json.loads(done.stdout) == config_schema()


def test_the_schema_of_findings_is_printed_too(tmp_path: Path) -> None:
    done = sonagi(tmp_path, "schema", "findings")
    assert done.returncode == 0 and json.loads(done.stdout) == SCHEMA
