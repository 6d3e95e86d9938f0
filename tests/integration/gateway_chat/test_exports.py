"""A conversation is taken along as Markdown with footnotes, or as JSON."""

import httpx2
import pytest

from tests.integration.gateway_chat.places import HANDBOOK
from tests.integration.gateway_chat.talking import answered, begun, said

LEAVE = "How many days of annual leave a year for full-time staff?"
TRAVEL = "When are travel expenses repaid?\n# No heading"


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> str:
    return begun(ada, assistant_of_ada)


def test_markdown_cites_document_and_quote_in_footnotes(
    ada: httpx2.Client, conversation: str
) -> None:
    answered(ada, conversation, LEAVE)
    answered(ada, conversation, TRAVEL)
    file = ada.get(f"/v1/conversations/{conversation}/export.md")
    lines = file.text.splitlines()
    notes = [line for line in lines if line.startswith("[^")]

    assert file.headers["content-type"] == "text/markdown; charset=utf-8"
    assert lines[0] == f"# {LEAVE}"
    assert f"> {LEAVE}" in lines
    assert "> # No heading" in lines
    assert f"{HANDBOOK[0]} [^2-1]" in lines
    assert notes[0].startswith("[^2-1]: handbook.md")
    assert [note.partition(": “")[2] for note in notes] == [f"{HANDBOOK[0]}”", f"{HANDBOOK[1]}”"]


def test_json_has_the_branch_that_is_shown(ada: httpx2.Client, conversation: str) -> None:
    first = answered(ada, conversation, LEAVE)
    answered(ada, conversation, TRAVEL, edits=first["parent_id"])
    whole = ada.get(f"/v1/conversations/{conversation}/export.json").json()

    assert whole["conversation"] == ada.get(f"/v1/conversations/{conversation}").json()
    assert whole["messages"] == said(ada, conversation)
    assert whole["messages"][0]["content"] == TRAVEL


@pytest.mark.parametrize("form", ["md", "json"])
def test_nobody_takes_along_what_another_said(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str, form: str
) -> None:
    assert ada.get(f"/v1/conversations/{conversation}/export.{form}").status_code == 200
    assert bob.get(f"/v1/conversations/{conversation}/export.{form}").status_code == 404
