"""Charts, filters in the address, and the pages about money."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from contracts.accounts import Power
from contracts.budgets import BudgetCreate, BudgetPeriod, BudgetSubject
from contracts.stats import Forecast
from contracts.usage import UsageRow
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_budgets import budget_view
from tests.support.gateway_standin_usage import a_month_of_calls
from tests.support.web_people import Person
from web import shown
from web.admin.cost_charts import charts_of
from web.admin.filters import Filters
from web.charts.columns import columns, share, spark
from web.charts.scales import lines, top_of

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
UTC_ZONE, KOLKATA = ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata")
EN = Locale("en")
amounts = st.floats(min_value=1e-9, max_value=1e12, allow_nan=False)


@given(st.lists(amounts, min_size=1, max_size=60))
def test_columns_stay_in_their_box_and_keep_their_proportions(values: list[float]) -> None:
    chart = columns(values)
    tallest = max(chart.columns, key=lambda column: column.height)

    assert values[tallest.number] == pytest.approx(max(values), rel=1e-3)
    for column in chart.columns:
        assert column.x >= 0
        assert column.x + column.width <= 100.01
        assert column.y + column.height == pytest.approx(100, abs=0.05)
    assert chart.lines[0] >= max(values)


@given(amounts)
def test_an_axis_ends_a_little_above_the_tallest(most: float) -> None:
    top = top_of(most)

    assert most <= top <= most * 2.01
    assert lines(top, whole=False)[-1] == 0


def test_a_line_passes_over_gaps_and_needs_two_ends() -> None:
    assert spark([1, None, 2]) == "0.0,50.0 100.0,0.0"
    assert spark([None, 3]) == spark([]) == ""
    assert share(1, 0) == 0


def test_filters_come_back_as_the_address_they_were_read_from() -> None:
    read = Filters.read(
        QueryParams("from=2026-11-01&to=2026-11-03&by=model&key=none"), KOLKATA, NOW
    )

    assert read.asked() == {
        "zone": "Asia/Kolkata", "from": "2026-11-01", "to": "2026-11-04", "key": "none",
    }  # fmt: skip
    assert Filters.read(QueryParams(read.query()), KOLKATA, NOW) == read
    assert "key" not in read.query(key="")


def test_today_is_the_zones() -> None:
    today = QueryParams("period=today")

    assert Filters.read(today, UTC_ZONE, NOW).asked()["from"] == "2026-11-22"
    assert Filters.read(today, KOLKATA, NOW).asked()["from"] == "2026-11-23"


@pytest.mark.parametrize(
    "query", ["from=tomorrow", "period=1y", "by=mood", "status=odd", "member= "]
)
def test_what_makes_no_sense_in_an_address_is_left_out(query: str) -> None:
    read = Filters.read(QueryParams(query), UTC_ZONE, NOW)

    assert (read.period, read.by, dict(read.narrow)) == ("30d", "day", {})


@pytest.mark.parametrize(
    ("cost", "words"),
    [("1234.567", "1,234.57 USD"), ("0.000043217", "0.0000432 USD"), ("0", "0.00 USD"),
     ("-0.5", "-0.50 USD"), ("0.000000000001", "0.000000000001 USD")],
)  # fmt: skip
def test_amounts_are_rounded_on_screen_alone(cost: str, words: str) -> None:
    assert shown.rounded(cost, "USD", EN) == words


def test_changes_are_told_in_percent() -> None:
    assert shown.change("1.5", "1", EN) == "+50%"
    assert shown.change(1, 2, EN) == "−50%"
    assert shown.change(1, 0, EN) == shown.change(None, 1, EN) == ""
    assert shown.change(11, 1, EN) == shown.change("16427.7", "0.1", EN) == "> 10×"


def test_every_number_leads_to_what_it_is_made_of(ada: Person, standin: Standin) -> None:
    a_month_of_calls(standin)
    overview = ada.client.get("/admin?period=30d").text
    cost = ada.client.get("/admin/cost?by=member").text
    calls = ada.client.get("/admin/ledger?member=mem_1&status=failed")
    wanted = [row for row in standin.ledger if row.member_id == "mem_1" and row.status == "failed"]

    assert "/admin/cost?by=member&amp;period=30d" in overview
    assert "/admin/ledger?period=30d&amp;member=mem_1" in cost
    assert calls.text.count("<tr>") - 1 == len(wanted)
    row = ada.client.get(f"/admin/ledger/{wanted[0].id}").text
    assert "/admin/ledger?conversation=cnv_1" in row or wanted[0].conversation_id is None


def test_a_chart_has_a_column_a_day_and_a_table_behind_it(ada: Person, standin: Standin) -> None:
    a_month_of_calls(standin)
    page = ada.client.get("/admin/cost?period=30d").text

    assert page.count('class="column" x=') == 30
    assert "<title id=" in page
    assert "<desc id=" in page
    assert 'style="' not in page


def test_a_table_goes_along_as_a_file(ada: Person, standin: Standin) -> None:
    a_month_of_calls(standin, days=2)
    answer = ada.client.get("/admin/ledger.csv?period=all")

    assert answer.headers["content-disposition"] == 'attachment; filename="stoa-ledger.csv"'
    assert len(answer.text.splitlines()) == 1 + len(standin.ledger)


def test_the_time_zone_is_kept_and_an_unknown_one_is_not(ada: Person) -> None:
    ada.post("/zone", {"zone": "Asia/Kolkata", "then": "/admin"})
    known = ada.client.get("/admin").text
    ada.post("/zone", {"zone": "Mars/Olympus", "then": "/admin"})

    assert "Asia/Kolkata" in known
    assert "Asia/Kolkata" in ada.client.get("/admin").text


def test_members_see_their_own_usage_alone(ada: Person, bob: Person, standin: Standin) -> None:
    a_month_of_calls(standin, days=2)
    mine = next(member for _, member in standin.passwords.values() if member.name == "Bob")
    standin.ledger[0] = standin.ledger[0].model_copy(
        update={"member_id": mine.id, "member_name": "Bob", "cost": "77.7"}
    )
    page = bob.client.get("/account/usage").text

    assert page.count("77.70 USD") >= 2
    assert "Chloë" not in page
    assert "Chloë" in ada.client.get("/admin/ledger").text
    assert Decimal("77.7") in [Decimal(row.cost) for row in standin.ledger]


def test_an_operator_chooses_a_workspace_and_every_link_keeps_it(
    ada: Person, standin: Standin
) -> None:
    a_month_of_calls(standin)
    overview = ada.client.get("/admin?period=30d&workspace=wsp_sparta").text
    cost = ada.client.get("/admin/cost?by=member&workspace=wsp_sparta").text

    assert "/admin/cost?by=model&amp;period=30d&amp;workspace=wsp_sparta" in overview
    assert "/admin?period=now&amp;workspace=wsp_sparta" in overview
    assert "/admin/ledger?period=30d&amp;workspace=wsp_sparta&amp;member=mem_1" in cost
    assert "/admin/cost.csv?period=30d&amp;by=member&amp;workspace=wsp_sparta" in cost


def test_an_admin_has_no_choice_of_workspaces(bob: Person, standin: Standin) -> None:
    _, member = standin.passwords[next(key for key in standin.passwords if key.startswith("bob"))]
    member.workspace.power = Power.ADMIN
    page = bob.client.get("/admin?workspace=wsp_sparta")

    assert page.status_code == 200
    assert "Sparta" not in page.text
    assert "&amp;workspace=" not in page.text


def test_the_months_chart_goes_on_to_its_end(ada: Person, standin: Standin) -> None:
    a_month_of_calls(standin)
    month = ada.client.get("/admin/cost?period=month").text
    before = ada.client.get("/admin/cost?period=30d").text

    assert ('class="dash"' in month) == ("expected</th>" in month)
    assert 'class="dash"' not in before


@pytest.mark.parametrize(("day", "left"), [(1, 29), (22, 8), (30, 0)])
def test_the_days_left_are_drawn_at_their_mean(day: int, left: int) -> None:
    now = datetime(2026, 11, day, 0, 0, tzinfo=UTC)
    filters = Filters.read(QueryParams("period=month"), UTC_ZONE, now)
    whole = Forecast(
        currency="USD", month="2026-11", so_far="2", likely="10", low="9", high="11", days=7
    )
    row = UsageRow(
        day=now.date().isoformat(), requests=1, input_tokens=1, cached_tokens=0, output_tokens=1,
        cost="2", currency="USD",
    )  # fmt: skip
    [chart] = charts_of([row], filters, now, [whole])

    assert len(chart.columns.columns) == 30
    assert (chart.dash is not None) == (left > 0)
    if chart.outlook is not None:
        assert Decimal(chart.outlook.a_day) * (left + 1) == pytest.approx(Decimal(8))


def test_the_overview_names_budgets_near_their_end(ada: Person, standin: Standin) -> None:
    near, far = (
        budget_view(
            BudgetCreate(subject=BudgetSubject.WORKSPACE, amount="10", period=period), spent=spent
        )
        for period, spent in ((BudgetPeriod.MONTH, "9"), (BudgetPeriod.DAY, "1"))
    )
    standin.budgets += [near, far]
    page = ada.client.get("/admin").text

    assert "Budgets near their end" in page
    assert "90 %" in page
    assert "10 %" not in page


def test_an_alarm_stands_on_the_overview_until_it_is_set_right(
    ada: Person, standin: Standin
) -> None:
    for _ in range(2):
        ada.post("/admin/reconciliations")
    alarmed = ada.client.get("/admin").text
    look = standin.reconciliations[-1]
    ada.post(f"/admin/reconciliations/{look.id}/findings/1/correct")
    looked = ada.client.get("/admin/reconciliations").text
    standin.reconciliations[-1].verdict = "equal"
    after = ada.client.get("/admin").text

    assert "See what differs" in alarmed
    assert "set right" in looked
    assert "Write the correction" not in looked
    assert "See what differs" not in after


def test_an_open_finding_of_an_earlier_look_still_alarms(ada: Person, standin: Standin) -> None:
    for _ in range(3):
        ada.post("/admin/reconciliations")
    standin.reconciliations[-1].verdict = "equal"
    standin.reconciliations[-1].open_count = 0

    assert "See what differs" in ada.client.get("/admin").text
