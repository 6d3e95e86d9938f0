"""Every page of web, with ids that the stand-in knows, for tests that visit them all."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Page
from starlette.types import ASGIApp

from contracts.accounts import KeyKind, KeyView, Power
from contracts.assistants import DisabledAction, Visibility
from contracts.building import UnansweredQuestion
from contracts.catalog import ListingChoices, RatingView
from contracts.conversations import FeedbackView, Rating
from contracts.definitions import Category
from contracts.files import DocumentProgress, DocumentView
from contracts.invites import InviteCreated
from contracts.jobs import Stage
from contracts.moderation import CaseReport, ReasonCount, ReportReason, TakedownView
from tests.support.gateway_standin import Standin, now
from tests.support.gateway_standin_app import standin_app
from tests.support.gateway_standin_doors import a_link, let_in
from tests.support.gateway_standin_moderation import case_about
from tests.support.gateway_standin_store import HANDLE
from tests.support.gateway_standin_usage import a_month_of_calls
from tests.support.gateway_standin_versions import publish_in
from tests.support.hostile_gateway import HostileTexts
from tests.support.hostile_sharing import sharing_app
from tests.support.serving import served
from tests.support.web_pages import web_settings
from tests.support.web_people import PASSWORD
from web.main import build_app

EMAIL = "ada@example.org"
QUERIES = {
    "/chat/new": "assistant={assistant_id}&draft=true",
    "/studio": "deleted=some-id",
    "/studio/{assistant_id}/compare": "from=1&to=draft",
    "/leave": "to=https%3A%2F%2Fevil.example%2F%3Fq%3Dx",
    "/join": "invite={invite}",
    "/chat/passages/{passage_id}": "start=100&end=142",
    "/claim": "token=x",
}
"""What an address needs beside its path."""

KNOWN = {"passage_id": "psg_booklet", "workspace_id": "wsp_athens", "number": "1"}
"""Ids that the stand-in knows from the start."""

NOT_PAGES = {
    "/health/live", "/health/ready", "/metrics", "/chat/turns/{turn_id}/events",
    "/chat/passages/{passage_id}/pages/{number}", "/admin/cost.csv", "/admin/cost.json",
    "/admin/ledger.csv", "/admin/ledger.json", "/account/usage.csv",
    "/studio/{assistant_id}/bundle",
    "/chat/{conversation_id}/export.md", "/chat/{conversation_id}/export.json",
    "/chat/{conversation_id}/files", "/avatars/{assistant_id}/{picture_hash}",
    "/studio/{assistant_id}/avatar", "/with/{room}/picture", "/l/{link}/picture",
    "/widget/{key}/picture", "/widget.js", "/with/{room}/turns/{turn_id}/events",
}  # fmt: skip
"""Answers that no person looks at in a browser; of pictures and tables, their page is tested."""


REFUSED: frozenset[str] = frozenset()
"""Addresses that show a problem whatever one does, and are looked at all the same."""


@dataclass
class HostileStoa:
    """Web before a gateway that says what a test wants."""

    base_url: str
    standin: Standin
    texts: HostileTexts
    ids: dict[str, str]
    app: FastAPI
    gateway: ASGIApp
    cookies: list[SetCookieParam] = field(default_factory=list)

    def keep_session(self, page: Page) -> None:
        """Let later visitors be who this one is."""
        kept = page.context.cookies()
        self.cookies = [
            SetCookieParam(name=one["name"], value=one["value"], url=self.base_url) for one in kept
        ]
        if "guest" in self.ids:
            self.cookies.append(self._guest())

    def sign_in(self, page: Page, email: str = EMAIL) -> None:
        self.texts.say(None)
        page.goto(f"{self.base_url}/login")
        page.locator("#email").fill(email)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_url(f"{self.base_url}/")
        if "guest" in self.ids:
            self.come_in(page)

    def come_in(self, page: Page) -> None:
        """Be a guest too, who came by the link."""
        page.context.add_cookies([self._guest()])

    def _guest(self) -> SetCookieParam:
        value, path = self.ids["guest"], f"/with/{self.ids['room']}"
        return SetCookieParam(
            name="test_guest", value=value, domain=urlsplit(self.base_url).hostname, path=path
        )

    def addresses(self) -> list[str]:
        """Of every page there is. A page with an id that is not known here is a KeyError."""
        return [self.address(path) for path in page_paths(self.app)]

    def address(self, path: str) -> str:
        query = QUERIES.get(path, "")
        full = f"{path}?{query}" if query else path
        return re.sub(r"\{(\w+)\}", lambda name: self.ids[name[1]], full)

    def begin_conversation(self, page: Page, question: str) -> str:
        """Ask over the page itself; the conversation's id."""
        page.goto(f"{self.base_url}/chat/new?assistant={self.ids['assistant_id']}")
        page.locator("#question").fill(question)
        page.locator(".begin button").first.click()
        page.wait_for_selector("article.answer:not(.running)")
        return page.url.rpartition("/")[2].partition("#")[0].partition("?")[0]


def get_paths(app: FastAPI) -> list[str]:
    """Every path that answers GET."""
    routers = [getattr(entry, "original_router", None) for entry in app.routes]
    routes = [*app.routes, *(route for router in routers if router for route in router.routes)]
    found = {
        route.path
        for route in routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or set())
    }
    return sorted(found)


def page_paths(app: FastAPI) -> list[str]:
    """Those of pages."""
    return [path for path in get_paths(app) if path not in NOT_PAGES]


@contextmanager
def hostile_stoa(
    wrapped: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Iterator[HostileStoa]:
    """An installation with one of everything, signed in to by `sign_in`; its gateway wrapped."""
    standin = Standin()
    standin.claim_token = None
    standin.steps_by_itself = False
    standin.add_member(EMAIL, PASSWORD, "Ada", Power.OWNER)
    standin.passwords[EMAIL][1].is_operator = True
    inner = standin_app(standin)
    inner.include_router(sharing_app())
    texts = HostileTexts(inner)
    gateway = wrapped(texts)
    with served(gateway) as gateway_url:
        app = build_app(web_settings(gateway_url))
        with served(app) as base_url:
            yield HostileStoa(base_url, standin, texts, dict(KNOWN), app, gateway)


def furnish(stoa: HostileStoa, page: Page) -> None:
    """Make one of everything over the pages themselves; all ids that addresses need."""
    stoa.sign_in(page)
    page.goto(f"{stoa.base_url}/studio/new")
    page.locator("#name").fill("Guide")
    page.locator("[name=starters]").first.fill("What was a stoa?")
    page.locator("form[action='/studio'] button").click()
    page.wait_for_selector("#knowledge-body")
    assistant_id = next(iter(stoa.standin.assistants))
    stoa.ids |= {"assistant_id": assistant_id, "collection_id": "vs_1", "file_id": "file-1"}
    _add_knowledge(stoa.standin, assistant_id)
    publish_in(stoa.standin, assistant_id, "What is new.")
    stoa.standin.assistants[assistant_id].can_undo_restore = True
    stoa.ids |= {"slug": _listed(stoa.standin, assistant_id), "handle": HANDLE}
    stoa.ids["case_id"] = _reported(stoa.standin, assistant_id)
    stoa.standin.assistants[assistant_id].disabled_actions = [
        DisabledAction(name="weather", openapi="openapi: 3.1.0")
    ]
    stoa.ids["conversation_id"] = stoa.begin_conversation(page, "What was a stoa?")
    attach_in(stoa.standin, stoa.ids["conversation_id"])
    stoa.ids["turn_id"] = next(iter(stoa.standin.turns))
    _open_doors(stoa, assistant_id)
    stoa.standin.unanswered = [
        UnansweredQuestion(id="unq_1", text="Where was it?", times=2, day="2026-11-23")
    ]
    stoa.standin.messages[stoa.ids["conversation_id"]][-1].feedback = _feedback(stoa.ids)
    page.goto(f"{stoa.base_url}/chat/{stoa.ids['conversation_id']}/shares")
    page.locator("main form button").click()
    page.wait_for_selector(".key-made")
    stoa.ids["token"], (made, _) = next(iter(stoa.standin.shares.items()))
    stoa.ids["share_id"] = made.id
    page.goto(f"{stoa.base_url}/account")
    page.locator(".key-form [name=name]").fill("Night job")
    page.locator(".key-form button").click()
    page.wait_for_selector(".key-made")
    stoa.ids["key_id"] = next(iter(stoa.standin.keys))
    stoa.standin.keys["key_site"] = _site_key(assistant_id, stoa.standin)
    a_month_of_calls(stoa.standin)
    stoa.ids["entry_id"] = stoa.standin.ledger[-1].id
    stoa.ids["invite"] = "inv-stoa-1"
    stoa.standin.invites["inv_1"] = _invite(stoa.ids["invite"])


def _open_doors(stoa: HostileStoa, assistant_id: str) -> None:
    """A link, a widget, and a guest who came by the link and had the conversation that there is."""
    made = a_link(assistant_id)
    stoa.standin.links[made.token] = made
    stoa.standin.widgets["pk-stoa-1"] = (assistant_id, ["https://shop.example"])
    visit = let_in(stoa.standin, made.token)
    stoa.standin.visits[visit].conversations.append(stoa.ids["conversation_id"])
    stoa.ids |= {"link": made.token, "link_id": made.id, "key": "pk-stoa-1"}
    stoa.ids["room"] = stoa.standin.assistants[assistant_id].slug
    stoa.ids["guest"] = f"{made.token}~{visit}"


def _listed(standin: Standin, assistant_id: str) -> str:
    """Put it into the store, rated and reviewed; its slug."""
    assistant = standin.assistants[assistant_id]
    assistant.visibility, assistant.category = Visibility.PUBLIC, Category.LEARNING
    standin.originals[assistant_id] = assistant.slug
    standin.choices[assistant_id] = ListingChoices(
        shows_instructions=True, names_documents=True, may_be_copied=True
    )
    standin.ratings[assistant_id] = {
        "Bob": RatingView(stars=4, review="Clear.", created_at=now(), changed_at=now())
    }
    return assistant.slug


def _site_key(assistant_id: str, standin: Standin) -> KeyView:
    """A key that a web site shows."""
    own = next(iter(standin.keys.values()))
    return own.model_copy(
        update={
            "id": "key_site",
            "kind": KeyKind.PUBLISHABLE,
            "publishable_key": "pk-stoa-1",
            "assistant_id": assistant_id,
            "origins": ["https://shop.example"],
            "visitor_answers": 20,
            "answers": 500,
        }
    )


def _reported(standin: Standin, assistant_id: str) -> str:
    """Reported, featured, and yet with a reason why it would be out of the store; the case's id."""
    assistant = standin.assistants[assistant_id]
    case = case_about(standin, assistant)
    case.reports = [
        CaseReport(
            id="rpt_1",
            reason=ReportReason.SPAM,
            words="Loud.",
            version=1,
            name="Bob",
            created_at=now(),
            changed_at=now(),
        )
    ]
    case.reasons, case.people = [ReasonCount(reason=ReportReason.SPAM, count=1)], 1
    case.is_appeal = True
    standin.featured = [assistant.slug]
    standin.takedowns[assistant_id] = TakedownView(
        words="It misleads.",
        created_at=now(),
        answer="Not any more.",
        answered_at=now(),
        may_answer=True,
    )
    return case.id


def _feedback(ids: dict[str, str]) -> FeedbackView:
    return FeedbackView(
        id="fb_1",
        message_id="msg_1",
        conversation_id=ids["conversation_id"],
        rating=Rating.DOWN,
        comment="Too short.",
        correction="A hall.",
        created_at=0,
        updated_at=0,
    )


def _invite(token: str) -> InviteCreated:
    return InviteCreated(
        id="inv_1",
        email="bob@example.org",
        role=Power.MEMBER,
        workspace_id="wsp_athens",
        workspace_name="Athens",
        invited_by="Ada",
        created_at=now(),
        expires_at=now() + 86_400,
        token=token,
        link="https://web.example/join",
    )


def attach_in(standin: Standin, conversation_id: str) -> None:
    """Two files for a conversation: one that was read, and one that could not be."""
    for number, stage in enumerate((Stage.READY, Stage.FAILED), 1):
        file_id = f"file-attached-{number}"
        standin.documents[file_id] = DocumentView(
            id=file_id,
            created_at=now(),
            vector_store_id=conversation_id,
            usage_bytes=9,
            status="completed" if stage is Stage.READY else "failed",
            last_error={"code": "invalid_file", "message": "Broken."} if number == 2 else None,
            filename="report.md",
            document_version=1,
            progress=DocumentProgress(stage=stage, done=1, total=2),
        )
        standin.conversations[conversation_id].file_ids.append(file_id)


def _add_knowledge(standin: Standin, assistant_id: str) -> None:
    assistant = standin.assistants[assistant_id]
    assistant.tool_resources.file_search.vector_store_ids = ["vs_1"]
    for number, stage in enumerate((Stage.READY, Stage.FAILED, Stage.EMBEDDING), 1):
        standin.documents[f"file-{number}"] = DocumentView(
            id=f"file-{number}",
            created_at=now(),
            vector_store_id="vs_1",
            usage_bytes=9,
            status={Stage.READY: "completed", Stage.FAILED: "failed"}.get(stage, "in_progress"),
            last_error={"code": "invalid_file", "message": "Broken."} if number == 2 else None,
            filename="a.md",
            document_version=1,
            progress=DocumentProgress(stage=stage, done=1, total=2),
            flagged_count=1,
        )
