"""Which of llama.cpp's slots answers, and what it may reuse."""

from contracts.generation import PromptMessage
from inference.adapters.llamacpp_slots import SlotTable


def said(*texts: str) -> list[PromptMessage]:
    return [PromptMessage(role="user", content=text) for text in texts]


def test_a_conversation_returns_to_the_slot_that_knows_it() -> None:
    slots = SlotTable(2)
    with slots.take("ada", said("a long first question")) as first:
        pass
    with slots.take("ada", said("something else entirely")):
        pass
    with slots.take("ada", said("a long first question", "more")) as again:
        pass

    assert again.number == first.number
    assert again.may_reuse


def test_another_conversation_leaves_that_slot_alone() -> None:
    slots = SlotTable(2)
    with slots.take("ada", said("a long first question")) as first:
        pass
    with slots.take("ada", said("something else entirely")) as second:
        pass

    assert second.number != first.number


def test_a_slot_of_another_tenant_is_never_reused() -> None:
    slots = SlotTable(1)
    with slots.take("ada", said("the same question")):
        pass
    with slots.take("bob", said("the same question")) as of_bob:
        pass
    with slots.take("ada", said("the same question")) as of_ada:
        pass

    assert (of_bob.may_reuse, of_ada.may_reuse) == (False, False)


def test_a_taken_slot_is_not_given_twice() -> None:
    slots = SlotTable(2)
    question = said("the same question")
    with slots.take("ada", question) as first, slots.take("ada", question) as second:
        assert first.number != second.number


def test_a_new_server_has_read_nothing() -> None:
    slots = SlotTable(1)
    with slots.take("ada", said("the same question")):
        pass
    slots.forget()

    with slots.take("ada", said("the same question")) as again:
        assert not again.may_reuse
