"""Services that call retrieval for somebody."""

import json
from dataclasses import dataclass, replace
from typing import Any

from starlette.testclient import TestClient

from contracts.passages import PassageBatch
from contracts.principal import CollectionGrant, Principal
from runtime.service_auth import ServiceTokens
from tests.support.retrieval import SECRET, batch_of_texts

TOKENS = ServiceTokens(SECRET.encode(), "gateway")


@dataclass(frozen=True)
class Caller:
    """A service calling for one principal."""

    http: TestClient
    principal: Principal

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the JSON body of a call."""
        return self.send_bytes(method, path, b"" if body is None else json.dumps(body).encode())

    def send_bytes(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """The same for a body that no honest client sends."""
        headers = {
            "authorization": f"Bearer {TOKENS.sign('retrieval', self.principal)}",
            "content-type": "application/json",
        }
        answer = self.http.request(method, path, content=body, headers=headers)
        return answer.status_code, answer.json()

    def reading(self, *grants: CollectionGrant) -> "Caller":
        """The same tenant with these grants and without leave to write."""
        only_reading = {"collections": grants, "write": False}
        return replace(self, principal=self.principal.model_copy(update=only_reading))

    def batch(self, version: str, *texts: str, collection: str = "vs_plans") -> PassageBatch:
        """The texts' vectors, as ingest would send them."""
        return batch_of_texts(version, *texts, collection=collection)

    def publish(
        self, version: str, *texts: str, collection: str = "vs_plans", epoch: int = 1
    ) -> None:
        """Put and reveal a version in one go."""
        batch = self.batch(version, *texts, collection=collection)
        assert self.send("PUT", "/v1/passages", batch.model_dump())[0] == 200
        reveal = {"document_version_id": version, "from_epoch": epoch}
        assert self.send("POST", "/v1/passages/reveal", reveal)[0] == 200

    def ask(self, query: str, limit: int = 100) -> list[str]:
        """The passages a search finds."""
        status, found = self.send("POST", "/v1/search", {"query": query, "limit": limit})
        assert status == 200
        return [hit["passage_id"] for hit in found["hits"]]


def writer(http: TestClient, workspace: str) -> Caller:
    """Writes in a workspace, and reads its plans as they stand now."""
    grants = (CollectionGrant(collection_id="vs_plans"),)
    return Caller(http, Principal(workspace_id=workspace, collections=grants, write=True))
