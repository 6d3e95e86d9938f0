"""Web pages with lxml: headings give the section path; scripts, styles and menus are left out.

libxml2's HTML parser expands no entities of a DTD, and the network is closed to it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ingest.errors import InvalidFile
from ingest.parsing.encodings import decoded_html
from ingest.parsing.hidden_styles import is_hidden_by_style
from ingest.parsing.parsed import Parsed
from ingest.parsing.text_cleaning import cleaned, title_of
from ingest.parsing.writer import TextWriter

NO_TEXT = "The page has no readable text; it may be made by scripts, or ask for a sign-in."

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
# fmt: off
_UNSEEN = frozenset((
    "title", "script", "style", "noscript", "template", "nav", "svg", "math", "canvas",
    "iframe", "object", "audio", "video", "select", "option", "button", "input",
    "textarea", "datalist", "dialog",
))
_UNSEEN_ROLES = frozenset(("navigation", "search", "menu", "menubar"))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd",
    "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li",
    "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead",
    "tr", "ul",
))
# fmt: on
_CELLS = frozenset(("td", "th"))
_MINIMUM_MAIN_CHARACTERS = 200

Element = Any


def parse(source: Path, filename: str) -> Parsed:
    """Read a web page. Title: its <title>, else the first top heading, else the name."""
    walk = _Walk()
    root = _tree(decoded_html(source.read_bytes()))
    title = None
    if root is not None:
        title = root.findtext(".//title")
        walk.through(_content_of(root))
    top = next((section.title for section in walk.writer.sections if section.level == 1), None)
    return walk.writer.parsed(title_of(title, top, filename=filename), NO_TEXT)


def fragment_text(markup: str) -> str:
    """The visible words of a piece of HTML inside another format."""
    root = _tree(markup)
    if root is None:
        return ""
    walk = _Walk()
    walk.through(root)
    return walk.writer.text


def _tree(markup: str) -> Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    # Bytes, because lxml refuses text that carries an XML declaration.
    root = etree.fromstring(cleaned(markup).encode() or b" ", parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        # libxml2 stops there and would keep silent about the rest of the page.
        raise InvalidFile("The page is nested too deeply to be read.")
    return root


def _content_of(root: Element) -> Element:
    """<main> where a page has one that says something: the rest is the site around it."""
    for main in root.iter("main"):
        if len("".join(main.itertext())) >= _MINIMUM_MAIN_CHARACTERS:
            return main
    return root


def _is_unseen(element: Element) -> bool:
    return (
        element.tag in _UNSEEN
        or element.get("role") in _UNSEEN_ROLES
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or is_hidden_by_style(element)
    )


class _Walk:
    """Goes through the tree without recursion: pages nest deeper than Python's stack."""

    def __init__(self) -> None:
        self.writer = TextWriter()
        self._words: list[str] = []
        self._marker = ""
        self._gap = "\n\n"
        self._preformatted = 0

    def through(self, root: Element) -> None:
        stack: list[Callable[[], None] | Element] = [root]
        while stack:
            step = stack.pop()
            if callable(step):
                step()
            else:
                self._enter(step, stack)
        self._flush()

    def _enter(self, element: Element, stack: list[Callable[[], None] | Element]) -> None:
        if not isinstance(element.tag, str) or _is_unseen(element):
            return
        self._open(element)
        stack.append(partial(self._close, element))
        for child in reversed(element):
            tail = child.tail
            if tail:
                stack.append(partial(self._say, tail))
            stack.append(child)
        if element.text:
            self._say(element.text)

    def _open(self, element: Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
        if tag == "pre":
            self._preformatted += 1
        elif tag == "br":
            self._words.append("\n")
        elif tag == "li":
            self._marker = "- "
        elif tag in _CELLS and self._words:
            self._words.append(" | ")

    def _close(self, element: Element) -> None:
        tag = element.tag
        if tag in HEADINGS:
            self.writer.heading(self._taken(), HEADINGS[tag])
        elif tag in _BLOCKS:
            self._flush()
        if tag == "pre":
            self._preformatted -= 1
        # Rows of one table and items of one list stand on neighbouring lines.
        self._gap = "\n" if tag in ("tr", "li") else self._gap if tag not in _BLOCKS else "\n\n"

    def _say(self, text: str) -> None:
        if self._preformatted:
            self._words.append(text)
            return
        spaced = " ".join(text.split())
        if text[:1].isspace():
            spaced = f" {spaced}"
        if text[-1:].isspace() and spaced != " ":
            spaced = f"{spaced} "
        self._words.append(spaced)

    def _flush(self) -> None:
        text = self._taken()
        if text.strip():
            self.writer.block(self._marker + text, self._gap)
            self._marker, self._gap = "", "\n\n"

    def _taken(self) -> str:
        text = "".join(self._words)
        self._words.clear()
        if self._preformatted:
            return text
        return "\n".join(" ".join(filter(None, line.split(" "))) for line in text.split("\n"))
