"""Assistants that come from elsewhere: a bundle, or the fields of a ChatGPT GPT."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from contracts.assistants import DisabledAction
from contracts.gpts import GptConfiguration
from runtime.provide import provided
from web.clients.versions import Versions
from web.forms import Form, Submitted
from web.pages import Pages, go
from web.problems import field_problems
from web.studio.knowledge import UPLOADS, NoFileChosen
from web.studio.workbench import filled_up
from web.visitors import SignedIn

router = APIRouter(include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
VersionsHere = Annotated[Versions, provided(Versions)]

ACTIONS = 3
CAPABILITIES = ("Web search", "Canvas", "Image generation", "Code interpreter")
"""As they are called where they come from: kept as a note, whatever the reader's language."""
_TEXTS = ("name", "description", "instructions")


@router.get("/studio/import")
async def page(request: Request, visitor: SignedIn, pages: PagesHere) -> Response:
    """Both ways in."""
    del visitor  # asked for, because strangers make nothing
    return _page(request, pages, dict.fromkeys(_TEXTS, ""), [], {})


@router.post(UPLOADS + "import/bundle")
async def bring_in(
    request: Request, visitor: SignedIn, form: Form, versions: VersionsHere
) -> Response:
    """Make an assistant of an archive."""
    files = form.files("file")
    if not files:
        raise NoFileChosen("Choose a file first.")
    made = await versions.bring_in(visitor.token, files[0].filename or "", files[0].file)
    return go(request, f"/studio/{made.assistant.id}/made?left_out={len(made.left_out)}")


@router.post("/studio/import/gpt")
async def bring_in_gpt(
    request: Request, visitor: SignedIn, form: Form, pages: PagesHere, versions: VersionsHere
) -> Response:
    """Make an assistant of pasted fields; its files are uploaded in the studio."""
    try:
        configuration = _configuration(form)
    except ValidationError as error:
        typed = {name: form.text(name) for name in _TEXTS}
        problems = field_problems(error)
        return _page(request, pages, typed, form.lines("starters"), problems, status=422)
    made = await versions.bring_in_gpt(visitor.token, configuration)
    return go(request, f"/studio/{made.assistant.id}#knowledge")


def _page(
    request: Request,
    pages: Pages,
    typed: dict[str, str],
    starters: list[str],
    problems: dict[str, str],
    status: int = 200,
) -> Response:
    return pages.page(
        request,
        "pages/studio_import.html",
        status=status,
        typed=typed,
        starters=filled_up(starters),
        problems=problems,
        capabilities=CAPABILITIES,
        actions=ACTIONS,
    )


def _configuration(form: Submitted) -> GptConfiguration:
    """What was pasted. Raises ValidationError."""
    texts = {name: form.text(name) for name in _TEXTS}
    return GptConfiguration(
        name=texts["name"],
        description=texts["description"],
        instructions=texts["instructions"],
        conversation_starters=form.lines("starters"),
        capabilities=[each for each in form.lines("capabilities") if each in CAPABILITIES],
        actions=[
            DisabledAction(name=form.text(f"action_name_{number}") or f"{number}", openapi=text)
            for number in range(1, ACTIONS + 1)
            if (text := form.text(f"action_{number}"))
        ],
    )
