"""Batches: many files put into a collection by one call, in OpenAI's shape."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.files import Attributes, ChunkingStrategy, DocumentCreate, FileCounts

MOST_FILES = 500


class FileBatchCreate(BaseModel):
    """The files of a batch: bare ids that share the attributes, or each with its own."""

    model_config = ConfigDict(extra="forbid")

    file_ids: list[str] = Field(default_factory=list, max_length=MOST_FILES)
    files: list[DocumentCreate] = Field(default_factory=list, max_length=MOST_FILES)
    attributes: Attributes | None = None
    chunking_strategy: ChunkingStrategy | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.file_ids) == bool(self.files):
            raise ValueError("give either file_ids or files, at least one")
        return self

    def documents(self) -> list[DocumentCreate]:
        """The files as they are put in, each once."""
        bare = [DocumentCreate(file_id=each, attributes=self.attributes) for each in self.file_ids]
        return list({wanted.file_id: wanted for wanted in [*bare, *self.files]}.values())


class FileBatchView(BaseModel):
    """How the files of a batch fare. A file no longer in the collection counts as cancelled."""

    id: str
    object: Literal["vector_store.files_batch"] = "vector_store.files_batch"
    created_at: int
    vector_store_id: str
    status: Literal["in_progress", "completed", "cancelled", "failed"]
    file_counts: FileCounts
