"""The languages of the pages: catalogues compiled in memory at start, and the reader's choice.

A language is its catalogue, locale/<language>/LC_MESSAGES/messages.po, and nothing else.
"""

from dataclasses import dataclass
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = Path(__file__).parent / "locale"
ENGLISH = "en"
CHINESE = "zh-Hans"


def N_(message: str) -> str:  # noqa: N802 - the name gettext's extractors know
    """Mark a message for the catalogue; it is translated where it is shown."""
    return message


@dataclass(frozen=True)
class Language:
    """One language a reader may choose. name: in that language itself."""

    code: str
    name: str
    locale: Locale
    translations: NullTranslations

    def gettext(self, message: str) -> str:
        """The message in this language."""
        return self.translations.gettext(message)


class Languages:
    """All languages there are, the source language first."""

    def __init__(self, known: list[Language]) -> None:
        self._known = {language.code: language for language in known}

    @classmethod
    def load(cls, folder: Path = LOCALES) -> "Languages":
        """English, and each language that has a catalogue there."""
        english = Language(ENGLISH, "English", Locale("en"), NullTranslations())
        catalogues = sorted(folder.glob("*/LC_MESSAGES/messages.po"))
        return cls([english, *(_language(catalogue) for catalogue in catalogues)])

    @property
    def all(self) -> list[Language]:
        """For the language switch."""
        return list(self._known.values())

    def known(self, code: str) -> bool:
        """There is such a language."""
        return code in self._known

    def choose(self, chosen: str, accepted: str) -> Language:
        """What the reader chose, else the first of `Accept-Language` that we speak."""
        if chosen in self._known:
            return self._known[chosen]
        for tag in _by_preference(accepted):
            fitting = self._of(tag)
            if fitting is not None:
                return fitting
        return self._known[ENGLISH]

    def _of(self, tag: str) -> Language | None:
        """The language of a tag, in the script it asks for if there is a choice."""
        same = [one for one in self.all if one.locale.language == tag.partition("-")[0]]
        return min(same, key=lambda one: one.code.lower() != tag, default=None)


def _by_preference(accepted: str) -> list[str]:
    weighted: list[tuple[float, str]] = []
    for part in accepted.lower().split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), tag))
        except ValueError:
            continue
    # A stable sort: equal weights stay in the browser's order.
    return [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]


def _language(path: Path) -> Language:
    locale = Locale.parse(path.parts[-3])
    # What its speakers call it, script and all: 简体中文.
    name = locale.languages.get(str(locale)) or locale.get_display_name() or str(locale)
    return Language(str(locale).replace("_", "-"), name, locale, _compiled(path, locale))


def _compiled(path: Path, locale: Locale) -> Translations:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
