"""The stand-in's pictures of assistants: what is sent is read when a test says so."""

import hashlib

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.avatars import AvatarStatus, AvatarView
from contracts.errors import ErrorKind
from tests.support.gateway_standin import Refused, Standin, not_found

_ONE = "/v1/assistants/{assistant_id}/avatar"


def avatars_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter()
    for method, path, handler in (
        ("PUT", _ONE, send),
        ("GET", _ONE, read),
        ("DELETE", _ONE, remove),
        ("GET", _ONE + "/{picture_hash}", content),
    ):
        router.add_api_route(path, handler, methods=[method], response_model=None)
    return router


def wear(state: Standin, assistant_id: str, made: bytes) -> str:
    """A worker made this of what was sent; its hash."""
    digest = hashlib.sha256(made).hexdigest()
    state.pictures[digest] = made
    state.assistants[assistant_id].avatar = digest
    state.avatars.pop(assistant_id, None)
    return digest


def _view(request: Request, assistant_id: str) -> AvatarView:
    state: Standin = request.app.state.standin
    if assistant_id not in state.assistants:
        raise not_found("assistant")
    digest = state.assistants[assistant_id].avatar
    status = AvatarStatus.READY if digest else AvatarStatus.PATTERN
    problem = None
    if assistant_id in state.avatars:
        problem = state.avatars[assistant_id]
        status = AvatarStatus.READING if problem is None else AvatarStatus.FAILED
    return AvatarView(assistant_id=assistant_id, status=status, hash=digest, problem=problem)


async def send(request: Request, assistant_id: str) -> AvatarView:
    _view(request, assistant_id)
    if not (await request.body()).startswith(b"\x89PNG"):
        raise Refused(ErrorKind.UNSUPPORTED, "not_a_picture", "Send a picture.")
    request.app.state.standin.avatars[assistant_id] = None
    return _view(request, assistant_id)


async def read(request: Request, assistant_id: str) -> AvatarView:
    return _view(request, assistant_id)


async def remove(request: Request, assistant_id: str) -> AvatarView:
    _view(request, assistant_id)
    state: Standin = request.app.state.standin
    state.avatars.pop(assistant_id, None)
    state.assistants[assistant_id].avatar = None
    return _view(request, assistant_id)


async def content(request: Request, assistant_id: str, picture_hash: str) -> Response:
    _view(request, assistant_id)
    state: Standin = request.app.state.standin
    if picture_hash not in state.pictures:
        raise not_found("avatar")
    return Response(state.pictures[picture_hash], media_type="image/png")
