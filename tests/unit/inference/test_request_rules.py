"""What a request may ask of an engine."""

from typing import Any

import pytest

from inference.errors import SchemaRefused
from inference.generation.rules import MAX_SCHEMA_DEPTH, check_schema, harmless, tenant_salt
from tests.support.inference import asking


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        nested(MAX_SCHEMA_DEPTH + 1),
        {"type": "string", "maxLength": 10**9},
        {"type": "array", "items": [{"type": "array", "minItems": 10**6}]},
        {"$ref": "http://127.0.0.1/schema.json"},
        {"type": "string", "enum": ["x" * 40_000]},
    ],
)
def test_a_schema_that_could_hurt_an_engine_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaRefused):
        check_schema(schema)


def test_an_ordinary_schema_passes() -> None:
    check_schema({"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}})


def test_empty_stop_words_are_dropped() -> None:
    assert harmless(asking("hello", stop=["", "END"]), None).stop == ["END"]


def test_a_caller_cannot_name_another_tenants_cache() -> None:
    salts = {
        tenant_salt("ws_ada", None),
        tenant_salt("ws_bob", None),
        tenant_salt("ws_bob", "ws_ada"),
        tenant_salt(None, "ws_ada"),
    }

    assert len(salts) == 4
