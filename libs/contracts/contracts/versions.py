"""Versions of assistants: what is frozen in each, how two differ, and what comes back of them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from contracts.assistants import AssistantFields, AssistantVersionView, AssistantView

NOTE_CHARACTERS = 500
DRAFT = "draft"
"""Where a version's number may stand: the state that is not published yet."""


class AssistantPublish(BaseModel):
    """Freeze the draft. note: what is new in this version."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=NOTE_CHARACTERS)


class VersionModify(BaseModel):
    """Say something else about a version; nothing else of it ever changes."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(max_length=NOTE_CHARACTERS)


class VersionFile(BaseModel):
    """A file that a version reads. document_version: which reading of it, from 1."""

    file_id: str
    filename: str
    size_bytes: int
    document_version: int


class VersionCollection(BaseModel):
    """A collection as a version froze it.

    name: None where the reader may not list its files; then there are none here either.
    files: the first ones by name; file_count: all of them. deleted_count: files that belonged to
    it and were deleted since: a deleted file is read by no version any more.
    """

    collection_id: str
    epoch: int
    name: str | None = None
    files: list[VersionFile] = Field(default_factory=list)
    file_count: int = 0
    deleted_count: int = 0


class AssistantVersionDetail(AssistantVersionView):
    """A version with everything that is frozen in it."""

    object: Literal["assistant.version"] = "assistant.version"
    definition: AssistantFields
    collections: list[VersionCollection]


class TextHunk(BaseModel):
    """Lines that follow one another and fared alike."""

    kind: Literal["same", "removed", "added"]
    text: str


class SettingChange(BaseModel):
    """A field of the definition whose value differs."""

    name: str
    before: JsonValue
    after: JsonValue


class FileChange(BaseModel):
    """A file that only one side reads; reread: both do, from different readings of it."""

    kind: Literal["added", "removed", "reread"]
    collection_id: str
    file_id: str
    filename: str


class AssistantComparison(BaseModel):
    """Two states of an assistant. before, after: a version's number, or `draft`.

    files: of collections that the reader may list. has_more_files: there are more changes than
    are told. hidden_collections: how many collections that either side reads are not compared.
    """

    object: Literal["assistant.comparison"] = "assistant.comparison"
    assistant_id: str
    before: str
    after: str
    instructions: list[TextHunk]
    settings: list[SettingChange]
    files: list[FileChange]
    has_more_files: bool = False
    hidden_collections: int = 0


class AssistantOutcome(BaseModel):
    """An assistant after it was restored, duplicated, handed over or imported.

    left_out: the collections that it named before and cannot read now, in this place or under
    this owner.
    """

    object: Literal["assistant.outcome"] = "assistant.outcome"
    assistant: AssistantView
    left_out: list[str] = Field(default_factory=list)


class AssistantDuplicate(BaseModel):
    """Make another one like it. name: of the new one; None: the same."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=256)


class AssistantTransfer(BaseModel):
    """Give it to another member of the workspace."""

    model_config = ConfigDict(extra="forbid")

    member_id: str = Field(max_length=100)
