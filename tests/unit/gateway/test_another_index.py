"""After an upgrade or a change of the model, ready documents are put into the new index."""

from contracts.jobs import ReindexReport, SweepRequest
from contracts.passages import EmbeddingStamp
from contracts.tasks import ReindexVersion
from tests.support.gateway import Person, RunningGateway
from tests.support.waiting import wait_until
from tests.unit.gateway.working import STAMP, carry, collection_of, document_of, version_sent

NEWER = STAMP.model_copy(update={"words": "1"})


def ready_version(gateway: RunningGateway, ada: Person) -> str:
    document_of(ada, collection_of(ada))
    version_id = version_sent(gateway)
    carry(gateway, version_id)
    return version_id


def asked_for(gateway: RunningGateway) -> list[str]:
    """The versions that workers were asked to put back."""
    return [
        task.payload["document_version_id"]
        for task in gateway.sender.sent
        if task.name == ReindexVersion.name
    ]


def sweep(gateway: RunningGateway, stamp: EmbeddingStamp | None) -> None:
    gateway.jobs().sweep(SweepRequest(stamp=stamp))


def test_a_version_that_the_index_does_not_hold_is_put_into_it(
    gateway: RunningGateway, ada: Person
) -> None:
    version_id = ready_version(gateway, ada)
    sweep(gateway, NEWER)

    wait_until(lambda: asked_for(gateway) == [version_id], seconds=20, what="a reindex task")


def test_one_that_it_holds_is_left_alone(gateway: RunningGateway, ada: Person) -> None:
    first = ready_version(gateway, ada)
    sweep(gateway, STAMP)  # must ask for nothing, so that the next sweep is the first to ask
    sweep(gateway, NEWER)

    wait_until(lambda: asked_for(gateway), seconds=20, what="a reindex task")
    assert asked_for(gateway) == [first]


def test_without_an_answer_of_the_index_nothing_is_asked_and_once_is_enough(
    gateway: RunningGateway, ada: Person
) -> None:
    version_id = ready_version(gateway, ada)
    sweep(gateway, None)
    sweep(gateway, NEWER)
    sweep(gateway, NEWER)
    wait_until(lambda: asked_for(gateway), seconds=20, what="a reindex task")
    gateway.jobs().reindexed(version_id, ReindexReport(stamp=NEWER))
    sweep(gateway, NEWER)

    assert asked_for(gateway) == [version_id]
