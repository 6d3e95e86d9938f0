"""Pictures of assistants: sent, made by a worker, frozen with a version, shown to who may ask."""

import hashlib
from base64 import b64encode
from typing import Any

import pytest

from contracts.accounts import Power
from contracts.avatars import MOST_UPLOAD_BYTES, AvatarProblem, AvatarReport
from contracts.errors import RemoteError
from tests.support.gateway import PASSWORD, Person, RunningGateway, found
from tests.support.portraits import portrait, red
from tests.support.waiting import wait_until

RED, BLUE = portrait("red"), portrait("blue")


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def upload_sent(gateway: RunningGateway, number: int = 1) -> str:
    """The upload of the n-th task about a picture that the relay has sent."""

    def sent() -> str | None:
        tasks = [task for task in gateway.sender.sent if task.name == "ingest.avatar"]
        return tasks[number - 1].payload["avatar_upload_id"] if len(tasks) >= number else None

    upload_id = wait_until(sent, seconds=20, what=f"picture {number}")
    assert upload_id is not None
    return upload_id


def done_with(content: bytes) -> AvatarReport:
    return AvatarReport(content=b64encode(content))


def wear(gateway: RunningGateway, person: Person, assistant_id: str, made: bytes) -> None:
    """Send a picture and have a worker make this one of it."""
    before = sum(task.name == "ingest.avatar" for task in gateway.sender.sent)
    status, view = person.send_avatar(assistant_id, red())
    assert (status, view["status"]) == (202, "reading")
    gateway.jobs().put_avatar(upload_sent(gateway, before + 1), done_with(made))


def picture(person: Person, assistant_id: str, content: bytes) -> int:
    """How asking for a picture ends."""
    path = f"/v1/assistants/{assistant_id}/avatar/{hash_of(content)}"
    answer = person.http.get(path, headers=person.headers())
    if answer.is_success:
        assert answer.content == content
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    return answer.status_code


def standing(person: Person, assistant_id: str) -> dict[str, Any]:
    status, view = person.get(f"/v1/assistants/{assistant_id}/avatar")
    assert status == 200
    return {name: view[name] for name in ("status", "hash", "problem")}


def test_a_worker_gets_what_was_sent_and_the_draft_wears_what_it_made(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str, tmp_path: Any
) -> None:
    before = ada.get(f"/v1/assistants/{assistant_of_ada}")[1]
    ada.send_avatar(assistant_of_ada, red("WEBP"))
    gateway.jobs().fetch_avatar(upload_sent(gateway), tmp_path / "source")
    gateway.jobs().put_avatar(upload_sent(gateway), done_with(RED))
    after = ada.get(f"/v1/assistants/{assistant_of_ada}")[1]

    assert (tmp_path / "source").read_bytes() == red("WEBP")
    assert (before["avatar"], after["avatar"]) == (None, hash_of(RED))
    assert before["revision"] == after["revision"]
    assert standing(ada, assistant_of_ada) == {
        "status": "ready",
        "hash": hash_of(RED),
        "problem": None,
    }
    assert picture(ada, assistant_of_ada, RED) == 200


def test_a_published_version_keeps_its_picture_until_the_next_one(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    gus = gateway.enrol("Gus", power=Power.GUEST, beside=ada)
    sharing = {"visibility": "private", "members": [{"id": gus.member_id, "powers": ["use"]}]}
    wear(gateway, ada, assistant_of_ada, RED)
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    assert ada.put(f"/v1/assistants/{assistant_of_ada}/sharing", sharing)[0] == 200
    wear(gateway, ada, assistant_of_ada, BLUE)

    def worn() -> list[str]:
        return [each["avatar"] for each in gus.get("/v1/models")[1]["data"] if each["name"]]

    frozen = worn()
    seen = [picture(gus, assistant_of_ada, each) for each in (RED, BLUE)]
    is_changed = ada.get(f"/v1/assistants/{assistant_of_ada}")[1]["has_unpublished_changes"]
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")

    assert frozen == [hash_of(RED)]
    assert seen == [200, 404]
    assert is_changed
    assert worn() == [hash_of(BLUE)]
    assert [picture(gus, assistant_of_ada, each) for each in (RED, BLUE)] == [200, 200]


def test_conversations_and_the_store_show_the_published_picture(
    gateway: RunningGateway, ada: Person, bob: Person, assistant_of_ada: str
) -> None:
    wear(gateway, ada, assistant_of_ada, RED)
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    ada.put(f"/v1/assistants/{assistant_of_ada}/sharing", {"visibility": "public"})
    slug = ada.get(f"/v1/assistants/{assistant_of_ada}")[1]["slug"]
    created = bob.post("/v1/conversations", {"assistant_id": assistant_of_ada})[1]
    listed = bob.get(f"/v1/conversations/{created['id']}")[1]
    tried = ada.post("/v1/conversations", {"assistant_id": assistant_of_ada, "draft": True})[1]

    assert bob.get(f"/v1/catalog/listings/{slug}")[1]["avatar"] == hash_of(RED)
    assert created["assistant_avatar"] == listed["assistant_avatar"] == hash_of(RED)
    assert ada.get(f"/v1/conversations/{tried['id']}")[1]["assistant_avatar"] == hash_of(RED)
    assert picture(bob, assistant_of_ada, RED) == 200


def test_the_pattern_comes_back_and_a_picture_that_nothing_names_is_gone(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    wear(gateway, ada, assistant_of_ada, RED)
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    wear(gateway, ada, assistant_of_ada, BLUE)
    path = f"/v1/assistants/{assistant_of_ada}/avatar"

    assert [ada.delete(path)[1]["status"] for _ in range(2)] == ["pattern", "pattern"]
    assert [picture(ada, assistant_of_ada, each) for each in (RED, BLUE)] == [200, 404]
    ada.post(f"/v1/assistants/{assistant_of_ada}/versions/1/restore")
    assert standing(ada, assistant_of_ada)["hash"] == hash_of(RED)


def test_a_duplicate_has_the_picture_for_itself(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    wear(gateway, ada, assistant_of_ada, RED)
    made = ada.post(f"/v1/assistants/{assistant_of_ada}/duplicate", {})[1]["assistant"]
    ada.delete(f"/v1/assistants/{assistant_of_ada}/avatar")

    assert made["avatar"] == hash_of(RED)
    assert picture(ada, made["id"], RED) == 200
    assert picture(ada, assistant_of_ada, RED) == 404


def test_only_who_may_ask_sees_a_picture_and_only_builders_change_one(
    gateway: RunningGateway, ada: Person, bob: Person, assistant_of_ada: str
) -> None:
    mel = gateway.enrol("Mel", power=Power.MEMBER, beside=ada)
    wear(gateway, ada, assistant_of_ada, RED)
    path = f"/v1/assistants/{assistant_of_ada}/avatar"

    assert [picture(each, assistant_of_ada, RED) for each in (mel, bob)] == [200, 404]
    assert [each.send_avatar(assistant_of_ada, red())[0] for each in (mel, bob)] == [403, 404]
    assert [each.delete(path)[0] for each in (mel, bob)] == [403, 404]
    assert [each.get(path)[0] for each in (mel, bob)] == [200, 404]


def test_what_is_no_small_picture_is_refused_at_once(ada: Person, assistant_of_ada: str) -> None:
    refused = [
        (b"Only a text, whatever it is called.", 415, "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not_a_picture"),
        (b"", 415, "not_a_picture"),
        (red() + bytes(MOST_UPLOAD_BYTES), 413, "avatar_too_large"),
        (red() + bytes(5_000_000), 413, "request_too_large"),
    ]
    answers = [ada.send_avatar(assistant_of_ada, content) for content, _, _ in refused]

    assert [(status, problem["code"]) for status, problem in answers] == [
        (status, code) for _, status, code in refused
    ]
    assert standing(ada, assistant_of_ada)["status"] == "pattern"


def test_a_refused_picture_says_why_and_the_one_before_stays(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    wear(gateway, ada, assistant_of_ada, RED)
    ada.send_avatar(assistant_of_ada, red())
    report = AvatarReport(problem=AvatarProblem.TOO_MANY_PIXELS)
    gateway.jobs().put_avatar(upload_sent(gateway, 2), report)

    assert standing(ada, assistant_of_ada) == {
        "status": "failed",
        "hash": hash_of(RED),
        "problem": "too_many_pixels",
    }
    wear(gateway, ada, assistant_of_ada, BLUE)
    assert standing(ada, assistant_of_ada)["status"] == "ready"


def test_a_lost_message_is_told_and_what_was_replaced_is_not_wanted(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    ada.send_avatar(assistant_of_ada, red())
    first = upload_sent(gateway)
    ada.send_avatar(assistant_of_ada, red())
    with pytest.raises(RemoteError, match="not wanted"):
        gateway.jobs().put_avatar(first, done_with(RED))
    gateway.clock.forward(601)

    assert standing(ada, assistant_of_ada)["problem"] == "took_too_long"
    gateway.jobs().put_avatar(upload_sent(gateway, 2), done_with(RED))
    assert standing(ada, assistant_of_ada)["status"] == "ready"
    with pytest.raises(RemoteError, match="not wanted"):
        gateway.jobs().put_avatar(upload_sent(gateway, 2), done_with(BLUE))


def test_a_worker_hands_in_nothing_but_pictures_of_our_own_making(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    ada.send_avatar(assistant_of_ada, red())
    for content in (b"<script>", red(), RED + b"<script>"):
        with pytest.raises(RemoteError):
            gateway.jobs().put_avatar(upload_sent(gateway), done_with(content))

    assert standing(ada, assistant_of_ada)["status"] == "reading"


async def test_no_field_takes_a_picture_and_a_deleted_account_leaves_none(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    wear(gateway, ada, assistant_of_ada, RED)
    ada.send_avatar(assistant_of_ada, red())
    named = {"name": "Other", "avatar": hash_of(RED)}
    statuses = [
        ada.post("/v1/assistants", named)[0],
        ada.patch(f"/v1/assistants/{assistant_of_ada}", {"avatar": hash_of(RED)})[0],
    ]
    counts = "SELECT (SELECT count(*) FROM avatars), (SELECT count(*) FROM avatar_uploads)"
    before = await found(gateway.database_url, counts)
    ended = ada.post("/v1/me/delete", {"password": PASSWORD})

    assert statuses == [400, 400]
    assert before == [(1, 1)]
    assert ended[0] == 200, ended
    assert await found(gateway.database_url, counts) == [(0, 0)]
