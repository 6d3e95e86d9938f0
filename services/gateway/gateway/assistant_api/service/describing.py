"""One assistant's own OpenAPI document."""

from typing import Any

from gateway.assistant_api.rules import own_document
from gateway.assistants.rules import RunnableAssistant
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.signed_in import NotSignedIn


class DescriptionService:
    """Describes an assistant's API to those who may ask it, a public one's to anybody."""

    def __init__(self, assistants: AssistantService, public_url: str | None) -> None:
        self._assistants = assistants
        self._public_url = public_url

    async def describe(
        self, caller: Caller | None, id_or_slug: str, whole: dict[str, Any]
    ) -> dict[str, Any]:
        """The document. whole: the gateway's own, of which this is a part."""
        assistant = await self._found(caller, id_or_slug)
        return own_document(whole, assistant, self._server(assistant))

    async def _found(self, caller: Caller | None, id_or_slug: str) -> RunnableAssistant:
        if caller is not None:
            return await self._assistants.resolve(caller, id_or_slug, draft=False)
        found = await self._assistants.public(id_or_slug)
        if found is None:
            # In the same words whether it exists or not.
            raise NotSignedIn("Sign in, or send an API key as `Authorization: Bearer <key>`.")
        return found

    def _server(self, assistant: RunnableAssistant) -> str:
        if self._public_url is None:
            return "v1"  # beside the document itself, wherever it was read
        return f"{self._public_url.rstrip('/')}/a/{assistant.slug}/v1"
