"""What every request is put through before an engine sees it, whichever engine it is."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from contracts.generation import GenerationRequest, PromptMessage
from inference.errors import SchemaRefused

BREAK = "\u200b"
"""A zero-width space: the reader sees the same text, no tokenizer sees a control token."""

# Engines turn these spellings into control tokens even inside a message. Anything between bars is
# broken, names known from the model families are listed; ordinary HTML stays whole but for <s>.
_CONTROL_TOKEN = re.compile(
    r"""
    <(?=[|｜])                                    # <|im_end|>, <|eot_id|>, <｜User｜>
    | <(?=<\s*/?SYS\s*>>)                         # Llama 2
    | <(?=/?[a-z_])(?:                            # one look before the many
        (?=/?(?:s|bos|eos|pad|unk|mask|cls|sep|end)>)
        | (?=/?(?:start|end)_of_(?:turn|image|role|text)>)
        | (?=/?(?:im_start|im_end|im_patch|endoftext)>)
        | (?=/?(?:repo_name|reponame|file_sep|filename|gh_stars)>)
        | (?=/?(?:fim|jupyter|issue|commit)_\w+>)
        | (?=/?(?:tool_call|tool_response|tool_code|think|image|video|audio|box|quad|ref)s?>)
        | (?=(?:unused|extra_id_|extra_|reserved_)\d+>)
        | (?=__\w+__>)                             # llama.cpp's media marker
    )
    | \[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|
          CALL_ID|THINK|PREFIX|SUFFIX|MIDDLE|IMG|IMG_BREAK|IMG_END|
          BOS|EOS|CLS|SEP|MASK|PAD|UNK|gMASK|sMASK|sop|eop)\])
    """,
    re.VERBOSE | re.IGNORECASE,
)

MAX_SCHEMA_BYTES = 32_768
MAX_SCHEMA_DEPTH = 24
MAX_SCHEMA_COUNT = 4_096
MAX_STOP_CHARACTERS = 128
_COUNTS = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
)


def broken_up(text: str) -> str:
    """`text` without anything an engine could take for a control token."""
    return _CONTROL_TOKEN.sub(lambda found: found.group() + BREAK, text)


def harmless_messages(messages: Iterable[PromptMessage]) -> list[PromptMessage]:
    """The messages with control tokens broken up in every text part."""
    return [PromptMessage(role=each.role, content=broken_up(each.content)) for each in messages]


def harmless(request: GenerationRequest, workspace_id: str | None) -> GenerationRequest:
    """The request as an engine may see it. Raises SchemaRefused."""
    if request.json_schema is not None:
        check_schema(request.json_schema)
    return request.model_copy(
        update={
            "messages": harmless_messages(request.messages),
            "stop": [stop[:MAX_STOP_CHARACTERS] for stop in request.stop if stop],
            "cache_salt": tenant_salt(workspace_id, request.cache_salt),
        }
    )


def tenant_salt(workspace_id: str | None, offered: str | None) -> str:
    """Names the tenant's share of a prefix cache.

    The signed workspace is always part of it: a request body cannot choose another tenant's cache,
    whose hits would tell what others asked.
    """
    return hashlib.sha256(f"{workspace_id or ''}\n{offered or ''}".encode()).hexdigest()[:32]


def check_schema(schema: dict[str, Any]) -> None:
    """Refuse schemas that grow without bound when an engine turns them into a grammar."""
    if len(json.dumps(schema)) > MAX_SCHEMA_BYTES:
        raise SchemaRefused(
            f"The JSON schema is larger than {MAX_SCHEMA_BYTES} bytes.", param="json_schema"
        )
    _check_part(schema, depth=0)


def _check_part(part: Any, depth: int) -> None:
    if depth > MAX_SCHEMA_DEPTH:
        raise SchemaRefused(
            f"The JSON schema nests deeper than {MAX_SCHEMA_DEPTH} levels.", param="json_schema"
        )
    if isinstance(part, list):
        for each in part:
            _check_part(each, depth + 1)
    if isinstance(part, dict):
        for name, value in part.items():
            _check_keyword(name, value)
            _check_part(value, depth + 1)


def _check_keyword(name: str, value: Any) -> None:
    if name in _COUNTS and isinstance(value, int | float) and value > MAX_SCHEMA_COUNT:
        raise SchemaRefused(f"{name} may be at most {MAX_SCHEMA_COUNT}.", param="json_schema")
    if name == "$ref" and isinstance(value, str) and not value.startswith("#"):
        raise SchemaRefused("A $ref may only point into the schema itself.", param="json_schema")
