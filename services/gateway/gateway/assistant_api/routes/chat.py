"""Asking one assistant at its own address: the same answers as at /v1, the assistant fixed."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from contracts.chat import ChatCompletion, ModelView
from contracts.lists import Page
from gateway.assistant_api.routes.asking import BASE, TAG, AssistantRef, MayChat
from gateway.openai_api.routes import STREAMED, Completions, Opened, answered, opening
from gateway.openai_api.rules import OWN_NAME, IncomingCompletion

router = APIRouter(prefix=BASE, tags=[TAG])


class Question(IncomingCompletion):
    """A chat completion request to the assistant of the address."""

    model: str = Field(default=OWN_NAME, min_length=1, max_length=200)


async def open_completion(
    request: Request,
    assistant: AssistantRef,
    body: Question,
    caller: MayChat,
    completions: Completions,
) -> AsyncIterator[Opened]:
    """Wait for the first words: until then a refusal can have its own status."""
    completion = await completions.begin(caller, body, only=assistant)
    async with opening(request, completion) as opened:
        yield opened


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses=STREAMED,
    operation_id="create_chat_completion",
)
async def complete(
    request: Request, opened: Annotated[Opened, Depends(open_completion)]
) -> Response:
    """Ask the assistant. `model` may be left out."""
    return await answered(request, opened)


@router.get("/models", operation_id="list_models")
async def list_models(
    assistant: AssistantRef, caller: MayChat, completions: Completions
) -> Page[ModelView]:
    """The assistant, and nothing else."""
    view = await completions.model(caller, OWN_NAME, only=assistant)
    return Page(data=[view], first_id=view.id, last_id=view.id)


@router.get("/models/{model:path}", operation_id="get_model")
async def get_model(
    assistant: AssistantRef, model: str, caller: MayChat, completions: Completions
) -> ModelView:
    """The assistant, by its id, its slug, or `default`."""
    return await completions.model(caller, model, only=assistant)
