"""The port through which whoever searches or reads documents leaves rows in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.passages import RerankResult, SearchResult
from gateway.caller import Caller
from gateway.payer import Payer


@dataclass(frozen=True)
class Occasion:
    """Who pays for a call, and for which version's answer in which conversation it was made."""

    payer: Payer
    assistant_version: int | None = None
    conversation_id: str | None = None

    @classmethod
    def of(cls, caller: Caller) -> "Occasion":
        """A caller who asks no assistant."""
        payer = Payer(
            caller.workspace_id, caller.charged_member_id, None, caller.key_id, caller.power
        )
        return cls(payer)


@dataclass(frozen=True)
class Embedded:
    """Texts that were embedded: by which model, and how many tokens it read. None: nothing was."""

    model_id: str = ""
    tokens: int = 0


class Charges(Protocol):
    """Prices fill it in wiring, so that no feature imports them back."""

    def searched(
        self, occasion: Occasion, request_id: str, found: Sequence[SearchResult], total_ms: int
    ) -> None:
        """Questions were embedded, one row for each. Those of an empty shelf never were."""
        ...

    def reranked(
        self, occasion: Occasion, request_id: str, result: RerankResult, total_ms: int
    ) -> None:
        """Passages were put in another order."""
        ...

    def cited(self, occasion: Occasion, request_id: str, embedded: Embedded) -> None:
        """Sentences of an answer were compared with passages: one row for all of them."""
        ...

    async def document(
        self, occasion: Occasion, version_id: str, model_id: str, tokens: int
    ) -> None:
        """A document version was embedded: one row, however often its job is repeated."""
        ...
