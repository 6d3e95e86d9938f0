"""What things cost, as an operator, the admin of a workspace and a member see and steer it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from contracts.accounts import Power
from tests.support.accounts_stage import aside
from tests.support.browser import PATIENCE_MS, visitor
from tests.support.engines import postgres_server
from tests.support.gateway import PASSWORD, Databases
from tests.support.inference import running_inference
from tests.support.money_stage import MoneyStage, money_stage

SECRET_QUESTION = "Where is the treasure of the agora?"


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    with postgres_server() as postgres:
        yield Databases(postgres)


@pytest.fixture
def place(databases: Databases, tmp_path: Path) -> Iterator[MoneyStage]:
    """With an operator, and an engine that has counted nothing yet."""
    with (
        running_inference() as inference_url,
        money_stage(aside(databases.fresh), tmp_path, inference_url) as found,
    ):
        found.enrol("Olivia", is_operator=True)
        yield found


def enter(page: Page, place: MoneyStage, name: str, path: str) -> None:
    """Sign in, and go somewhere."""
    page.goto(f"{place.base_url}/login")
    page.locator("[name=email]").fill(f"{name.lower()}@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form.sheet button").click()
    page.wait_for_url(f"{place.base_url}/")
    page.goto(place.base_url + path)


def until(page: Page, wanted: Locator) -> None:
    """The sums follow the ledger within seconds: look again until they have."""
    for _ in range(PATIENCE_MS // 500):
        if wanted.count():
            return
        page.wait_for_timeout(500)  # a poll with a deadline
        page.reload()
    expect(wanted).not_to_have_count(0)


@pytest.mark.parametrize("scripting", [True, False])
def test_an_operator_drills_from_a_sum_to_one_call(
    browser: Browser, place: MoneyStage, scripting: bool
) -> None:
    ada, carol = place.enrol("Ada"), place.enrol("Carol")
    place.ask(ada, place.assistant_of(ada), SECRET_QUESTION)
    place.ask(carol, place.assistant_of(carol), "What was a stoa?")
    page = visitor(browser, scripting=scripting)
    enter(page, place, "Olivia", "/admin")
    until(page, page.locator(".stat", has_text="Cost").locator("a", has_text="USD"))
    page.locator("select[name=workspace]").select_option(label="Ada")
    page.locator(".filter-form button").click()
    page.locator(".stat", has_text="Cost").locator("a").click()
    expect(page.locator(".filter-chips")).to_contain_text("Ada")
    page.get_by_role("link", name="By day").click()
    page.locator(".chart svg a").last.click(force=True)
    rows = page.locator(".ledger tbody tr")
    expect(rows).to_have_count(1)
    rows.locator("th a").click()

    expect(page.locator("h2", has_text="Its conversation")).to_be_visible()
    assert SECRET_QUESTION not in page.content()
    assert "Carol" not in page.locator("main").inner_text()
    page.context.close()


def test_a_price_and_a_limit_apply_from_now_on(plain_page: Page, place: MoneyStage) -> None:
    page, ada = plain_page, place.enrol("Ada")
    assistant = place.assistant_of(ada)
    place.ask(ada, assistant, "What was a stoa?")
    enter(page, place, "Olivia", "/admin/ledger")
    costs = page.locator(".ledger tbody td:last-child")
    before = costs.last.inner_text()
    page.get_by_role("link", name="Prices").click()
    page.locator("select[name=model]").select_option("simulator")
    for name in ("input_per_million", "cached_input_per_million", "output_per_million"):
        page.locator(f"[name={name}]").fill("1000000")
    page.locator("form.sheet button").click()
    expect(page.locator("section", has_text="Now").first).to_contain_text("1,000,000.00 USD")
    place.ask(ada, assistant, "What was a stoa?")
    page.goto(f"{place.base_url}/admin/ledger")
    expect(costs).to_have_count(2)
    assert costs.last.inner_text() == before
    assert float(costs.first.inner_text().removesuffix(" USD").replace(",", "")) >= 1

    page.get_by_role("link", name="Limits").click()
    page.locator("select[name=scope]").select_option("member")
    page.locator("[name=subject]").fill(ada.member_id)
    page.locator("[name=requests_per_minute]").fill("1")
    page.locator("[name=tokens_per_minute]").fill("1000")
    page.locator("form.sheet button").click()
    expect(page.locator("tbody tr", has_text=ada.member_id)).to_contain_text("an operator")
    ada.post("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]})
    body = {"model": "simulator", "messages": [{"role": "user", "content": "Hi"}]}
    statuses = [ada.post("/v1/chat/completions", body)[0] for _ in range(2)]

    assert statuses[-1] == 429


def test_an_alarm_is_followed_to_its_row_and_set_right(
    plain_page: Page, place: MoneyStage, tmp_path: Path
) -> None:
    page, ada = plain_page, place.enrol("Ada")
    turn_id = place.ask(ada, place.assistant_of(ada), "What was a stoa?")
    place.charge_twice(turn_id)
    enter(page, place, "Olivia", "/admin/reconciliations")
    page.get_by_role("button", name="Look now").click()
    expect(page.locator("h2 .tag.bad").first).to_have_text("differs")
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="See what differs").click()
    finding = page.locator("tbody tr", has_text="charged a second time")
    finding.locator("a").first.click()
    expect(page.locator("h1")).to_contain_text("USD")
    page.go_back()
    finding.get_by_role("button", name="Write the correction").click()
    finding.get_by_role("link", name="set right").click()
    expect(page.locator("h1")).to_contain_text("-")
    page.goto(f"{place.base_url}/admin/reconciliations")
    page.get_by_role("button", name="Look now").click()
    expect(page.locator("h2 .tag").first).to_have_text("equal to the token")
    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".notice.bad")).to_have_count(0)

    page.get_by_role("link", name="Ledger").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="All of them as CSV").click()
    download.value.save_as(tmp_path / "ledger.csv")
    assert len((tmp_path / "ledger.csv").read_text().splitlines()) == 1 + 3


def test_an_admin_sees_their_own_and_bounds_a_member(
    browser: Browser, page: Page, place: MoneyStage
) -> None:
    ada, carol = place.enrol("Ada"), place.enrol("Carol")
    bob = place.enrol("Bob", power=Power.MEMBER, beside=ada)
    assistant = place.assistant_of(ada)
    place.ask(bob, assistant, "What was a stoa?")
    place.ask(carol, place.assistant_of(carol), "What was a stoa?")
    enter(page, place, "Ada", "/admin/ledger")
    expect(page.locator(".ledger tbody tr")).to_have_count(1)
    expect(page.locator(".ledger")).to_contain_text("Bob")
    page.get_by_role("link", name="Budgets").click()
    page.locator("select[name=subject]").select_option("member")
    page.locator("[name=subject_id]").fill(bob.member_id)
    page.locator("[name=amount]").fill("0.000001")
    page.locator("form.sheet button").click()
    expect(page.locator("tbody tr", has_text="Bob")).to_contain_text("hard")
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("section", has_text="Budgets near their end")).to_contain_text("Bob")

    other = visitor(browser)
    enter(other, place, "Bob", f"/chat/new?assistant={assistant}")
    other.locator("[data-composer]").fill("And in winter?")
    other.locator("form:has([data-composer]) button").click()
    expect(other.locator(".notice")).to_contain_text("budget")
    expect(other.locator(".notice")).to_contain_text("UTC")
    other.context.close()


def test_a_member_sees_what_an_answer_cost(plain_page: Page, place: MoneyStage) -> None:
    page, ada = plain_page, place.enrol("Ada")
    bob = place.enrol("Bob", power=Power.MEMBER, beside=ada)
    assistant = place.assistant_of(ada)
    place.ask(bob, assistant, "What was a stoa?")
    place.ask(ada, assistant, "What was a stoa?")
    enter(page, place, "Bob", "/account/usage")
    rows = page.locator(".ledger tbody tr")
    expect(rows).to_have_count(1)
    cost = rows.locator("td").last.inner_text()
    rows.locator("th a").click()

    expect(page.locator("h1")).to_have_text(cost)
    expect(page.locator("main")).to_contain_text("The covered walk")
    assert page.goto(f"{place.base_url}/admin/ledger").status == 403  # type: ignore[union-attr]
