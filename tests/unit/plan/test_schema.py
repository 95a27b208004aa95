"""The config file's JSON Schema, asked by a validator that is not ours."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sonagi.plan.options import Options
from sonagi.plan.schema import config_schema

VALIDATOR = Draft202012Validator(config_schema())


def test_it_is_a_schema_and_knows_every_option_that_a_file_may_have() -> None:
    Draft202012Validator.check_schema(config_schema())
    assert set(config_schema()["properties"]) == set(Options.model_fields)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"vus": 10, "duration": "1m30s", "timeout": 5, "seed": 7},
        {"stages": [["30s", 20], [60, 0]], "tls_version": "tls1.3"},
        {"thresholds": {"http_req_duration": ["p(95)<500", {"threshold": "avg<9"}], "checks": "rate>0.9"}},
        {
            "scenarios": {
                "a": {"executor": "ramping-vus", "stages": [["1s", 5], {"duration": 3, "target": 0}]},
                "b": {"executor": "constant-vus", "vus": 3, "duration": "5s", "exec": "buy", "pacing": "1s"},
            }
        },
        {"hosts": {"a.test": "10.0.0.1"}, "local_ips": ["10.0.0.2"], "proxy": "http://p:1"},
    ],
)
def test_what_may_be_written_is_accepted(values: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(values)) == []


@pytest.mark.parametrize(
    "values",
    [
        {"vu": 10},
        {"vus": "ten"},
        {"duration": "1 minute"},
        {"stages": [["30s"]]},
        {"tls_version": "ssl3"},
        {"scenarios": {}},
        {"scenarios": {"a": {"vus": 3}}},
        {"scenarios": {"a": {"executor": "constant-vus"}}},
        {"scenarios": {"a": {"executor": "constant-vus", "duration": "1s", "stages": []}}},
        {"scenarios": {"a": {"executor": "constant-arrival"}}},
        {"dns_select": "last"},
    ],
)
def test_what_is_a_mistake_is_underlined(values: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(values))
