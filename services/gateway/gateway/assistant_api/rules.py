"""What stands in one assistant's OpenAPI document: its part of the gateway's, and its own names."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from gateway.assistants.rules import RunnableAssistant

BASE = "/a/{assistant}/v1"
_SCHEMAS = "#/components/schemas/"
_STREAM = "Server-sent events of `chat.completion.chunk`, the last one `[DONE]`."
_QUESTION = "What do you know about?"


def own_document(
    whole: dict[str, Any], assistant: RunnableAssistant, server: str
) -> dict[str, Any]:
    """An OpenAPI document of nothing but this assistant."""
    paths = {
        path.removeprefix(BASE): {
            method: _own_operation(operation) for method, operation in methods.items()
        }
        for path, methods in whole["paths"].items()
        if path.startswith(f"{BASE}/")
    }
    _show_example(paths["/chat/completions"]["post"], assistant)
    return {
        "openapi": whole["openapi"],
        "info": {
            "title": assistant.name,
            "description": assistant.description,
            "version": str(assistant.version),
        },
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas_of(paths, whole["components"]["schemas"]),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of this assistant or of its workspace, `sk-stoa-…`.",
                }
            },
        },
    }


def _own_operation(operation: dict[str, Any]) -> dict[str, Any]:
    own = copy.deepcopy(operation)
    own.pop("tags", None)
    own["parameters"] = [each for each in own.get("parameters", []) if each["name"] != "assistant"]
    return own


def _show_example(operation: dict[str, Any], assistant: RunnableAssistant) -> None:
    question = assistant.starters[0] if assistant.starters else _QUESTION
    body = operation["requestBody"]["content"]["application/json"]
    body["example"] = {
        "model": assistant.slug,
        "messages": [{"role": "user", "content": question}],
    }
    streamed = {"schema": {"type": "string", "description": _STREAM}}
    operation["responses"]["200"]["content"]["text/event-stream"] = streamed


def _schemas_of(paths: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The schemas that the paths name, and those that these name in turn."""
    wanted: dict[str, Any] = {}
    open_names = list(_named_in(paths))
    while open_names:
        name = open_names.pop()
        if name not in wanted:
            wanted[name] = known[name]
            open_names += _named_in(known[name])
    return dict(sorted(wanted.items()))


def _named_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref" and isinstance(value, str):
                yield re.sub(f"^{_SCHEMAS}", "", value)
            else:
                yield from _named_in(value)
    elif isinstance(part, list):
        for each in part:
            yield from _named_in(each)
