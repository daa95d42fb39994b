"""What every format reads into and writes: items, what was lost, what is wrong, and where."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.limits import Deadline
from exams.content.exchange_formats.messages import FAULTS, LOSSES
from exams.content.markdown import figure_names, is_image
from exams.content.records import NOWHERE, FormatError, Place, Problem, WholeItem
from i18n import languages

type Value = str | int
type Values = tuple[tuple[str, Value], ...]

EXCERPT: Final = 60
LISTED: Final = 2_000
OURS: Final = frozenset({"known", "missing"})
"""What these name is ours, and is not cut."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What cannot be carried: the code of a sentence in `messages.LOSSES`, and what the sentence names.

    `item` is empty where the whole file is meant.
    """

    place: Place
    item: str
    code: str
    values: Values = ()

    def __str__(self) -> str:
        problem = Problem(self.place, self.item, LOSSES[self.code] % dict(self.values))
        return str(problem) if str(self.place) else str(problem).removeprefix(": ")


@dataclass(frozen=True, slots=True)
class Fault(Problem):
    """A problem whose sentence can be translated: its code in `messages.FAULTS` and what it names."""

    code: str = ""
    values: Values = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image that was read and written anew; texts call it `figure:name`, and `name` is its hash."""

    name: str
    media_type: str
    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that was read: its good items, and the problems of the others or of the file as a whole."""

    items: tuple[WholeItem, ...] = ()
    losses: tuple[Loss, ...] = ()
    problems: tuple[Problem, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, and what of the items is not in it."""

    data: bytes = field(repr=False)
    losses: tuple[Loss, ...] = ()


def printable(text: str, most: int = EXCERPT) -> str:
    """Return a text of a file as sentences and tables can hold it: short, without control characters."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:most])


def values_of(values: Mapping[str, Value]) -> Values:
    """Return what a sentence names."""
    return tuple(
        (name, printable(value, LISTED if name in OURS else EXCERPT) if isinstance(value, str) else value)
        for name, value in values.items()
    )


def fault(place: Place, item: str, code: str, **values: Value) -> Fault:
    """Return a problem with its sentence in English."""
    kept = values_of(values)
    return Fault(place, printable(item), FAULTS[code] % dict(kept), code, kept)


def refusal(file: str, line: int, code: str, **values: Value) -> FormatError:
    """Return the refusal of a whole file for one reason."""
    return FormatError((fault(Place(file, line), "", code, **values),))


def text_of(data: bytes, file: str, refused: str = "encoding") -> str:
    """Return a file of text: UTF-8, or UTF-16 that says so by its first bytes, with newlines of one kind.

    Other encodings are not guessed: what reads as Windows-1250 reads as Windows-1252 too, with other letters.
    """
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise refusal(file, data[: error.start].count(b"\n") + 1, refused) from None


class Context:
    """What gathers while a file is read: losses, problems and pictures."""

    def __init__(
        self, file: str, language: str = languages.DEFAULT, deadline: Deadline | None = None
    ) -> None:
        self.file = file
        self.language = language
        self.deadline = deadline or Deadline()
        self.losses: dict[Loss, None] = {}
        self.problems: list[Problem] = []
        self.pictures: dict[str, Picture] = {}
        self.known_images: dict[str, str | Exception] = {}
        self._settings: dict[str, list[Place]] = {}
        self._begun = 0

    def begin(self) -> None:
        """Begin the next question: what is complained about from here on is wrong with it."""
        self.deadline.check()
        self._begun = len(self.problems)

    @property
    def is_faulty(self) -> bool:
        """Tell whether something is wrong with the question that was begun last."""
        return len(self.problems) > self._begun

    def place(self, line: int) -> Place:
        """Return a line of the file."""
        return Place(self.file, line)

    def within(self, file: str) -> "Context":
        """Return the same gathering for a file of an archive."""
        inner = Context(printable(file, LISTED), self.language, self.deadline)
        # The same lists, so that limits hold for the whole archive.
        inner.losses, inner.problems, inner.pictures = self.losses, self.problems, self.pictures
        inner.known_images, inner._settings = self.known_images, self._settings
        return inner

    def lose(self, line: int, item: str, code: str, **values: Value) -> None:
        """Note something that cannot be carried, once."""
        self._note(Loss(self.place(line), printable(item), code, values_of(values)))

    def _note(self, loss: Loss) -> None:
        self.losses[loss] = None
        if len(self.losses) > limits.LOSSES:
            raise refusal(self.file, 0, "losses", most=limits.LOSSES)

    def lose_setting(self, line: int, code: str) -> None:
        """Note something that most questions of a file have: it is told once, with their number."""
        self._settings.setdefault(code, []).append(self.place(line))

    def complain(self, line: int, item: str, code: str, **values: Value) -> None:
        """Note a fault: this question is refused, or the file if it is not of a question."""
        self.problems.append(fault(self.place(line), item, code, **values))
        if len(self.problems) > limits.PROBLEMS:
            raise FormatError(tuple(self.problems))

    def result(self, items: Iterable[WholeItem]) -> Parsed:
        """Return what was read, what is lost and what is wrong. A file of which nothing is read is wrong."""
        whole_items = tuple(items)
        if not whole_items and not self.problems:
            self.problems.append(fault(self.place(0), "", "none_read" if self.losses else "empty"))
        for item in whole_items:
            for name in undrawn(item):
                self._note(
                    Loss(item.record.place, printable(item.record.id), "figure_named", (("name", name),))
                )
        counted = [
            Loss(places[0], "", code, (("count", len(places)),)) for code, places in self._settings.items()
        ]
        losses = sorted([*self.losses, *counted], key=_position)
        texts = "\n".join(text for item in whole_items for text in item_texts(item))
        pictures = tuple(picture for name, picture in self.pictures.items() if name in texts)
        return Parsed(whole_items, tuple(losses), tuple(sorted(self.problems, key=_position)), pictures)


def _position(remark: Loss | Problem) -> tuple[str, int]:
    return remark.place.file, remark.place.line


def item_texts(item: WholeItem) -> tuple[str, ...]:
    """Return every text of an item in every language."""
    return (*item.record.texts, *(text for translation in item.texts.values() for text in translation.texts))


def undrawn(item: WholeItem) -> tuple[str, ...]:
    """Return the names of drawings that an item shows and does not bring along."""
    figures = chain(item.record.figures, *(text.figures for text in item.texts.values()))
    drawn = {figure.name for figure in figures}
    names = figure_names(*item_texts(item))
    return tuple(name for name in names if name not in drawn and not is_image(name))


def written_loss(item: str, code: str, **values: Value) -> Loss:
    """Return a loss of writing: it has an item and no place."""
    return Loss(NOWHERE, item, code, values_of(values))
