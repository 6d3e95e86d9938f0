"""What a call may cost at most."""

from dataclasses import dataclass, replace

from contracts.generation import EngineUsage
from gateway.payer import Payer
from gateway.usage.charging import CalledModel, Purpose
from gateway.usage.rules import amount_pico


@dataclass(frozen=True)
class PlannedCall:
    """A call that is about to be made.

    prompt_tokens: as counted. input_tokens, output_tokens: what it can use at most.
    """

    request_id: str
    purpose: Purpose
    payer: Payer
    assistant_version: int | None
    conversation_id: str | None
    model: CalledModel
    prompt_tokens: int
    input_tokens: int
    output_tokens: int

    @property
    def amount_pico(self) -> int:
        """What it costs at most."""
        most = EngineUsage(input_tokens=self.input_tokens, output_tokens=self.output_tokens)
        price = self.model.price
        # A cached token may be the dearer one, if somebody sets such a price.
        dearest = replace(price, input_pico=max(price.input_pico, price.cached_input_pico))
        return amount_pico(dearest, most)
