"""Proves citations: every stored one against the text of the document version that it names.

    python -m tests.support.cited DATABASE_URL BLOBS_FOLDER    # exit code 1 when one is false

    checked = await check_citations(database_url, FolderBlobs(folder))
    assert checked.false == []

A citation whose document was deleted since cannot be proven any more; it is counted as `gone`.
"""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from contracts.chat import Annotation, FileCitation
from gateway.adapters.blobs_folder import FolderBlobs
from gateway.blobs import Blobs, whole
from gateway.db import Database

_MESSAGES = (
    "SELECT id, content, annotations FROM messages WHERE jsonb_array_length(annotations) > 0"
)
_PASSAGES = (
    'SELECT p.id, p.start, p."end", v.number, v.file_id, v.text_blob_key FROM passages p'
    " JOIN document_versions v ON v.id = p.document_version_id WHERE p.id = ANY(:ids)"
)


@dataclass(frozen=True)
class Cited:
    """A passage with the version it was cut from, as they are stored. text: the whole version's."""

    start: int
    end: int
    version: int
    file_id: str
    text: str


@dataclass
class Checked:
    """How many citations there are, how many cannot be proven any more, and which are false."""

    citations: int = 0
    gone: int = 0
    false: list[str] = field(default_factory=list)


def faults_of(content: str, annotation: Annotation, cited: Cited | None) -> list[str]:
    """What is not true of a citation. cited: the passage it names; None: there is none."""
    citation = annotation.file_citation
    marker = content[annotation.start_index : annotation.end_index]
    faults = [] if marker == f"[{annotation.index}]" else [f"its marker is {marker!r}"]
    if cited is None:
        return [*faults, "there is no such passage"]
    return faults + _faults_of_source(citation, cited)


def _faults_of_source(citation: FileCitation, cited: Cited) -> list[str]:
    claims = {
        "the passage is of another version": citation.document_version == cited.version,
        "the passage is of another file": citation.file_id == cited.file_id,
        "the span is none": 0 <= citation.start < citation.end <= len(cited.text),
        "the span leaves the passage": cited.start <= citation.start and citation.end <= cited.end,
        "the quote is not what stands there": citation.quote
        == cited.text[max(citation.start, 0) : max(citation.end, 0)],
    }
    return [fault for fault, holds in claims.items() if not holds]


async def check_citations(database_url: str, blobs: Blobs) -> Checked:
    """Look at every answer that was kept."""
    database, checked = Database(database_url, pool_size=1), Checked()
    try:
        async with database.transaction() as tx:
            answers = [
                (row[0], row[1], [Annotation.model_validate(each) for each in row[2]])
                for row in await tx.execute(text(_MESSAGES))
            ]
            named = {one.file_citation.passage_id for _, _, all_ in answers for one in all_}
            rows = list(await tx.execute(text(_PASSAGES), {"ids": sorted(named)}))
        sources = {row[0]: row[1:] for row in rows}
        texts = {row[5]: (await whole(blobs, row[5])).decode() for row in rows}
        for message_id, content, annotations in answers:
            for annotation in annotations:
                source = sources.get(annotation.file_citation.passage_id)
                checked.citations += 1
                if source is None:
                    checked.gone += 1
                    continue
                start, end, version, file_id, text_key = source
                cited = Cited(start, end, version, file_id, texts[text_key])
                for fault in faults_of(content, annotation, cited):
                    checked.false.append(f"{message_id} [{annotation.index}]: {fault}")
    finally:
        await database.close()
    return checked


def shifted(annotation: Annotation, other_passage: str) -> Mapping[str, Annotation]:
    """The citation with one thing moved, in each way in which that can be done."""
    citation = annotation.file_citation
    of_citation: dict[str, dict[str, Any]] = {
        "another passage": {"passage_id": other_passage},
        "the next version": {"document_version": citation.document_version + 1},
        "the former version": {"document_version": citation.document_version - 1},
        "another file": {"file_id": f"{citation.file_id}x"},
        "begins later": {"start": citation.start + 1},
        "begins earlier": {"start": citation.start - 1},
        "ends later": {"end": citation.end + 1},
        "ends earlier": {"end": citation.end - 1},
        "moved on": {"start": citation.start + 1, "end": citation.end + 1},
        "moved back": {"start": citation.start - 1, "end": citation.end - 1},
        "turned round": {"start": citation.end, "end": citation.start},
        "a word less": {"quote": citation.quote[1:]},
        "other words": {"quote": citation.quote.upper() + "!"},
    }
    of_marker: dict[str, dict[str, Any]] = {
        "the marker moved": {"start_index": annotation.start_index + 1},
        "another number": {"index": annotation.index + 1},
    }
    moved = {
        name: annotation.model_copy(update={"file_citation": citation.model_copy(update=change)})
        for name, change in of_citation.items()
    }
    return moved | {name: annotation.model_copy(update=it) for name, it in of_marker.items()}


def main() -> int:
    """Print what is false."""
    database_url, folder = sys.argv[1:3]
    checked = asyncio.run(check_citations(database_url, FolderBlobs(Path(folder))))
    sys.stdout.write(f"{checked.citations} citations, {checked.gone} of deleted documents\n")
    sys.stdout.writelines(f"{fault}\n" for fault in checked.false)
    return 1 if checked.false else 0


if __name__ == "__main__":
    sys.exit(main())
