"""Plain records of readings and of blind handouts: what these show, and what readers filled in."""

from dataclasses import dataclass, field
from typing import Final

from exams.content.records import NOWHERE, Place

READERS_MIN: Final = 2
"""How many read an item in its wording before it counts as read."""


@dataclass(frozen=True, slots=True)
class BlindQuestion:
    """What a reader sees of a question: situation, question, options by letter, figures in words."""

    stem: str
    ask: str
    options: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, str], ...] = ()
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def letters(self) -> tuple[str, ...]:
        """Return the letters of its options."""
        return tuple(letter for letter, _ in self.options)


@dataclass(frozen=True, slots=True)
class MappedItem:
    """Which item, in which wording, has a number of a handout."""

    number: int
    item: str
    fingerprint: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class MappedSample:
    """A number of a handout that a sample of the vendor has, and the letters of its options."""

    number: int
    options: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BlindMap:
    """What the numbers of a handout stand for; `lay` says that it is for readers without the subject."""

    exam: str
    lay: bool
    items: tuple[MappedItem, ...]
    samples: tuple[MappedSample, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FilledRow:
    """What a reader wrote under a number; of a lay reader only the answer.

    `options` are the texts by letter that the row still shows: none where the reader took them out.
    """

    number: int
    answer: tuple[str, ...]
    second_option: str | None = None
    free: tuple[str, ...] = ()
    likeness: int = 0
    note: str = ""
    options: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def letters(self) -> frozenset[str]:
        """Return the letters of all options that it names."""
        return frozenset((*self.answer, *([self.second_option] if self.second_option else []), *self.free))


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader's answer to one item, given without the key.

    `fingerprint` is that of the wording that was read; None where nobody wrote it down. A round ends
    with a new wording. `free` are the options that fall without any knowledge, `likeness` says how much the
    item is like those of the real exam, from 1 to 5; both are None where the reader was not asked.
    """

    item: str
    round: int
    reader: str
    fingerprint: str | None
    answer: tuple[str, ...]
    second_option: str | None
    note: str
    free: tuple[str, ...] | None = None
    likeness: int | None = None
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def letters(self) -> frozenset[str]:
        """Return the letters of all options that the reading names."""
        second = [self.second_option] if self.second_option else []
        return frozenset((*self.answer, *second, *(self.free or ())))


@dataclass(frozen=True, slots=True)
class SampleLikeness:
    """How much like the exam one reader found the vendor's samples: their number and mean, 1 to 5.

    They were mixed unmarked into a handout whose items were read in this round; nothing else is kept of them.
    """

    reader: str
    round: int
    count: int
    likeness: float
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class LayReading:
    """The answer of a reader who does not know the subject to one item, by reading skill alone."""

    item: str
    reader: str
    fingerprint: str
    answer: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ExamReadings:
    """All readings of one exam, beside what its readers thought of the vendor's samples."""

    name: str
    readings: tuple[Reading, ...]
    samples: tuple[SampleLikeness, ...] = ()
    lay: tuple[LayReading, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)
