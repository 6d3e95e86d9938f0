"""The steps of an answer in the reader's language: while they last, and when they are done."""

from collections.abc import Mapping
from decimal import Decimal

from contracts.conversations import StepTaken, TurnEvent
from web import shown
from web.languages import N_, Language

_STEPS = {
    "searching": N_("Searching the documents"),
    "reading": N_("Reading what was found"),
    "writing": N_("Writing"),
}
_DONE = {
    "searching": N_("searched the documents in {time}"),
    "reading": N_("read the question in {time}"),
    "writing": N_("wrote for {time}"),
    "reading_file": N_("waited {time} for the attached files"),
}
# (step, the number in its detail, the words of one, the words with that number)
_COUNTED = (
    ("searching", "documents", N_("Searching one document"), N_("Searching {count} documents")),
    ("reading", "passages", N_("Reading one passage"), N_("Reading {count} passages")),
    ("reading", "page", N_("Reading page {count}"), N_("Reading page {count}")),
)
_COUNTED_DONE = (
    (
        "searching",
        "documents",
        N_("searched one document in {time}"),
        N_("searched {count} documents in {time}"),
    ),
    (
        "reading",
        "passages",
        N_("read one passage in {time}"),
        N_("read {count} passages in {time}"),
    ),
)


def words_of_status(event: TurnEvent, language: Language) -> str:
    """A step that has begun, with its number where it has one."""
    if event.text == "reading_file":
        percent = shown.count(event.detail.get("percent", 0), language.locale)
        said = language.gettext(N_("Reading {filename}, {percent}%"))
        return said.format(filename=event.filename, percent=percent)
    found = _counted(_COUNTED, event.text, event.detail)
    if found is None:
        return language.gettext(_STEPS.get(event.text, N_("Working")))
    words, count = found
    return language.gettext(words).format(count=shown.count(count, language.locale))


def words_of_step(language: Language, taken: StepTaken) -> str:
    """A step that is done, and how long it took."""
    words, count = _counted(_COUNTED_DONE, taken.step, taken.detail) or (_DONE[taken.step], 0)
    return language.gettext(words).format(
        count=shown.count(count, language.locale), time=time_taken(language, taken.ms)
    )


def time_taken(language: Language, ms: int | None) -> str:
    """A short time in seconds; a dash for none."""
    if ms is None:
        return "–"
    return language.gettext(N_("{seconds} s")).format(seconds=shown.seconds(ms, language.locale))


def words_of_charge(language: Language, cost: str, currency: str) -> str:
    """What an answer cost, as one looks at it; plainly that it cost nothing."""
    if not Decimal(cost):
        return language.gettext(N_("no charge"))
    return shown.rounded(cost, currency, language.locale)


def _counted(
    table: tuple[tuple[str, str, str, str], ...], step: str, detail: Mapping[str, int]
) -> tuple[str, int] | None:
    for of, number, one, several in table:
        if step == of and detail.get(number):
            return (one if detail[number] == 1 else several), detail[number]
    return None
