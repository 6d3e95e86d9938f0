"""What is taken of a draft that a model wrote."""

import json

import pytest

from gateway.building.errors import DraftUnreadable
from gateway.building.rules import drafted

WHOLE = {
    "name": " Harbour ",
    "description": "All about it",
    "instructions": "Be brief.",
    "starters": ["When?", " ", "Where?", "Who?", "Why?", "How?"],
}


def test_a_draft_is_read_and_cut_to_what_a_form_holds() -> None:
    draft = drafted(json.dumps(WHOLE | {"instructions": "x" * 90_000}))

    assert draft.name == "Harbour"
    assert draft.starters == ["When?", "Where?", "Who?", "Why?"]
    assert len(draft.instructions) == 4_000


@pytest.mark.parametrize(
    "said",
    [
        "I would rather not.",
        "[]",
        "null",
        json.dumps(WHOLE | {"name": ""}),
        json.dumps(WHOLE | {"starters": 7}),
        json.dumps({"name": "Harbour"}),
        json.dumps(WHOLE)[:-5],
        "[" * 100_000,
    ],
)
def test_what_is_no_draft_is_refused(said: str) -> None:
    with pytest.raises(DraftUnreadable):
        drafted(said)
