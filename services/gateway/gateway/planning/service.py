"""Plans prompts with the engine's own token counts, remembered by content."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from itertools import islice

from contracts.clients.inference import InferenceClient
from contracts.generation import CountRequest, GenerationRequest, PromptMessage
from contracts.principal import Principal
from gateway.citations.rules.sentences import sentence_spans
from gateway.planning.rules import Budget, Material, Overhead, Plan, plan, texts_to_count

_BATCH = 256
_PROBE = "a"


class TokenCounts:
    """Asks the engine how many tokens texts have, once for each text and model."""

    def __init__(self, inference: InferenceClient, capacity: int = 20_000) -> None:
        self._inference = inference
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, bytes], int] = OrderedDict()
        self._overheads: dict[str, Overhead] = {}

    async def of(self, principal: Principal, model: str, texts: Sequence[str]) -> dict[str, int]:
        """text -> tokens."""
        keys = {text: (model, hashlib.sha256(text.encode()).digest()) for text in texts}
        counts = {text: self._known[key] for text, key in keys.items() if key in self._known}
        missing = iter([text for text in keys if text not in counts])
        while batch := list(islice(missing, _BATCH)):
            result = await self._inference.count(principal, CountRequest(model=model, texts=batch))
            counts.update(zip(batch, result.texts, strict=True))
        for text, key in keys.items():
            self._known[key] = counts[text]
            self._known.move_to_end(key)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)
        return counts

    async def overhead(self, principal: Principal, model: str) -> Overhead:
        """What the model's chat template adds, measured on two small prompts."""
        if model not in self._overheads:
            word = (await self.of(principal, model, [_PROBE]))[_PROBE]
            short = await self._prompt(principal, model, ["system", "user"])
            long = await self._prompt(principal, model, ["system", "user", "assistant", "user"])
            per_message = max(0, -(-(long - short) // 2) - word)
            fixed = max(0, short - 2 * (word + per_message))
            self._overheads[model] = Overhead(fixed=fixed, per_message=per_message)
        return self._overheads[model]

    async def whole(
        self, principal: Principal, model: str, messages: Sequence[PromptMessage]
    ) -> int:
        """How many tokens a prompt has, template included."""
        counted = CountRequest(model=model, messages=list(messages))
        return (await self._inference.count(principal, counted)).prompt or 0

    async def _prompt(self, principal: Principal, model: str, roles: list[str]) -> int:
        messages = [
            PromptMessage.model_validate({"role": role, "content": _PROBE}) for role in roles
        ]
        return await self.whole(principal, model, messages)


class PlanningService:
    """Makes the prompt of a question."""

    def __init__(self, counts: TokenCounts) -> None:
        self._counts = counts

    async def overhead(self, principal: Principal, model: str) -> Overhead:
        """What the model's template adds to a prompt."""
        return await self._counts.overhead(principal, model)

    async def prompt_tokens(self, principal: Principal, request: GenerationRequest) -> int:
        """The engine's own count of a whole prompt that nobody planned."""
        return await self._counts.whole(principal, request.model, request.messages)

    async def plan(
        self, principal: Principal, model: str, material: Material, budget: Budget
    ) -> Plan:
        """What goes in, and why. Raises ContextLengthExceeded."""
        texts = texts_to_count(material, _sentence_ends)
        counts = await self._counts.of(principal, model, texts)
        return plan(material, counts, budget, _sentence_ends)


def _sentence_ends(text: str) -> list[int]:
    return [end for _, end in sentence_spans(text)]
