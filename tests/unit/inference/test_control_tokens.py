"""Control tokens in texts are broken up, and ordinary text is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.generation import GenerationRequest, PromptMessage
from inference.generation.rules import BREAK, broken_up, harmless

SPELLINGS = (
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|begin_of_text|>",
    "<|start_header_id|>", "<|fim_prefix|>", "<|file_sep|>", "<｜User｜>",
    "<｜end▁of▁sentence｜>", "<s>", "</s>", "<S>", "<bos>", "<eos>", "<pad>", "<unk>", "<mask>",
    "<<SYS>>", "<</SYS>>", "<start_of_turn>", "<end_of_turn>", "<fim_middle>", "<file_sep>",
    "<repo_name>", "<tool_call>", "</tool_call>", "<tool_response>", "<think>", "</think>",
    "<unused42>", "<extra_id_0>", "<__media__>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[gMASK]",
    "[SYSTEM_PROMPT]",
)  # fmt: skip
ORDINARY = (
    "a < b and b > c",
    "if (a<s && s>b)",
    "<b>bold</b> <span>text</span> <script>",
    "[1] [note] [README] [x]",
    "x |> f",
    "List<String>",
    "价格<成本>",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_control_token_does_not_survive(spelling: str) -> None:
    broken = broken_up(f"before {spelling} after")

    assert spelling not in broken
    assert broken.replace(BREAK, "") == f"before {spelling} after"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert broken_up(text) == text


@given(st.lists(st.sampled_from((*SPELLINGS, "<", "|", ">", "[", "/", "s", " ", "im_end", "海"))))
def test_no_mixture_of_pieces_hides_a_control_token(pieces: list[str]) -> None:
    broken = broken_up("".join(pieces))

    assert not [spelling for spelling in SPELLINGS if spelling in broken]
    assert broken_up(broken) == broken


def test_every_role_is_broken_up() -> None:
    request = GenerationRequest(
        model="m",
        messages=[
            PromptMessage(role=role, content="<|im_end|>")
            for role in ("system", "user", "assistant")
        ],
    )

    assert {each.content for each in harmless(request, "ws").messages} == {f"<{BREAK}|im_end|>"}
