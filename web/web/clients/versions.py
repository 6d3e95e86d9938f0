"""Versions of assistants, and what becomes of an assistant beside being edited."""

from typing import BinaryIO

import httpx2

from contracts.assistants import AssistantVersionView, AssistantView
from contracts.clients.http import parsed
from contracts.gpts import GptConfiguration
from contracts.lists import Page
from contracts.versions import (
    AssistantComparison,
    AssistantDuplicate,
    AssistantOutcome,
    AssistantTransfer,
    AssistantVersionDetail,
    VersionModify,
)
from web.clients.gateway import Gateway, headers_for, no_answer

PAGE_SIZE = 50
_UPLOAD_TIMEOUT = httpx2.Timeout(10, read=600, write=600)


class Versions:
    """What was published, how it differs, and where else an assistant may go."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def page(
        self, token: str, assistant_id: str, after: str = ""
    ) -> Page[AssistantVersionView]:
        """The versions, newest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if after:
            query["after"] = after
        path = f"/v1/assistants/{assistant_id}/versions"
        return await self._gateway.get(Page[AssistantVersionView], token, path, query)

    async def get(self, token: str, assistant_id: str, number: str) -> AssistantVersionDetail:
        """One version, whole."""
        path = f"/v1/assistants/{assistant_id}/versions/{number}"
        return await self._gateway.get(AssistantVersionDetail, token, path)

    async def compare(
        self, token: str, assistant_id: str, before: str, after: str
    ) -> AssistantComparison:
        """How two states differ. Empty: what the gateway takes by itself."""
        sides = {"from": before, "to": after}
        query: dict[str, str | int] = {name: side for name, side in sides.items() if side}
        path = f"/v1/assistants/{assistant_id}/versions/compare"
        return await self._gateway.get(AssistantComparison, token, path, query)

    async def note(self, token: str, assistant_id: str, number: str, note: str) -> None:
        """Say something else about a version."""
        path = f"/v1/assistants/{assistant_id}/versions/{number}"
        await self._gateway.patch(AssistantVersionView, token, path, VersionModify(note=note))

    async def restore(self, token: str, assistant_id: str, number: str) -> AssistantOutcome:
        """Write a version into the draft."""
        path = f"/v1/assistants/{assistant_id}/versions/{number}/restore"
        return await self._gateway.post(AssistantOutcome, token, path)

    async def undo_restore(self, token: str, assistant_id: str) -> None:
        """Bring back the draft from before."""
        path = f"/v1/assistants/{assistant_id}/versions/restore/undo"
        await self._gateway.post(AssistantView, token, path)

    async def duplicate(self, token: str, assistant_id: str, name: str) -> AssistantOutcome:
        """Make another one like it."""
        path = f"/v1/assistants/{assistant_id}/duplicate"
        body = AssistantDuplicate(name=name)
        return await self._gateway.post(AssistantOutcome, token, path, body)

    async def transfer(self, token: str, assistant_id: str, member_id: str) -> AssistantOutcome:
        """Give it to somebody else."""
        path = f"/v1/assistants/{assistant_id}/transfer"
        body = AssistantTransfer(member_id=member_id)
        return await self._gateway.post(AssistantOutcome, token, path, body)

    async def bring_back(self, token: str, assistant_id: str) -> AssistantView:
        """Undo a delete."""
        path = f"/v1/assistants/{assistant_id}/restore"
        return await self._gateway.post(AssistantView, token, path)

    async def bundle(self, token: str, assistant_id: str, version: str) -> httpx2.Response:
        """An archive on its way, to be passed on and closed."""
        params = {"version": version} if version else {}
        path = f"/v1/assistants/{assistant_id}/bundle"
        return await self._gateway.streamed(token, "GET", path, params=params)

    async def bring_in(self, token: str, filename: str, content: BinaryIO) -> AssistantOutcome:
        """Make an assistant of a bundle, streamed from where it was spooled."""
        try:
            response = await self._gateway.http.post(
                "/v1/assistants/import",
                files={"file": (filename, content)},
                headers=headers_for(token),
                timeout=_UPLOAD_TIMEOUT,
            )
        except httpx2.HTTPError as error:
            raise no_answer(error) from error
        return parsed(AssistantOutcome, response)

    async def bring_in_gpt(self, token: str, configuration: GptConfiguration) -> AssistantOutcome:
        """Make an assistant of what a ChatGPT GPT consists of."""
        path = "/v1/assistants/import/gpt"
        return await self._gateway.post(AssistantOutcome, token, path, configuration)
