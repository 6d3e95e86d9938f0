"""Wire types refuse what they should."""

import pytest
from pydantic import ValidationError

from contracts.assistants import AssistantCreate, AssistantFields, AssistantModify
from contracts.chat import ChatCompletionRequest
from contracts.generation import GenerationRequest


def test_an_unknown_field_of_a_completion_is_named() -> None:
    with pytest.raises(ValidationError, match="logit_bias"):
        ChatCompletionRequest.model_validate(
            {"model": "m", "messages": [{"role": "user", "content": "q"}], "logit_bias": {}}
        )


def test_an_assistant_cannot_be_made_with_columns_of_its_table() -> None:
    with pytest.raises(ValidationError, match="workspace_id"):
        AssistantCreate.model_validate({"name": "A", "workspace_id": "wsp_other"})


def test_every_field_of_a_draft_but_its_slug_and_picture_can_be_modified() -> None:
    assert set(AssistantFields.model_fields) - set(AssistantModify.model_fields) == {
        "slug",
        "avatar",
    }


def test_no_field_beyond_the_allowlist_reaches_an_engine() -> None:
    with pytest.raises(ValidationError, match="prompt_embeds"):
        GenerationRequest.model_validate(
            {"model": "m", "messages": [{"role": "user", "content": "q"}], "prompt_embeds": "x"}
        )
