"""What the simulator answers without a model."""

import pytest

from contracts.generation import PromptMessage
from inference.adapters.simulator_text import (
    NOT_FOUND_WORDS,
    found_answer,
    instance_of,
    prompt_tokens,
    tokens_of,
)

PASSAGES = """<passages>
<passage n="1" title="Rules">Visitors sign in at the desk. The library opens at 9.30 on Mondays.
Dogs stay outside.</passage>
<passage n="2" title="规则">图书馆周一上午九点开门。狗不得入内。</passage>
</passages>
"""


def prompt(question: str, instructions: str = "Answer from the passages.") -> list[PromptMessage]:
    return [
        PromptMessage(role="system", content=instructions),
        PromptMessage(role="user", content=PASSAGES + question),
    ]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When does the library open on Monday?", "The library opens at 9.30 on Mondays."),
        ("Where do dogs stay?", "Dogs stay outside."),
        ("\n\nQuestion: And dogs?", "Dogs stay outside."),
        ("图书馆什么时候开门？", "图书馆周一上午九点开门。"),
        ("狗不得入内，对吗？", "狗不得入内。"),
    ],
)
def test_the_sentence_with_most_of_the_question_answers_it(question: str, answer: str) -> None:
    assert found_answer(prompt(question)) == answer


@pytest.mark.parametrize("question", ["Who painted the ceiling of the chapel?", "谁写了红楼梦？"])
def test_what_the_passages_do_not_say_is_not_found(question: str) -> None:
    assert found_answer(prompt(question)) == NOT_FOUND_WORDS


def test_the_not_found_words_are_those_of_the_instructions() -> None:
    instructions = (
        "Be brief.\nIf the passages do not contain the answer, reply exactly: No idea, sorry.\n"
    )

    assert found_answer(prompt("Who painted the chapel?", instructions)) == "No idea, sorry."


def test_a_question_to_be_rewritten_gets_the_one_before_it_put_behind() -> None:
    told = "Conversation:\nQuestion: How long?\nAnswer: 9 km.\nQuestion: How wide?\nAnswer: 2 m."
    message = PromptMessage(role="user", content=f"{told}\n\nLast question: And high?")

    assert found_answer([message]) == "And high? (How wide?)"


def test_without_passages_the_question_is_said_back() -> None:
    assert found_answer([PromptMessage(role="user", content="Hello")]) == "You said: Hello"


@pytest.mark.parametrize(
    "text", ["one two\n\n three ", "  图书馆 opens, 9.30!", "", "\r\n\t", "a_b–c"]
)
def test_tokens_are_the_text_again(text: str) -> None:
    assert "".join(tokens_of(text)) == text


def test_a_prompt_has_a_template_around_its_words() -> None:
    assert len(prompt_tokens([PromptMessage(role="user", content="one two")])) == 3 + 4 + 2


def test_a_schema_is_filled_with_the_answer() -> None:
    schema = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "sure": {"type": "boolean"},
            "kind": {"enum": ["a", "b"]},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 2},
        },
        "$defs": {"part": {"type": "integer", "minimum": 3}},
    }

    assert instance_of(schema, "Hi") == {"text": "Hi", "sure": True, "kind": "a", "parts": [3, 3]}
