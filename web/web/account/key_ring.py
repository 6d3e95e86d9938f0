"""What the account page and its part for keys need, gathered from the gateway."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from contracts.accounts import KeyCreate, KeyCreated, KeyView, Scope
from contracts.errors import ErrorKind, StoreError
from contracts.lists import Page
from runtime.provide import provided
from web.account.belongings import Belongings
from web.account.examples import Call, curl_example
from web.account.key_forms import OWN_DESK, KeyForm, NotAccepted, TypedKey, as_refusal
from web.clients.assistants import Assistants
from web.clients.keys import Keys
from web.clients.usage import Usage
from web.languages import N_
from web.pages import Pages, is_htmx
from web.settings import Settings
from web.visitors import Visitor

QUESTION = N_("What do you know about?")
_NO_MODEL = "your-assistant"


class KeyRing:
    """Shows a member's account with its keys."""

    def __init__(
        self,
        pages: Annotated[Pages, provided(Pages)],
        keys: Annotated[Keys, provided(Keys)],
        usage: Annotated[Usage, provided(Usage)],
        assistants: Annotated[Assistants, provided(Assistants)],
        belongings: Annotated[Belongings, Depends(Belongings)],
        settings: Annotated[Settings, provided(Settings)],
    ) -> None:
        self._pages = pages
        self._keys = keys
        self._usage = usage
        self._assistants = assistants
        self._belongings = belongings
        self._api_url = settings.public_api_url()

    async def page(self, request: Request, visitor: Visitor, after: str = "") -> Response:
        """The account page; for htmx its part for keys."""
        return self._shown(request, await self._gathered(request, visitor, after))

    async def make(self, request: Request, visitor: Visitor, typed: TypedKey) -> Response:
        """Make a key, and show its secret for the only time."""
        # Whatever can fail comes before: a secret that was made and not shown is lost.
        gathered = await self._gathered(request, visitor, "")
        try:
            made = await self._made(visitor, typed.wanted())
        except NotAccepted as error:
            form = replace(gathered["key_form"], typed=typed, problems=error.problems)
            return self._shown(request, gathered | {"key_form": form}, status=422)
        keys: Page[KeyView] = gathered["keys"]
        keys.data.insert(0, made)
        example = ""
        if Scope.CHAT in made.scopes:
            example = curl_example(await self._call(request, visitor, made))
        return self._shown(request, gathered, made=made, example=example)

    async def without(self, request: Request, visitor: Visitor, gone: str) -> Response:
        """The list that is left after a key was revoked. gone: the key whose secret is taken
        away with it."""
        keys = await self._keys.page(visitor.token)
        return self._pages.page(
            request,
            "partials/key_revoked.html",
            desk=OWN_DESK,
            keys=keys,
            is_first_page=True,
            samples=[],
            gone=gone,
        )

    async def _made(self, visitor: Visitor, wanted: KeyCreate) -> KeyCreated:
        try:
            return await self._keys.create(visitor.token, wanted)
        except StoreError as error:
            raise as_refusal(error) from error

    async def _gathered(self, request: Request, visitor: Visitor, after: str) -> dict[str, Any]:
        keys = await self._keys.page(visitor.token, after)
        assistants = (await self._assistants.page(visitor.token)).data
        gathered: dict[str, Any] = {"keys": keys, "is_first_page": not after}
        gathered["key_form"] = KeyForm(assistants=assistants)
        if not is_htmx(request):
            gathered["rows"] = await self._usage.sums(visitor.token, "", {"view": "mine"})
            gathered |= await self._belongings.of(visitor)
        return gathered

    def _shown(
        self, request: Request, gathered: dict[str, Any], *, status: int = 200, **values: Any
    ) -> Response:
        template = "partials/keys.html" if is_htmx(request) else "pages/account.html"
        shown = {"desk": OWN_DESK, "made": None, "example": ""} | gathered | values
        return self._pages.page(request, template, status=status, **shown)

    async def _call(self, request: Request, visitor: Visitor, made: KeyCreated) -> Call:
        question = self._pages.language(request).gettext(QUESTION)
        if made.assistant_id is not None:
            base_url = f"{self._api_url}/a/{made.assistant_id}/v1"
            return Call(base_url, made.key, "default", question)
        model = await self._first_model(visitor)
        return Call(f"{self._api_url}/v1", made.key, model, question)

    async def _first_model(self, visitor: Visitor) -> str:
        try:
            return await self._assistants.first_callable(visitor.token) or _NO_MODEL
        except StoreError as error:
            # An example is worth less than the key: it can do without a real name.
            if error.kind is ErrorKind.UNAUTHENTICATED:
                raise
            return _NO_MODEL


Ring = Annotated[KeyRing, Depends(KeyRing)]
