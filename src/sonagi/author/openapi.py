"""An OpenAPI document as calls: one for each operation, with the examples that it gives."""

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import yaml

from sonagi.author.calls import AuthorError, Call
from sonagi.locale import text

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
DEEPEST = 6
"""Schemas that hold themselves end here."""


def read(document: str) -> tuple[list[Call], str]:
    """The calls, and the document's title. `document` is JSON or YAML. Raises AuthorError."""
    try:
        api = json.loads(document) if document.lstrip().startswith("{") else yaml.safe_load(document)
    except (ValueError, yaml.YAMLError) as error:
        raise AuthorError(text("author.openapi_syntax", problem=str(error).splitlines()[0])) from None
    if not isinstance(api, dict) or not str(api.get("openapi", api.get("swagger", ""))):
        raise AuthorError(text("author.openapi_none"))
    reader = _Reader(api)
    calls = [
        reader.call(path, method, operation, item.get("parameters", []))
        for path, item in (api.get("paths") or {}).items()
        for method, operation in item.items()
        if method in METHODS
    ]
    if not calls:
        raise AuthorError(text("author.openapi_empty"))
    _name_apart(calls)
    return calls, str((api.get("info") or {}).get("title", "API"))


class _Reader:
    def __init__(self, api: dict[str, Any]) -> None:
        self.api = api
        servers = api.get("servers") or [{}]
        url = str(servers[0].get("url") or "")
        if api.get("host"):  # Swagger 2
            url = f"{(api.get('schemes') or ['http'])[0]}://{api['host']}{api.get('basePath', '')}"
        variables = servers[0].get("variables") or {}
        for name, variable in variables.items():
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
        self.base = url.rstrip("/") if "://" in url else "http://localhost:8000" + url.rstrip("/")

    def follow(self, value: Any) -> Any:
        """What a `$ref` into this document points to."""
        for _ in range(DEEPEST):
            if not isinstance(value, dict) or "$ref" not in value:
                return value
            found: Any = self.api
            for part in str(value["$ref"]).removeprefix("#/").split("/"):
                found = (
                    found.get(part.replace("~1", "/").replace("~0", "~"), {})
                    if isinstance(found, dict)
                    else {}
                )
            value = found
        return {}

    def call(self, path: str, method: str, operation: dict[str, Any], shared: list[Any]) -> Call:
        query, headers, template = [], {}, path
        for given in [*shared, *operation.get("parameters", [])]:
            parameter = self.follow(given)
            value = self.example(parameter, parameter.get("schema", parameter))
            name, place = parameter.get("name", ""), parameter.get("in")
            if place == "path":
                path = path.replace(f"{{{name}}}", quote(_plain(value), safe=""))
            elif place == "query" and parameter.get("required"):
                query.append((name, _plain(value)))
            elif place == "header" and parameter.get("required"):
                headers[name] = _plain(value)
        url = self.base + path + (f"?{urlencode(query)}" if query else "")
        call = Call(method.upper(), url, headers)
        content = (self.follow(operation.get("requestBody")) or {}).get("content") or {}
        for kind, media in content.items():
            value = self.example(media, media.get("schema", {}))
            if "json" in kind:
                call.json = value
                break
            if kind == "application/x-www-form-urlencoded" and isinstance(value, dict):
                call.form = [(name, _plain(inner)) for name, inner in value.items()]
                break
        written = operation.get("operationId") or f"{method}_{re.sub(r'{.*?}', '', template)}"
        call.name = _identifier(str(written))
        return call

    def example(self, holder: dict[str, Any], schema: Any, depth: int = 0) -> Any:
        """The example that the document gives, or one that its schema allows."""
        schema = self.follow(schema) or {}
        for source in (holder, schema):
            if "example" in source:
                return source["example"]
            examples = source.get("examples")
            if isinstance(examples, dict) and examples:
                return self.follow(next(iter(examples.values()))).get("value")
            if isinstance(examples, list) and examples:
                return examples[0]
        return self._made_up(schema, depth)

    def _made_up(self, schema: dict[str, Any], depth: int) -> Any:
        for key in ("default", "const"):
            if key in schema:
                return schema[key]
        if schema.get("enum"):
            return schema["enum"][0]
        for key in ("oneOf", "anyOf"):
            if schema.get(key):
                return self.example({}, schema[key][0], depth + 1)
        kind = schema.get("type")
        kind = kind[0] if isinstance(kind, list) and kind else kind
        if schema.get("allOf") or kind == "object" or "properties" in schema:
            return self._object(schema, depth)
        if kind == "array":
            return [self.example({}, schema.get("items", {}), depth + 1)] if depth < DEEPEST else []
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        formats = {"date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "email": "user@example.com"}
        formats |= {"uuid": "00000000-0000-4000-8000-000000000001", "uri": "https://example.com/"}
        return formats.get(schema.get("format", ""), "text")

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for part in schema.get("allOf", []):
            inner = self.example({}, part, depth + 1)
            made |= inner if isinstance(inner, dict) else {}
        wanted = schema.get("required")
        for name, inner in (schema.get("properties") or {}).items():
            if depth < DEEPEST and (wanted is None or name in wanted):
                made[name] = self.example({}, inner, depth + 1)
        return made


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _identifier(text_: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text_)
    name = re.sub(r"[\W_]+", "_", snake, flags=re.ASCII).strip("_").lower() or "operation"
    return f"call_{name}" if name[0].isdigit() else name


def _name_apart(calls: list[Call]) -> None:
    seen: dict[str, int] = {}
    for call in calls:
        seen[call.name] = seen.get(call.name, 0) + 1
        if seen[call.name] > 1:
            call.name = f"{call.name}_{seen[call.name]}"
