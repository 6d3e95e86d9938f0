"""The list of jobs: whose they are, what is told of them, and what may be done."""

from contracts.accounts import Power
from contracts.jobs import ClaimRequest, FailureReport
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import collection_of, document_of


def failed(gateway: RunningGateway, version_id: str) -> None:
    job = gateway.jobs().claim(version_id, ClaimRequest(worker="test"))
    gateway.jobs().fail(
        version_id, FailureReport(fence=job.fence, code="invalid_file", message="It is no PDF.")
    )


def jobs_of(person: Person, **query: str) -> list[dict[str, object]]:
    status, body = person.get("/v1/admin/jobs", **query)
    assert status == 200, body
    data: list[dict[str, object]] = body["data"]
    return data


def test_a_job_tells_stage_attempts_and_reason(gateway: RunningGateway, ada: Person) -> None:
    document_of(ada, collection_of(ada))
    (waiting,) = jobs_of(ada)
    failed(gateway, str(waiting["id"]))
    (given_up,) = jobs_of(ada, state="failed")

    assert (waiting["state"], waiting["stage"], waiting["attempts"]) == ("queued", "queued", 0)
    assert (given_up["attempts"], given_up["message"]) == (1, "It is no PDF.")
    assert given_up["may_change"] is True


def test_jobs_are_filtered_by_state(ada: Person) -> None:
    document_of(ada, collection_of(ada))

    assert jobs_of(ada, state="failed") == []
    assert jobs_of(ada, state="running") == []
    assert len(jobs_of(ada, state="queued")) == 1


def test_a_document_that_was_taken_out_is_no_job(ada: Person) -> None:
    collection_id = collection_of(ada)
    file_id = document_of(ada, collection_id)
    ada.delete(f"/v1/vector_stores/{collection_id}/files/{file_id}")

    assert jobs_of(ada) == []


def test_an_admin_sees_the_jobs_of_their_own_workspace_alone(ada: Person, bob: Person) -> None:
    document_of(ada, collection_of(ada))

    assert jobs_of(bob) == []


def test_an_operator_sees_all_jobs_but_no_names_of_others(
    gateway: RunningGateway, ada: Person
) -> None:
    document_of(ada, collection_of(ada))
    olivia = gateway.enrol("Olivia", is_operator=True)
    (job,) = jobs_of(olivia)

    assert job["workspace_id"] == ada.workspace_id
    assert (job["filename"], job["collection_name"], job["message"]) == (None, None, None)
    assert job["may_change"] is False


def test_a_member_sees_no_jobs(gateway: RunningGateway, ada: Person) -> None:
    carol = gateway.enrol("Carol", power=Power.MEMBER, beside=ada)
    status, problem = carol.get("/v1/admin/jobs")

    assert (status, problem["code"]) == (403, "jobs_not_yours")
