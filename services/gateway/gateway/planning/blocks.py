"""Passages as the prompt holds them: tagged as data, neighbours as one running text."""

import re
from collections.abc import Container, Sequence

from gateway.knowledge.rules import LoadedPassage

Block = tuple[LoadedPassage, ...]
"""Passages that go on from one another in their document, in its order."""

# However a tag is spelled: with blanks, with wide brackets, with letters that nobody sees between.
_GAP = "[\\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]{0,8}"
_TAG = re.compile(f"[<\uff1c\ufe64](?={_GAP}/?{_GAP}{_GAP.join('passage')})", re.IGNORECASE)
_PARAGRAPH, _LINE = "\n\n", "\n"


def harmless(text: str) -> str:
    """Text that cannot open or close a passage: its tags lose their bracket."""
    return _TAG.sub("‹", text)


def in_stable_order(passages: Sequence[LoadedPassage]) -> tuple[LoadedPassage, ...]:
    """By document and place, whatever their rank: the same passages always read the same."""
    return tuple(
        sorted(
            passages,
            key=lambda each: (
                each.document_id, each.document_version, each.start, each.end, each.passage_id
            ),
        )
    )  # fmt: skip


def blocks_of(passages: Sequence[LoadedPassage], cut: Container[str]) -> tuple[Block, ...]:
    """Passages in stable order, those together that touch. cut: ids of the shortened ones."""
    blocks: list[Block] = []
    for passage in passages:
        if blocks and _goes_on(blocks[-1], passage, cut):
            blocks[-1] = (*blocks[-1], passage)
        else:
            blocks.append((passage,))
    return tuple(blocks)


def _goes_on(block: Block, passage: LoadedPassage, cut: Container[str]) -> bool:
    last = block[-1]
    if passage.document_version_id != last.document_version_id:
        return False
    if passage.start <= max(each.end for each in block):
        return True
    # Of one document version, what lies between two passages in a row is white space.
    return passage.index == last.index + 1 and last.passage_id not in cut


def running_text(block: Block) -> str:
    """The text of a block; what two of its passages share stands there once."""
    text, end = "", block[0].start
    for passage in block:
        distance = passage.start - end
        text += "" if distance <= 0 else _LINE if distance == 1 else _PARAGRAPH
        text += passage.text[max(0, -distance) :]
        end = max(end, passage.end)
    return text


def block_text(block: Block, number: int) -> str:
    """A block as data, named by its place."""
    title = harmless(block[0].title or block[0].filename)
    title = " ".join(title.replace('"', "'").replace(">", "›").split())[:120]
    page = "" if not (pages := _pages(block)) else f' page="{pages}"'
    text = harmless(running_text(block))
    return f'<passage n="{number}" title="{title}"{page}>\n{text}\n</passage>\n'


def _pages(block: Block) -> str:
    first, last = block[0].page, block[-1].page
    if first is None:
        return ""
    return str(first) if last is None or last <= first else f"{first}-{last}"


def passage_text(passage: LoadedPassage, number: int) -> str:
    """A block of one passage."""
    return block_text((passage,), number)


def continued_text(passage: LoadedPassage) -> str:
    """The most that a passage adds to the block of the one before it, for counting."""
    page = "" if passage.page is None else f"-{passage.page}"
    return f"{_PARAGRAPH}{harmless(passage.text)}{page}"
