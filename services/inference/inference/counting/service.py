"""Counts of texts and prompts by the engine that will read them, remembered by content."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

from contracts.generation import CountRequest, CountResult, PromptMessage
from inference.generation.rules import broken_up, harmless_messages
from inference.ports import Engine
from inference.registry.service import EngineRegistry


class CountingService:
    """Token counts. The same text is put to the same engine once."""

    def __init__(self, registry: EngineRegistry, remembered: int) -> None:
        self._registry = registry
        self._remembered = remembered
        self._counts: OrderedDict[tuple[str, bytes], int] = OrderedDict()

    async def count(self, request: CountRequest) -> CountResult:
        """Counts in the order asked, as the engine would count them in a prompt."""
        engine = self._registry.served(request.model).engine
        # What reaches the engine later is counted, not what was sent: breaks are tokens too.
        texts = [broken_up(text) for text in request.texts]
        messages = harmless_messages(request.messages)
        text_keys = [(engine.id, _digest("text", text)) for text in texts]
        prompt_key = (engine.id, _digest("prompt", *_parts(messages)))
        unknown = dict.fromkeys(
            text for text, key in zip(texts, text_keys, strict=True) if key not in self._counts
        )
        is_prompt_unknown = bool(messages) and prompt_key not in self._counts
        found = await self._ask(engine, list(unknown), messages if is_prompt_unknown else [])
        by_text = dict(zip(unknown, found.texts, strict=True))
        counts = [
            self._recall(key, by_text.get(text)) for text, key in zip(texts, text_keys, strict=True)
        ]
        prompt = self._recall(prompt_key, found.prompt) if messages else None
        self._forget_oldest()
        return CountResult(texts=counts, prompt=prompt)

    async def _ask(
        self, engine: Engine, texts: list[str], messages: list[PromptMessage]
    ) -> CountResult:
        if not texts and not messages:
            return CountResult(texts=[])
        return await engine.count(texts, messages)

    def _recall(self, key: tuple[str, bytes], counted: int | None) -> int:
        if counted is not None:
            self._counts[key] = counted
        self._counts.move_to_end(key)
        return self._counts[key]

    def _forget_oldest(self) -> None:
        while len(self._counts) > self._remembered:
            self._counts.popitem(last=False)


def _parts(messages: Sequence[PromptMessage]) -> list[str]:
    return [part for each in messages for part in (each.role, each.content)]


def _digest(*parts: str) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8))  # so that no two lists of parts look alike
        digest.update(part.encode(errors="surrogatepass"))
    return digest.digest()
