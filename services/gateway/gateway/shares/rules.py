"""What a snapshot keeps of a talk, and what it shows of it."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Literal, Self

from pydantic import BaseModel

from contracts.chat import Annotation, TextSpan
from contracts.conversations import MessageView, TurnStatus
from contracts.shares import SharedCitation, SharedMessage
from gateway.knowledge.rules import LoadedPassage
from gateway.shares.errors import NothingToShare, TooLongToShare

SHARE_PREFIX = "shr-stoa-"
MOST_SHARES = 20
"""Of one conversation at once."""
MOST_MESSAGES = 200
MOST_CHARACTERS = 500_000


class KeptCitation(BaseModel):
    """Where a quote stands. Its words are looked up each time, under the rights of that moment."""

    index: int
    start_index: int
    end_index: int
    passage_id: str
    page: int | None
    start: int
    end: int

    @classmethod
    def of(cls, annotation: Annotation) -> Self:
        """A marker without the words that it quotes."""
        cited = annotation.file_citation
        return cls(
            index=annotation.index,
            start_index=annotation.start_index,
            end_index=annotation.end_index,
            passage_id=cited.passage_id,
            page=cited.page,
            start=cited.start,
            end=cited.end,
        )


class KeptMessage(BaseModel):
    """A message of a snapshot."""

    role: Literal["user", "assistant"]
    content: str
    status: TurnStatus
    citations: list[KeptCitation]
    unsupported: list[TextSpan]


def kept_messages(branch: Iterable[MessageView]) -> list[KeptMessage]:
    """The questions that were answered, with their answers. Raises NothingToShare and
    TooLongToShare."""
    kept: list[KeptMessage] = []
    for question, answer in pairwise(branch):
        if (question.role, answer.role) == ("user", "assistant") and answer.content.strip():
            kept += [_kept(question), _kept(answer)]
    if not kept:
        raise NothingToShare("Nothing was answered here yet.")
    if sum(len(each.content) for each in kept) > MOST_CHARACTERS:
        raise TooLongToShare(f"A link shows at most {MOST_CHARACTERS} characters.")
    return kept


def shown(kept: KeptMessage, position: int, sources: Mapping[str, LoadedPassage]) -> SharedMessage:
    """A message as others read it. sources: by passage id, those that may still be quoted."""
    return SharedMessage(
        position=position,
        role=kept.role,
        content=kept.content,
        status=kept.status,
        citations=[_cited(each, sources.get(each.passage_id)) for each in kept.citations],
        unsupported=kept.unsupported,
    )


def _kept(message: MessageView) -> KeptMessage:
    return KeptMessage(
        role=message.role,
        content=message.content,
        status=message.status,
        citations=[KeptCitation.of(each) for each in message.annotations],
        unsupported=message.unsupported,
    )


def _cited(kept: KeptCitation, passage: LoadedPassage | None) -> SharedCitation:
    citation = SharedCitation(
        index=kept.index, start_index=kept.start_index, end_index=kept.end_index
    )
    if passage is None:
        return citation
    begin = max(0, kept.start - passage.start)
    quote = passage.text[begin : max(0, kept.end - passage.start)]
    return citation.model_copy(
        update={"filename": passage.filename, "page": kept.page, "quote": quote}
    )
