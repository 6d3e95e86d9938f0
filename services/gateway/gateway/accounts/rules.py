"""Rules of accounts: what tokens look like, and what is kept of them."""

import hashlib
import secrets

SESSION_PREFIX = "ses-stoa-"
KEY_PREFIX = "sk-stoa-"
_SHOWN_CHARACTERS = 6


def new_token(prefix: str) -> str:
    """256 random bits behind a prefix that says what they open."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token. It has 256 bits of its own, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_session_token(token: str) -> bool:
    """Sessions and keys come in the same header; their prefix tells them apart."""
    return token.startswith(SESSION_PREFIX)


def shown_prefix(key: str) -> str:
    """The part of a key that is kept to recognise it by."""
    return key[: len(KEY_PREFIX) + _SHOWN_CHARACTERS]


def plain_email(email: str) -> str:
    """An e-mail address as it is stored and looked for."""
    return email.strip().lower()
