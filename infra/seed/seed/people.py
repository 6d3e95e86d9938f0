"""The example workspace's members: invited, signed up, signed in again."""

import json
import os
import secrets
from pathlib import Path

from seed.api import Api, Refused
from seed.errors import CannotSeed
from seed.plan import OWNER, PEOPLE, WORKSPACE, PlannedPerson
from seed.settings import Settings

OPERATOR_EMAIL = "operator@agora.example.org"
_PASSWORD_BYTES = 12


class Keepsake:
    """The generated passwords in a file for its owner alone, written before they are used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    @property
    def path(self) -> Path:
        """Where they are."""
        return self._path

    def __getitem__(self, email: str) -> str | None:
        return self._kept.get(email)

    def new(self, email: str) -> str:
        """A password made now, or by a run that was cut off."""
        if email not in self._kept:
            self._kept[email] = secrets.token_urlsafe(_PASSWORD_BYTES)
            self._write()
        return self._kept[email]

    def rows(self) -> list[tuple[str, str]]:
        """Who has which password."""
        return sorted(self._kept.items())

    def _write(self) -> None:
        fresh = self._path.with_name(f"{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self._kept, file, indent=1)
        fresh.replace(self._path)


def operator(settings: Settings, api: Api, kept: Keepsake) -> Api:
    """The operator's calls: with the lent session, or by claiming the installation."""
    if settings.session is not None:
        return api.as_person(settings.session.get_secret_value())
    if settings.claim is None:
        raise CannotSeed("no operator's session was given: run it with `make seed`")
    account = {
        "token": settings.claim.get_secret_value(),
        "email": OPERATOR_EMAIL,
        "name": "Operator",
        "password": kept.new(OPERATOR_EMAIL),
    }
    return api.as_person(api.post("/v1/accounts/claim", account)["token"])


def settle(api: Api, operator_api: Api, kept: Keepsake) -> dict[str, Api]:
    """Everybody's calls by name; whoever is missing is invited and signs up."""
    there = {member["email"] for member in operator_api.all_of("/v1/admin/members")}
    found: dict[str, Api] = {}
    for person in PEOPLE:
        if person.email in there:
            found[person.name] = _signed_in(api, person, kept)
        else:
            host = operator_api if person is OWNER else found[OWNER.name]
            found[person.name] = _signed_up(api, host, person, kept)
    return found


def _signed_up(api: Api, host: Api, person: PlannedPerson, kept: Keepsake) -> Api:
    wanted = {"email": person.email, "role": person.role}
    if person is OWNER:
        wanted["new_workspace"] = WORKSPACE
    invite = host.post("/v1/admin/invites", wanted)
    account = {
        "email": person.email,
        "name": person.name,
        "password": kept.new(person.email),
        "invite": invite["token"],
    }
    return api.as_person(api.post("/v1/accounts", account)["token"])


def _signed_in(api: Api, person: PlannedPerson, kept: Keepsake) -> Api:
    password = kept[person.email]
    if password is None:
        raise CannotSeed(
            f"{person.email} has an account, but its password is not in {kept.path}:"
            " the examples were made by another installation, or the file was removed"
        )
    try:
        session = api.post("/v1/sessions", {"email": person.email, "password": password})
    except Refused as error:
        if error.status != 401:
            raise
        raise CannotSeed(f"{person.email} has changed the password in {kept.path}") from error
    return api.as_person(session["token"])
