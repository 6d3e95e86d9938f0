"""What turns the engine's text into what is shown."""

from typing import Protocol

from contracts.chat import Annotation, TextSpan
from gateway.charges import Embedded


class Writer(Protocol):
    """Turns the engine's text into what is shown."""

    content: str
    annotations: list[Annotation]
    unsupported: list[TextSpan]
    """Sentences of `content` that no passage supports."""
    is_silent: bool
    """It has said that the documents are silent; nothing the engine adds will be shown."""

    @property
    def embedded(self) -> Embedded:
        """What the embedding model was asked to find sources."""
        ...

    async def write(self, text: str) -> str:
        """What may be shown after `text` came in."""
        ...

    async def finish(self) -> str:
        """The rest."""
        ...


class PlainWriter:
    """Shows the engine's text as it is."""

    def __init__(self) -> None:
        self.content = ""
        self.annotations: list[Annotation] = []
        self.unsupported: list[TextSpan] = []
        self.is_silent = False
        self.embedded = Embedded()

    async def write(self, text: str) -> str:
        """The text itself."""
        self.content += text
        return text

    async def finish(self) -> str:
        """Nothing was held back."""
        return ""
