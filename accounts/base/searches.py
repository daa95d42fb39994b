"""How long a search may be, wherever somebody searches: each word costs the database a look at every text."""

from typing import Final

LONGEST: Final = 200
MOST_WORDS: Final = 32


def is_too_long(query: str) -> bool:
    """Say whether a query has too many characters or words."""
    return len(query) > LONGEST or len(query.split()) > MOST_WORDS
