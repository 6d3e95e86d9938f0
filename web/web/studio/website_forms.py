"""The form of a key for web sites: read, checked, shown again; and what goes into a page."""

from dataclasses import dataclass, field
from html import escape

from pydantic import ValidationError

from contracts.accounts import KeyCreate, KeyKind, KeyView
from contracts.assistants import AssistantView
from contracts.budgets import BudgetPeriod
from web.account.key_forms import NotAccepted, lasting_until
from web.forms import Submitted
from web.languages import N_
from web.problems import field_problems


@dataclass(frozen=True)
class TypedSites:
    """What somebody typed."""

    name: str = ""
    origins: str = ""
    visitor_answers: str = ""
    answers: str = ""
    days: str = ""
    amount: str = ""
    period: str = BudgetPeriod.MONTH.value
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: Submitted) -> "TypedSites":
        """The fields of the form."""
        return cls(
            name=form.text("name"),
            origins=form.text("origins"),
            visitor_answers=form.text("visitor_answers"),
            answers=form.text("answers"),
            days=form.text("days"),
            amount=form.text("amount"),
            period=form.text("period") or cls.period,
        )

    def wanted(self, assistant_id: str) -> KeyCreate:
        """The key that is asked for. Raises NotAccepted."""
        origins = self.origins.replace(",", " ").split()
        if not origins:
            raise NotAccepted({"origins": N_("Name at least one web site.")})
        budget = {"amount": self.amount, "period": self.period} if self.amount else None
        try:
            return KeyCreate.model_validate(
                {
                    "kind": KeyKind.PUBLISHABLE,
                    "name": self.name,
                    "assistant_id": assistant_id,
                    "origins": origins,
                    "visitor_answers": _number(self.visitor_answers),
                    "answers": _number(self.answers),
                    "expires_at": lasting_until(self.days),
                    "budget": budget,
                }
            )
        except ValidationError as error:
            problems = field_problems(error)
            if "budget" in problems:
                problems["amount"] = problems.pop("budget")
            raise NotAccepted(problems) from error


def _number(typed: str) -> str | None:
    """As people group digits: 1,000 or 1 000."""
    return typed.replace(",", "").replace(" ", "") or None


@dataclass(frozen=True)
class OnSite:
    """A key, and what goes into a page that uses it: a button in the corner, or a frame."""

    key: KeyView
    script: str
    frame: str


def on_site(key: KeyView, assistant: AssistantView, web_url: str) -> OnSite:
    """web_url: without a slash at its end. Whatever stands between quotes is escaped for them."""
    shown = escape(key.publishable_key or "", quote=True)
    base, title = escape(web_url, quote=True), escape(assistant.name, quote=True)
    script = f'<script src="{base}/widget.js" data-key="{shown}" async></script>'
    frame = (
        f'<iframe src="{base}/widget/{shown}" title="{title}" '
        'width="400" height="600" style="border: 0"></iframe>'
    )
    return OnSite(key, script, frame)
