"""OpenAPI documents: examples, schemas, references."""

import json
from typing import Any

import pytest

from sonagi.author.calls import AuthorError
from sonagi.author.openapi import read


def document(paths: dict[str, Any], **more: Any) -> str:
    return json.dumps({"openapi": "3.1.0", "info": {"title": "T"}, "paths": paths, **more})


def body_of(schema: dict[str, Any], **schemas: Any) -> Any:
    content = {"application/json": {"schema": schema}}
    operation = {"post": {"requestBody": {"content": content}}}
    [call], _ = read(document({"/": operation}, components={"schemas": schemas}))
    return call.json


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "string", "format": "email"}, "user@example.com"),
        ({"type": "string", "enum": ["A", "B"]}, "A"),
        ({"type": ["string", "null"], "example": "kim"}, "kim"),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"oneOf": [{"const": 7}]}, 7),
        (
            {"allOf": [{"properties": {"a": {"default": 1}}}, {"properties": {"b": {"default": 2}}}]},
            {"a": 1, "b": 2},
        ),
        ({"required": ["a"], "properties": {"a": {"type": "number"}, "b": {"type": "string"}}}, {"a": 1}),
    ],
)
def test_a_body_is_the_example_or_what_its_schema_allows(schema: dict[str, Any], value: Any) -> None:
    assert body_of(schema) == value


def test_a_schema_that_holds_itself_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    assert '"next"' in json.dumps(body_of({"$ref": "#/components/schemas/Node"}, Node=node))


def test_each_operation_has_a_name_and_the_values_it_requires() -> None:
    parameters = [
        {"name": "id", "in": "path", "schema": {"type": "integer", "example": 17}},
        {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "default": "a b"}},
        {"name": "unneeded", "in": "query", "schema": {"type": "string"}},
        {"name": "X-Tenant", "in": "header", "required": True, "example": "shop"},
    ]
    paths = {"/c/{id}/s": {"parameters": parameters, "get": {}, "delete": {"operationId": "dropAll"}}}
    calls, title = read(
        document(paths, servers=[{"url": "https://{r}.test/v1/", "variables": {"r": {"default": "eu"}}}])
    )
    assert title == "T"
    assert [(call.name, call.method) for call in calls] == [("get_c_s", "GET"), ("drop_all", "DELETE")]
    assert calls[0].url == "https://eu.test/v1/c/17/s?q=a+b"
    assert calls[0].headers == {"X-Tenant": "shop"}


def test_two_operations_of_one_name_get_two() -> None:
    paths = {"/a": {"get": {"operationId": "get"}}, "/b": {"get": {"operationId": "get"}}}
    assert [call.name for call in read(document(paths))[0]] == ["get", "get_2"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "neither JSON nor YAML"),
        ("a: [", "neither JSON nor YAML"),
        ("just words", "no OpenAPI document"),
        ("[]", "no OpenAPI document"),
        ('{"openapi": "3.0.0", "paths": {}}', "no operations"),
    ],
)
def test_what_is_no_document_is_told(text: str, reason: str) -> None:
    with pytest.raises(AuthorError, match=reason):
        read(text)
