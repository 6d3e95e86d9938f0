"""The studio: making, changing, publishing and deleting an assistant."""

from typing import Any

import pytest

from contracts.building import UnansweredQuestion
from contracts.definitions import Variable
from contracts.files import DocumentProgress, DocumentView
from contracts.jobs import Stage
from tests.support.gateway_standin import Standin
from tests.support.web_people import Person, words_of

HTMX = {"hx-request": "true"}


def document(file_id: str, collection_id: str) -> DocumentView:
    return DocumentView(
        id=file_id,
        created_at=0,
        vector_store_id=collection_id,
        usage_bytes=9,
        status="completed",
        last_error=None,
        filename="the-covered-walk.pdf",
        document_version=1,
        passage_count=1,
        progress=DocumentProgress(stage=Stage.READY, percent=100),
    )


def test_making_an_assistant_leads_to_its_knowledge(ada: Person, standin: Standin) -> None:
    response = ada.post(
        "/studio",
        {
            "name": "Guide",
            "instructions": "Be short.\r\nBe kind.",
            "starters": ["One?", "", "Two?"],
        },
    )

    (made,) = standin.assistants.values()
    assert response.headers["location"] == f"/studio/{made.id}#knowledge"
    assert (made.instructions, made.starters) == ("Be short.\nBe kind.", ["One?", "Two?"])


def test_an_assistant_needs_a_name_and_keeps_what_was_typed(ada: Person) -> None:
    response = ada.post("/studio", {"name": " ", "instructions": "Be short.", "starters": ["One?"]})

    assert response.status_code == 422
    assert "This is too short." in words_of(response)
    assert "Be short." in response.text
    assert 'value="One?"' in response.text


def test_a_fold_changes_its_own_fields_only(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}", {"instructions": "New.", "model": ""})

    changed = standin.assistants[assistant_of_ada]
    assert response.status_code == 303
    assert (changed.name, changed.instructions) == ("Guide", "New.")
    assert changed.starters == ["What was a stoa?"]


def test_all_starters_can_be_taken_away(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/{assistant_of_ada}", {"name": "Guide", "starters": ["", ""]})

    assert standin.assistants[assistant_of_ada].starters == []


def test_saving_on_the_way_says_so_and_renews_the_sharing_panel(
    ada: Person, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/{assistant_of_ada}/publish")

    response = ada.post(f"/studio/{assistant_of_ada}", {"name": "Guide 2"}, headers=HTMX)

    assert "Saved" in words_of(response)
    assert "Publish the changes" in words_of(response)
    assert 'hx-swap-oob="true"' in response.text


def test_what_cannot_be_saved_on_the_way_is_said(ada: Person, assistant_of_ada: str) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}", {"name": ""}, headers=HTMX)

    assert response.status_code == 422
    assert "Not saved. This is too short." in words_of(response)


def test_publishing_gives_the_next_version_and_a_chat(ada: Person, assistant_of_ada: str) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}/publish", headers=HTMX)

    assert "Version 1" in words_of(response)
    assert f"/chat/new?assistant={assistant_of_ada}" in response.text


def test_deleting_asks_first(ada: Person, standin: Standin, assistant_of_ada: str) -> None:
    asked = ada.get(f"/studio/{assistant_of_ada}/delete")
    still_there = set(standin.assistants)
    response = ada.post(f"/studio/{assistant_of_ada}/delete")

    assert "Delete Guide" in words_of(asked)
    assert still_there == {assistant_of_ada}
    location = f"/studio?deleted={assistant_of_ada}"
    assert (response.headers["location"], standin.assistants) == (location, {})


def test_only_published_assistants_stand_on_the_home_page(
    ada: Person, assistant_of_ada: str
) -> None:
    before = words_of(ada.get("/"))
    ada.post(f"/studio/{assistant_of_ada}/publish")
    after = words_of(ada.get("/"))

    assert "No assistant is published yet" in before
    assert "Guide" in after


def test_names_are_text_everywhere(ada: Person) -> None:
    hostile = "<script>alert(1)</script>"
    made = ada.post("/studio", {"name": hostile, "description": hostile, "starters": [hostile]})
    path = made.headers["location"].partition("#")[0]
    ada.post(f"{path}/publish")
    chat = f"/chat/new?assistant={path.rpartition('/')[2]}"

    pages = [ada.get(p).text for p in ("/", "/studio", path, f"{path}/delete", chat)]

    assert all("<script>alert" not in page and "&lt;script&gt;" in page for page in pages)


def test_an_unknown_assistant_is_a_page_that_says_so(ada: Person) -> None:
    response = ada.get("/studio/ast_none")

    assert response.status_code == 404
    assert "This assistant does not exist" in words_of(response)


def test_an_id_that_is_none_never_reaches_the_gateway(ada: Person) -> None:
    assert ada.get("/studio/ast_x%3Flimit=1").status_code == 400
    assert ada.get("/chat/new?assistant=../me").status_code == 400


def test_every_field_of_a_definition_can_be_set(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    path = f"/studio/{assistant_of_ada}"
    ada.post(path, {"category": "data", "tags": "Staff rules, leave\uff0c\u5047\u671f"})
    ada.post(path, {"amount": "long", "strictness": "strict", "answer_language": "zh"})
    ada.post(path, {"temperature": "0.7", "top_p": ""})

    changed = standin.assistants[assistant_of_ada]
    assert (changed.category, changed.tags) == ("data", ["staff rules", "leave", "\u5047\u671f"])
    assert (changed.retrieval.amount, changed.retrieval.strictness) == ("long", "strict")
    assert changed.answer_language == "zh"
    assert (changed.temperature, changed.top_p) == (0.7, None)


def test_variables_are_rows_and_an_empty_name_takes_one_away(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    path = f"/studio/{assistant_of_ada}"
    rows = {
        "variables": "",
        "row-0-name": "city",
        "row-0-kind": "choice",
        "row-0-choices": "Athens, Sparta",
        "row-0-required": "yes",
        "row-1-name": "",
        "row-1-kind": "text",
    }
    ada.post(path, rows)
    made = standin.assistants[assistant_of_ada].variables
    ada.post(path, {**rows, "row-0-name": ""})

    assert made == [
        Variable(name="city", kind="choice", choices=["Athens", "Sparta"], required=True)
    ]
    assert standin.assistants[assistant_of_ada].variables == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"category": "nonsense"}, "category"),
        ({"tags": "x" * 31}, "tags"),
        ({"variables": "", "row-0-name": "Not A Name", "row-0-kind": "text"}, "variables"),
    ],
)
def test_what_is_wrong_is_said_under_its_field(
    ada: Person, assistant_of_ada: str, sent: dict[str, Any], field: str
) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}", sent, headers=HTMX)
    _, _, said = response.text.partition(f'id="{field}-slot"')

    assert response.status_code == 422
    assert "This" in said.partition("</p>")[0]


def test_a_second_tab_is_told_and_overwrites_nothing(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    path = f"/studio/{assistant_of_ada}"
    revision = str(standin.assistants[assistant_of_ada].revision)
    first = ada.post(path, {"revision": revision, "instructions": "First."}, headers=HTMX)
    second = ada.post(path, {"revision": revision, "instructions": "Second."}, headers=HTMX)
    plain = ada.post(path, {"revision": revision, "instructions": "Second."})

    assert f'value="{int(revision) + 1}"' in first.text
    assert (second.status_code, plain.status_code) == (409, 409)
    assert "nothing of theirs was overwritten" in words_of(second)
    assert "Second." in words_of(plain)  # to be copied
    assert standin.assistants[assistant_of_ada].instructions == "First."


def test_the_page_says_how_much_the_instructions_take_and_what_models_cost(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/{assistant_of_ada}", {"instructions": "Serve {{wine}} " + "now " * 1_500})
    page = words_of(ada.get(f"/studio/{assistant_of_ada}"))
    standin.are_models_listed = False
    without = ada.get(f"/studio/{assistant_of_ada}")

    assert "1,502 of 4,096 tokens" in page
    assert "more than a third" in page
    assert "stay as they are written: {{wine}}" in page
    assert "4,096 tokens \u00b7 0.05 USD read" in page
    assert without.status_code == 200


def test_the_preview_talks_to_the_draft(ada: Person, assistant_of_ada: str) -> None:
    path = f"/studio/{assistant_of_ada}/preview"
    begun = ada.post(path, {"text": "What is it?"}, headers=HTMX)
    anew = ada.get(path, headers=HTMX)
    plain = ada.post(path, {"starter": "What was a stoa?", "text": ""})
    page = ada.get(plain.headers["location"])

    assert 'id="preview"' in begun.text
    assert "data-events" in begun.text
    assert "data-events" not in anew.text
    assert "draft" in words_of(page)


def test_the_search_of_a_draft_tells_its_scores(ada: Person, assistant_of_ada: str) -> None:
    path = f"/studio/{assistant_of_ada}"
    nothing = words_of(ada.post(f"{path}/search", {"query": "What is it?"}))
    empty = ada.get(f"{path}/search")

    assert "Nothing was found" in nothing
    assert empty.status_code == 200


def test_statistics_are_numbers_and_nobodys_words(ada: Person, assistant_of_ada: str) -> None:
    before = words_of(ada.get(f"/studio/{assistant_of_ada}/statistics"))
    ada.post("/chat/conversations", {"assistant_id": assistant_of_ada, "text": "A secret?"})
    after = words_of(ada.get(f"/studio/{assistant_of_ada}/statistics"))

    assert "nothing yet" in before
    assert "0.25 USD" in after
    assert "secret" not in after


def test_builders_turn_the_pages_of_what_found_nothing(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    standin.unanswered = [
        UnansweredQuestion(id=f"unq_{number}", text=f"What is {number}?", times=1, day="2026-11-23")
        for number in range(21)
    ]
    path = f"/studio/{assistant_of_ada}/statistics"
    first = ada.get(path)
    second = words_of(ada.get(f"{path}?asked_after=unq_19"))

    assert "What is 0?" in words_of(first)
    assert "What is 20?" not in words_of(first)
    assert "?asked_after=unq_19#unanswered-title" in first.text
    assert f'href="/studio/{assistant_of_ada}#knowledge"' in first.text
    assert "What is 20?" in second
    assert "What is 0?" not in second


TOLD = "those who build this assistant see the question, never your name"


def test_who_asks_is_told_what_builders_see_and_only_when_they_do(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    door = f"/chat/new?assistant={assistant_of_ada}"
    ada.post(f"/studio/{assistant_of_ada}/publish")
    ada.post("/chat/conversations", {"assistant_id": assistant_of_ada, "text": "Why?"})
    (conversation,) = standin.conversations
    told = [ada.get(path).text for path in (door, f"/chat/{conversation}")]
    untold = [ada.get(f"{door}&{more}=true").text for more in ("draft", "temporary")]
    standin.shows_unanswered = False
    untold.append(ada.get(door).text)
    use = ada.get(f"/studio/{assistant_of_ada}/statistics").text

    assert [TOLD in text for text in told] == [True, True]
    assert [TOLD in text for text in untold] == [False] * 3
    assert "never the questions" in use
    assert "What to write next" not in use


def test_a_passage_is_switched_off_and_on_again(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    collection = "vs_1"
    standin.documents["file-walk"] = document("file-walk", collection)
    path = f"/studio/{assistant_of_ada}/knowledge/{collection}/file-walk/passages"
    before = words_of(ada.get(path))
    off = ada.post(f"{path}/psg_walk", {"is_off": "yes"}, headers=HTMX)
    plain = ada.post(f"{path}/psg_walk", {"is_off": "no"})

    assert "Switch off" in before
    assert "switched off" in words_of(off)
    assert plain.headers["location"] == path
    assert standin.switched_off == set()


def test_a_few_sentences_fill_in_the_form_and_make_nothing(ada: Person, standin: Standin) -> None:
    response = ada.post("/studio/new", {"wish": "It should know the harbour."})

    assert response.status_code == 200
    assert 'value="Harbour guide"' in response.text
    assert "It should know the harbour." in response.text
    assert "A model wrote this" in words_of(response)
    assert standin.assistants == {}


def test_a_failing_model_leaves_the_sentences_in_place(ada: Person, standin: Standin) -> None:
    standin.is_engine_failing = True
    response = ada.post("/studio/new", {"wish": "It should know the harbour."})
    empty = ada.post("/studio/new", {"wish": ""})

    assert (response.status_code, empty.status_code) == (422, 422)
    assert "It should know the harbour." in response.text
    assert 'role="alert"' in response.text
    assert "Write a few sentences first" in words_of(empty)
