"""Argon2id, off the event loop and never many at once: one hash takes 64 MiB."""

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import SecretStr

PARALLEL_HASHES = 4


class Passwords:
    """Hashes and verifies passwords."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(PARALLEL_HASHES)
        # Verifying against it costs an unknown e-mail the same time as a known one.
        self._decoy = self._hasher.hash("nobody")

    async def hashed(self, password: SecretStr) -> str:
        """The hash to keep."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, _typed(password))

    async def fits(self, password: SecretStr, password_hash: str | None) -> bool:
        """Whether the password made the hash. None: there is no such account, so never."""
        async with self._places:
            verified = await asyncio.to_thread(
                self._verified, _typed(password), password_hash or self._decoy
            )
        return verified and password_hash is not None

    def _verified(self, password: bytes, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _typed(password: SecretStr) -> bytes:
    """The text, whichever way a keyboard composes its letters; nothing else is changed."""
    text = unicodedata.normalize("NFC", password.get_secret_value())
    # JSON can hold half a sign, which no keyboard types: it fits nothing, and breaks nothing.
    return text.encode("utf-8", "surrogatepass")
