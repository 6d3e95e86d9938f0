"""The account of an answer on its page: what was read, what it cost, what was left out."""

from itertools import pairwise

import pytest

from contracts.context import ContextView, Outcome, Reason, SegmentKind, SegmentView
from tests.support.gateway_standin import Standin
from tests.support.web_people import Person
from web.chat.contexts import BAR_WIDTH, shown_account
from web.languages import Language, Languages

ENGLISH = Languages.load().all[0]


@pytest.fixture
def turn(ada: Person, standin: Standin, assistant_of_ada: str) -> str:
    """Ada's finished turn with an assistant of her own."""
    asked = {"assistant_id": assistant_of_ada, "text": "What was a stoa?"}
    ada.post("/chat/conversations", asked)
    turn_id = next(iter(standin.turns))
    # To its last event: the stand-in tells it when the answer is complete.
    ada.get(f"/chat/turns/{turn_id}/events", {"accept": "text/event-stream"})
    return turn_id


def test_an_answer_leads_to_what_was_read_for_it(ada: Person, standin: Standin, turn: str) -> None:
    conversation = ada.get(f"/chat/{next(iter(standin.conversations))}").text

    assert f'href="/chat/turns/{turn}/context"' in conversation
    assert "1,184 tokens" in conversation


def test_the_page_tells_every_part_in_order_with_tokens_and_money(ada: Person, turn: str) -> None:
    page = ada.get(f"/chat/turns/{turn}/context").text
    told = ("1,184 tokens were read", "412 of them", "0.0000649 USD", "Instructions",
            "Earlier question", "the-covered-walk.pdf", "290 tokens", "0.0000145 USD",
            "Only its first sentences fitted.", "Says the same as a better passage.",
            "No room was left.", "Asked now.")  # fmt: skip
    places = [page.find(text) for text in told]

    assert -1 not in places
    assert page.index("Always first") < page.index("Found for the question.")
    assert page.index("No room was left.") < page.index("Asked now.")
    assert "style=" not in page


def test_htmx_gets_the_piece_alone(ada: Person, turn: str) -> None:
    piece = ada.get(f"/chat/turns/{turn}/context", {"hx-request": "true"}).text

    assert piece.lstrip().startswith("<details")
    assert "<html" not in piece
    assert "Instructions" in piece


def test_a_public_assistant_of_others_shows_numbers_without_words(
    ada: Person, standin: Standin, turn: str
) -> None:
    next(iter(standin.conversations.values())).opens_sources = False
    page = ada.get(f"/chat/turns/{turn}/context").text

    assert "86 tokens" in page
    assert "Answer in two sentences" not in page
    assert "a-copy.pdf" not in page
    assert "Its words are not yours to read" in page


def test_an_answer_without_an_account_says_so(ada: Person, standin: Standin, turn: str) -> None:
    standin.turns[turn].answer.usage = None

    assert "No model was asked" in ada.get(f"/chat/turns/{turn}/context").text


def test_a_foreign_turn_has_no_account(ada: Person) -> None:
    assert ada.get("/chat/turns/turn_none/context").status_code == 404


def test_the_bar_fills_the_window_and_no_more() -> None:
    segments = [
        SegmentView(kind=kind, outcome=Outcome.KEPT, reason=Reason.RELEVANT, tokens=tokens)
        for kind, tokens in zip(SegmentKind, (1, 86, 383, 694, 20), strict=True)
    ]
    context = ContextView(
        turn_id="turn_1",
        is_kept=True,
        window_tokens=2_048,
        answer_tokens=512,
        prompt_tokens=1_184,
        segments=segments,
    )
    bar = shown_account(context, ENGLISH).bar

    assert [each.tokens for each in bar] == [1, 86, 383, 694, 20, 512, 352]
    assert sum(each.width for each in bar) == BAR_WIDTH
    assert all(one.x + one.width == next_.x for one, next_ in pairwise(bar))


def test_a_prompt_over_its_window_still_has_a_bar() -> None:
    crowded = ContextView(turn_id="turn_1", is_kept=True, answer_tokens=9, prompt_tokens=7)

    assert [each.name for each in shown_account(crowded, ENGLISH).bar] == ["answer"]


@pytest.mark.parametrize("language", Languages.load().all, ids=lambda each: each.code)
@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("kind", SegmentKind)
def test_every_kind_and_reason_has_words(
    kind: SegmentKind, reason: Reason, language: Language
) -> None:
    segment = SegmentView(kind=kind, outcome=Outcome.KEPT, reason=reason, tokens=1)
    context = ContextView(turn_id="turn_1", is_kept=True, segments=[segment])
    (part,) = shown_account(context, language).parts

    assert part.title.strip()
    assert part.reason.strip()
