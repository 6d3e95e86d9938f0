"""A turn's events as the page's script reads them: words for the status, text, final HTML."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from fastapi.sse import ServerSentEvent
from starlette.requests import Request

from contracts.conversations import ConversationView, MessageView, TurnEvent
from contracts.errors import StoreError
from runtime.stopping import Stopping
from web.chat.answers import shown_answer
from web.languages import N_, Language
from web.pages import Pages
from web.problems import words, words_of_answer

_STEPS = {
    "searching": N_("Searching the documents"),
    "reading": N_("Reading what was found"),
    "writing": N_("Writing"),
}
# (step, the number in its detail, the words with that number)
_COUNTED = (
    ("searching", "documents", N_("Searching {count} documents")),
    ("reading", "passages", N_("Reading {count} passages")),
    ("reading", "page", N_("Reading page {count}")),
)


SO_FAR_SECONDS = 0.3


@dataclass(frozen=True)
class SoFar:
    """What a running turn has written, its step in words, and the last event of it."""

    text: str = ""
    status: str = ""
    last_event: int = 0


async def so_far(events: AsyncGenerator[TurnEvent, None], language: Language) -> SoFar:
    """Read what there is and leave. Pages without scripts grow by this at each refresh, and
    the gateway sees that somebody reads on."""
    text, status, last_event = "", "", 0
    try:
        async with asyncio.timeout(SO_FAR_SECONDS), aclosing(events) as open_events:
            async for event in open_events:
                if event.type == "delta":
                    text, last_event = text + event.text, event.id
                elif event.type == "status":
                    status, last_event = status_words(event, language), event.id
    except (TimeoutError, StoreError):
        pass  # the rest comes with the next refresh, or through the page's own stream
    return SoFar(text, status, last_event)


async def page_events(
    events: AsyncGenerator[TurnEvent, None],
    request: Request,
    pages: Pages,
    conversation: ConversationView,
) -> AsyncIterator[ServerSentEvent]:
    """Each event in the form the page shows it."""
    stopping: Stopping = request.state.stopping
    try:
        async with aclosing(stopping.guarded(events)) as open_events:
            async for event in open_events:
                yield await _shown(event, request, pages, conversation)
    except StoreError:
        # The stream is open, so no status can be sent. Its end makes the browser ask again from
        # the last event, and that request gets the real answer.
        return


async def _shown(
    event: TurnEvent, request: Request, pages: Pages, conversation: ConversationView
) -> ServerSentEvent:
    data, language = event.text, pages.language(request)
    if event.type == "status":
        data = status_words(event, language)
    elif event.message is not None:
        data = await finished(event.message, request, pages, conversation)
    elif event.type == "failed":
        said = words(language, event.code, event.text)
        data = pages.fragment(request, "partials/failed.html", words=said)
    return ServerSentEvent(id=str(event.id), event=event.type, data=data)


async def finished(
    message: MessageView, request: Request, pages: Pages, conversation: ConversationView
) -> str:
    """The final message, to stand where it was written."""
    return pages.fragment(
        request,
        "partials/answer.html",
        message=message,
        answer=await asyncio.to_thread(shown_answer, message),
        conversation=conversation,
        failure=words_of_answer(pages.language(request), message),
    )


def status_words(event: TurnEvent, language: Language) -> str:
    """A step in the reader's language, with its number where it has one."""
    if event.text == "reading_file":
        percent = event.detail.get("percent", 0)
        said = language.gettext(N_("Reading {filename}, {percent}%"))
        return said.format(filename=event.filename, percent=percent)
    for step, number, counted in _COUNTED:
        if event.text == step and event.detail.get(number):
            return language.gettext(counted).format(count=event.detail[number])
    return language.gettext(_STEPS.get(event.text, N_("Working")))
