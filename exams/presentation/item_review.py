"""An answered item with keys and reasons, kept in pieces by text, answer and the language of the page.

Rendering the texts of an exam costs several times more than everything else on its review. What somebody
chose has few values, so the answers are kept by it; nothing of a person is in a piece.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override

from exams.assembly.solutions import SolvedText
from exams.kinds.kinds import Kind, Progress
from exams.presentation import formatting

_TEMPLATE: Final = "exams/item_review.html"
_MARKS: Final = ("correct", "incorrect", "incomplete", "unanswered", "flagged")
# Six papers of 65 questions in two languages, and the answers that are given most to each.
_TEXTS_KEPT: Final = 1024
_ANSWERS_KEPT: Final = 4096


@lru_cache(maxsize=16)
def marks(ui_language: str) -> Mapping[str, SafeString]:
    """Return the words on answered items as HTML, by name."""
    with override(ui_language):
        return {name: render_to_string(f"exams/item_marks.html#{name}") for name in _MARKS}


def html(item: SolvedText, ui_language: str, chosen: Collection[str] = ()) -> SafeString:
    """Return an item for somebody who chose the options of these letters."""
    return answers(item, ui_language, frozenset(chosen)) + explanation(item, ui_language)


@lru_cache(maxsize=_ANSWERS_KEPT)
def answers(item: SolvedText, ui_language: str, chosen: frozenset[str]) -> SafeString:
    """Return the stem and the options with keys, reasons and what was chosen."""
    here = [option for option in item.options if option.letter in chosen]
    context = {
        "item": item,
        "lang": _foreign(item, ui_language),
        "options": [(option, option.letter in chosen) for option in item.options],
        "is_incomplete": Kind.progress(here, item.choose) is Progress.INCOMPLETE,
    }
    with override(ui_language):
        return render_to_string(f"{_TEMPLATE}#answers", context)


@lru_cache(maxsize=_TEXTS_KEPT)
def explanation(item: SolvedText, ui_language: str) -> SafeString:
    """Return why the keys are correct, principle, tip and references."""
    keys = [option.letter for option in item.options if option.is_key]
    with override(ui_language):
        context = {
            "item": item,
            "lang": _foreign(item, ui_language),
            "keys": formatting.lettered(keys),
            "many": len(keys) > 1,
        }
        return render_to_string(f"{_TEMPLATE}#explanation", context)


def _foreign(item: SolvedText, ui_language: str) -> str:
    return "" if item.language == ui_language else item.language
