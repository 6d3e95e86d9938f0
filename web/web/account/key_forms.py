"""The form of a new key, on the account page and on an assistant's: read, checked, shown again."""

import time
from dataclasses import dataclass, field

from pydantic import ValidationError

from contracts.accounts import KeyCreate, Scope
from contracts.assistants import AssistantView
from contracts.budgets import BudgetPeriod
from contracts.errors import StoreError
from web.forms import Submitted
from web.languages import N_
from web.problems import field_problems

DAYS = (7, 30, 90, 365)
_DAY_SECONDS = 86_400
BINDABLE = (Scope.CHAT, Scope.INGEST, Scope.READ)

# What only the gateway can find wrong, and the field it is about.
_REFUSALS = {
    "invalid_origin": ("origins", N_("Write sites as https://example.org, one a line.")),
    "scope_not_bindable": ("scopes", N_("A key of one assistant cannot manage.")),
}


class NotAccepted(Exception):
    """The form is not right. problems: field -> message id."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(str(problems))
        self.problems = problems


@dataclass(frozen=True)
class TypedKey:
    """What somebody typed. assistant_id: empty for a key of the whole workspace."""

    name: str = ""
    scopes: tuple[str, ...] = (Scope.CHAT.value,)
    assistant_id: str = ""
    days: str = ""
    origins: str = ""
    amount: str = ""
    period: str = BudgetPeriod.MONTH.value

    @classmethod
    def of(cls, form: Submitted, assistant_id: str = "") -> "TypedKey":
        """The fields of the form; the assistant is the page's own where it has one."""
        return cls(
            name=form.text("name"),
            scopes=tuple(form.lines("scopes")),
            assistant_id=assistant_id or form.id("assistant_id"),
            days=form.text("days"),
            origins=form.text("origins"),
            amount=form.text("amount"),
            period=form.text("period") or cls.period,
        )

    def wanted(self) -> KeyCreate:
        """The key that is asked for. Raises NotAccepted."""
        expires_at = lasting_until(self.days)
        try:
            return KeyCreate.model_validate(
                {
                    "name": self.name,
                    "scopes": list(self.scopes),
                    "assistant_id": self.assistant_id or None,
                    "origins": self.origins.replace(",", " ").split(),
                    "expires_at": expires_at,
                    "budget": {"amount": self.amount, "period": self.period}
                    if self.amount
                    else None,
                }
            )
        except ValidationError as error:
            problems = field_problems(error)
            if "budget" in problems:
                problems["amount"] = problems.pop("budget")
            if not self.scopes:
                problems["scopes"] = N_("Choose at least one.")
            raise NotAccepted(problems) from error


def lasting_until(days: str) -> int | None:
    """When a key of so many days ends, in Unix seconds; None: never. Raises NotAccepted."""
    if not days:
        return None
    if days not in map(str, DAYS):
        raise NotAccepted({"days": N_("This is not accepted.")})
    return int(time.time()) + int(days) * _DAY_SECONDS


def as_refusal(error: StoreError) -> NotAccepted:
    """What the gateway found wrong with a field; any other error is raised on."""
    if error.code not in _REFUSALS:
        raise error
    name, message = _REFUSALS[error.code]
    return NotAccepted({name: message})


@dataclass(frozen=True)
class Desk:
    """Where a page's keys are made, listed and revoked.

    path: of the forms. page: of the list. target: what htmx replaces when a key was made.
    assistant: the one whose keys they are; None: a member's own.
    """

    path: str
    page: str
    target: str
    assistant: AssistantView | None = None


@dataclass(frozen=True)
class KeyForm:
    """A form to be shown. assistants: what a key may be bound to, where there is a choice."""

    typed: TypedKey = TypedKey()
    problems: dict[str, str] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = tuple(Scope)
    assistants: list[AssistantView] = field(default_factory=list)
    days: tuple[int, ...] = DAYS


OWN_DESK = Desk("/account/keys", "/account", "#keys-body")


def desk_of(assistant: AssistantView) -> Desk:
    """Where the keys of one assistant are."""
    page = f"/studio/{assistant.id}"
    return Desk(f"{page}/keys", page, "#api-body", assistant)
