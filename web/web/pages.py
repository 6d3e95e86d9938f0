"""Templates rendered for a request: in its language, with its form token and its member."""

from datetime import UTC
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contracts.accounts import MemberView
from web import shown
from web.assets import Assets
from web.cookies import Cookies
from web.forgery import FormTokens
from web.languages import N_, Language, Languages
from web.paths import TEMPLATES
from web.reader_zone import zone_of
from web.reading_failures import words_of_failure
from web.rendering import avatar
from web.rooms import room_of
from web.step_words import time_taken, words_of_charge, words_of_step
from web.targets import leave_path
from web.visitors import is_administrator


class Pages:
    """Renders templates. One Jinja environment a language, because translations live in it."""

    def __init__(
        self, languages: Languages, assets: Assets, cookies: Cookies, tokens: FormTokens
    ) -> None:
        self.languages = languages
        self._cookies = cookies
        self._tokens = tokens
        self._environments = {
            language.code: _environment(language, assets) for language in languages.all
        }

    def language(self, request: Request) -> Language:
        """The language of this request's pages."""
        return self.languages.choose(
            self._cookies.language(request), request.headers.get("accept-language", "")
        )

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A whole page, or a piece that htmx swaps in."""
        language = self.language(request)
        member: MemberView | None = getattr(request.state, "member", None)
        text = (
            self._environments[language.code]
            .get_template(template)
            .render(
                member=member,
                is_administrator=member is not None and is_administrator(member),
                has_session=self._cookies.session(request) is not None,
                has_keys=self._cookies.are_keys_on(request),
                language=language,
                languages=self.languages.all,
                here=_here(request),
                room=room_of(request),
                **{"zone": zone_of(request, self._cookies)} | values,
                form_token=lambda: self._tokens.make(self._cookies.binding(request)),
            )
        )
        response = HTMLResponse(text, status_code=status)
        response.headers["cache-control"] = "no-store"
        response.headers["vary"] = "Cookie, Accept-Language, HX-Request"
        self._cookies.keep_visit(request, response)
        return response

    def fragment(self, request: Request, template: str, **values: Any) -> str:
        """A piece as text, for an event stream."""
        environment = self._environments[self.language(request).code]
        return environment.get_template(template).render(
            **values,
            room=room_of(request),
            form_token=lambda: self._tokens.make(self._cookies.binding(request)),
        )

    def check_form(self, request: Request, token: str) -> None:
        """Raises StaleForm unless this visitor's own page made the form."""
        self._tokens.check(token, self._cookies.binding(request))


def is_htmx(request: Request) -> bool:
    """The page itself asks, and will swap in a piece."""
    return request.headers.get("hx-request") == "true"


def go(request: Request, path: str) -> Response:
    """After a change: on to another page, by redirect or through htmx."""
    if is_htmx(request):
        return Response(status_code=204, headers={"hx-redirect": path})
    return RedirectResponse(path, status_code=303)


def safe_path(path: str) -> str:
    """A path on this site to go on to; anything else becomes the home page."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours and "\\" not in path else "/"


def words_of_change(language: Language, value: int | str | None, before: int | str | None) -> str:
    """By how much a figure changed; of one that was nothing before, that it is new."""
    if shown.is_growth_from_nothing(value, before):
        return language.gettext(N_("new"))
    return shown.change(value, before, language.locale)


def _here(request: Request) -> str:
    if request.method != "GET" or is_htmx(request):
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _environment(language: Language, assets: Assets) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # added by ext.i18n
        language.translations, newstyle=True
    )
    environment.globals["asset"] = assets.url
    environment.filters |= {
        "ago": lambda at: shown.ago(at, language.locale),
        "moment": lambda at, zone=UTC: shown.moment(at, language.locale, zone),
        "time": lambda at, zone: shown.time_of(at, language.locale, zone),
        "day": lambda date: shown.day(date, language.locale),
        "full_day": lambda date: shown.full_day(date, language.locale),
        "month": lambda name: shown.month(name, language.locale),
        "milliseconds": lambda number: time_taken(language, number),
        "step": lambda taken: words_of_step(language, taken),
        "change": lambda value, before: words_of_change(language, value, before),
        "rounded": lambda cost, currency: shown.rounded(cost, currency, language.locale),
        "iso": shown.iso,
        "count": lambda number: shown.count(number, language.locale),
        "size": lambda number: shown.size(number, language.locale),
        "money": lambda cost, currency: shown.money(cost, currency, language.locale),
        "charge": lambda cost, currency: words_of_charge(language, cost, currency),
        "avatar": avatar,
        "leaving": leave_path,
        "failure": lambda message: words_of_failure(language, message),
    }
    return environment
