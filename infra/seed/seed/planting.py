"""Assistants with their documents, published and shared; each step only where it is missing."""

import time
from collections.abc import Callable
from typing import Any

from seed.api import Api
from seed.errors import CannotSeed
from seed.plan import PlannedAssistant

MARK = "stoa_seed"
_LOOK_SECONDS = 1.0

Say = Callable[[str], None]


class Planting:
    """Works with the session of the workspace's owner."""

    def __init__(self, owner: Api, say: Say, reading_seconds: float) -> None:
        self._owner = owner
        self._say = say
        self._reading_seconds = reading_seconds

    def plant(self, wanted: PlannedAssistant) -> Any:
        """The assistant as it should be: with everything it knows read, published and public."""
        collection_id = self._collection(wanted)
        self._bring(wanted, collection_id)
        self._wait(wanted, collection_id)
        assistant = self._assistant(wanted, collection_id)
        path = f"/v1/assistants/{assistant['id']}"
        if assistant["published_version"] is None:
            assistant = self._owner.post(f"{path}/publish")
        if assistant["visibility"] != "public":
            self._owner.put(f"{path}/sharing", {"visibility": "public"})
        self._say(f"{wanted.name}: published for everybody")
        return assistant

    def _collection(self, wanted: PlannedAssistant) -> str:
        for collection in self._owner.all_of("/v1/vector_stores"):
            if collection["metadata"].get(MARK) == wanted.mark:
                return str(collection["id"])
        made = {"name": wanted.name, "metadata": {MARK: wanted.mark}}
        return str(self._owner.post("/v1/vector_stores", made)["id"])

    def _bring(self, wanted: PlannedAssistant, collection_id: str) -> None:
        path = f"/v1/vector_stores/{collection_id}/files"
        there = {document["filename"] for document in self._owner.all_of(path)}
        missing = [file for file in wanted.documents() if file.name not in there]
        for number, file in enumerate(missing, 1):
            self._say(f"{wanted.name}: uploading {file.name} ({number} of {len(missing)})")
            stored = self._owner.upload(file.name, file.read_bytes())
            self._owner.post(path, {"file_id": stored["id"]})

    def _wait(self, wanted: PlannedAssistant, collection_id: str) -> None:
        path = f"/v1/vector_stores/{collection_id}/files"
        ends_at, told = time.monotonic() + self._reading_seconds, ""
        while True:
            documents = self._owner.all_of(path)
            failed = [one for one in documents if one["status"] == "failed"]
            if failed:
                why = failed[0]["last_error"]["message"].rstrip(".")
                raise CannotSeed(f"{failed[0]['filename']} could not be read: {why}")
            ready = sum(1 for one in documents if one["status"] == "completed")
            now = f"{wanted.name}: {ready} of {len(documents)} documents read"
            if now != told:
                self._say(now)
            told = now
            if ready == len(documents):
                return
            if time.monotonic() > ends_at:
                raise CannotSeed(f"reading took longer than {self._reading_seconds:g} s: {now}")
            time.sleep(_LOOK_SECONDS)

    def _assistant(self, wanted: PlannedAssistant, collection_id: str) -> Any:
        for assistant in self._owner.all_of("/v1/assistants"):
            if assistant["metadata"].get(MARK) == wanted.mark:
                return assistant
        return self._owner.post(
            "/v1/assistants",
            {
                "name": wanted.name,
                "slug": wanted.slug,
                "description": wanted.description,
                "instructions": wanted.instructions,
                "not_found_words": wanted.not_found_words,
                "starters": wanted.starters,
                "metadata": {MARK: wanted.mark},
                "tool_resources": {"file_search": {"vector_store_ids": [collection_id]}},
            },
        )
