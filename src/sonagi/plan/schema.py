"""The config file's options as a JSON Schema (2020-12), for editors."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from sonagi.plan.options import Options

# Scenarios name Python functions: they are written in the script.
NOT_IN_FILES = ("scenarios",)
_DURATION = {
    "anyOf": [
        {"type": "string", "pattern": r"^([0-9.]+(ms|us|µs|ns|h|m|s|d))+$"},
        {"type": "number", "minimum": 0},
    ]
}
_STAGE = {
    "type": "array",
    "prefixItems": [_DURATION, {"type": "integer", "minimum": 0}],
    "minItems": 2,
    "maxItems": 2,
}
_CONDITIONS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "object"]}}]}


class _Lenient(GenerateJsonSchema):
    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
        """What only Python can check is anything to a schema."""
        del schema, error_info
        return {}


def config_schema() -> dict[str, Any]:
    """What may stand in sonagi.toml or a JSON file."""
    made = Options.model_json_schema(schema_generator=_Lenient)
    properties = {
        name: _plain(entry) for name, entry in made["properties"].items() if name not in NOT_IN_FILES
    }
    properties["stages"]["anyOf"] = [{"type": "array", "items": _STAGE, "minItems": 1}, {"type": "null"}]
    properties["thresholds"]["additionalProperties"] = _CONDITIONS
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sonagi's options",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """Without pydantic's titles, which repeat the name, and with durations as they are written here."""
    kept = {key: value for key, value in entry.items() if key != "title"}
    choices = kept.get("anyOf", [])
    if any(choice.get("format") == "duration" for choice in choices):
        kept["anyOf"] = [*_DURATION["anyOf"], *(choice for choice in choices if choice.get("type") == "null")]
    return kept
