"""Conversations shown to others: a snapshot of the branch shown, behind a link."""

from typing import Literal

from pydantic import BaseModel, Field

from contracts.chat import TextSpan
from contracts.conversations import TurnStatus
from contracts.lists import Page


class ShareView(BaseModel):
    """A link to a snapshot, for whoever made it. Its token is never seen again."""

    id: str
    object: Literal["conversation.share"] = "conversation.share"
    conversation_id: str
    message_count: int
    created_at: int


class ShareCreated(ShareView):
    """A link just made: the only time that its token is seen."""

    token: str
    link: str


class SharedCitation(BaseModel):
    """A marker at `[start_index, end_index)` of the message, and what it stands for.

    filename, quote None: the document is not to be read any more by whoever made the link.
    """

    index: int
    start_index: int
    end_index: int
    filename: str | None = None
    page: int | None = None
    quote: str | None = None


class SharedMessage(BaseModel):
    """What was said. position: counts from 1; it is no id, and opens nothing.

    unsupported: the sentences of an answer that no passage it was given supports.
    """

    position: int
    role: Literal["user", "assistant"]
    content: str
    status: TurnStatus
    citations: list[SharedCitation] = Field(default_factory=list)
    unsupported: list[TextSpan] = Field(default_factory=list)


class SharedConversation(BaseModel):
    """A snapshot as others read it. assistant_id: of an assistant that the reader may ask too."""

    object: Literal["conversation.shared"] = "conversation.shared"
    assistant_name: str
    assistant_id: str | None = None
    shared_by: str
    shared_at: int
    messages: Page[SharedMessage]
