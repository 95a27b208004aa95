"""The config file's options as a JSON Schema (2020-12), for editors."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from sonagi.plan.executors import EXECUTORS, RampingVUs
from sonagi.plan.options import Options

_DURATION = {
    "anyOf": [
        {"type": "string", "pattern": r"^([0-9.]+(ms|us|µs|ns|h|m|s|d))+$"},
        {"type": "number", "minimum": 0},
    ]
}
_TARGET = {"type": "integer", "minimum": 0}
_RATE = {"type": "number", "minimum": 0}


def _stages(target: dict[str, Any]) -> dict[str, Any]:
    stage = {
        "anyOf": [
            {"type": "array", "prefixItems": [_DURATION, target], "minItems": 2, "maxItems": 2},
            {
                "type": "object",
                "properties": {"duration": _DURATION, "target": target},
                "required": ["duration", "target"],
                "additionalProperties": False,
            },
        ]
    }
    return {"type": "array", "items": stage, "minItems": 1}


_CONDITIONS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "object"]}}]}


class _Lenient(GenerateJsonSchema):
    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
        """What only Python can check is anything to a schema."""
        del schema, error_info
        return {}


def config_schema() -> dict[str, Any]:
    """What may stand in sonagi.toml or a JSON file."""
    properties = _properties(Options)
    properties["stages"] = {"anyOf": [_stages(_TARGET), {"type": "null"}]}
    properties["thresholds"]["additionalProperties"] = _CONDITIONS
    properties["scenarios"] = {
        "type": "object",
        "minProperties": 1,
        # By its executor, so that an editor names what is wrong and not that nothing fits.
        "additionalProperties": {
            "required": ["executor"],
            "properties": {"executor": {"enum": list(EXECUTORS.values())}},
            "allOf": [_scenario(kind, name) for kind, name in EXECUTORS.items()],
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sonagi's options",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _scenario(kind: Any, executor: str) -> dict[str, Any]:
    """What a scenario of `executor` has to look like."""
    properties = _properties(kind) | {"executor": {"const": executor}, "exec": {"type": "string"}}
    needed = [name for name, field in kind.model_fields.items() if field.is_required()]
    if "stages" in properties:
        # A shape is a function: a table has stages, which say how long.
        del properties["shape"], properties["duration"]
        properties["stages"] = _stages(_TARGET if kind is RampingVUs else _RATE)
        needed.append("stages")
    return {
        "if": {"properties": {"executor": {"const": executor}}},
        "then": {"properties": properties, "required": needed, "additionalProperties": False},
    }


def _properties(model: Any) -> dict[str, Any]:
    made = model.model_json_schema(schema_generator=_Lenient)
    return {name: _plain(entry) for name, entry in made["properties"].items()}


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """Without pydantic's titles, which repeat the name, and with durations as they are written here."""
    kept = {key: value for key, value in entry.items() if key != "title"}
    choices = kept.get("anyOf", [])
    if any(choice.get("format") == "duration" for choice in choices):
        kept["anyOf"] = [*_DURATION["anyOf"], *(choice for choice in choices if choice.get("type") == "null")]
    return kept
