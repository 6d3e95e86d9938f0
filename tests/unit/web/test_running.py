"""Engines, jobs and reconciliations, as those see them who run things."""

import pytest

from contracts.files import DocumentError
from contracts.jobs import Stage
from tests.support.gateway_standin import Standin
from tests.support.web_people import Files, Person, words_of

FILES: Files = [("files", ("walk.md", b"# A walk")), ("files", ("broken.pdf", b"%PDF"))]


@pytest.fixture
def two_jobs(ada: Person, standin: Standin, assistant_of_ada: str) -> Standin:
    """A file that waits and one that failed."""
    standin.steps_by_itself = False
    ada.post(f"/studio/uploads/{assistant_of_ada}", files=FILES)
    broken = next(each for each in standin.documents.values() if each.filename == "broken.pdf")
    broken.status = "failed"
    broken.progress.stage = Stage.FAILED
    broken.last_error = DocumentError(code="invalid_file", message="It is no PDF.")
    return standin


def test_engines_show_pace_and_queue(ada: Person) -> None:
    words = words_of(ada.get("/admin/engines"))

    assert "small llamacpp:small runs 1 of 2 3 11.4 1,830 ms 214 48,210" in words
    assert "large openai:large down" in words


def test_settings_show_what_was_set_here(ada: Person) -> None:
    words = words_of(ada.get("/admin/settings"))

    assert "GATEWAY_SIGN_UP open set here invite" in words
    assert "GATEWAY_PUBLIC_URL not set" in words
    assert "Sessions" in words


@pytest.mark.usefixtures("two_jobs")
def test_jobs_show_their_stage_and_reason(ada: Person) -> None:
    words = words_of(ada.get("/admin/jobs"))

    assert "walk.md" in words
    assert "Waiting for its turn" in words
    assert "It is no PDF." in words


@pytest.mark.usefixtures("two_jobs")
def test_jobs_are_filtered_by_the_address(ada: Person) -> None:
    words = words_of(ada.get("/admin/jobs?state=failed"))

    assert "broken.pdf" in words
    assert "walk.md" not in words


@pytest.mark.usefixtures("two_jobs")
def test_a_state_nobody_knows_shows_everything(ada: Person) -> None:
    words = words_of(ada.get("/admin/jobs?state=%3Cb%3E"))

    assert "broken.pdf" in words
    assert "walk.md" in words


def test_a_failed_job_is_retried_and_the_filter_kept(ada: Person, two_jobs: Standin) -> None:
    broken = next(each for each in two_jobs.documents.values() if each.filename == "broken.pdf")
    path = f"/admin/jobs/{broken.vector_store_id}/{broken.id}/retry"
    answer = ada.post(path, {"state": "failed"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/jobs?state=failed")
    assert two_jobs.documents[broken.id].progress.stage is not Stage.FAILED


def test_a_cancelled_job_is_taken_out(ada: Person, two_jobs: Standin) -> None:
    walk = next(each for each in two_jobs.documents.values() if each.filename == "walk.md")
    answer = ada.post(f"/admin/jobs/{walk.vector_store_id}/{walk.id}/cancel")

    assert answer.status_code == 303
    assert walk.id not in two_jobs.documents


def test_the_books_are_looked_at_when_asked(ada: Person) -> None:
    before = words_of(ada.get("/admin/reconciliations"))
    ada.post("/admin/reconciliations")
    after = words_of(ada.get("/admin/reconciliations"))

    assert "Nobody has looked yet" in before
    assert "equal to the token" in after


def test_what_differs_is_shown_with_its_correction(ada: Person) -> None:
    for _ in range(2):
        ada.post("/admin/reconciliations")
    words = words_of(ada.get("/admin/reconciliations"))

    assert "answered, and not in the ledger" in words
    assert "trn_01hzy3v7q8" in words
    assert "812 / 0 / 61" in words


@pytest.mark.parametrize("page", ["engines", "jobs", "reconciliations"])
def test_members_do_not_see_what_runs(bob: Person, page: str) -> None:
    assert bob.get(f"/admin/{page}").status_code == 403
