"""Assistants in OpenAI's shape plus starters, draft and published version."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.avatars import AvatarHash
from contracts.definitions import (
    Accent,
    AnswerLanguage,
    Category,
    RetrievalSettings,
    Tags,
    Variables,
)
from contracts.sharing import MOST_GRANTEES, AssistantGrantee

Metadata = dict[str, str]
MOST_STARTERS = 8
MOST_ACTION_CHARACTERS = 100_000


class FileSearchResources(BaseModel):
    """The collections an assistant may read."""

    model_config = ConfigDict(extra="forbid")

    vector_store_ids: list[str] = Field(default_factory=list, max_length=10)


class ToolResources(BaseModel):
    """What the assistant's tools work on."""

    model_config = ConfigDict(extra="forbid")

    file_search: FileSearchResources = Field(default_factory=FileSearchResources)


class FileSearchTool(BaseModel):
    """Answer from the collections."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["file_search"] = "file_search"


class GroundingMode(StrEnum):
    """How far answers keep to the documents.

    documents_only: what they do not say is not said. documents_first: what they do not say comes
    from the model, and is flagged. free: they help where they can.
    """

    DOCUMENTS_ONLY = "documents_only"
    DOCUMENTS_FIRST = "documents_first"
    FREE = "free"


class DisabledAction(BaseModel):
    """An action that came with an imported assistant: kept as it was, and never run.

    openapi: its description, as text; whether it is one is not looked at.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=256)
    openapi: str = Field(max_length=MOST_ACTION_CHARACTERS)


def _bounded_together(actions: list[DisabledAction]) -> list[DisabledAction]:
    if sum(len(action.openapi) for action in actions) > MOST_ACTION_CHARACTERS:
        raise ValueError(f"actions hold at most {MOST_ACTION_CHARACTERS} characters together")
    return actions


ActionList = Annotated[
    list[DisabledAction], Field(max_length=10), AfterValidator(_bounded_together)
]


class AssistantFields(BaseModel):
    """What a builder writes; all of it belongs to the draft until published."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=256)
    description: str = Field(default="", max_length=512)
    model: str | None = Field(default=None, max_length=200)
    """None: the installation's default model."""
    instructions: str = Field(default="", max_length=32_000)
    tools: list[FileSearchTool] = Field(default_factory=lambda: [FileSearchTool()], max_length=1)
    tool_resources: ToolResources = Field(default_factory=ToolResources)
    metadata: Metadata = Field(default_factory=dict, max_length=16)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    starters: list[str] = Field(default_factory=list, max_length=MOST_STARTERS)
    not_found_words: str = Field(default="", max_length=300)
    """What it says when the documents are silent; empty: the installation's words."""
    grounding_mode: GroundingMode = GroundingMode.DOCUMENTS_ONLY
    disabled_actions: ActionList = Field(default_factory=list)
    category: Category | None = None
    tags: Tags = Field(default_factory=list)
    variables: Variables = Field(default_factory=list)
    answer_language: AnswerLanguage = AnswerLanguage.SAME_AS_QUESTION
    retrieval: RetrievalSettings = RetrievalSettings()
    accent: Accent | None = None
    """The colour of its own page; None: the house's."""
    avatar: AvatarHash | None = None
    """Its picture; None: the pattern drawn from its id. Set by `PUT …/avatar` alone."""
    slug: str | None = Field(default=None, pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")


class AssistantCreate(AssistantFields):
    """Make an assistant; its draft starts with these fields. A picture comes afterwards."""

    avatar: None = None


class AssistantModify(BaseModel):
    """Change some fields of the draft; absent fields stay.

    revision: of the draft that the changes were made on. Another one is refused (draft_changed);
    without it they are made on whatever the draft is.
    """

    model_config = ConfigDict(extra="forbid")

    revision: int | None = Field(default=None, ge=0, lt=1 << 31)

    name: str | None = Field(default=None, min_length=1, max_length=256)
    description: str | None = Field(default=None, max_length=512)
    model: str | None = Field(default=None, max_length=200)
    instructions: str | None = Field(default=None, max_length=32_000)
    tools: list[FileSearchTool] | None = Field(default=None, max_length=1)
    tool_resources: ToolResources | None = None
    metadata: Metadata | None = Field(default=None, max_length=16)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    starters: list[str] | None = Field(default=None, max_length=MOST_STARTERS)
    not_found_words: str | None = Field(default=None, max_length=300)
    grounding_mode: GroundingMode | None = None
    disabled_actions: ActionList | None = None
    category: Category | None = None
    tags: Tags | None = None
    variables: Variables | None = None
    answer_language: AnswerLanguage | None = None
    retrieval: RetrievalSettings | None = None
    accent: Accent | None = None


class Visibility(StrEnum):
    """Who may ask a published assistant, besides those it is shared with.

    private: its owner and those who run the workspace. link: whoever has a link to it, and no more
    of the workspace. workspace: all its members but guests. public: everybody, in whatever
    workspace. Links work with all of them but private. Only the workspace ever sees more than
    answers.
    """

    PRIVATE = "private"
    LINK = "link"
    WORKSPACE = "workspace"
    PUBLIC = "public"


class Sharing(BaseModel):
    """Change who may ask or edit an assistant. Lists that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    visibility: Visibility
    members: list[AssistantGrantee] | None = Field(default=None, max_length=MOST_GRANTEES)
    groups: list[AssistantGrantee] | None = Field(default=None, max_length=MOST_GRANTEES)


class AssistantView(AssistantFields):
    """An assistant as its builders see it. published_version: None until first published.

    can_undo_restore: the draft is that of a restored version, and what it replaced is kept.
    revision: of the draft; each change makes the next one. taken_down_at: since when a moderator
    keeps it out of the store.
    """

    model_config = ConfigDict(extra="ignore")

    id: str
    object: Literal["assistant"] = "assistant"
    created_at: int
    slug: str
    revision: int = 0
    visibility: Visibility = Visibility.WORKSPACE
    published_version: int | None = None
    has_unpublished_changes: bool = False
    can_undo_restore: bool = False
    taken_down_at: int | None = None
    response_format: Any = "auto"


class AssistantVersionView(BaseModel):
    """A frozen version: what users of the published assistant get.

    created_by_name: None for somebody who is in the workspace no longer.
    """

    object: Literal["assistant.version"] = "assistant.version"
    assistant_id: str
    version: int
    created_at: int
    created_by: str
    created_by_name: str | None = None
    note: str = ""
    name: str
    instructions: str
    model: str
    epochs: dict[str, int]
    """collection id -> epoch frozen at publishing."""
