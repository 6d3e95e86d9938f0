"""What a fold is told that was sent to be saved, whether it was or not."""

import time
from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from contracts.assistants import AssistantView
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.forms import Submitted
from web.pages import go, is_htmx
from web.studio.forms import FIELDS, typed_over
from web.studio.workbench import Bench
from web.visitors import Visitor

_SHOWN = ("name", "description", "instructions", "not_found_words", "tags")


class SaveDesk:
    """Answers to folds of the form."""

    def __init__(
        self, bench: Bench, assistants: Annotated[Assistants, provided(Assistants)]
    ) -> None:
        self._bench = bench
        self._assistants = assistants

    async def saved(self, request: Request, visitor: Visitor, assistant: AssistantView) -> Response:
        """When, the next revision, and what follows from it."""
        if not is_htmx(request):
            return go(request, f"/studio/{assistant.id}")
        return self._bench.pages.page(
            request,
            "partials/saved.html",
            assistant=assistant,
            measure=await self._assistants.measure(visitor.token, assistant.id),
            saved_at=int(time.time()),
            slots=dict.fromkeys(FIELDS, ""),
        )

    async def not_valid(
        self,
        request: Request,
        visitor: Visitor,
        assistant_id: str,
        form: Submitted,
        problems: dict[str, str],
    ) -> Response:
        """Under each field what is wrong with it; nothing was saved."""
        if is_htmx(request):
            slots = dict.fromkeys(FIELDS, "") | problems
            return self._bench.pages.page(
                request, "partials/not_saved.html", status=422, problems=problems, slots=slots
            )
        saved = await self._assistants.get(visitor.token, assistant_id)
        typed = typed_over(saved, form)
        return await self._bench.page(request, visitor, typed, status=422, problems=problems)

    async def changed_meanwhile(
        self, request: Request, visitor: Visitor, assistant_id: str, form: Submitted
    ) -> Response:
        """Another tab or another builder saved first; nothing of theirs is overwritten."""
        if is_htmx(request):
            return self._bench.pages.page(
                request, "partials/draft_changed.html", status=409, assistant_id=assistant_id
            )
        saved = await self._assistants.get(visitor.token, assistant_id)
        typed = {name: form.text(name) for name in _SHOWN if form.text(name)}
        return await self._bench.page(request, visitor, saved, status=409, conflict=typed)
