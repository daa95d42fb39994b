"""Words put together for pages."""

import pytest
from django.utils import translation

from exams.presentation import formatting


@pytest.mark.parametrize(
    ("language", "names", "said"),
    [
        ("en", ["B"], "B"),
        ("en", ["A", "C"], "A and C"),
        ("en", ["A", "B", "E"], "A, B and E"),
        ("hu", ["A", "B", "E"], "A, B és E"),
    ],
)
def test_letters_are_listed_as_people_say_them(language: str, names: list[str], said: str) -> None:
    with translation.override(language):
        assert formatting.listed(names) == said
