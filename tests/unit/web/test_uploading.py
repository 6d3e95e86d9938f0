"""Knowledge: uploading several files, following each, trying again, deleting."""

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


def test_deleting_a_file_takes_its_row_away(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=TWO_FILES)

    response = ada.post(f"{address(standin, assistant_of_ada, 'walk.md')}/delete", headers=HTMX)

    assert (response.status_code, response.text) == (200, "")
    assert set(rows_of(standin)) == {"集市.txt"}
