"""An answered item with keys and reasons: rendered once for a text and a language, filled for each reader.

Rendering the texts of an exam costs a hundred times more than putting a reader's marks into them.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from django.template.loader import render_to_string
from django.utils.translation import override

from exams.presentation import formatting
from exams.presentation.slots import Slotted, slot


class SolvedOption(Protocol):
    """An option with its reason. Texts are clean HTML."""

    @property
    def letter(self) -> str: ...  # noqa: D102
    @property
    def text_html(self) -> str: ...  # noqa: D102
    @property
    def rationale_html(self) -> str: ...  # noqa: D102
    @property
    def is_key(self) -> bool: ...  # noqa: D102


class Solution(Protocol):
    """An item with its keys and reasons. Texts are clean HTML; references are (title, address)."""

    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def choose(self) -> int: ...  # noqa: D102
    @property
    def stem_html(self) -> str: ...  # noqa: D102
    @property
    def ask_html(self) -> str: ...  # noqa: D102
    @property
    def options(self) -> Sequence[SolvedOption]: ...  # noqa: D102
    @property
    def why_html(self) -> str: ...  # noqa: D102
    @property
    def principle_html(self) -> str: ...  # noqa: D102
    @property
    def tip_html(self) -> str: ...  # noqa: D102
    @property
    def references(self) -> Sequence[tuple[str, str]]: ...  # noqa: D102


TEMPLATE: Final = "exams/item_review.html"
_MARKS: Final = (
    *("correct", "incorrect", "incomplete", "unanswered", "flagged"),
    *("key_chosen", "key_missed", "other_chosen"),
)
# The attributes of an option's row and the word beside it, by (is a key, was chosen).
_ROWS: Final = {
    (True, True): (' data-tone="right" data-own', "key_chosen"),
    (True, False): (' data-tone="right"', "key_missed"),
    (False, True): (' data-tone="wrong" data-own', "other_chosen"),
    (False, False): ("", ""),
}


@lru_cache(maxsize=16)
def marks(ui_language: str) -> Mapping[str, str]:
    """Return the words on answered items as HTML, by name; nothing by the empty name."""
    with override(ui_language):
        return {"": "", **{name: render_to_string(f"exams/item_marks.html#{name}") for name in _MARKS}}


@dataclass(frozen=True, slots=True)
class _OptionSlots:
    row: str
    mark: str


def context(item: Solution, ui_language: str) -> dict[str, object]:
    """Return what the part of an answered item needs, with its slots open."""
    keys = [option.letter for option in item.options if option.is_key]
    return {
        "item": item,
        "lang": "" if item.language == ui_language else item.language,
        "options": [
            (option, _OptionSlots(slot(f"{option.letter} row"), slot(f"{option.letter} mark")))
            for option in item.options
        ],
        "slots": {"incomplete": slot("incomplete"), "others": slot("others")},
        "keys": formatting.lettered(keys),
        "many": len(keys) > 1,
    }


@dataclass(frozen=True, slots=True)
class Compiled:
    """An answered item in a language of the interface, without the marks of a reader."""

    html: Slotted
    keys: Mapping[str, bool]
    choose: int
    ui_language: str

    def fill(self, chosen: Container[str], more: Mapping[str, str] | None = None) -> str:
        """Return the HTML for somebody who chose the options of these letters.

        `more` fills the slots of a template around the part.
        """
        words = marks(self.ui_language)
        values = {"incomplete": "", "others": "", **(more or {})}
        count = 0
        for letter, is_key in self.keys.items():
            own = letter in chosen
            count += own
            row, mark = _ROWS[is_key, own]
            values[f"{letter} row"], values[f"{letter} mark"] = row, words[mark]
        if 0 < count < self.choose:
            values["incomplete"] = _too_few(self.choose, self.ui_language)
        return self.html.fill(values)


@lru_cache(maxsize=64)
def _too_few(choose: int, ui_language: str) -> str:
    with override(ui_language):
        return render_to_string("exams/item_marks.html#too_few", {"choose": choose})


def compiled(
    item: Solution, ui_language: str, template: str = TEMPLATE, more: Mapping[str, object] | None = None
) -> Compiled:
    """Render an item once. A template that includes the part may have slots of its own and needs `more`."""
    with override(ui_language):
        html = render_to_string(template, {**context(item, ui_language), **(more or {})})
    return Compiled(
        Slotted.of(html), {option.letter: option.is_key for option in item.options}, item.choose, ui_language
    )
