"""The pages of versions: read, compared, restored; assistants passed on and brought in."""

from contracts.assistants import DisabledAction
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_versions import BUNDLE
from tests.support.web_people import Person, words_of


def published(person: Person, assistant_id: str, note: str = "") -> None:
    response = person.post(f"/studio/{assistant_id}/publish", {"note": note})
    assert response.status_code == 303


def test_publishing_takes_a_note_and_the_list_tells_it(ada: Person, assistant_of_ada: str) -> None:
    studio = ada.get(f"/studio/{assistant_of_ada}")
    published(ada, assistant_of_ada, "Knows the rules now.")
    page = ada.get(f"/studio/{assistant_of_ada}/versions")

    assert 'name="note"' in studio.text
    assert f'href="/studio/{assistant_of_ada}/versions"' in studio.text
    assert "Knows the rules now." in words_of(page)
    assert "Version 1" in words_of(page)
    assert "Ada" in words_of(page)


def test_before_the_first_publishing_the_list_says_what_it_is_for(
    ada: Person, assistant_of_ada: str
) -> None:
    page = ada.get(f"/studio/{assistant_of_ada}/versions")

    assert "Not published yet" in words_of(page)


def test_a_note_is_changed_on_the_list(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    published(ada, assistant_of_ada)
    path = f"/studio/{assistant_of_ada}/versions/1/note"
    changed = ada.post(path, {"note": "Said later."})
    too_long = ada.post(path, {"note": "x" * 501})

    assert changed.headers["location"].endswith("/versions#version-1")
    assert standin.versions[assistant_of_ada][0].note == "Said later."
    assert too_long.status_code == 400


def test_a_version_shows_instructions_settings_and_files(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    assistant = standin.assistants[assistant_of_ada]
    assistant.instructions, assistant.tool_resources.file_search.vector_store_ids = "Hm.", ["vs_1"]
    published(ada, assistant_of_ada)
    words = words_of(ada.get(f"/studio/{assistant_of_ada}/versions/1"))

    assert "Hm." in words
    assert "a.md" in words
    assert "read by no version any more: 1" in words
    assert "How it uses its files Only from its files" in words
    assert ada.get(f"/studio/{assistant_of_ada}/versions/7").status_code == 404


def test_two_states_stand_side_by_side(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    standin.assistants[assistant_of_ada].instructions = "Be <b>long</b>."
    published(ada, assistant_of_ada)
    standin.assistants[assistant_of_ada].instructions = "Be brief."
    page = ada.get(f"/studio/{assistant_of_ada}/compare?from=1&to=draft")

    assert "<del>Be &lt;b&gt;long&lt;/b&gt;.</del>" in page.text
    assert "<ins>Be brief.</ins>" in page.text
    assert "Version 1 Draft" in words_of(page)
    assert "a.md added" in words_of(page)
    assert ada.get(f"/studio/{assistant_of_ada}/compare").status_code == 200


def test_restoring_offers_to_undo_it_and_says_what_stayed_out(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    published(ada, assistant_of_ada)
    ada.post(f"/studio/{assistant_of_ada}", {"name": "Changed"})
    restored = ada.post(f"/studio/{assistant_of_ada}/versions/1/restore")
    page = ada.get(restored.headers["location"])
    name_then = standin.assistants[assistant_of_ada].name
    ada.post(f"/studio/{assistant_of_ada}/undo-restore")

    assert "A version was restored into the draft." in words_of(page)
    assert "left out: 1" in words_of(page)
    assert f'action="/studio/{assistant_of_ada}/undo-restore"' in page.text
    assert (name_then, standin.assistants[assistant_of_ada].name) == ("Guide", "Changed")


def test_a_deleted_assistant_can_be_brought_back_from_the_list(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    gone = ada.post(f"/studio/{assistant_of_ada}/delete")
    page = ada.get(gone.headers["location"])
    back = ada.post(f"/studio/{assistant_of_ada}/bring-back")

    assert "Deleted." in words_of(page)
    assert f'action="/studio/{assistant_of_ada}/bring-back"' in page.text
    assert back.headers["location"] == f"/studio/{assistant_of_ada}"
    assert assistant_of_ada in standin.assistants


def test_what_is_no_id_is_not_offered_to_be_brought_back(ada: Person) -> None:
    page = ada.get("/studio?deleted=../../evil")

    assert "bring-back" not in page.text


def test_a_copy_has_the_name_that_was_typed(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    page = ada.get(f"/studio/{assistant_of_ada}/passing")
    made = ada.post(f"/studio/{assistant_of_ada}/duplicate", {"name": "Second guide"})
    names = [assistant.name for assistant in standin.assistants.values()]
    shown = ada.get(made.headers["location"])

    assert 'value="Guide (copy)"' in page.text
    assert names == ["Guide", "Second guide"]
    assert "private draft of yours" in words_of(shown)


def test_handing_over_names_a_colleague(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    bob = standin.passwords["bob@example.org"][1].id
    given = ada.post(f"/studio/{assistant_of_ada}/transfer", {"member": bob})
    nobody = ada.post(f"/studio/{assistant_of_ada}/transfer", {"member": "mem_nobody"})

    assert given.headers["location"] == "/studio"
    assert nobody.status_code == 404


def test_the_archive_comes_as_a_download(ada: Person, assistant_of_ada: str) -> None:
    found = ada.get(f"/studio/{assistant_of_ada}/bundle")

    assert found.content == BUNDLE
    assert found.headers["content-disposition"].startswith("attachment")
    assert found.headers["content-type"] == "application/zip"


def test_an_archive_is_passed_on_and_becomes_an_assistant(ada: Person, standin: Standin) -> None:
    made = ada.post("/studio/uploads/import/bundle", files=[("file", ("a.zip", BUNDLE))])
    nothing = ada.post("/studio/uploads/import/bundle")
    (imported,) = standin.assistants

    assert made.headers["location"] == f"/studio/{imported}/made?left_out=0"
    assert standin.imported == [BUNDLE]
    assert nothing.status_code == 400


def test_pasted_fields_of_a_gpt_become_a_draft(ada: Person, standin: Standin) -> None:
    made = ada.post(
        "/studio/import/gpt",
        {
            "name": "Trips",
            "instructions": "Ask where to.",
            "starters": ["Where to?", ""],
            "capabilities": ["Canvas", "Something else"],
            "action_name_1": "",
            "action_1": "openapi: 3.1.0",
            "action_name_3": "weather",
            "action_3": "openapi: 3.0.0",
        },
    )
    (draft,) = standin.assistants.values()

    assert made.headers["location"] == f"/studio/{draft.id}#knowledge"
    assert (draft.name, draft.starters) == ("Trips", ["Where to?"])
    assert [action.name for action in draft.disabled_actions] == ["1", "weather"]


def test_a_gpt_without_a_name_keeps_what_was_pasted(ada: Person) -> None:
    page = ada.post("/studio/import/gpt", {"name": "", "instructions": "Ask where to."})

    assert page.status_code == 422
    assert "Ask where to." in page.text
    assert "This is too short." in words_of(page)


def test_kept_actions_are_shown_as_not_active(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    action = DisabledAction(name="weather", openapi="openapi: <3>")
    standin.assistants[assistant_of_ada].disabled_actions = [action]
    words = words_of(ada.get(f"/studio/{assistant_of_ada}/versions"))

    assert "kept, not active" in words
    assert "openapi: <3>" in words


def test_a_kept_action_is_removed_from_the_draft_that_was_looked_at(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    actions = [DisabledAction(name=name, openapi="{}") for name in ("weather", "tides")]
    standin.assistants[assistant_of_ada].disabled_actions = actions
    path = f"/studio/{assistant_of_ada}/actions/1/remove"
    revision = standin.assistants[assistant_of_ada].revision
    page = ada.get(f"/studio/{assistant_of_ada}/versions")
    late = ada.post(path, {"revision": str(revision + 1)})
    removed = ada.post(path, {"revision": str(revision)})

    assert f'action="{path}"' in page.text
    assert f'name="revision" value="{revision}"' in page.text
    assert late.status_code == 409
    assert removed.headers["location"] == f"/studio/{assistant_of_ada}/versions"
    assert [each.name for each in standin.assistants[assistant_of_ada].disabled_actions] == [
        "tides"
    ]


def test_an_imported_version_says_that_its_files_did_not_come_along(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=[("files", ("a.md", b"# A"))])
    ada.post(f"/studio/{assistant_of_ada}/publish")
    (version,) = standin.versions[assistant_of_ada]
    here = words_of(ada.get(f"/studio/{assistant_of_ada}/versions/1"))
    version.epochs, version.collections = {}, []
    imported = words_of(ada.get(f"/studio/{assistant_of_ada}/versions/1"))

    assert "came with an import" not in here
    assert "came with an import, and its files did not" in imported
