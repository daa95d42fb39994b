"""The fields of a drafted question, each with its path, its label and its value: what the editor lays out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exams.authoring.item_content import LETTERS
from exams.authoring.kinds import Content, Remark
from exams.content.rules.options import CODES
from exams.presentation.item_fields import LABELS, RATIONALE, label_of
from i18n import languages

HINTS: Final[Mapping[str, Promise]] = {
    "stem": gettext_lazy(
        "Who and what, the current state, the requirements. 40 to 180 words with the question."
    ),
    "ask": gettext_lazy("One sentence. Leave it empty if the question is the last sentence above."),
    "why": gettext_lazy("40 to 100 words: the requirement, and how the key meets it."),
    "principle": gettext_lazy("One or two sentences that hold beyond this question."),
    "tip": gettext_lazy("At most 35 words: the signal to look for."),
}
DIFFICULTIES: Final = (
    ("easy", pgettext_lazy("difficulty", "easy")),
    ("medium", pgettext_lazy("difficulty", "medium")),
    ("hard", pgettext_lazy("difficulty", "hard")),
)
LEVELS: Final = (
    ("", ""),
    ("understand", pgettext_lazy("cognitive level", "understand")),
    ("apply", pgettext_lazy("cognitive level", "apply")),
    ("analyze", pgettext_lazy("cognitive level", "analyze")),
    ("evaluate", pgettext_lazy("cognitive level", "evaluate")),
)
FAILURES: Final[Mapping[str, Promise]] = {
    "W1": gettext_lazy("misses a requirement"),
    "W2": gettext_lazy("right tool for another problem"),
    "W3": gettext_lazy("true, but no answer"),
    "W4": gettext_lazy("typical misconception"),
    "W5": gettext_lazy("technically impossible"),
    "W6": gettext_lazy("works, with more effort or cost"),
}
HEIGHTS: Final = {"stem": 9, "ask": 2, "why": 6, "principle": 3, "tip": 2, "text": 3}


@dataclass(frozen=True, slots=True)
class TextField:
    """A text in one language. `name` is its path; `full` is its label where it stands alone."""

    name: str
    label: str
    full: str
    value: str
    language: str
    is_original: bool
    is_open: bool
    rows: int
    hint: str = ""
    said: tuple[Remark, ...] = ()

    @property
    def spoken(self) -> str:
        """What its language is called."""
        return languages.name_of(self.language)


@dataclass(frozen=True, slots=True)
class OptionRow:
    """An option with its texts side by side, a list of fields for text and one for explanation."""

    number: int
    letter: str
    is_key: bool
    failure: str
    texts: tuple[tuple[TextField, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Who may write what: `original` leads, then the other languages in their order."""

    original: str
    is_open: bool
    only_translations: bool

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages, the original first."""
        return (self.original, *(code for code in languages.CODES if code != self.original))

    @property
    def named(self) -> list[tuple[str, str]]:
        """Return the languages with what they are called, the original first."""
        return [(code, languages.name_of(code)) for code in self.languages]

    @property
    def structure_open(self) -> bool:
        """Tell whether anything but texts may be changed."""
        return self.is_open and not self.only_translations

    def writes(self, language: str) -> bool:
        """Tell whether texts in a language may be changed."""
        return self.is_open and not (self.only_translations and language == self.original)


def failures() -> list[tuple[str, str]]:
    """Return the codes of failure with their words."""
    return [("", "-"), *((code, f"{code}: {FAILURES[code]}") for code in CODES)]


def words_of(content: Content, layout: Layout, names: Sequence[str]) -> list[tuple[TextField, ...]]:
    """Return the named texts of an item, each in every language."""
    return [
        tuple(_field(content, layout, language, name, LABELS[name]) for language in layout.languages)
        for name in names
    ]


def option_rows(content: Content, layout: Layout) -> list[OptionRow]:
    """Return the options in their order."""
    return [
        OptionRow(
            number,
            LETTERS[number],
            option["key"],
            option["failure"],
            tuple(
                tuple(
                    _field(content, layout, language, f"options.{number}.{name}", label)
                    for language in layout.languages
                )
                for name, label in (("text", LABELS["text"]), ("why", RATIONALE))
            ),
        )
        for number, option in enumerate(content["options"])
    ]


def image_places(content: Content, layout: Layout) -> list[tuple[str, str]]:
    """Return the texts that the reader may put an image into, by path, with their labels."""
    numbers = range(len(content["options"]))
    options = [f"options.{number}.{name}" for number in numbers for name in ("text", "why")]
    return [
        (place, label_of(place))
        for language in layout.languages
        if layout.writes(language)
        for place in (f"texts.{language}.{path}" for path in ("stem", *options, "why", "principle", "tip"))
    ]


def _field(content: Content, layout: Layout, language: str, path: str, label: Promise) -> TextField:
    name, short = f"texts.{language}.{path}", path.rpartition(".")[2]
    return TextField(
        name=name,
        label=str(label),
        full=label_of(name),
        value=str(value_at(content["texts"].get(language, {}), path)),
        language=language,
        is_original=language == layout.original,
        is_open=layout.writes(language),
        rows=4 if path.startswith("options") and short == "why" else HEIGHTS[short],
        hint=str(HINTS.get(path, "")) if language == layout.original else "",
    )


def value_at(content: Mapping[str, Any], path: str) -> object:
    """Return what content has at a path, an empty text where it has nothing."""
    found: Any = content
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step, "")
        else:
            found = found[int(step)] if isinstance(found, list) and int(step) < len(found) else {}
    return found if found != {} else ""


def flat(content: Content) -> dict[str, str]:
    """Return every value of a content as a text, by its path, in the order of the editor."""
    return dict(_flat(content, ""))


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and _has_rows(value):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{path}.{number}")
    else:
        yield path, ", ".join(value) if isinstance(value, list) else _shown(value)


def _has_rows(value: list[Any]) -> bool:
    """Tell whether a list is one of rows with fields, and not of words."""
    return any(isinstance(one, Mapping) for one in value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two contents differ."""

    field: str
    label: str
    one: str
    other: str


def differences(one: Content, other: Content, label: Callable[[str], str] = label_of) -> list[Difference]:
    """Return where two contents differ, in the order of the editor. Drawings are only named."""
    first, second = flat(one), flat(other)
    return [
        Difference(path, label(path), first.get(path, ""), second.get(path, ""))
        for path in dict.fromkeys((*first, *second))
        if first.get(path, "") != second.get(path, "") and not path.endswith(".svg")
    ]


def have_same_rows(one: Content, other: Content) -> bool:
    """Tell whether every list of rows that both contents have has as many in both."""
    first, second = dict(_counts(one, "")), dict(_counts(other, ""))
    return all(second[path] == count for path, count in first.items() if path in second)


def _counts(value: Any, path: str) -> Iterator[tuple[str, int]]:  # noqa: ANN401
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _counts(inner, f"{path}.{name}")
    elif isinstance(value, list) and (not value or _has_rows(value)):
        yield path, len(value)
        for number, inner in enumerate(value):
            yield from _counts(inner, f"{path}.{number}")
