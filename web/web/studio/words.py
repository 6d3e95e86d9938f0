"""What a builder chooses among, in words: (value, message id), in the order shown."""

from contracts.definitions import (
    Accent,
    AnswerLanguage,
    Category,
    ReadingAmount,
    Strictness,
    VariableKind,
)
from web.languages import N_

Options = list[tuple[str, str]]

CATEGORIES: Options = [
    ("", N_("No category")),
    (Category.WRITING, N_("Writing texts")),
    (Category.RESEARCH, N_("Research")),
    (Category.LEARNING, N_("Learning")),
    (Category.WORK, N_("Everyday work")),
    (Category.PROGRAMMING, N_("Programming")),
    (Category.DATA, N_("Data and figures")),
    (Category.SUPPORT, N_("Help and support")),
    (Category.POLICIES, N_("Rules and policies")),
    (Category.HEALTH, N_("Health")),
    (Category.EVERYDAY, N_("Life and home")),
]
LANGUAGES: Options = [
    (AnswerLanguage.SAME_AS_QUESTION, N_("The language of the question")),
    (AnswerLanguage.ENGLISH, N_("Always English")),
    (AnswerLanguage.CHINESE, N_("Always Chinese")),
]
AMOUNTS: Options = [
    (ReadingAmount.SHORT, N_("A little: quicker and cheaper")),
    (ReadingAmount.NORMAL, N_("As much as usual")),
    (ReadingAmount.LONG, N_("A lot: for questions whose answer is scattered")),
]
STRICTNESSES: Options = [
    (Strictness.STRICT, N_("Only what clearly fits the question")),
    (Strictness.NORMAL, N_("What fits the question")),
    (Strictness.LOOSE, N_("Also what fits it only in part")),
]
KINDS: Options = [
    (VariableKind.TEXT, N_("Text")),
    (VariableKind.CHOICE, N_("A choice")),
    (VariableKind.NUMBER, N_("A number")),
    (VariableKind.DATE, N_("A date")),
]
ACCENTS: Options = [
    ("", N_("As usual")),
    (Accent.TERRACOTTA, N_("Terracotta")),
    (Accent.OLIVE, N_("Olive")),
    (Accent.SLATE, N_("Slate blue")),
    (Accent.OCHRE, N_("Ochre")),
    (Accent.PLUM, N_("Plum")),
]
OPTIONS = {
    "accents": ACCENTS,
    "categories": CATEGORIES,
    "languages_of_answers": LANGUAGES,
    "amounts": AMOUNTS,
    "strictnesses": STRICTNESSES,
    "kinds": KINDS,
}
"""As the templates of the form name them."""
