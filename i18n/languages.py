"""The languages of interface and content, in one pure list that settings import.

A new language is one line here, its message catalog and its content files;
CONTRIBUTING.md names every file that it touches.
"""

from typing import Final, NamedTuple


class Language(NamedTuple):
    """One language: its code as in addresses, its own name, and the zone of those who do not say theirs."""

    code: str
    name: str
    time_zone: str = "UTC"


DEFAULT: Final = "en"
LANGUAGES: Final = (Language("en", "English"), Language("hu", "Magyar", "Europe/Budapest"))
CODES: Final = tuple(language.code for language in LANGUAGES)


def name_of(code: str) -> str:
    """Return the language's own name, or the code itself for an unknown one."""
    return next((language.name for language in LANGUAGES if language.code == code), code)


def time_zone_of(code: str) -> str:
    """Return the time zone of most people who read this language; UTC where they live all over the world."""
    return next((language.time_zone for language in LANGUAGES if language.code == code), "UTC")
