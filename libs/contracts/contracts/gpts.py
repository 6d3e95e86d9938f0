"""What a ChatGPT GPT consists of, as its builder copies it out of the form."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.assistants import (
    MOST_STARTERS,
    ActionList,
)


class GptConfiguration(BaseModel):
    """Pasted fields. capabilities: their names, kept as a note. Files follow as uploads."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=256)
    description: str = Field(default="", max_length=512)
    instructions: str = Field(default="", max_length=32_000)
    conversation_starters: list[str] = Field(default_factory=list, max_length=MOST_STARTERS)
    capabilities: list[str] = Field(default_factory=list, max_length=20)
    actions: ActionList = Field(default_factory=list)
