"""The studio: making, changing, publishing and deleting an assistant."""

from tests.support.gateway_standin import Standin
from tests.support.web_people import Person, words_of

HTMX = {"hx-request": "true"}


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
