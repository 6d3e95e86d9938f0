"""Rules of the house for templates, scripts and styles, and pages with everything left out."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import QueryParams
from starlette.requests import Request

from contracts.accounts import MemberView, Power, WorkspaceView
from contracts.assistants import AssistantView
from contracts.avatars import AvatarStatus, AvatarView
from contracts.building import (
    AssistantStatistics,
    DayOfUse,
    FeedbackNote,
    Measure,
    RankedPassage,
    RankedPassages,
    UnansweredQuestion,
)
from contracts.conversations import Rating
from contracts.definitions import Variable, VariableKind
from contracts.files import DocumentError, DocumentProgress, DocumentView
from contracts.jobs import Stage
from contracts.lists import Page
from contracts.usage import LedgerRow, PriceSnapshot
from web.account.key_forms import KeyForm, desk_of
from web.admin.filters import Filters
from web.assets import STATIC, Assets
from web.charts.columns import columns
from web.cookies import Cookies
from web.forgery import FormTokens
from web.languages import Languages
from web.pages import Pages
from web.paths import TEMPLATES
from web.studio.words import OPTIONS

ALL = sorted(TEMPLATES.rglob("*.html"))
NEEDS = re.compile(r"\A\{#.*?#\}", re.DOTALL)
IMPORT = re.compile(r"\{% from \"[^\"]+\" import ([^%]+?) %\}")
MEMBER = MemberView(
    id="mem_1",
    email="a@b",
    name="Ada",
    is_operator=False,
    workspace=WorkspaceView(id="wsp_1", name="W", power=Power.GUEST),
    created_at=0,
)
ASSISTANT = AssistantView(id="ast_1", name="N", slug="n", created_at=0)
LINE = LedgerRow(
    id="led_1",
    created_at=0,
    member_id=None,
    member_name=None,
    assistant_id=None,
    assistant_name=None,
    key_id="key_1",
    conversation_id=None,
    model="m",
    input_tokens=0,
    cached_tokens=0,
    output_tokens=0,
    prices=PriceSnapshot(
        input_per_million="0.05", cached_input_per_million="0.01", output_per_million="0.1"
    ),
    cost="0.000000000001",
    currency="USD",
    status="failed",
    estimated=True,
)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(Languages.load(), Assets(), Cookies("test"), FormTokens(b"k" * 32))


def rendered(pages: Pages, template: str, **values: Any) -> str:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "scheme": "http",
        "server": ("testserver", 80),
        "state": {"member": MEMBER},
    }
    return bytes(pages.page(Request(scope), template, **values).body).decode()


@pytest.mark.parametrize("template", ALL, ids=lambda path: str(path.name))
def test_a_template_is_short_and_says_what_it_needs(template: Path) -> None:
    text = template.read_text()

    assert len(text.splitlines()) <= 120
    assert NEEDS.match(text)


@pytest.mark.parametrize("template", ALL, ids=lambda path: str(path.name))
def test_a_template_imports_no_macro_it_does_not_use(template: Path) -> None:
    text = template.read_text()
    imported = [name.strip() for names in IMPORT.findall(text) for name in names.split(",")]
    rest = IMPORT.sub("", text)

    assert [name for name in imported if f"{name}(" not in rest] == []


@pytest.mark.parametrize(
    ("file", "most"),
    [(path, 350) for path in sorted((STATIC / "css").iterdir())]
    + [(path, 150) for path in sorted((STATIC / "js").iterdir())],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_styles_and_scripts_are_short(file: Path, most: int) -> None:
    assert len(file.read_text().splitlines()) <= most


@pytest.mark.parametrize("sheet", sorted((STATIC / "css").iterdir()), ids=lambda path: path.name)
def test_raw_colours_stand_in_the_tokens_only(sheet: Path) -> None:
    colours = re.findall(r"#[0-9a-f]{3,8}\b(?!-)|rgb\(", sheet.read_text())

    assert sheet.name == "tokens.css" or colours == []


def test_every_icon_in_use_is_in_the_sprite() -> None:
    sprite = (STATIC / "icons" / "sprite.svg").read_text()
    names = {
        name for template in ALL for name in re.findall(r'icon\("([\w-]+)"', template.read_text())
    }

    assert {name for name in names if f'id="{name}"' not in sprite} == set()


@pytest.mark.parametrize("member_name", ["Ada", None])
def test_the_ledger_shows_rows_without_a_member_or_an_assistant(
    pages: Pages, member_name: str | None
) -> None:
    line = LINE.model_copy(update={"member_name": member_name})
    ledger = Page[LedgerRow](data=[line], has_more=True, last_id="led_1")

    zone = ZoneInfo("Asia/Kolkata")
    filters = Filters.read(QueryParams("status=failed&member=mem_1"), zone, datetime.now(UTC))
    values = {"filters": filters, "zone": zone, "names": {}, "export": "period=all"}
    values |= {"workspaces": []}

    text = rendered(pages, "pages/ledger.html", ledger=ledger, is_first_page=False, **values)

    assert (member_name or "nobody") in text
    assert "0.000000000001 USD" in text


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("status", ["in_progress", "completed", "failed", "cancelled"])
@pytest.mark.parametrize("error", [None, DocumentError(code="invalid_file", message="Broken.")])
def test_a_files_row_renders_in_every_state(
    pages: Pages, stage: Stage, status: str, error: DocumentError | None
) -> None:
    document = DocumentView.model_validate(
        {
            "id": "file-1",
            "created_at": 0,
            "vector_store_id": "vs_1",
            "usage_bytes": 0,
            "status": status,
            "last_error": error,
            "filename": "f",
            "document_version": 1,
            "progress": DocumentProgress(stage=stage),
        }
    )

    text = rendered(pages, "partials/document.html", assistant_id="ast_1", document=document)

    is_moving = status == "in_progress"
    assert ("hx-trigger" in text) == is_moving
    assert ("New version of this file" in text) == (not is_moving)


@pytest.mark.parametrize("version", [None, 2])
@pytest.mark.parametrize("changed", [True, False])
def test_the_sharing_panel_renders_in_every_state(
    pages: Pages, version: int | None, changed: bool
) -> None:
    assistant = ASSISTANT.model_copy(
        update={"published_version": version, "has_unpublished_changes": changed}
    )

    text = rendered(pages, "partials/sharing.html", assistant=assistant, is_swap=False)

    assert ("/publish" in text) == (version is None or changed)


def test_a_draft_with_a_model_that_is_gone_keeps_it(pages: Pages) -> None:
    text = rendered(
        pages,
        "pages/studio_edit.html",
        assistant=ASSISTANT.model_copy(update={"model": "gone"}),
        documents=[],
        measure=Measure(model="gone"),
        rows=[],
        options=OPTIONS,
        conflict={},
        picture=AvatarView(assistant_id="ast_1", status=AvatarStatus.PATTERN),
        picture_refused="",
        turn=None,
        takedown=None,
        upload_bytes=1,
        takes_pages=True,
        page_url="",
        starters=[""],
        problems={},
        refused=[],
        desk=desk_of(ASSISTANT),
        keys=Page(data=[]),
        is_first_page=True,
        key_form=KeyForm(),
        address="",
        is_swap=False,
        made=None,
        example="",
        samples=[],
    )

    assert "gone (not running now)" in text


@pytest.mark.parametrize("tokens", [None, 0, 4_000])
@pytest.mark.parametrize("unknown", [[], ["wine"]])
def test_the_size_of_instructions_renders_in_every_state(
    pages: Pages, tokens: int | None, unknown: list[str]
) -> None:
    window = None if tokens is None else 4_096
    measure = Measure(
        model="m", instructions_tokens=tokens, window_tokens=window, unknown_variables=unknown
    )
    text = rendered(
        pages, "partials/measure.html", assistant=ASSISTANT, measure=measure, is_swap=True
    )

    assert ("of 4,096 tokens" in text) == (tokens is not None)
    assert ("more than a third" in text) == (tokens == 4_000)
    assert ("{{wine}}" in text) == bool(unknown)


@pytest.mark.parametrize("kind", list(VariableKind))
@pytest.mark.parametrize("default", [False, True])
def test_a_variable_is_asked_for_by_its_kind(
    pages: Pages, kind: VariableKind, default: bool
) -> None:
    value = {"text": "Athens", "choice": "one", "number": "7", "date": "2026-11-23"}[kind]
    variable = Variable(
        name="wish",
        kind=kind,
        required=default,
        default=value if default else "",
        choices=["one", "two"] if kind is VariableKind.CHOICE else [],
    )
    assistant = ASSISTANT.model_copy(update={"variables": [variable]})
    text = rendered(pages, "partials/variable_fields.html", assistant=assistant)

    assert 'name="variable-wish"' in text
    assert ("required" in text) == default
    assert (value in text) == (default or kind is VariableKind.CHOICE)


@pytest.mark.parametrize("page", [None, 3])
@pytest.mark.parametrize("is_read", [False, True])
def test_what_a_search_found_renders_with_and_without_a_page(
    pages: Pages, page: int | None, is_read: bool
) -> None:
    passage = RankedPassage(
        passage_id="psg_1",
        file_id="file-1",
        filename="a.md",
        document_version=1,
        page=page,
        header="",
        text="Words.",
        score=0.5,
        similarity=-0.25,
        words=0,
        is_read=is_read,
    )
    found = RankedPassages(query="q", data=[passage])
    text = rendered(pages, "pages/studio_search.html", assistant=ASSISTANT, found=found)

    assert ("page 3" in text) == (page is not None)
    assert ("would be read" in text) == is_read
    assert "-0.250" in text


@pytest.mark.parametrize("currency", [None, "EUR"])
@pytest.mark.parametrize("words", [("Short.", ""), ("", "A hall."), None])
@pytest.mark.parametrize("times", [None, 0, 1, 2])
def test_statistics_render_with_and_without_a_cost_and_words(
    pages: Pages, currency: str | None, words: tuple[str, str] | None, times: int | None
) -> None:
    """times: how often the one question was asked; None: questions are not shown."""
    use = AssistantStatistics(
        conversations=0,
        people=0,
        answers=0,
        not_found=0,
        costs={} if currency is None else {currency: "0.5"},
        currency=currency,
        days=[DayOfUse(day="2026-11-23")],
    )
    charts = {"answers": columns([0], whole=True), "cost": columns([0])}
    notes = Page[FeedbackNote](data=[] if words is None else [note(*words)])
    text = rendered(
        pages,
        "pages/studio_statistics.html",
        assistant=ASSISTANT,
        use=use,
        charts=charts,
        notes=notes,
        is_first_page=True,
        questions=None if times is None else Page(data=questions_asked(times)),
        is_first_of_questions=True,
    )

    assert ("Cost a day" in text) == (currency is not None)
    assert ("It should have said" in text) == (words is not None and bool(words[1]))
    assert ("What to write next" in text) == (times is not None)
    assert ("What now?" in text) == bool(times)
    assert ("asked 2 times" in text) == (times == 2)


def questions_asked(times: int) -> list[UnansweredQuestion]:
    asked = UnansweredQuestion(id="unq_1", text="What now?", times=times, day="2026-11-23")
    return [asked] if times else []


def note(comment: str, correction: str) -> FeedbackNote:
    return FeedbackNote(
        id="fb_1", rating=Rating.DOWN, comment=comment, correction=correction, updated_at=0
    )


def test_no_two_sheets_mean_different_things_by_one_class() -> None:
    said: dict[str, set[str]] = {}
    for sheet in (STATIC / "css").iterdir():
        rules = re.findall(r"(?m)^(\.[\w-]+) \{", sheet.read_text("utf-8"))
        for name in rules:
            said.setdefault(name, set()).add(sheet.name)

    assert {name: sheets for name, sheets in said.items() if len(sheets) > 1} == {}
