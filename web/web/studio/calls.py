"""What the part for programs of an assistant's page needs: its address, calls and keys."""

from typing import Annotated, Any

from fastapi import Depends, Request

from contracts.assistants import AssistantView
from runtime.provide import provided
from web.account.examples import PLACEHOLDER, Call, Sample, samples
from web.account.key_forms import BINDABLE, KeyForm, desk_of
from web.account.key_ring import QUESTION
from web.clients.keys import Keys
from web.pages import Pages
from web.settings import Settings
from web.visitors import Visitor


class Calls:
    """Gathers it from the gateway."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        keys: Annotated[Keys, provided(Keys)],
        settings: Annotated[Settings, provided(Settings)],
    ) -> None:
        self._pages = pages
        self._keys = keys
        self._api_url = settings.public_api_url()

    async def gathered(
        self, request: Request, visitor: Visitor, assistant: AssistantView, after: str = ""
    ) -> dict[str, Any]:
        """The values of partials/own_api.html."""
        return {
            "assistant": assistant,
            "desk": desk_of(assistant),
            "keys": await self._keys.page(visitor.token, after, assistant.id),
            "is_first_page": not after,
            "key_form": KeyForm(scopes=BINDABLE),
            "address": self._address(assistant),
            "is_swap": False,
            "made": None,
            "example": "",
            "samples": self.samples(request, assistant, PLACEHOLDER),
        }

    def samples(self, request: Request, assistant: AssistantView, key: str) -> list[Sample]:
        """The first question one would ask, as a call in each language."""
        anything = self._pages.language(request).gettext(QUESTION)
        question = assistant.starters[0] if assistant.starters else anything
        base_url = f"{self._address(assistant)}/v1"
        return samples(Call(base_url, key, assistant.slug, question))

    def _address(self, assistant: AssistantView) -> str:
        return f"{self._api_url}/a/{assistant.slug}"


CallsHere = Annotated[Calls, Depends(Calls)]
