"""Service tokens name a principal, live a minute, and are good for one service only."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from contracts.principal import CollectionGrant, Principal
from runtime.service_auth import NotAService, ServiceTokens

SECRET = b"s" * 32
ADA = Principal(
    workspace_id="wsp_1",
    member_id="mem_1",
    collections=(CollectionGrant(collection_id="vs_1", epoch=3),),
)


def test_the_principal_arrives_as_it_was_signed() -> None:
    token = ServiceTokens(SECRET, "gateway").sign("retrieval", ADA)

    assert ServiceTokens(SECRET, "retrieval").verify(token) == ADA


def test_a_token_for_another_service_is_refused() -> None:
    token = ServiceTokens(SECRET, "gateway").sign("inference", ADA)

    with pytest.raises(NotAService):
        ServiceTokens(SECRET, "retrieval").verify(token)


def test_a_token_signed_with_another_secret_is_refused() -> None:
    token = ServiceTokens(b"t" * 32, "gateway").sign("retrieval", ADA)

    with pytest.raises(NotAService):
        ServiceTokens(SECRET, "retrieval").verify(token)


@pytest.mark.parametrize("claims", [{}, {"exp": 1}, {"exp": 4_000_000_000}])
def test_a_token_without_the_right_claims_is_refused(claims: dict[str, int]) -> None:
    token = jwt.encode({"alg": "HS256"}, dict(claims), OctKey.import_key(SECRET))

    with pytest.raises(NotAService):
        ServiceTokens(SECRET, "retrieval").verify(token)


def test_an_unsigned_token_is_refused() -> None:
    header, payload = "eyJhbGciOiJub25lIn0", "eyJhdWQiOiJyZXRyaWV2YWwifQ"

    with pytest.raises(NotAService):
        ServiceTokens(SECRET, "retrieval").verify(f"{header}.{payload}.")


def test_a_token_lives_a_minute() -> None:
    token = ServiceTokens(SECRET, "gateway").sign("retrieval", ADA)
    claims = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"]).claims

    assert claims["exp"] - time.time() <= 60


def test_a_short_secret_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ServiceTokens(b"short", "gateway")
