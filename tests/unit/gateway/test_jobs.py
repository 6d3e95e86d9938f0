"""Jobs: one holder at a time, attempts that are counted, nothing that waits for ever."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from sqlalchemy import text

from contracts.errors import RemoteError
from contracts.jobs import FailureReport, FinishRequest, Job, ProgressReport, ReadyReport, Stage
from contracts.principal import Principal
from gateway.db import Database
from runtime.service_auth import ServiceTokens
from tests.support.gateway import SERVICE_SECRET, Person, RunningGateway, found
from tests.support.waiting import eventually, wait_until
from tests.unit.gateway.working import (
    STAMP,
    claim,
    collection_of,
    document_of,
    finish,
    version_sent,
    write_passages,
)


@pytest.fixture
def collection(ada: Person) -> str:
    return collection_of(ada)


@pytest.fixture
def file_id(ada: Person, collection: str) -> str:
    return document_of(ada, collection)


@pytest.fixture
def version_id(gateway: RunningGateway, file_id: str) -> str:
    assert file_id
    return version_sent(gateway)


def _code(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(RemoteError) as refusal:
        call(*arguments)
    return refusal.value.code


def _progress(job: Job, stage: Stage = Stage.PARSING) -> ProgressReport:
    return ProgressReport(fence=job.fence, stage=stage, done=1, total=2)


def test_a_job_names_its_file_and_carries_no_content(
    gateway: RunningGateway, version_id: str, file_id: str
) -> None:
    job = claim(gateway, version_id)

    assert (job.filename, job.media_type, job.attempt, job.fence) == (
        "rules.txt",
        "text/plain",
        1,
        1,
    )
    assert file_id not in job.model_dump_json()


def test_a_job_has_one_holder(gateway: RunningGateway, version_id: str) -> None:
    def attempt(_: int) -> str:
        try:
            return claim(gateway, version_id).filename
        except RemoteError as error:
            return error.code

    with ThreadPoolExecutor(8) as workers:
        answers = sorted(workers.map(attempt, range(8)))

    assert answers == ["job_not_claimable"] * 7 + ["rules.txt"]


def test_an_expired_lease_goes_to_another_and_the_first_is_refused(
    gateway: RunningGateway, version_id: str
) -> None:
    first = claim(gateway, version_id)
    gateway.clock.forward(61)
    second = claim(gateway, version_id)
    jobs = gateway.jobs()

    assert (second.attempt, second.fence) == (2, 2)
    assert _code(jobs.report, version_id, _progress(first)) == "lease_lost"
    assert _code(write_passages, gateway, first) == "lease_lost"
    assert _code(finish, gateway, first) == "lease_lost"
    assert _code(jobs.ready, version_id, ReadyReport(fence=first.fence)) == "lease_lost"
    jobs.report(version_id, _progress(second))


def test_reports_renew_the_lease(gateway: RunningGateway, version_id: str) -> None:
    job = claim(gateway, version_id)
    for _ in range(3):
        gateway.clock.forward(50)
        gateway.jobs().report(version_id, _progress(job))

    assert gateway.jobs().sweep().requeued == 0


def test_a_worker_reports_stages_of_work_only(gateway: RunningGateway, version_id: str) -> None:
    job = claim(gateway, version_id)
    report = _progress(job, Stage.READY)

    assert _code(gateway.jobs().report, version_id, report) == "stage_not_reportable"


def test_the_sweep_queues_again_what_lost_its_worker(
    gateway: RunningGateway, version_id: str
) -> None:
    lost = claim(gateway, version_id)
    gateway.clock.forward(61)
    swept = gateway.jobs().sweep()
    again = version_sent(gateway, 2)

    assert (swept.requeued, swept.failed) == (1, 0)
    assert again == version_id
    assert _code(gateway.jobs().report, version_id, _progress(lost)) == "lease_lost"
    assert claim(gateway, version_id).attempt == 2


def test_the_sweep_gives_up_when_attempts_are_used_up(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, version_id: str
) -> None:
    for _ in range(3):
        claim(gateway, version_id)
        gateway.clock.forward(61)
    swept = gateway.jobs().sweep()
    _, document = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")

    assert swept.failed == 1
    assert document["last_error"]["code"] == "server_error"
    assert "3 times" in document["last_error"]["message"]


def test_a_lost_message_is_sent_again(gateway: RunningGateway, version_id: str) -> None:
    early = gateway.jobs().sweep()
    gateway.clock.forward(gateway.settings.knowledge.unclaimed_seconds + 1)
    late = gateway.jobs().sweep()

    assert (early.requeued, late.requeued) == (0, 1)
    assert version_sent(gateway, 2) == version_id


def test_a_deadline_ends_a_job_whatever_happens(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, version_id: str
) -> None:
    job = claim(gateway, version_id)
    gateway.clock.forward(gateway.settings.knowledge.deadline_seconds - 30)
    gateway.jobs().report(version_id, _progress(job))
    gateway.clock.forward(31)
    swept = gateway.jobs().sweep()
    _, document = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")

    assert swept.failed == 1
    assert document["last_error"]["message"] == "Took longer than 3 hours."


def test_a_failure_worth_retrying_waits_and_comes_back(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, version_id: str
) -> None:
    job = claim(gateway, version_id)
    failure = FailureReport(fence=job.fence, code="server_error", message="away", retry=True)
    gateway.jobs().fail(version_id, failure)
    waiting = len(gateway.sender.sent)
    gateway.clock.forward(6)
    again = version_sent(gateway, 2)
    _, document = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")

    assert (waiting, again) == (1, version_id)
    assert document["progress"]["stage"] == "queued"


def test_the_last_attempt_fails_for_good(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, version_id: str
) -> None:
    for _ in range(3):
        job = claim(gateway, version_id)
        failure = FailureReport(fence=job.fence, code="server_error", message="away", retry=True)
        gateway.jobs().fail(version_id, failure)
    _, document = ada.get(f"/v1/vector_stores/{collection}/files/{file_id}")

    assert (document["status"], document["last_error"]["message"]) == ("failed", "away")
    assert _code(claim, gateway, version_id) == "job_not_claimable"


def test_finish_asked_twice_answers_the_same(gateway: RunningGateway, version_id: str) -> None:
    job = claim(gateway, version_id)
    write_passages(gateway, job)

    assert finish(gateway, job) == finish(gateway, job)


def test_a_version_is_charged_once_however_often_its_job_is_repeated(
    gateway: RunningGateway, ada: Person, version_id: str
) -> None:
    jobs = gateway.jobs()
    for _ in range(2):
        job = claim(gateway, version_id)
        write_passages(gateway, job)
        request = FinishRequest(fence=job.fence, stamp=STAMP, tokens=1_000)
        jobs.finish(version_id, request)
        jobs.finish(version_id, request)
        gateway.clock.forward(gateway.settings.knowledge.lease_seconds + 1)

    query = "SELECT member_id, model, input_tokens, amount_pico, purpose FROM ledger"
    rows = asyncio.run(found(gateway.database_url, query))
    assert rows == [(ada.member_id, STAMP.model_id, 1_000, 10_000_000, "embed_document")]


def test_ready_needs_an_epoch_and_may_be_repeated(gateway: RunningGateway, version_id: str) -> None:
    job = claim(gateway, version_id)
    write_passages(gateway, job)
    report = ReadyReport(fence=job.fence)
    early = _code(gateway.jobs().ready, version_id, report)
    finish(gateway, job)
    gateway.jobs().ready(version_id, report)
    gateway.jobs().ready(version_id, report)

    assert early == "not_finished"


def test_a_later_attempt_after_finish_keeps_the_epoch(
    gateway: RunningGateway, ada: Person, version_id: str
) -> None:
    first = claim(gateway, version_id)
    write_passages(gateway, first)
    finished = finish(gateway, first)
    gateway.clock.forward(61)
    second = claim(gateway, version_id)
    passage_ids = write_passages(gateway, second)
    again = finish(gateway, second)
    gateway.jobs().ready(version_id, ReadyReport(fence=second.fence))

    assert again == finished
    assert ada.get(f"/v1/passages/{passage_ids[0]}")[0] == 200


def test_giving_up_after_finish_brings_the_former_version_back(
    gateway: RunningGateway, ada: Person, collection: str, file_id: str, version_id: str
) -> None:
    first = claim(gateway, version_id)
    write_passages(gateway, first)
    finish(gateway, first)
    gateway.jobs().ready(version_id, ReadyReport(fence=first.fence))
    ada.post(f"/v1/vector_stores/{collection}/files", {"file_id": file_id})
    second = claim(gateway, version_sent(gateway, 2))
    write_passages(gateway, second, "Never shown.")
    finish(gateway, second)
    failure = FailureReport(fence=second.fence, code="server_error", message="no")
    gateway.jobs().fail(second.document_version_id, failure)
    epochs = asyncio.run(
        found(
            gateway.database_url,
            "SELECT v.number, p.from_epoch, p.until_epoch FROM passages p"
            " JOIN document_versions v ON v.id = p.document_version_id",
        )
    )

    assert epochs == [(1, 1, 2**53 - 1)]


def test_the_worker_gets_the_bytes(gateway: RunningGateway, version_id: str) -> None:
    token = ServiceTokens(SERVICE_SECRET.encode(), "ingest").sign("gateway", Principal(write=True))
    answer = httpx2.get(
        f"{gateway.address}/internal/jobs/{version_id}/content",
        headers={"authorization": f"Bearer {token}"},
    )

    assert answer.content.decode().startswith("The colonnade")


@pytest.mark.usefixtures("version_id")
def test_people_and_readers_do_not_reach_the_job_api(gateway: RunningGateway, ada: Person) -> None:
    reader = ServiceTokens(SERVICE_SECRET.encode(), "web").sign("gateway", Principal())
    answer = httpx2.post(
        f"{gateway.address}/internal/jobs/sweep", headers={"authorization": f"Bearer {reader}"}
    )

    assert ada.post("/internal/jobs/sweep")[0] == 401
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_a_worker")


def test_an_unknown_version_is_unknown(gateway: RunningGateway) -> None:
    assert _code(claim, gateway, "dvr_none") == "job_not_found"


def test_two_documents_finished_at_once_get_two_epochs(
    gateway: RunningGateway, ada: Person, collection: str
) -> None:
    for number in range(6):
        document_of(ada, collection, f"{number}.txt")
    held = [claim(gateway, version_sent(gateway, number)) for number in range(1, 7)]
    for job in held:
        write_passages(gateway, job)
    with ThreadPoolExecutor(6) as workers:
        epochs = [result.from_epoch for result in workers.map(lambda j: finish(gateway, j), held)]

    assert sorted(epochs) == [1, 2, 3, 4, 5, 6]
    wait_until(
        lambda: ada.get(f"/v1/vector_stores/{collection}")[1]["epoch"] == 6, seconds=5, what="epoch"
    )


async def test_a_version_becomes_ready_in_the_order_in_which_deleting_locks(
    gateway: RunningGateway, version_id: str
) -> None:
    """Collection, document, version: held the other way round, one of the two would be refused."""
    job = claim(gateway, version_id)
    write_passages(gateway, job)
    finish(gateway, job)
    database = Database(gateway.database_url)
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    try:
        async with database.transaction() as deleting, asyncio.TaskGroup() as group:
            await deleting.execute(text("SELECT id FROM collections FOR UPDATE"))
            report = ReadyReport(fence=job.fence)
            group.create_task(asyncio.to_thread(gateway.jobs().ready, version_id, report))
            # Asked on another connection: within one transaction it would not change.
            await eventually(
                lambda: found(gateway.database_url, waiting), seconds=20, what="the report to wait"
            )
            locked = "SELECT id FROM document_versions FOR UPDATE NOWAIT"
            held = (await deleting.execute(text(locked))).all()
            await deleting.rollback()
    finally:
        await database.close()

    assert [row[0] for row in held] == [version_id]
    assert await found(gateway.database_url, "SELECT stage FROM document_versions") == [("ready",)]
