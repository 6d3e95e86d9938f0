"""What every parser returns: text as a reader sees it, with its pages and headings marked."""

from pydantic import BaseModel, Field

from contracts.jobs import ParsedPage


class Section(BaseModel):
    """A heading: it lies at `text[start:end]`; its section lasts until the next heading.

    level: 1 is the outermost, as in HTML.
    """

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    level: int = Field(ge=1, le=9)
    title: str


class Parsed(BaseModel):
    """A document as text. All offsets are Unicode code points of `text`."""

    title: str
    text: str
    pages: list[ParsedPage] = Field(default_factory=list)
    sections: list[Section] = Field(default_factory=list)
