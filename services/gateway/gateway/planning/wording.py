"""The words of a system message: instructions, and how far answers keep to documents."""

from contracts.assistants import GroundingMode
from contracts.definitions import AnswerLanguage

# Short on purpose, and worded by trial: longer rules, a second language or a word about format
# made the 0.5B model say "not found" to half of what the passages answer.
GROUNDING_RULES = "Answer from the passages only, {language}, never from your own knowledge."
NOT_FOUND_RULE = "If the passages do not contain the answer, reply exactly: "
# Nothing about words for silence here: with them the 0.5B model said nothing else.
DOCUMENTS_FIRST_RULES = (
    "Use the passages to answer, {language}. If they do not help, use your own knowledge."
)
FREE_RULES = "Passages of documents may come with a question. Use them where they help."
_LANGUAGES = {
    AnswerLanguage.SAME_AS_QUESTION: "in the language of the question",
    AnswerLanguage.ENGLISH: "in English",
    AnswerLanguage.CHINESE: "in Chinese",
}
NOT_FOUND_WORDS = "The documents do not say."
CHINESE_NOT_FOUND_WORDS = "文档中没有提到。"


def system_text(
    instructions: str,
    not_found_words: str,
    mode: GroundingMode | None,
    language: AnswerLanguage = AnswerLanguage.SAME_AS_QUESTION,
) -> str:
    """The system message, with the same settings and values always the same. mode None: no
    documents."""
    rules = _rules(mode, not_found_words.strip() or _not_found_words(language), language)
    return "\n\n".join(part for part in (instructions.strip(), rules) if part)


def _not_found_words(language: AnswerLanguage) -> str:
    return CHINESE_NOT_FOUND_WORDS if language is AnswerLanguage.CHINESE else NOT_FOUND_WORDS


def _rules(mode: GroundingMode | None, words: str, language: AnswerLanguage) -> str:
    if mode is GroundingMode.DOCUMENTS_FIRST:
        return DOCUMENTS_FIRST_RULES.format(language=_LANGUAGES[language])
    if mode is GroundingMode.DOCUMENTS_ONLY:
        rules = GROUNDING_RULES.format(language=_LANGUAGES[language])
        return f"{rules}\n{NOT_FOUND_RULE}{words}"
    free = FREE_RULES if mode is GroundingMode.FREE else ""
    is_said = language is not AnswerLanguage.SAME_AS_QUESTION
    said = f"Answer {_LANGUAGES[language]}." if is_said else ""
    return "\n".join(part for part in (free, said) if part)


def all_not_found_words(not_found_words: str) -> tuple[str, ...]:
    """Every wording by which an answer says that the documents are silent."""
    configured = not_found_words.strip()
    return (configured,) if configured else (NOT_FOUND_WORDS, CHINESE_NOT_FOUND_WORDS)
