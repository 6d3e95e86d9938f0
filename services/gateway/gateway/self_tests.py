"""What must work before the gateway calls itself ready."""

import httpx2

from contracts.errors import ServiceUnavailable
from gateway.blobs import Blobs
from gateway.db import Database
from gateway.outside import Outside
from runtime.health import Check, SelfTests


def self_tests(database: Database, blobs: Blobs, outside: Outside) -> SelfTests:
    """The database answers, blobs can be written, the broker and both neighbours are ready."""
    return SelfTests(
        {
            "database": database.check,
            "blobs": blobs.check,
            "broker": outside.sender.check,
            "retrieval": _is_ready("retrieval", outside.retrieval),
            "inference": _is_ready("inference", outside.inference),
        }
    )


def _is_ready(service: str, http: httpx2.AsyncClient) -> Check:
    async def check() -> None:
        try:
            response = await http.get("/health/ready")
        except httpx2.HTTPError as error:
            raise ServiceUnavailable(f"The {service} service does not answer.") from error
        if not response.is_success:
            raise ServiceUnavailable(f"The {service} service is not ready.")

    return check
