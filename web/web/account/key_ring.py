"""What the account page and its part for keys need, gathered from the gateway."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from contracts.accounts import KeyCreate, KeyCreated, KeyView, Scope
from contracts.errors import ErrorKind, StoreError
from contracts.lists import Page
from runtime.provide import provided
from web.account.example import curl_example
from web.clients.assistants import Assistants
from web.clients.keys import Keys
from web.clients.usage import Usage
from web.languages import N_
from web.pages import Pages, is_htmx
from web.settings import Settings
from web.visitors import Visitor

_QUESTION = N_("What do you know about?")
_NO_MODEL = "your-assistant"
_UNTOUCHED = {"name": "", "scopes": [Scope.CHAT.value]}


class KeyRing:
    """Shows a member's account with its keys."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        keys: Annotated[Keys, provided(Keys)],
        usage: Annotated[Usage, provided(Usage)],
        assistants: Annotated[Assistants, provided(Assistants)],
        settings: Annotated[Settings, provided(Settings)],
    ) -> None:
        self._pages = pages
        self._keys = keys
        self._usage = usage
        self._assistants = assistants
        self._api_url = settings.public_api_url()

    async def page(
        self,
        request: Request,
        visitor: Visitor,
        after: str = "",
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """The account page; for htmx its part for keys."""
        gathered = await self._gathered(request, visitor, after)
        return self._shown(request, gathered, status=status, **values)

    async def made(self, request: Request, visitor: Visitor, wanted: KeyCreate) -> Response:
        """Make a key, and show its secret for the only time."""
        # Whatever can fail comes before: a secret that was made and not shown is lost.
        gathered = await self._gathered(request, visitor, "")
        model = await self._first_model(visitor)
        made = await self._keys.create(visitor.token, wanted)
        keys: Page[KeyView] = gathered["keys"]
        keys.data.insert(0, made)
        example = self._example(request, made, model) if Scope.CHAT in made.scopes else ""
        return self._shown(request, gathered, made=made, example=example)

    async def without(self, request: Request, visitor: Visitor, gone: str) -> Response:
        """The list that is left after a key was revoked. gone: the key whose secret is taken
        away with it."""
        keys = await self._keys.page(visitor.token)
        return self._pages.page(
            request, "partials/key_revoked.html", keys=keys, is_first_page=True, gone=gone
        )

    async def _gathered(self, request: Request, visitor: Visitor, after: str) -> dict[str, Any]:
        keys = await self._keys.page(visitor.token, after)
        gathered: dict[str, Any] = {"keys": keys, "is_first_page": not after}
        if not is_htmx(request):
            rows = await self._usage.sums(visitor.token, "member")
            gathered["rows"] = [row for row in rows if row.member_id == visitor.member.id]
        return gathered

    def _shown(
        self, request: Request, gathered: dict[str, Any], *, status: int = 200, **values: Any
    ) -> Response:
        template = "partials/keys.html" if is_htmx(request) else "pages/account.html"
        form = {"typed": _UNTOUCHED, "scopes": list(Scope), "problems": {}}
        shown = gathered | form | {"made": None, "example": ""} | values
        return self._pages.page(request, template, status=status, **shown)

    async def _first_model(self, visitor: Visitor) -> str:
        try:
            return await self._assistants.first_callable(visitor.token) or _NO_MODEL
        except StoreError as error:
            # An example is worth less than the key: it can do without a real name.
            if error.kind is ErrorKind.UNAUTHENTICATED:
                raise
            return _NO_MODEL

    def _example(self, request: Request, made: KeyCreated, model: str) -> str:
        question = self._pages.language(request).gettext(_QUESTION)
        return curl_example(self._api_url, made.key, model, question)


Ring = Annotated[KeyRing, Depends(KeyRing)]
