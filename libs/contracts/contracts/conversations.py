"""Conversations of the web chat: turns that outlive a page, told as events that can be re-read."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.avatars import AvatarHash
from contracts.chat import Annotation, ChatUsage, TextSpan
from contracts.definitions import VariableValues
from contracts.files import DocumentError, DocumentProgress
from contracts.lists import Deleted

ConversationTitle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
FolderName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ConversationCreate(BaseModel):
    """Begin a conversation. draft: talk to the unpublished draft (builders only).

    variables: values of the assistant's variables; they stay as they are for the conversation.
    temporary: it ends by itself after some hours, and nothing of it is kept.
    """

    model_config = ConfigDict(extra="forbid")

    assistant_id: str = Field(max_length=100)
    draft: bool = False
    variables: VariableValues = Field(default_factory=dict)
    temporary: bool = False


class ConversationModify(BaseModel):
    """Changes of a conversation; what is not sent stays. folder_id None: out of its folder."""

    model_config = ConfigDict(extra="forbid")

    title: ConversationTitle | None = None
    pinned: bool | None = None
    folder_id: str | None = Field(default=None, max_length=100)


class FolderCreate(BaseModel):
    """Make a folder, or give one another name."""

    model_config = ConfigDict(extra="forbid")

    name: FolderName


class FolderView(BaseModel):
    """A folder of the caller's own."""

    id: str
    object: Literal["folder"] = "folder"
    name: str
    created_at: int


class BranchChoice(BaseModel):
    """Show the branch through this message, and on from it the one that was written in last."""

    model_config = ConfigDict(extra="forbid")

    message_id: str = Field(max_length=100)


class ConversationView(BaseModel):
    """A conversation in a list. title: the first question, shortened, until somebody renames it.

    last_message_id: the end of the branch that is shown. expires_at: when a temporary
    conversation ends by itself; None: it is kept. file_ids: of what is attached to it.
    shows_unanswered: the assistant's builders see those of its questions that found nothing in
    the files, without a name.
    """

    id: str
    object: Literal["conversation"] = "conversation"
    assistant_id: str
    assistant_name: str
    assistant_avatar: AvatarHash | None = None
    assistant_version: int | None
    opens_sources: bool = True
    """Cited passages can be opened in their documents: never those of another workspace. Those of
    `file_ids` can be opened in any case."""
    file_ids: list[str] = Field(default_factory=list)
    title: str
    variables: dict[str, str] = Field(default_factory=dict)
    last_message_id: str | None = None
    folder_id: str | None = None
    pinned: bool = False
    expires_at: int | None = None
    shows_unanswered: bool = False
    created_at: int
    updated_at: int


class TurnStatus(StrEnum):
    """How a turn stands. All but the first are final."""

    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"


class Siblings(BaseModel):
    """Where a message stands among those that follow the same one: the index-th of count."""

    index: int = 1
    count: int = 1
    previous_id: str | None = None
    next_id: str | None = None


class Rating(StrEnum):
    """Thumbs for an answer."""

    UP = "up"
    DOWN = "down"


class FeedbackWrite(BaseModel):
    """What a reader says of an answer, the whole of it: what is not sent is empty.

    correction: what the answer should have said.
    """

    model_config = ConfigDict(extra="forbid")

    rating: Rating
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""
    correction: Annotated[str, StringConstraints(strip_whitespace=True, max_length=8_000)] = ""


class FeedbackView(BaseModel):
    """What its reader said of an answer."""

    id: str
    object: Literal["conversation.message.feedback"] = "conversation.message.feedback"
    message_id: str
    conversation_id: str
    rating: Rating
    comment: str
    correction: str
    created_at: int
    updated_at: int


class FeedbackDeleted(Deleted):
    """The answer to taking it back. id: the message's."""

    object: str = "conversation.message.feedback.deleted"
    conversation_id: str


class StepTaken(BaseModel):
    """A step of an answer, with its numbers as in the events, and how long it took."""

    step: Literal["reading_file", "searching", "reading", "writing"]
    detail: dict[str, int] = Field(default_factory=dict)
    ms: int


class MessageView(BaseModel):
    """A message as people see it; markers are in `content`, their sources in `annotations`.

    unsupported: the sentences of an answer that no passage it was given supports.
    error: why an answer broke off, as a code; error_words: the same for people, if known.
    steps: what an ended answer took, in order; none of answers from before steps were kept.
    cost, currency: of the model's call, as in the turn's context; None: it was never charged.
    feedback: what the reader said of an answer; None: nothing.
    """

    id: str
    object: Literal["conversation.message"] = "conversation.message"
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    annotations: list[Annotation] = Field(default_factory=list)
    unsupported: list[TextSpan] = Field(default_factory=list)
    status: TurnStatus
    error: str | None = None
    error_words: str | None = None
    turn_id: str
    siblings: Siblings = Field(default_factory=Siblings)
    usage: ChatUsage | None = None
    steps: list[StepTaken] = Field(default_factory=list)
    cost: str | None = None
    currency: str | None = None
    feedback: FeedbackView | None = None
    created_at: int


class TurnCreate(BaseModel):
    """Ask something. parent_id: the answer it follows; None: the end of the branch shown.

    edits: a question that this one is a new wording of: it follows what that one followed.
    """

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=32_000)
    parent_id: str | None = Field(default=None, max_length=100)
    edits: str | None = Field(default=None, max_length=100)


class TurnView(BaseModel):
    """A turn begun: read `GET /v1/turns/{id}/events` for its answer."""

    id: str
    object: Literal["turn"] = "turn"
    conversation_id: str
    question: MessageView
    answer: MessageView


class ConversationFileView(BaseModel):
    """A file attached to one conversation. last_error: why it could not be read."""

    id: str
    object: Literal["conversation.file"] = "conversation.file"
    conversation_id: str
    created_at: int
    filename: str
    bytes: int
    status: Literal["in_progress", "completed", "failed"]
    last_error: DocumentError | None = None
    progress: DocumentProgress
    passage_count: int = 0


class TurnEvent(BaseModel):
    """One event of a turn's stream. `id` counts from 1; re-reading starts after a given one.

    status: a step ("reading_file", "searching", "reading", "writing") with numbers in `detail`;
    of a file that is waited for its name in `filename` and its percent in `detail`
    delta: text to append · message: the whole final message · failed: code and words
    """

    id: int
    type: Literal["status", "delta", "message", "failed"]
    text: str = ""
    detail: dict[str, int] = Field(default_factory=dict)
    filename: str = ""
    message: MessageView | None = None
    code: str | None = None
