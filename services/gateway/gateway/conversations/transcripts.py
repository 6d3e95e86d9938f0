"""A conversation as a text to take along: Markdown, with citations as footnotes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from contracts.chat import Annotation
from contracts.conversations import ConversationView, MessageView


def heading(conversation: ConversationView, filenames: Sequence[str]) -> str:
    """The beginning: the title, whom one talked to and since when, and what is attached."""
    day = datetime.fromtimestamp(conversation.created_at, UTC).date().isoformat()
    title = _one_line(conversation.title or conversation.assistant_name)
    files = "".join(f"\n- {_one_line(name)}" for name in filenames)
    attached = f"\nAttached files:\n{files}\n" if files else ""
    return f"# {title}\n\n{_one_line(conversation.assistant_name)}, {day}\n{attached}"


def said(conversation: ConversationView, message: MessageView, number: int) -> str:
    """One message. number: its place in the talk, which keeps its footnotes apart from others."""
    if message.role == "user":
        # Quoted line by line: what somebody typed is no heading of this text.
        lines = "\n".join(f"> {line}".rstrip() for line in message.content.splitlines())
        return f"\n{lines}\n"
    notes: dict[tuple[str, int, int], int] = {}
    text = _with_notes(message, number, notes)
    footnotes = "".join(
        f"\n[^{number}-{notes[_span(each)]}]: {_source(each)}"
        for each in _first_of_each(message.annotations)
    )
    name = _one_line(conversation.assistant_name)
    return f"\n**{name}:**\n\n{text.strip()}\n" + (f"{footnotes}\n" if footnotes else "")


def _with_notes(message: MessageView, number: int, notes: dict[tuple[str, int, int], int]) -> str:
    text, end = "", 0
    for each in sorted(message.annotations, key=lambda found: found.start_index):
        note = notes.setdefault(_span(each), len(notes) + 1)
        text += message.content[end : each.start_index] + f"[^{number}-{note}]"
        end = max(end, each.end_index)
    return text + message.content[end:]


def _first_of_each(annotations: list[Annotation]) -> list[Annotation]:
    """Each quoted span once, in the order of the text."""
    ordered = sorted(annotations, key=lambda found: found.start_index)
    return list({_span(each): each for each in reversed(ordered)}.values())[::-1]


def _span(annotation: Annotation) -> tuple[str, int, int]:
    citation = annotation.file_citation
    return citation.passage_id, citation.start, citation.end


def _source(annotation: Annotation) -> str:
    """Document, page and quote, on one line."""
    citation = annotation.file_citation
    page = "" if citation.page is None else f", p. {citation.page}"
    address = f" ({_one_line(citation.source_url)})" if citation.source_url else ""
    return f"{_one_line(citation.filename)}{page}{address}: “{_one_line(citation.quote)}”"


def _one_line(text: str) -> str:
    return " ".join(text.split())
