"""The layer that sees every refused authorisation, however it came about, before its answer goes.

Plain ASGI, inside the request's envelope: the error is what `runtime.problems` left in the state.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import ErrorKind, StoreError
from gateway.audit.rules import Verdict, client_of_task
from gateway.audit.service.refusals import RefusalRecorder, RefusedRequest
from gateway.caller import Caller
from gateway.policy.refusals import refusal_of
from runtime.observing import route_of
from runtime.problems import PROBLEM

ClientName = Callable[[Scope], str | None]
"""How the client of a request is written in the record."""

_VERDICTS = {
    ErrorKind.UNAUTHENTICATED: Verdict.UNAUTHENTICATED,
    ErrorKind.FORBIDDEN: Verdict.FORBIDDEN,
}


class AuditTrail:
    """Records refusals; acts record themselves, and learn here from where they were asked."""

    def __init__(self, app: ASGIApp, client_name: ClientName) -> None:
        self._app = app
        self._client_name = client_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = self._client_name(scope)

        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                await _record(scope, client)
            await send(message)

        asking = client_of_task.set(client)
        try:
            await self._app(scope, receive, send_recorded)
        finally:
            client_of_task.reset(asking)


async def _record(scope: Scope, client: str | None) -> None:
    error = scope["state"].get(PROBLEM)
    if not isinstance(error, StoreError):
        return
    refused = _refused(scope, error, client)
    if refused is not None:
        recorder: RefusalRecorder = scope["state"]["provided"][RefusalRecorder]
        await recorder.record(refused)


def _refused(scope: Scope, error: StoreError, client: str | None) -> RefusedRequest | None:
    """What to record; None when the error is about something else than rights."""
    refusal = refusal_of(error)
    caller = scope["state"].get("caller")
    verdict = _VERDICTS.get(error.kind)
    # Unknown and foreign ids are one answer, so they are one row, whichever door refused them.
    is_missing = error.kind is ErrorKind.NOT_FOUND and isinstance(caller, Caller)
    if verdict is None and (refusal is not None or is_missing):
        verdict = Verdict.HIDDEN
    if verdict is None:
        return None
    return RefusedRequest(
        verdict=verdict,
        # The template, never the path: what callers write there may be anything.
        action=f"{scope['method']} {route_of(scope)}",
        code=error.code,
        object_kind=None if refusal is None else refusal.kind.value,
        object_id=None if refusal is None else refusal.object_id,
        caller=caller if isinstance(caller, Caller) else None,
        client=client,
        request_id=scope["state"].get("request_id"),
    )
