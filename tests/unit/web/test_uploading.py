"""Knowledge: uploading several files, following each, trying again, deleting."""

import pytest

from contracts.files import DocumentView
from tests.support.gateway_standin import Standin
from tests.support.web_people import Files, Person, words_of

HTMX = {"hx-request": "true"}
TWO_FILES: Files = [("files", ("walk.md", b"# A walk")), ("files", ("集市.txt", "市场".encode()))]


def rows_of(standin: Standin) -> dict[str, str]:
    return {document.filename: document.id for document in standin.documents.values()}


def address(standin: Standin, assistant_id: str, filename: str) -> str:
    document = standin.documents[rows_of(standin)[filename]]
    return f"/studio/{assistant_id}/knowledge/{document.vector_store_id}/{document.id}"


def test_the_first_upload_makes_the_collection_and_attaches_it(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    response = ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)

    (collection,) = standin.collections.values()
    resources = standin.assistants[assistant_of_ada].tool_resources
    assert response.headers["location"] == f"/studio/{assistant_of_ada}#knowledge"
    assert resources.file_search.vector_store_ids == [collection.id]
    assert set(rows_of(standin)) == {"walk.md", "集市.txt"}


def test_the_second_upload_goes_into_the_same_collection(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    for name in ("one.md", "two.md"):
        ada.post(f"/studio/uploads/{assistant_of_ada}", files=[("files", (name, b"x"))])

    assert len(standin.collections) == 1
    assert set(rows_of(standin)) == {"one.md", "two.md"}


def test_a_refused_file_does_not_stop_the_others(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    files: Files = [("files", ("empty.pdf", b"")), ("files", ("walk.md", b"# A walk"))]

    response = ada.post(f"/studio/uploads/{assistant_of_ada}", files=files)

    assert response.status_code == 422
    assert "empty.pdf This file is empty. Nothing of it was kept." in words_of(response)
    assert set(rows_of(standin)) == {"walk.md"}


def test_a_file_over_the_gateways_limit_is_named(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    standin.file_bytes = 10

    response = ada.post(
        f"/studio/uploads/{assistant_of_ada}",
        files=[("files", ("big.md", b"x" * 100))],
        headers=HTMX,
    )

    assert response.status_code == 200
    assert "big.md This file is larger than the limit." in words_of(response)


def test_an_upload_over_webs_own_limit_is_refused_in_words(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    files: Files = [("files", ("huge.md", b"x" * (6 << 20)))]

    response = ada.post(f"/studio/uploads/{assistant_of_ada}", files=files)

    assert response.status_code == 413
    assert "more than one upload may hold" in words_of(response)
    assert standin.documents == {}


def test_sending_no_file_is_said(ada: Person, assistant_of_ada: str) -> None:
    response = ada.post(f"/studio/uploads/{assistant_of_ada}", files=[("files", ("", b""))])

    assert response.status_code == 400
    assert "Choose a file first." in words_of(response)


def test_a_name_with_dots_slashes_and_markup_is_only_a_name(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    name = "../../<b>etc</b>.md"
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=[("files", (name, b"x"))])

    page = ada.get(f"/studio/{assistant_of_ada}")

    assert name in rows_of(standin)
    assert "<b>etc</b>" not in page.text


def test_a_row_asks_for_itself_until_its_file_is_ready(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)
    path = address(standin, assistant_of_ada, "walk.md")

    rows = [ada.get(path, HTMX) for _ in range(7)]

    assert ['hx-trigger="every 1s"' in row.text for row in rows] == [True] * 5 + [False] * 2
    assert "Waiting for its turn" in words_of(rows[0])
    assert "Learning passage 65 of 120" in words_of(rows[3])
    assert "Ready" in words_of(rows[-1])


def test_a_row_opened_by_itself_leads_to_the_page_it_stands_on(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)

    response = ada.get(address(standin, assistant_of_ada, "walk.md"))

    assert response.headers["location"] == f"/studio/{assistant_of_ada}#knowledge"


def test_a_failed_file_says_why_and_can_be_tried_again(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    files: Files = [("files", ("broken.pdf", b"%PDF"))]
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=files)
    standin.step()
    standin.step()
    page = ada.get(f"/studio/{assistant_of_ada}")

    path = address(standin, assistant_of_ada, "broken.pdf")
    again = ada.post(f"{path}/retry", headers=HTMX)

    assert "This PDF is protected by a password." in words_of(page)
    assert "Waiting for its turn" in words_of(again)


def test_deleting_a_file_asks_first(ada: Person, standin: Standin, assistant_of_ada: str) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)
    path = address(standin, assistant_of_ada, "walk.md")
    page, row = ada.get(f"{path}/delete"), ada.get(f"{path}/delete", headers=HTMX)

    assert "It cannot be undone." in words_of(page)
    assert f'action="{path}/delete"' in page.text
    assert row.text.lstrip().startswith('<li class="document sure"')
    assert set(rows_of(standin)) == {"walk.md", "集市.txt"}


def walk(standin: Standin) -> DocumentView:
    return standin.documents[rows_of(standin)["walk.md"]]


def replacing(standin: Standin, assistant_id: str) -> str:
    document = walk(standin)
    return f"/studio/uploads/{assistant_id}/{document.vector_store_id}/{document.id}"


@pytest.mark.parametrize(("sent", "kept"), [("new.MD", "walk.md"), ("walk.pdf", "walk.pdf")])
def test_a_file_is_replaced_by_its_next_version_and_keeps_its_name(
    ada: Person, standin: Standin, assistant_of_ada: str, sent: str, kept: str
) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)
    page = ada.get(f"/studio/{assistant_of_ada}#knowledge")
    for _ in range(5):
        page = ada.get(f"/studio/{assistant_of_ada}#knowledge")
    path = replacing(standin, assistant_of_ada)
    response = ada.post(path, files=[("file", (sent, b"# New"))])

    assert f'action="{path}"' in page.text
    assert response.headers["location"] == f"/studio/{assistant_of_ada}#knowledge"
    assert set(rows_of(standin)) == {kept, "集市.txt"}
    assert standin.documents[rows_of(standin)[kept]].document_version == 2


@pytest.mark.parametrize("sent", [None, b""])
def test_a_refused_replacement_leaves_the_file_as_it_was(
    ada: Person, standin: Standin, assistant_of_ada: str, sent: bytes | None
) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)
    former = walk(standin).id
    files: Files = [] if sent is None else [("file", ("walk.md", sent))]
    response = ada.post(replacing(standin, assistant_of_ada), files=files)

    assert response.status_code == (400 if sent is None else 422)
    assert ("Choose a file first." if sent is None else "This file is empty.") in words_of(response)
    assert walk(standin).id == former


def test_deleting_a_file_takes_its_row_away(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)

    response = ada.post(f"{address(standin, assistant_of_ada, 'walk.md')}/delete", headers=HTMX)

    assert (response.status_code, response.text) == (200, "")
    assert set(rows_of(standin)) == {"集市.txt"}
