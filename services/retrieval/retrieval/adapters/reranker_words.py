"""The deterministic twin of a reranker: the share of the question's words that a text holds."""

from lexical.analyser import words


class WordsReranker:
    """No model file, no meaning either."""

    def scores(self, question: str, texts: list[str]) -> list[float]:
        """See Reranker."""
        wanted = set(words(question))
        return [len(wanted.intersection(words(text))) / max(1, len(wanted)) for text in texts]
