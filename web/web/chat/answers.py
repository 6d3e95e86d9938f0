"""An answer for its page: its text as HTML with chips, its annotations as sources."""

import asyncio
from dataclasses import dataclass

from markupsafe import Markup

from contracts.chat import FileCitation
from contracts.conversations import MessageView
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
