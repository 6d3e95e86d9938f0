"""Signing up, a lost password, sessions, workspaces and the end, on the real gateway."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts.accounts import Power
from tests.support.accounts_stage import Stage, aside, stage
from tests.support.browser import visitor
from tests.support.engines import postgres_server
from tests.support.gateway import PASSWORD, Databases
from tests.support.mail import PostBox, mail_server

CAROL, WORDS, OTHER_WORDS = (
    "carol@example.org",
    "a walk under olive trees",
    "shade of the colonnade",
)


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture(scope="module")
def server() -> Iterator[PostBox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def place(databases: Databases, tmp_path: Path, server: PostBox) -> Iterator[Stage]:
    """Open to everybody, with an operator and Ada."""
    server.letters.clear()
    with stage(aside(databases.fresh), tmp_path, server, sign_up="open") as found:
        found.enrol("Olivia", is_operator=True)
        yield found


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("form.sheet button").click()


def sign_in(page: Page, place: Stage, email: str, password: str) -> None:
    page.goto(f"{place.base_url}/login")
    fill(page, email=email, password=password)


def test_a_stranger_signs_up_confirms_forgets_and_chooses_a_new_password(
    plain_page: Page, place: Stage
) -> None:
    page = plain_page
    page.goto(place.base_url)
    page.get_by_role("link", name="Make an account").click()
    fill(page, name="Carol", email=CAROL, password="qwertyuiop", password_again="qwertyuiop")
    expect(page.locator(".notice")).to_contain_text("easy to guess")
    fill(page, password=WORDS, password_again=WORDS)
    expect(page.locator("h1")).to_have_text("Look into your mail")
    sign_in(page, place, CAROL, WORDS)
    expect(page.locator("h1")).to_have_text("Confirm your address")
    page.get_by_role("button", name="Send it again").click()
    page.goto(place.link(CAROL))
    page.locator("form.sheet button").click()
    expect(page.locator(".notice")).to_contain_text("does not work any more")
    page.goto(place.link(CAROL, 2))
    page.locator("form.sheet button").click()
    expect(page.locator(".lead")).to_have_text("Your address is confirmed.")
    page.goto(f"{place.base_url}/account")
    expect(page.locator("h1")).to_have_text("Carol")
    page.locator("form[action='/logout'] button").click()

    page.get_by_role("link", name="I have lost my password").click()
    fill(page, email=CAROL)
    page.goto(place.link(CAROL, 3))
    fill(page, password=OTHER_WORDS, password_again=OTHER_WORDS)
    expect(page.locator("h1")).to_have_text("Your password is set")
    sign_in(page, place, CAROL, OTHER_WORDS)

    page.goto(f"{place.base_url}/account")
    expect(page.locator("h1")).to_have_text("Carol")


def test_a_member_ends_other_sessions_and_changes_their_password(
    browser: Browser, page: Page, place: Stage
) -> None:
    place.enrol("Ada")
    elsewhere = visitor(browser)
    for one in (elsewhere, page):
        sign_in(one, place, "ada@example.org", PASSWORD)
        one.wait_for_url(f"{place.base_url}/")
    page.goto(f"{place.base_url}/account")
    rows = page.locator("#sessions li")
    expect(rows.filter(has_text="this one")).to_contain_text("Chrome on Linux")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(rows).to_have_count(1)
    elsewhere.goto(f"{place.base_url}/account")
    expect(elsewhere).to_have_url(f"{place.base_url}/login?next=/account")
    elsewhere.context.close()

    page.get_by_role("link", name="Change the password").click()
    fill(page, old_password="wrong words here", password=WORDS, password_again=WORDS)
    expect(page.locator(".notice")).to_be_visible()
    fill(page, old_password=PASSWORD, password=WORDS, password_again=WORDS)
    expect(page).to_have_url(f"{place.base_url}/account")
    page.get_by_role("link", name="Change the name").click()
    fill(page, name="Ada Byron")

    expect(page.locator("h1")).to_have_text("Ada Byron")


def test_workspaces_roles_and_suspension_without_scripts(plain_page: Page, place: Stage) -> None:
    page = plain_page
    ada = place.enrol("Ada")
    bob = place.enrol("Bob", power=Power.MEMBER, beside=ada)
    sign_in(page, place, "olivia@example.org", PASSWORD)
    page.goto(f"{place.base_url}/account")
    page.get_by_role("link", name="New workspace").click()
    fill(page, name="Lyceum")
    lyceum = page.locator("#workspaces li", has_text="Lyceum")
    lyceum.get_by_role("button", name="Work here").click()
    page.goto(f"{place.base_url}/account")
    expect(lyceum.locator(".tag.good")).to_be_visible()

    page.goto(f"{place.base_url}/admin/members")
    row = page.locator("tbody tr", has_text="bob@example.org")
    row.locator("summary").click()
    row.locator("select").select_option("admin")
    row.get_by_role("button", name="Set").click()
    expect(row).to_contain_text("administrator")
    row.locator("summary").click()
    row.get_by_role("button", name="Suspend the account").click()
    expect(row).to_contain_text("suspended")
    assert bob.get("/v1/me")[0] == 401
    row.locator("summary").click()
    row.get_by_role("button", name="Take out of the workspace").click()

    expect(page.locator("tbody tr", has_text="bob@example.org")).to_have_count(0)


def test_a_member_takes_their_data_along_and_goes(
    plain_page: Page, place: Stage, tmp_path: Path
) -> None:
    page, ada = plain_page, place.enrol("Ada")
    ada.upload("plan.txt", b"the plan")
    sign_in(page, place, "ada@example.org", PASSWORD)
    page.goto(f"{place.base_url}/account")
    page.get_by_role("link", name="Delete your account").click()
    page.get_by_role("link", name="Take your data along").click()
    page.locator("[name=password]").fill(PASSWORD)
    with page.expect_download() as download:
        page.locator("form.sheet button").click()
    download.value.save_as(tmp_path / "own.zip")
    with zipfile.ZipFile(tmp_path / "own.zip") as archive:
        names = archive.namelist()
    page.goto(f"{place.base_url}/account/delete")
    fill(page, password=PASSWORD)
    expect(page.locator("h1")).to_have_text("Your account is deleted")
    sign_in(page, place, "ada@example.org", PASSWORD)

    expect(page.locator(".notice")).to_contain_text("not right")
    assert {"account.json", "files.json"} <= set(names)


def test_too_many_guesses_are_told_in_words(plain_page: Page, place: Stage) -> None:
    for _ in range(20):
        place.gateway.http.post(
            "/v1/sessions", json={"email": "ada@example.org", "password": "no such word"}
        )
    sign_in(plain_page, place, "ada@example.org", PASSWORD)

    expect(plain_page.locator(".notice")).to_contain_text("Too many attempts")
