"""A stand-in gateway that answers web with the contract's types, from memory.

    standin = Standin()              # claim token: standin.claim_token
    app = standin_app(standin)       # serve it on loopback with `tests.support.serving`

Answers come word by word when `standin.word_seconds` is above 0 (letter by letter when
`standin.by_letter` is on); `standin.is_engine_failing` makes
turns fail as a dead engine would; `standin.refused_streams` of the next readers of a turn find a
busy gateway; each look at a file moves it one stage on, unless `standin.steps_by_itself` is off
(then `standin.step()`).
"""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from contracts.accounts import KeyView, MemberView, Power, SessionView, WorkspaceView
from contracts.assistants import AssistantView
from contracts.audit import AuditRow
from contracts.avatars import AvatarProblem
from contracts.budgets import BudgetView
from contracts.building import UnansweredQuestion
from contracts.catalog import ListingChoices, RatingView
from contracts.chat import (
    Annotation,
    ChatUsage,
    FileCitation,
    ModelView,
    PromptTokensDetails,
)
from contracts.conversations import (
    ConversationView,
    FolderView,
    MessageView,
    StepTaken,
    TurnEvent,
    TurnStatus,
    TurnView,
)
from contracts.doors import LinkCreated
from contracts.errors import ErrorKind, StoreError
from contracts.files import (
    CollectionView,
    DocumentError,
    DocumentProgress,
    DocumentView,
    FileView,
)
from contracts.ids import new_id
from contracts.invites import InviteCreated
from contracts.jobs import Stage
from contracts.limits import LimitScope, LimitView
from contracts.moderation import OwnReport, ReportCase, TakedownView
from contracts.prices import PriceView
from contracts.reconciling import ReconciliationView
from contracts.shares import ShareCreated, SharedConversation
from contracts.usage import LedgerRow, PriceSnapshot
from contracts.versions import AssistantVersionDetail

STAGES = [
    (Stage.QUEUED, 0),
    (Stage.PARSING, 15),
    (Stage.SPLITTING, 30),
    (Stage.EMBEDDING, 65),
    (Stage.INDEXING, 95),
    (Stage.READY, 100),
]
ANSWER = (
    "The stoa was a covered walk, open on one side [1]. Merchants sold there and teachers taught "
    "there [2].\n\n- It gave shade in summer.\n- It kept the rain off in winter [1]."
)
PASSAGE = (
    "A stoa was a covered walk, open on one side and closed by a wall on the other. It gave shade "
    "in summer and kept the rain off in winter. Merchants sold their goods there, and teachers "
    "walked up and down with their pupils."
)
QUOTES = {1: "A stoa was a covered walk, open on one side", 2: "Merchants sold their goods there"}


class Refused(StoreError):
    """Any refusal of the stand-in."""

    def __init__(self, kind: ErrorKind, code: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code


def not_found(what: str) -> Refused:
    return Refused(ErrorKind.NOT_FOUND, f"{what}_not_found", f"No such {what}.")


def now() -> int:
    return int(time.time())


@dataclass
class Visit:
    """A guest's stay, through a door."""

    door: str
    answers_left: int
    conversations: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Standin:
    """Everything the stand-in remembers.

    elsewhere: public assistants of other workspaces. share_keys, link_keys: Idempotency-Key ->
    what was made.
    switched_off: files, of which the stand-in knows one passage. ratings: by assistant, then by
    name. originals: what a copy repeats, by its slug. widgets: publishable key -> assistant and
    origins. visits: by the guest's token, which is among the sessions while it is open.
    reports: by assistant and member. featured: slugs. choices: what listings show.
    """

    claim_token: str | None = field(default_factory=lambda: secrets.token_urlsafe(12))
    passwords: dict[str, tuple[str, MemberView]] = field(default_factory=dict)
    sessions: dict[str, MemberView] = field(default_factory=dict)
    assistants: dict[str, AssistantView] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    avatars: dict[str, AvatarProblem | None] = field(default_factory=dict)
    deleted_assistants: dict[str, AssistantView] = field(default_factory=dict)
    versions: dict[str, list[AssistantVersionDetail]] = field(default_factory=dict)
    replaced: dict[str, AssistantView] = field(default_factory=dict)
    imported: list[bytes] = field(default_factory=list)
    keys: dict[str, KeyView] = field(default_factory=dict)
    invites: dict[str, InviteCreated] = field(default_factory=dict)
    elsewhere: list[ModelView] = field(default_factory=list)
    ratings: dict[str, dict[str, RatingView]] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    reports: dict[tuple[str, str], OwnReport] = field(default_factory=dict)
    cases: dict[str, ReportCase] = field(default_factory=dict)
    takedowns: dict[str, TakedownView] = field(default_factory=dict)
    featured: list[str] = field(default_factory=list)
    choices: dict[str, ListingChoices] = field(default_factory=dict)
    files: dict[str, FileView] = field(default_factory=dict)
    collections: dict[str, CollectionView] = field(default_factory=dict)
    documents: dict[str, DocumentView] = field(default_factory=dict)
    conversations: dict[str, ConversationView] = field(default_factory=dict)
    messages: dict[str, list[MessageView]] = field(default_factory=dict)
    shares: dict[str, tuple[ShareCreated, SharedConversation]] = field(default_factory=dict)
    share_keys: dict[str, ShareCreated] = field(default_factory=dict)
    shares_with_anyone: bool = False
    admits_guests: bool = True
    guest_answers: int = 20
    links: dict[str, LinkCreated] = field(default_factory=dict)
    link_keys: dict[str, LinkCreated] = field(default_factory=dict)
    widgets: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    followed: list[tuple[str, str]] = field(default_factory=list)
    folders: dict[str, FolderView] = field(default_factory=dict)
    deleted: dict[str, ConversationView] = field(default_factory=dict)
    turns: dict[str, TurnView] = field(default_factory=dict)
    events: dict[str, list[TurnEvent]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    switched_off: set[str] = field(default_factory=set)
    ledger: list[LedgerRow] = field(default_factory=list)
    prices: list[PriceView] = field(default_factory=list)
    budgets: list[BudgetView] = field(default_factory=list)
    limits: dict[tuple[LimitScope, str | None], LimitView] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    reconciliations: list[ReconciliationView] = field(default_factory=list)
    shows_unanswered: bool = True
    unanswered: list[UnansweredQuestion] = field(default_factory=list)
    word_seconds: float = 0.0
    by_letter: bool = False
    steps_by_itself: bool = True
    file_bytes: int = 1 << 20
    is_engine_failing: bool = False
    refused_streams: int = 0
    are_models_listed: bool = True
    answer: str = ANSWER
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def add_member(
        self, email: str, password: str, name: str, power: Power = Power.MEMBER
    ) -> MemberView:
        workspace = WorkspaceView(id="wsp_athens", name="Athens", power=power)
        member = MemberView(
            id=new_id("mem_"),
            email=email,
            name=name,
            is_operator=power is Power.OWNER,
            workspace=workspace,
            created_at=now(),
        )
        self.passwords[email] = (password, member)
        return member

    def open_session(self, email: str) -> SessionView:
        token = secrets.token_urlsafe(24)
        self.sessions[token] = self.passwords[email][1]
        return SessionView(token=token, member=self.sessions[token], expires_at=now() + 86_400)

    def step(self) -> None:
        """Move every unfinished file one stage on."""
        for file_id, document in self.documents.items():
            if document.status == "in_progress":
                self.documents[file_id] = moved(document)


def moved(document: DocumentView) -> DocumentView:
    """The document one stage further; a name with "broken" in it fails while it is read."""
    at = [stage for stage, _ in STAGES].index(document.progress.stage)
    if "broken" in document.filename and at == 1:
        return document.model_copy(
            update={
                "status": "failed",
                "progress": DocumentProgress(stage=Stage.FAILED, percent=15),
                "last_error": DocumentError(
                    code="invalid_file", message="This PDF is protected by a password."
                ),
            }
        )
    stage, percent = STAGES[at + 1]
    is_ready = stage is Stage.READY
    progress = DocumentProgress(stage=stage, percent=percent, done=percent, total=120)
    return document.model_copy(
        update={
            "status": "completed" if is_ready else "in_progress",
            "progress": progress,
            "passage_count": 120 if is_ready else 0,
        }
    )


def begun(
    state: Standin,
    conversation_id: str,
    text: str,
    parent_id: str | None,
    again: MessageView | None = None,
) -> TurnView:
    """A turn with its two messages, remembered. again: the question that is answered once more."""
    turn_id = new_id("turn_")

    def message(role: Any, content: str, status: TurnStatus, parent: str | None) -> MessageView:
        return MessageView(
            id=new_id("msg_"),
            parent_id=parent,
            role=role,
            content=content,
            status=status,
            turn_id=turn_id,
            created_at=now(),
        )

    question = again or message("user", text, TurnStatus.COMPLETE, parent_id)
    answer = message("assistant", "", TurnStatus.RUNNING, question.id)
    turn = TurnView(id=turn_id, conversation_id=conversation_id, question=question, answer=answer)
    state.turns[turn_id] = turn
    state.events[turn_id] = []
    state.messages[conversation_id] += [answer] if again else [question, answer]
    state.conversations[conversation_id].last_message_id = answer.id
    return turn


async def write(state: Standin, turn: TurnView, member: MemberView) -> None:
    events = state.events[turn.id]

    def tell(kind: Any, text: str = "", **more: Any) -> None:
        events.append(TurnEvent(id=len(events) + 1, type=kind, text=text, **more))

    answer = turn.answer
    tell("status", "searching")
    if state.is_engine_failing:
        answer.status, answer.error = TurnStatus.FAILED, "engine_unavailable"
        tell("failed", "The model does not answer.", code="engine_unavailable")
        return
    tell("status", "reading", detail={"passages": 3})
    tell("status", "writing")
    written = state.answer.replace(" [1]", "").replace(" [2]", "")
    for piece in written if state.by_letter else [f"{word} " for word in written.split(" ")]:
        if turn.id in state.stopped:
            break
        answer.content += piece
        tell("delta", piece)
        await asyncio.sleep(state.word_seconds)
    if turn.id in state.stopped:
        answer.status = TurnStatus.STOPPED
    else:
        answer.content, answer.annotations = state.answer, annotations_of(state.answer)
        answer.status = TurnStatus.COMPLETE
    answer.usage = ChatUsage(
        prompt_tokens=1_184,
        completion_tokens=57,
        total_tokens=1_241,
        prompt_tokens_details=PromptTokensDetails(cached_tokens=412),
    )
    answer.steps = [
        StepTaken(step="searching", detail={"documents": 3}, ms=210),
        StepTaken(step="reading", detail={"passages": 3}, ms=350),
        StepTaken(step="writing", ms=4_130),
    ]
    charged = ledger_row(state, turn, member)
    answer.cost, answer.currency = charged.cost, charged.currency
    state.ledger.append(charged)
    tell("message", message=answer.model_copy())


def annotations_of(text: str) -> list[Annotation]:
    """An annotation for every `[1]` and `[2]` in the text."""
    found = []
    for index, quote in QUOTES.items():
        at = text.find(f"[{index}]")
        while at >= 0:
            start = 1000 + PASSAGE.index(quote)
            citation = FileCitation(
                file_id="file-walk",
                filename="the-covered-walk.pdf",
                passage_id="psg_walk",
                document_version=1,
                page=12,
                start=start,
                end=start + len(quote),
                quote=quote,
            )
            found.append(
                Annotation(index=index, start_index=at, end_index=at + 3, file_citation=citation)
            )
            at = text.find(f"[{index}]", at + 1)
    return found


def ledger_row(state: Standin, turn: TurnView, member: MemberView) -> LedgerRow:
    conversation = state.conversations[turn.conversation_id]
    return LedgerRow(
        id=new_id("led_"),
        created_at=now(),
        member_id=member.id,
        member_name=member.name,
        assistant_id=conversation.assistant_id,
        assistant_name=conversation.assistant_name,
        key_id=None,
        conversation_id=conversation.id,
        model="qwen2.5-coder-0.5b-instruct",
        input_tokens=1_184,
        cached_tokens=412,
        output_tokens=57,
        prices=PriceSnapshot(
            input_per_million="0.05", cached_input_per_million="0.01", output_per_million="0.1"
        ),
        cost="0.0000649",
        currency="USD",
        status="cancelled" if turn.id in state.stopped else "complete",
        estimated=False,
    )
