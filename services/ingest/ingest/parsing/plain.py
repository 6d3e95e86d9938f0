"""Plain text: paragraphs are what empty lines separate."""

from pathlib import Path

from ingest.parsing.encodings import decoded
from ingest.parsing.parsed import Parsed
from ingest.parsing.text_cleaning import title_of
from ingest.parsing.writer import TextWriter


def parse(source: Path, filename: str) -> Parsed:
    """Read a text file; its title is its name."""
    writer = TextWriter()
    writer.block(decoded(source.read_bytes()))
    return writer.parsed(title_of(filename=filename))
