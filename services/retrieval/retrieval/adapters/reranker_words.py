"""The deterministic twin of a reranker: the share of the question's words that a text holds."""

from lexical.analyser import words


class WordsReranker:
    """No model file, no meaning either."""

    model_id = "words"

    def count_tokens(self, question: str, texts: list[str]) -> int:
        """See Reranker."""
        return len(texts) * len(words(question)) + sum(len(words(text)) for text in texts)

    def scores(self, question: str, texts: list[str]) -> list[float]:
        """See Reranker."""
        wanted = set(words(question))
        return [len(wanted.intersection(words(text))) / max(1, len(wanted)) for text in texts]
