"""Files and their life inside a collection, in OpenAI's shapes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.jobs import Stage
from contracts.page_pictures import PageView
from contracts.passages import PassageFlag
from contracts.sharing import CollectionVisibility

LabelKey = Annotated[str, StringConstraints(max_length=64)]
LabelText = Annotated[str, StringConstraints(max_length=512)]
Metadata = Annotated[dict[LabelKey, LabelText], Field(max_length=16)]
"""Labels of a collection, within OpenAI's bounds."""
Attributes = Annotated[dict[LabelKey, LabelText | float | bool], Field(max_length=16)]
"""Labels of a document, which a search can filter by."""


class ChunkingStrategy(BaseModel):
    """How files are split. Only `auto`: passages follow the document's own structure."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["auto"]


class PassageSize(BaseModel):
    """How long passages should be. They never overlap: what stands beside one is read with it."""

    model_config = ConfigDict(extra="forbid")

    max_chunk_size_tokens: int = Field(ge=100, le=400)
    chunk_overlap_tokens: Literal[0] = 0


class StaticChunking(BaseModel):
    """Passages of a size of one's own; they still follow the document's structure."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["static"]
    static: PassageSize


CollectionChunking = Annotated[ChunkingStrategy | StaticChunking, Field(discriminator="type")]
"""How the files of a collection are split; a change holds for what is read after it."""


class OwnChunking(BaseModel):
    """How a file was split: neither of OpenAI's ways, which their word for is `other`."""

    type: Literal["other"] = "other"


class FileView(BaseModel):
    """An uploaded file, whether or not a collection uses it."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    expires_at: int | None = None
    status: Literal["uploaded", "processed", "error"] = "processed"


class AssistantFileView(FileView):
    """A file of one assistant. status: `uploaded` while it is read, then `processed` or `error`.

    is_published: the published version answers from it; a file sent later waits for the next one.
    """

    status_details: str | None = None
    vector_store_id: str
    is_published: bool


class FileCounts(BaseModel):
    """How many files of a collection are in which state."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class CollectionCreate(BaseModel):
    """Make a collection (OpenAI: vector store), with files already uploaded if wanted."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=256)
    file_ids: list[str] = Field(default_factory=list, max_length=100)
    metadata: Metadata | None = None
    chunking_strategy: CollectionChunking | None = None


class CollectionModify(BaseModel):
    """Change a collection's label, or how its next files are split; absent fields stay."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=256)
    metadata: Metadata | None = None
    chunking_strategy: CollectionChunking | None = None


class CollectionView(BaseModel):
    """A body of knowledge. epoch: counts its changes."""

    id: str
    object: Literal["vector_store"] = "vector_store"
    created_at: int
    name: str
    usage_bytes: int
    file_counts: FileCounts
    status: Literal["expired", "in_progress", "completed"]
    last_active_at: int | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    epoch: int = 0
    visibility: CollectionVisibility = "workspace"
    chunking_strategy: CollectionChunking = ChunkingStrategy(type="auto")


class DocumentCreate(BaseModel):
    """Put an uploaded file into a collection."""

    model_config = ConfigDict(extra="forbid")

    file_id: str = Field(max_length=100)
    attributes: Attributes | None = None
    chunking_strategy: ChunkingStrategy | None = None


class DocumentReplace(BaseModel):
    """Read another uploaded file as the next version of a document. file_id: the new file's."""

    model_config = ConfigDict(extra="forbid")

    file_id: str = Field(max_length=100)


class WebPageCreate(BaseModel):
    """Read a web page into a collection. url: http or https, of a public server."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2_000)
    attributes: Attributes | None = None


class DocumentModify(BaseModel):
    """Give a file of a collection other attributes; null takes them all away."""

    model_config = ConfigDict(extra="forbid")

    attributes: Attributes | None


class DocumentText(BaseModel):
    """A piece of a file's text, as it was read."""

    type: Literal["text"] = "text"
    text: str


class DocumentTextPage(BaseModel):
    """All of a file's text, in order. One page always holds it."""

    object: Literal["vector_store.file_content.page"] = "vector_store.file_content.page"
    data: list[DocumentText]
    has_more: bool = False
    next_page: None = None


class DocumentError(BaseModel):
    """Why a file could not be made ready, in words for its owner."""

    code: Literal["server_error", "unsupported_file", "invalid_file"]
    message: str


class DocumentProgress(BaseModel):
    """Where a file stands: its stage, and how far that stage is.

    percent: 0 to 100 over all stages, never going back within an attempt.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    percent: int = Field(default=0, ge=0, le=100)
    attempt: int = 0


class DocumentView(BaseModel):
    """A file in a collection (OpenAI: vector store file); `id` is the file's id.

    source_url: of a web page, the address it is read from; None for files that were uploaded.
    fetched_url: where its redirects led when it was read last.
    """

    id: str
    object: Literal["vector_store.file"] = "vector_store.file"
    created_at: int
    vector_store_id: str
    usage_bytes: int
    status: Literal["in_progress", "completed", "cancelled", "failed"]
    last_error: DocumentError | None = None
    attributes: dict[str, str | float | bool] = Field(default_factory=dict)
    chunking_strategy: OwnChunking = OwnChunking()
    filename: str
    source_url: str | None = None
    fetched_url: str | None = None
    document_version: int
    progress: DocumentProgress
    passage_count: int = 0
    flagged_count: int = 0
    """Passages that read like instructions to a model: see their `flags`."""


class PassageView(BaseModel):
    """A passage with its text, for the page a citation opens. start, end: code points."""

    id: str
    object: Literal["passage"] = "passage"
    file_id: str
    filename: str
    source_url: str | None = None
    document_version: int
    page: int | None
    header: str
    start: int
    end: int
    text: str
    flags: list[PassageFlag] = Field(default_factory=list)
    is_off: bool = False
    """Switched off by a keeper: no answer and no search finds it."""


class PassageModify(BaseModel):
    """Switch a passage off or on."""

    model_config = ConfigDict(extra="forbid")

    is_off: bool


class PassageSurroundings(BaseModel):
    """A passage where it stands in its document version, for the page that a citation opens.

    quote_start, quote_end: what is to be marked, in code points of the version's text; the same
    number twice for nothing. text: the version's own, from `text_start` on, around the passage.
    newest_version: the one that counts now; above the passage's own, it was read anew since.
    pages: those the quote stands on, or the one asked for, as far as there are pictures of them.
    previous_page, next_page: the nearest others that have one.
    """

    object: Literal["passage.surroundings"] = "passage.surroundings"
    passage: PassageView
    title: str
    quote_start: int
    quote_end: int
    text: str
    text_start: int
    text_length: int
    newest_version: int
    previous_passage_id: str | None = None
    next_passage_id: str | None = None
    pages: list[PageView] = Field(default_factory=list)
    previous_page: int | None = None
    next_page: int | None = None
