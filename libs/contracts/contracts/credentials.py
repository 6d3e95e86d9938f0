"""How members keep their accounts: passwords, addresses, confirmations, resets, and the end."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+$"
PASSWORD_CHARACTERS = 10
"""The least a new password has; the most is 200. Nothing is asked of its composition."""
_TOKEN_CHARACTERS = 200


class SignUp(BaseModel):
    """Make an account: with an invite for the invited address, without one where it is open."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(min_length=3, max_length=254, pattern=EMAIL_PATTERN)
    name: str = Field(min_length=1, max_length=100)
    password: SecretStr = Field(min_length=PASSWORD_CHARACTERS, max_length=200)
    invite: str | None = Field(default=None, max_length=_TOKEN_CHARACTERS)


class SignUpReceived(BaseModel):
    """The answer to every open sign-up, whether or not the address has an account.

    next: what to do now: follow the letter, or sign in.
    """

    object: Literal["sign_up"] = "sign_up"
    next: Literal["read_mail", "sign_in"]


class LetterToken(BaseModel):
    """The token of a letter's link."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=_TOKEN_CHARACTERS)


class Confirmed(BaseModel):
    """An address that is confirmed now."""

    object: Literal["confirmation"] = "confirmation"
    email: str


class ResetRequest(BaseModel):
    """Have a link sent by which the password can be set anew."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(min_length=3, max_length=254, pattern=EMAIL_PATTERN)


class LetterUnderWay(BaseModel):
    """Said in any case: a letter goes out if there is somebody to write to."""

    object: Literal["letter"] = "letter"
    status: Literal["accepted"] = "accepted"


class PasswordReset(BaseModel):
    """Set a new password with the token of a letter. Every session ends; keys stay."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=_TOKEN_CHARACTERS)
    password: SecretStr = Field(min_length=PASSWORD_CHARACTERS, max_length=200)


class PasswordWasReset(BaseModel):
    """The new password holds. Sign in with it."""

    object: Literal["password_reset"] = "password_reset"
    sessions_ended: int


class PasswordChange(BaseModel):
    """Another password, by somebody who knows the present one."""

    model_config = ConfigDict(extra="forbid")

    old_password: SecretStr = Field(max_length=200)
    password: SecretStr = Field(min_length=PASSWORD_CHARACTERS, max_length=200)


class ProfileChange(BaseModel):
    """Another name."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)


class EmailChange(BaseModel):
    """Another address; where mail is sent it counts once the letter's link was followed."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(min_length=3, max_length=254, pattern=EMAIL_PATTERN)
    password: SecretStr = Field(max_length=200)


class EmailChanging(BaseModel):
    """What comes of it: `confirm_by_mail`, or `changed` where no mail is sent."""

    object: Literal["email_change"] = "email_change"
    status: Literal["confirm_by_mail", "changed"]


class PasswordShown(BaseModel):
    """The password once more, for what cannot be undone or shows everything."""

    model_config = ConfigDict(extra="forbid")

    password: SecretStr = Field(max_length=200)
