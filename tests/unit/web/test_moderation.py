"""The store is kept in order without a script: reports, cases, reasons, a first shelf."""

import pytest

from contracts.assistants import Visibility
from contracts.definitions import Category
from contracts.moderation import TakedownView
from tests.support.gateway_standin import Standin, now
from tests.support.web_people import Person, words_of


@pytest.fixture
def listed(standin: Standin, assistant_of_ada: str) -> str:
    """Ada's public assistant; its slug."""
    assistant = standin.assistants[assistant_of_ada]
    assistant.published_version, assistant.visibility = 1, Visibility.PUBLIC
    assistant.instructions, assistant.category = "Never mention <figs>.", Category.LEARNING
    return assistant.slug


def reported(bob: Person, standin: Standin, slug: str) -> str:
    """Reported by Bob; the address of the case."""
    fields = {"reason": "misleading", "words": "It invents\r\n<hours>."}
    answer = bob.post(f"/store/{slug}/report", fields)
    assert answer.headers["location"] == f"/store/{slug}#report"
    return f"/admin/reports/{next(reversed(standin.cases))}"


def test_a_reader_reports_says_it_otherwise_and_takes_it_back(
    bob: Person, standin: Standin, listed: str
) -> None:
    before = words_of(bob.get(f"/store/{listed}"))
    reported(bob, standin, listed)
    page = bob.get(f"/store/{listed}")
    again = bob.post(f"/store/{listed}/report", {"reason": "spam"})
    [case] = standin.cases.values()
    said = [(each.reason, each.words) for each in case.reports]
    bob.post(f"/store/{listed}/report/remove")

    assert "Report this listing" in before
    assert "Thank you." in words_of(page)
    assert "It invents\n&lt;hours&gt;." in page.text
    assert (again.status_code, said) == (303, [("spam", "")])
    assert "Report this listing" in words_of(bob.get(f"/store/{listed}"))


@pytest.mark.parametrize(
    "fields", [{}, {"reason": "ugly"}, {"reason": "spam", "words": "x" * 2001}]
)
def test_a_report_without_a_reason_or_with_a_book_is_refused(
    bob: Person, standin: Standin, listed: str, fields: dict[str, str]
) -> None:
    assert bob.post(f"/store/{listed}/report", fields).status_code == 400
    assert standin.cases == {}


def test_a_moderator_judges_with_everything_in_sight(
    ada: Person, bob: Person, standin: Standin, listed: str
) -> None:
    case = reported(bob, standin, listed)
    overview, queue = words_of(ada.get("/admin")), ada.get("/admin/reports")
    page = ada.get(case)
    read = ada.post(f"{case}/read")
    wordless = ada.post(f"{case}/close", {"outcome": "taken_down", "words": " "})
    judged = ada.post(f"{case}/close", {"outcome": "dismissed", "words": "All right."})
    after = words_of(ada.get(case))

    assert "Reports to judge" in overview
    assert f'href="{case}"' in queue.text
    assert "people who reported it: 1" in words_of(queue)
    assert "It says what is not true" in words_of(page)
    assert "figs" not in page.text
    assert "Never mention &lt;figs&gt;." in read.text
    assert wordless.status_code == 400
    assert judged.headers["location"] == case
    assert "Nothing was done" in after
    assert "All right." in after
    assert "Read the instructions" not in after
    assert "Nothing to judge" in words_of(ada.get("/admin/reports"))
    assert f'href="{case}"' in ada.get("/admin/reports?state=closed").text


def test_a_builder_reads_why_in_both_languages_and_asks_for_another_look(
    ada: Person, bob: Person, standin: Standin, listed: str
) -> None:
    case = reported(bob, standin, listed)
    ada.post(f"{case}/close", {"outcome": "taken_down", "words": "It <misleads>."})
    [(assistant_id, _)] = standin.assistants.items()
    studio = f"/studio/{assistant_id}"
    page = ada.get(studio)
    chinese = ada.get(studio, headers={"accept-language": "zh"})
    too_long = ada.post(f"{studio}/takedown/answer", {"words": "x" * 2001})
    answered = ada.post(f"{studio}/takedown/answer", {"words": "The hours are right now."})
    appeal = f"/admin/reports/{next(reversed(standin.cases))}"
    asks = ada.get(appeal)
    back = ada.post(f"/admin/listings/{assistant_id}/let-back", {"case": appeal.rpartition("/")[2]})

    assert "Taken out of the store" in words_of(page)
    assert "It &lt;misleads&gt;." in page.text
    assert "已从商店下架" in words_of(chinese)
    assert "申请复核" in words_of(chinese)
    assert too_long.status_code == 400
    assert answered.headers["location"] == f"{studio}#taken-down"
    assert appeal != case
    assert "The builder asks for another look" in words_of(asks)
    assert "The hours are right now." in words_of(asks)
    assert "Nothing wrong with it" not in words_of(asks)
    assert back.headers["location"] == appeal
    assert "Taken out of the store" not in words_of(ada.get(studio))
    assert bob.get(f"/store/{listed}").status_code == 200


def test_an_answer_that_was_read_is_not_written_again(
    ada: Person, standin: Standin, listed: str
) -> None:
    [(assistant_id, assistant)] = standin.assistants.items()
    assistant.taken_down_at = now()
    standin.takedowns[assistant_id] = TakedownView(
        words="It misleads.", created_at=now(), answer="No.", answered_at=now(), may_answer=False
    )
    page = words_of(ada.get(f"/studio/{assistant_id}"))

    assert "Your answer was read, and it stays out of the store." in page
    assert "Why they should look again" not in page
    assert ada.get(f"/store/{listed}").status_code == 404


def test_what_nobody_reported_is_taken_out_on_its_own_page(
    ada: Person, bob: Person, standin: Standin, listed: str
) -> None:
    [assistant_id] = standin.assistants
    seen_by_bob = words_of(bob.get(f"/store/{listed}"))
    page = words_of(ada.get(f"/store/{listed}"))
    taken = ada.post(f"/admin/listings/{assistant_id}/takedown", {"words": "It misleads."})

    assert "Take it out of the store" in page
    assert "Take it out of the store" not in seen_by_bob
    assert taken.headers["location"] == f"/admin/reports/{next(iter(standin.cases))}"
    assert bob.get(f"/store/{listed}").status_code == 404


def test_the_first_shelf_is_filled_and_ordered_without_a_script(
    ada: Person, bob: Person, standin: Standin, listed: str
) -> None:
    [assistant] = standin.assistants.values()
    for number in range(8):
        copy = {"id": f"ast_{number}", "slug": f"copy-{number}"}
        standin.assistants[f"ast_{number}"] = assistant.model_copy(update=copy)
    empty = words_of(bob.get("/store"))
    ada.post("/admin/store", {"act": "add", "new": f"https://stoa.example/store/{listed}/"})
    ada.post("/admin/store", {"slug": [listed], "act": "add", "new": "copy-0"})
    moves = []
    for act in ("up:copy-0", "up:copy-0", "down:copy-0", "remove:copy-0"):
        ada.post("/admin/store", {"slug": standin.featured, "act": act})
        moves.append(list(standin.featured))
    shelf = ada.get("/admin/store")
    store = bob.get("/store")
    full = [f"copy-{number}" for number in range(8)]
    too_many = ada.post("/admin/store", {"slug": full, "act": "add", "new": listed})
    nonsense = ada.post("/admin/store", {"act": "add", "new": "<b>"})

    assert "Featured" not in empty
    assert moves == [["copy-0", listed], ["copy-0", listed], [listed, "copy-0"], [listed]]
    assert f'href="/store/{listed}"' in shelf.text
    assert words_of(store).index("Featured") < words_of(store).index("Best rated and most used")
    assert (too_many.status_code, nonsense.status_code) == (400, 400)


def test_none_but_operators_keep_the_store_in_order(bob: Person, listed: str) -> None:
    paths = ("/admin/reports", "/admin/reports/case_1", "/admin/store")

    assert [bob.get(path).status_code for path in paths] == [403] * 3
    assert bob.post("/admin/store", {"act": "add", "new": listed}).status_code == 403
