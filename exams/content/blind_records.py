"""Plain records of blind handouts: what they show, what their numbers stand for, what readers filled in."""

from dataclasses import dataclass, field

from exams.content.records import NOWHERE, Place


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
