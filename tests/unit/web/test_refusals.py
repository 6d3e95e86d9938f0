"""Why a call was refused is said in the reader's language, with what was reached and until when."""

from datetime import UTC, datetime

import pytest

from contracts.budgets import BudgetPeriod, BudgetSubject
from gateway.budgets.rules import Bounding, reached_words
from web.languages import Languages
from web.problems import words
from web.reading_refusals import words_of_refusal

RESETS = datetime(2026, 12, 1, tzinfo=UTC)
LANGUAGES = {language.code: language for language in Languages.load().all}


def said(subject: BudgetSubject, period: BudgetPeriod, currency: str = "USD") -> str:
    """The gateway's own sentence."""
    budget = Bounding("bud_1", subject, "", "USD", 1_500_000_000_000, period, is_hard=True)
    return reached_words(budget, RESETS, currency)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("period", list(BudgetPeriod))
@pytest.mark.parametrize("subject", list(BudgetSubject))
def test_every_budgets_refusal_names_its_amount_and_when_it_begins_anew(
    subject: BudgetSubject, period: BudgetPeriod, code: str
) -> None:
    shown = words(LANGUAGES[code], "insufficient_quota", said(subject, period))

    assert "1.5 USD" in shown
    assert "2026-12-01 00:00 UTC" in shown
    assert ("budget" in shown) == (code == "en")


def test_a_budget_in_another_currency_is_told_of() -> None:
    shown = words_of_refusal(LANGUAGES["en"], said(BudgetSubject.MEMBER, BudgetPeriod.DAY, "EUR"))

    assert shown is not None
    assert "EUR" in shown


def test_a_sentence_nobody_knows_becomes_the_short_one() -> None:
    shown = words(LANGUAGES["en"], "insufficient_quota", "<b>No more %(x)s</b>")

    assert shown == "The budget for this is used up."
