"""A true or false question as single choice, in the words of its language."""

from fractions import Fraction
from typing import Final

from exams.content.exchange_formats.building import FULL, Choice

WORDS: Final = {"en": ("True", "False"), "hu": ("Igaz", "Hamis")}


def choices(language: str, *, is_true: bool, right: str, wrong: str) -> list[Choice]:
    """Return the two options; `right` and `wrong` are what a person reads who chose so."""
    nothing = Fraction(0)
    return [
        Choice(word, FULL if here else nothing, right if here else wrong)
        for word, here in zip(WORDS.get(language, WORDS["en"]), (is_true, not is_true), strict=True)
    ]
