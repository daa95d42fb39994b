"""What the rules look for in each language. A rule without words for a language is not applied to it."""

import re
from dataclasses import dataclass, replace
from typing import Final

from exams.kinds.profile import Profile

_CONSTRAINTS: Final = "LEAST MOST LOWEST HIGHEST FASTEST FIRST BEST SHORTEST FEWEST SMALLEST LARGEST GREATEST"
CONSTRAINTS: Final = frozenset(_CONSTRAINTS.split())
# "False alarms" and "incorrect statements" are terms, "which is false" is a negative question.
NEGATIVE: Final = re.compile(
    r"\b(not|except|(?:incorrect|false)(?!\s+(?:alarm|alert|answer|negative|positive|rejection|statement)s?))\b",
    re.IGNORECASE,
)
ABSOLUTE: Final = re.compile(
    r"\b(always|never|guarantee\w*|impossible|entirely|every time"
    r"|(?:all|none|both|any) of the (?:above|following))\b",
    re.IGNORECASE,
)
COMBINED: Final = re.compile(r"^(?i:both |options? |answers? )?[A-F](?:, ?[A-F])*,? (?:and|or) [A-F]\b")
LETTER: Final = re.compile(
    r"\b(?i:options?|answers?|choices?|responses?|distractors?) [A-F]\b"
    r"|\b[A-F] (?:is|are) (?:the )?(?:correct|incorrect|right|wrong|best|key)\b"
)
LETTER_HU: Final = re.compile(
    r"(?:[„\"][A-F][”\"]|\b[B-F])[ -](?:opció|lehetőség|válasz)|\b(?:opció|válasz)[ :-]+[A-F]\b"
)
ENDINGS: Final = {1: "?", 2: "? (Select TWO.)", 3: "? (Select THREE.)"}
ENDINGS_HU: Final = {1: "?", 2: "? (Válassz KETTŐT.)", 3: "? (Válassz HÁRMAT.)"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The words that rules look for in one language; None switches a rule off."""

    endings: dict[int, str]
    letter: re.Pattern[str]
    negative: re.Pattern[str] | None = None
    absolute: re.Pattern[str] | None = None
    combined: re.Pattern[str] | None = None
    constraints: frozenset[str] = CONSTRAINTS


WORDINGS: Final = {
    "en": Wording(ENDINGS, LETTER, NEGATIVE, ABSOLUTE, COMBINED),
    "hu": Wording(ENDINGS_HU, LETTER_HU),
}


def wording_of(language: str, profile: Profile) -> Wording:
    """Return the words of a language as a certification wants them."""
    usual, endings = WORDINGS[language], profile.endings.get(language)
    return replace(
        usual,
        endings=usual.endings if endings is None else dict(enumerate(endings, 1)),
        negative=None if profile.negative else usual.negative,
    )
