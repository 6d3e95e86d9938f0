"""What retrieval must reach before it serves: a Qdrant server, or a folder it may write."""

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx2
from pydantic import AnyHttpUrl

from retrieval.settings import Settings
from runtime.probing import CONNECT_SECONDS, NotYet, Probe, listens
from runtime.starting import CannotStart

_URL, _KEY = "RETRIEVAL_QDRANT_URL", "RETRIEVAL_QDRANT_API_KEY"
_PORT = 6333


def probes(settings: Settings) -> Sequence[Probe]:
    """One: the index lives in one place."""
    if settings.qdrant_url is None:
        return (partial(asyncio.to_thread, _check_folder, settings.index_path),)
    key = settings.qdrant_api_key
    secret = None if key is None else key.get_secret_value()
    return (partial(_qdrant_answers, settings.qdrant_url, secret),)


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"RETRIEVAL_INDEX_PATH: {folder} cannot be made ({error.strerror})"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotStart(f"RETRIEVAL_INDEX_PATH: {folder} cannot be written")


async def _qdrant_answers(url: AnyHttpUrl, key: str | None) -> None:
    host, port = url.host or "", url.port or _PORT
    await listens(_URL, host, port)
    headers = {} if key is None else {"api-key": key}
    try:
        async with httpx2.AsyncClient(trust_env=False, timeout=CONNECT_SECONDS) as http:
            answer = await http.get(f"{str(url).rstrip('/')}/collections", headers=headers)
    except httpx2.HTTPError as error:
        raise NotYet(f"{_URL}: {host}:{port} does not answer ({type(error).__name__})") from None
    if answer.status_code in (401, 403):
        wrong = "refuses this key" if key is not None else "wants a key"
        raise CannotStart(f"{_KEY}: Qdrant at {host}:{port} {wrong}")
    if answer.is_server_error:
        raise NotYet(f"{_URL}: {host}:{port} is not ready ({answer.status_code})")
    if not answer.is_success:
        raise CannotStart(f"{_URL}: what answers at {host}:{port} is no Qdrant server")
