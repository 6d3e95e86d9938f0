"""`python -m tests.support.catalogues`: bring the catalogues up to date with the strings of web."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import web
from web.languages import LOCALES

FOLDER = Path(web.__file__).parent
FOLDERS = sorted(path.parts[-3] for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))
"""Of each catalogue."""
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "N_": None}


def extracted() -> Catalog:
    """All messages in the sources, with where they stand."""
    found = Catalog(project="Stoa", charset="utf-8")
    for name, line, message, comments, context in extract_from_dir(
        FOLDER, METHODS, OPTIONS, KEYWORDS
    ):
        found.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return found


def kept(folder: str) -> Catalog:
    """A catalogue as it lies in the tree."""
    with catalogue_path(folder).open("rb") as source:
        return read_po(source, locale=folder)


def catalogue_path(folder: str) -> Path:
    return LOCALES / folder / "LC_MESSAGES" / "messages.po"


def refresh(folder: str) -> None:
    """Add new messages, empty, and drop those that are gone; nothing is guessed."""
    catalogue = kept(folder)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.project, catalogue.version = "Stoa", "0"
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "-"
    with catalogue_path(folder).open("wb") as target:
        write_po(target, catalogue, width=100, no_location=True, omit_header=False)


if __name__ == "__main__":
    for language in FOLDERS:
        refresh(language)
