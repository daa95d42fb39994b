"""How long a flashcard may be, and how its front asks."""

from typing import Final

FRONT_MIN: Final = 5
FRONT_MAX: Final = 25
BACK_MAX: Final = 60
SENTENCES_MAX: Final = 2
TRAP_MAX: Final = 15
BEING: Final = {"am", "is", "are", "was", "were", "do", "does", "did", "has", "have", "had"}
MODALS: Final = {"can", "could", "may", "might", "must", "shall", "should", "will", "would"}
YES_OR_NO: Final = frozenset(BEING | MODALS)
ASKING: Final = frozenset({"what", "which", "how", "when", "where", "why", "who", "whose", "whom"})
MARKS: Final = "?"
