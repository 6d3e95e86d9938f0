"""The seeder against a running gateway: complete, repeatable, and able to go on."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.claim_link import claim_link
from gateway.migrate import migrate
from gateway.operator_session import operator_session
from seed.__main__ import seed
from seed.errors import CannotSeed
from seed.plan import PEOPLE
from seed.settings import Settings
from tests.integration.backup.places import Installation, installation, simulated_engine
from tests.support.engines import postgres_server
from tests.support.gateway import NOBODY, Person, changed, found

PLAN = """
name = "Handbook"
slug = "handbook"
description = "Rules of the house."
instructions = "Answer briefly."
not_found_words = "Not in the rules."
starters = ["How many days of annual leave are there a year?"]

[[conversations]]
person = "Tom"
questions = ["How many days of annual leave are there a year?", "And in which case more?"]

[[conversations]]
person = "Gast"
questions = ["全职员工每年有几天年假？"]
"""
RULES = (
    "# Leave\n\nAnnual leave is 25 days a year for full-time staff.\n\n全职员工每年享有25天年假。\n"
)
COUNTS = (
    "SELECT (SELECT count(*) FROM members), (SELECT count(*) FROM assistants),"
    " (SELECT count(*) FROM files), (SELECT count(*) FROM conversations),"
    " (SELECT count(*) FROM messages), (SELECT count(*) FROM assistant_versions)"
)

_FAILED_ONES_LEFT = (
    "SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id"
    " WHERE c.deleted_at IS NULL AND m.status = 'failed'"
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that nobody has claimed, with a worker at work."""
    folder, stop = tmp_path_factory.mktemp("here"), threading.Event()
    with (
        postgres_server() as postgres,
        simulated_engine(folder) as engine,
    ):
        asyncio.run(migrate(postgres.address()))
        with installation(postgres.address(), folder, engine, has_operator=False) as running:

            def work() -> None:
                while not stop.wait(0.1):
                    running.work(0)

            worker = threading.Thread(target=work)
            worker.start()
            yield running
            stop.set()
            worker.join()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "handbook").mkdir()
    (folder / "handbook" / "assistant.toml").write_text(PLAN, encoding="utf-8")
    (folder / "handbook" / "rules.md").write_text(RULES, encoding="utf-8")
    (folder / "handbook" / "README.md").write_text("Where this comes from.")
    return folder


@pytest.fixture(scope="module")
def first_run(here: Installation, documents: Path) -> tuple[Settings, tuple[int, ...]]:
    """Settings for another run, after a first one that claimed the installation; and the rows."""
    link = asyncio.run(claim_link(here.settings))
    assert link is not None
    settings = Settings(
        gateway_url=here.gateway.address,
        claim=SecretStr(link.partition("token=")[2]),
        kept=here.folder / "people.json",
        documents=documents,
    )
    seed(settings)
    session = asyncio.run(operator_session(here.settings))
    assert session is not None
    again = settings.model_copy(update={"claim": None, "session": SecretStr(session)})
    return again, _counts(here)


@pytest.fixture(scope="module")
def seeded(first_run: tuple[Settings, tuple[int, ...]]) -> Settings:
    return first_run[0]


def _counts(here: Installation) -> tuple[int, ...]:
    return asyncio.run(found(here.gateway.database_url, COUNTS))[0]


def test_members_assistants_and_conversations_are_there(
    first_run: tuple[Settings, tuple[int, ...]],
) -> None:
    # the operator and four members; two questions and one, each with its answer
    assert first_run[1] == (1 + len(PEOPLE), 1, 1, 2, 6, 1)


def test_a_second_run_changes_nothing(here: Installation, seeded: Settings) -> None:
    before = _counts(here)
    seed(seeded)

    assert _counts(here) == before


def test_what_is_missing_is_made_again(here: Installation, seeded: Settings) -> None:
    before = _counts(here)
    session = here.gateway.http.post("/v1/sessions", json=_credentials(seeded, "tom")).json()
    tom = Person(here.gateway.http, session["token"])
    (conversation,) = tom.get("/v1/conversations")[1]["data"]
    tom.delete(f"/v1/conversations/{conversation['id']}")
    seed(seeded)
    _, made = tom.get("/v1/conversations")

    assert len(made["data"]) == 1
    assert made["data"][0]["id"] != conversation["id"]
    assert _counts(here)[:3] == before[:3]


def test_a_conversation_with_half_an_answer_is_begun_anew(
    here: Installation, seeded: Settings
) -> None:
    half = "UPDATE messages SET status = 'failed' WHERE role = 'assistant'"
    asyncio.run(changed(here.gateway.database_url, half))
    seed(seeded)
    left = asyncio.run(found(here.gateway.database_url, _FAILED_ONES_LEFT))

    assert left == [(0,)]


def test_anybody_may_ask_and_the_answer_is_cited(here: Installation, seeded: Settings) -> None:
    del seeded
    bob = here.gateway.enrol("Bob")
    question = [{"role": "user", "content": "How many days of annual leave are there a year?"}]
    _, answer = bob.post("/v1/chat/completions", {"model": "handbook", "messages": question})

    assert "25 days" in answer["choices"][0]["message"]["content"]
    assert answer["choices"][0]["message"]["annotations"]


def test_passwords_are_kept_for_their_owner_alone_and_differ(
    here: Installation, seeded: Settings
) -> None:
    passwords = {_credentials(seeded, name)["password"] for name in ("helena", "mei", "guest")}

    assert seeded.kept.stat().st_mode & 0o077 == 0
    assert len(passwords) == 3
    assert (
        here.gateway.http.post("/v1/sessions", json=_credentials(seeded, "guest")).status_code
        == 201
    )


def test_lost_passwords_are_named_in_one_sentence(seeded: Settings, tmp_path: Path) -> None:
    elsewhere = seeded.model_copy(update={"kept": tmp_path / "none.json"})

    with pytest.raises(CannotSeed, match="has an account, but its password is not in"):
        seed(elsewhere)


def test_a_stoa_that_does_not_run_is_named(seeded: Settings) -> None:
    with pytest.raises(CannotSeed, match="Stoa does not answer"):
        seed(seeded.model_copy(update={"gateway_url": NOBODY}))


def _credentials(settings: Settings, name: str) -> dict[str, str]:
    email = f"{name}@agora.example.org"
    return {"email": email, "password": json.loads(settings.kept.read_text())[email]}
