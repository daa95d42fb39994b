"""The languages of interface and content, in one pure list that settings import.

A new language is one line here, its message catalogue and its content files;
CONTRIBUTING.md names every file that it touches.
"""

from typing import Final, NamedTuple


class Language(NamedTuple):
    """One language: its code as in addresses, and its own name for itself."""

    code: str
    name: str


DEFAULT: Final = "en"
LANGUAGES: Final = (Language("en", "English"), Language("hu", "Magyar"))
CODES: Final = tuple(language.code for language in LANGUAGES)


def name_of(code: str) -> str:
    """Return the language's own name, or the code itself for an unknown one."""
    return next((language.name for language in LANGUAGES if language.code == code), code)
