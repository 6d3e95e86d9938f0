"""The one renderer: text becomes HTML here and nowhere else, and everything hostile in it text.

Markdown is read without HTML and without images; nh3 has the last word, over the HTML as it will
stand in the page, markers included. Whatever else a page shows is escaped by its template.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from web.targets import leave_path, target_of

MAX_NESTING = 20
MOST_CHARACTERS = 200_000
MOST_STRUCTURE = 16_000
"""Characters that may mean structure; a text with more is shown as plain text. The worst texts take
40 microseconds for each of them."""

# Private-use characters that stand for a marker until the HTML is made. Texts lose their own ones.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PRIVATE = re.compile(f"[{_OPEN}{_CLOSE}]")
_PLACED = re.compile(f"{_OPEN}(\\d{{1,9}}){_CLOSE}")
_STRUCTURE = "\n*_`[]()<>!&|~#-+=\\"

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "s", "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ANCHOR = r"(?:source|unproven)-[A-Za-z0-9_-]{1,120}"
_ALLOWED = {
    ("a", "href"): re.compile(rf"#{_ANCHOR}|/leave\?to=[A-Za-z0-9%._~-]+"),
    ("a", "class"): re.compile("chip-cite|chip-unproven|leaving"),
    ("a", "data-source"): re.compile(_ANCHOR),
    ("sup", "class"): re.compile("cite"),
    ("span", "class"): re.compile("link-target"),
    ("ol", "start"): re.compile(r"\d{1,9}"),
}
# "*" empty: nh3 would let `title` and `lang` pass on every tag.
_ATTRIBUTES: dict[str, set[str]] = {"*": set()}
for _tag, _name in _ALLOWED:
    _ATTRIBUTES.setdefault(_tag, set()).add(_name)

_COLUMNS = 5


@dataclass(frozen=True)
class Place:
    """Where a marker stands in a text (code points), its number, and what its chip leads to.

    number 0: no marker; a chip is put there that says that no passage supports what it follows.
    """

    start: int
    end: int
    number: int
    anchor: str


def rendered(text: str, places: Sequence[Place] = ()) -> Markup:
    """Markdown that nobody vouches for, as HTML with a chip at each place."""
    marked = _with_places(text, places)
    if not _is_readable(marked):
        # Escaped like any text of a template: nh3 takes too long for what it would not change.
        plain = _with_chips(str(escape(marked)), places)
        return Markup(f"<pre>{plain}</pre>")  # noqa: S704 - see above # nosec B704
    return _clean(_with_chips(_MARKDOWN.render(marked), places))


def avatar(of: str, picture: str | None = None) -> Markup:
    """The picture of an assistant, by its id and the picture's hash; without one a small colonnade
    drawn from the id: no two assistants look alike. Every number in it comes from a hash, so
    nothing of the id itself is drawn."""
    if picture is not None:
        return Markup(
            '<img class="avatar worn" src="/avatars/{}/{}" width="48" height="48" alt="" />'
        ).format(of, picture)
    digest = hashlib.sha256(of.encode()).digest()
    columns = "".join(
        f'<rect x="{7 + i * 7.2:.1f}" y="{32 - _height(digest[i])}" width="4.6" '
        f'height="{_height(digest[i])}" rx="1"/>'
        for i in range(_COLUMNS)
    )
    return Markup(  # noqa: S704 - drawn above, of numbers alone # nosec B704
        f'<svg class="avatar tone-{digest[7] % 5}" viewBox="0 0 48 48" aria-hidden="true">'
        '<rect class="ground" width="48" height="48" rx="10"/>'
        f'<g class="columns"><path d="M24 7 41 14v2H7v-2z" opacity=".55"/>'
        f'<g transform="translate(0 9)">{columns}</g></g></svg>'
    )


def _clean(html: str) -> Markup:
    return Markup(  # noqa: S704 - the last step before the page # nosec B704
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_kept_value,
            url_schemes=set(),
            link_rel="noopener noreferrer nofollow",
        )
    )


def _kept_value(tag: str, name: str, value: str) -> str | None:
    # It must not raise: nh3 would keep the value. `rel` is nh3's own, put on every link.
    allowed = _ALLOWED.get((tag, name))
    is_kept = name == "rel" if allowed is None else allowed.fullmatch(value) is not None
    return value if is_kept else None


def _is_readable(text: str) -> bool:
    structure = sum(text.count(character) for character in _STRUCTURE)
    return len(text) <= MOST_CHARACTERS and structure <= MOST_STRUCTURE


def _with_places(content: str, places: Iterable[Place]) -> str:
    # Replacing one character by one keeps the indices of the places right.
    text = _PRIVATE.sub("\ufffd", content)
    pieces, at = [], 0
    for place in sorted(places, key=lambda found: found.start):
        if place.start < at or place.end > len(text):
            continue  # overlapping or beyond the text: leave what is there as it is
        # A chip stands close to its word: blanks before it go.
        pieces += [text[at : place.start].rstrip(" \t"), f"{_OPEN}{place.number}{_CLOSE}"]
        at = place.end
    return "".join([*pieces, text[at:]])


def _with_chips(html: str, places: Iterable[Place]) -> str:
    anchors = {place.number: place.anchor for place in places}

    def chip(found: re.Match[str]) -> str:
        number = int(found[1])
        anchor = escape(anchors.get(number, ""))
        if number == 0:
            return f'<sup class="cite"><a class="chip-unproven" href="#{anchor}">?</a></sup>'
        return (
            f'<sup class="cite"><a class="chip-cite" href="#{anchor}" '
            f'data-source="{anchor}">{number}</a></sup>'
        )

    return _PLACED.sub(chip, html)


def _markdown() -> MarkdownIt:
    options = {"html": False, "maxNesting": MAX_NESTING}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.core.ruler.push("lead_links_out", _lead_links_out)
    parser.add_render_rule("link_close", _link_close)
    parser.add_render_rule("image", _description)
    return parser


def _lower_headings(state: "object") -> None:
    tokens: list[Token] = state.tokens  # type: ignore[attr-defined]  # StateCore
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            # The page has its own h1 and h2.
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
        elif token.type == "fence":
            token.info = ""  # the language's name would become a class


def _lead_links_out(state: "object") -> None:
    """Links lead to the page that shows their target; what is no web site is only named."""
    tokens: list[Token] = state.tokens  # type: ignore[attr-defined]  # StateCore
    for inline in tokens:
        opened: list[str] = []
        for token in inline.children or ():
            if token.type == "link_open":
                address = str(token.attrGet("href") or "")
                target = target_of(address)
                shown = address if target is None else target.address
                opened.append(shown)
                token.attrs = {} if target is None else _outward(shown)
            elif token.type == "link_close" and opened:
                token.meta = {"target": opened.pop()}


def _outward(address: str) -> dict[str, str | int | float]:
    return {"class": "leaving", "href": leave_path(address)}


def _link_close(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    """A link shows where it leads: its words are a model's, and may lie."""
    target = tokens[index].meta.get("target", "")
    return f'</a> <span class="link-target">({escape(target)})</span>'


def _description(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """A picture is its description: fetching it would tell its server who reads what."""
    return str(escape(renderer.renderInlineAsText(tokens[index].children, options, env)))


def _height(byte: int) -> int:
    return 8 + byte % 14


_MARKDOWN = _markdown()
