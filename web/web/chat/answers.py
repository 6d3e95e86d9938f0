"""An answer's Markdown as safe HTML, its markers as chips, its annotations as sources."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from contracts.chat import Annotation, FileCitation
from contracts.conversations import MessageView

# Private-use characters that stand for a marker until the HTML is safe. Texts lose their own ones.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PRIVATE = re.compile(f"[{_OPEN}{_CLOSE}]")
# A chip stands close to its word: blanks before it go.
_PLACED = re.compile(f"\\s*{_OPEN}(\\d+){_CLOSE}")

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
# "*" empty: nh3 would let `title` and `lang` pass on every tag.
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "span": {"class"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


@dataclass(frozen=True)
class Source:
    """What one marker number stands for: a file, and the spans quoted from it."""

    number: int
    filename: str
    quotes: tuple[FileCitation, ...]

    @property
    def page(self) -> int | None:
        """The page of the first quote, where the file has pages."""
        return self.quotes[0].page


@dataclass(frozen=True)
class Answer:
    """An answer ready to be shown."""

    html: Markup
    sources: tuple[Source, ...]


def shown_answer(message: MessageView) -> Answer:
    """The message as HTML with chips, and its sources in the order of their numbers."""
    known = {annotation.index for annotation in message.annotations}
    marked = _with_places(message.content, message.annotations)
    clean = nh3.clean(
        _MARKDOWN.render(marked),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )

    def chip(place: re.Match[str]) -> str:
        number = int(place[1])
        return str(_chip(message.id, number)) if number in known else ""

    # Safe: `clean` comes from nh3, and chips hold nothing but numbers and our own ids.
    return Answer(Markup(_PLACED.sub(chip, clean)), sources_of(message))  # noqa: S704


def sources_of(message: MessageView) -> tuple[Source, ...]:
    """Annotations gathered by number; the same span is quoted once."""
    by_number: dict[int, dict[tuple[str, int, int], FileCitation]] = {}
    for annotation in message.annotations:
        citation = annotation.file_citation
        span = (citation.passage_id, citation.start, citation.end)
        by_number.setdefault(annotation.index, {})[span] = citation
    return tuple(
        Source(number, next(iter(spans.values())).filename, tuple(spans.values()))
        for number, spans in sorted(by_number.items())
    )


def _with_places(content: str, annotations: Sequence[Annotation]) -> str:
    # Replacing one character by one keeps the indices of the annotations right.
    text = _PRIVATE.sub("\ufffd", content)
    pieces, at = [], 0
    for annotation in sorted(annotations, key=lambda found: found.start_index):
        if annotation.start_index < at or annotation.end_index > len(text):
            continue  # overlapping or beyond the text: leave what is there as it is
        pieces += [text[at : annotation.start_index], f"{_OPEN}{annotation.index}{_CLOSE}"]
        at = annotation.end_index
    return "".join([*pieces, text[at:]])


def _chip(message_id: str, number: int) -> Markup:
    target = escape(f"source-{message_id}-{number}")
    return Markup(
        '<sup class="cite"><a class="chip-cite" href="#{}" data-source="{}">{}</a></sup>'
    ).format(target, target, number)


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable("image")
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.add_render_rule("link_close", _link_close)
    return parser


def _lower_headings(state: "object") -> None:
    tokens: list[Token] = state.tokens  # type: ignore[attr-defined]  # StateCore
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            # The page has its own h1 and h2.
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"


def _link_close(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    """A link shows where it leads: its words are a model's, and may lie."""
    opening = next((token for token in reversed(tokens[:index]) if token.type == "link_open"), None)
    target = "" if opening is None else str(opening.attrGet("href") or "")
    return f'</a> <span class="link-target">({escape(target)})</span>'


_MARKDOWN = _markdown()
