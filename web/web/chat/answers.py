"""An answer for its page: its text as HTML with chips, its annotations as sources."""

import asyncio
from dataclasses import dataclass

from markupsafe import Markup

from contracts.chat import FileCitation
from contracts.conversations import MessageView
from contracts.shares import SharedCitation, SharedMessage
from web.rendering import Place, rendered


@dataclass(frozen=True)
class Source:
    """What one marker number stands for: a file, and the spans quoted from it."""

    number: int
    filename: str
    quotes: tuple[FileCitation, ...]

    @property
    def page(self) -> int | None:
        """The page of the first quote, where the file has pages."""
        return self.quotes[0].page


@dataclass(frozen=True)
class Answer:
    """An answer ready to be shown."""

    html: Markup
    sources: tuple[Source, ...]


def shown_answer(message: MessageView) -> Answer:
    """The message as HTML with chips, and its sources in the order of their numbers."""
    places = [
        Place(
            annotation.start_index,
            annotation.end_index,
            annotation.index,
            f"source-{message.id}-{annotation.index}",
        )
        for annotation in message.annotations
    ] + [
        Place(span.end_index, span.end_index, 0, f"unproven-{message.id}")
        for span in message.unsupported
    ]
    return Answer(rendered(message.content, places), sources_of(message))


async def shown_answers(messages: list[MessageView]) -> dict[str, Answer]:
    """The answers among the messages, by id. In a thread: long texts take their time."""
    answers = [message for message in messages if message.role == "assistant"]
    return await asyncio.to_thread(lambda: {one.id: shown_answer(one) for one in answers})


@dataclass(frozen=True)
class SharedSource:
    """What a marker of a shared answer stands for. filename None: it is not to be read any more."""

    number: int
    filename: str | None
    page: int | None
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class SharedAnswer:
    """A shared answer ready to be shown."""

    html: Markup
    sources: tuple[SharedSource, ...]


async def shown_shared(messages: list[SharedMessage]) -> dict[int, SharedAnswer]:
    """The answers among what is shared, by position. In a thread: long texts take their time."""
    answers = [message for message in messages if message.role == "assistant"]
    return await asyncio.to_thread(lambda: {one.position: _shown_shared(one) for one in answers})


def _shown_shared(message: SharedMessage) -> SharedAnswer:
    cited = [
        Place(one.start_index, one.end_index, one.index, f"source-{message.position}-{one.index}")
        for one in message.citations
    ]
    unproven = [
        Place(span.end_index, span.end_index, 0, f"unproven-{message.position}")
        for span in message.unsupported
    ]
    by_number: dict[int, list[SharedCitation]] = {}
    for one in message.citations:
        by_number.setdefault(one.index, []).append(one)
    sources = tuple(
        SharedSource(
            number,
            found[0].filename,
            found[0].page,
            tuple(dict.fromkeys(one.quote for one in found if one.quote)),
        )
        for number, found in sorted(by_number.items())
    )
    return SharedAnswer(rendered(message.content, cited + unproven), sources)


def sources_of(message: MessageView) -> tuple[Source, ...]:
    """Annotations gathered by number; the same span is quoted once."""
    by_number: dict[int, dict[tuple[str, int, int], FileCitation]] = {}
    for annotation in message.annotations:
        citation = annotation.file_citation
        span = (citation.passage_id, citation.start, citation.end)
        by_number.setdefault(annotation.index, {})[span] = citation
    return tuple(
        Source(number, next(iter(spans.values())).filename, tuple(spans.values()))
        for number, spans in sorted(by_number.items())
    )
