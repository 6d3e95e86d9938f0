"""What a llama.cpp child is told. Apart from the child, whose imports the parent must not have."""

from pathlib import Path

from pydantic import BaseModel


class ServerPlan(BaseModel):
    """One server. window_tokens is one slot's: llama.cpp divides its context by the slots."""

    path: Path
    model: str
    port: int
    api_key: str
    window_tokens: int
    slots: int
    prompt_threads: int
    answer_threads: int
    batch_tokens: int
    parent_pid: int
