"""Plain records of content, independent of file formats and of the database.

Every record remembers the file and line it was read from; two records are equal when
their content is, wherever it stood.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any, Final

from exams.content.markdown import figure_names
from exams.content.question import SplitStem, split_question, whole_question
from exams.kinds.profile import Profile

FINGERPRINT_DIGITS: Final = 12
SAMPLE_NAME: Final = "sample"
SAMPLE_IDS: Final = re.compile(r"S\d{2}")
"""The shape of ids of the sample: no item of an exam looks like that, whatever its guide says."""
SAMPLE_NUMBER: Final = 0
"""The number of the sample where exams are counted from 1."""
SAMPLE_OPEN: Final = 10
"""The first items of the sample, which anybody may try without an account."""
SAMPLE_CHECK: Final = 20
"""A sample of so many items is also a check, by which whoever has an account learns where they stand."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file name and a line, counted from 1; 0 is the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Place("", 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that cannot be read as content; `item` is empty outside an item."""

    place: Place
    item: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.item + ': ' if self.item else ''}{self.message}"


class FormatError(Exception):
    """A file cannot be read; `problems` names everything that is wrong with it, not just the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Reference:
    """A page of public documentation."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a candidate reads after the exam about a whole item (Markdown)."""

    why_correct: str
    principle: str
    exam_tip: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Return its texts."""
        return (self.why_correct, self.principle, self.exam_tip)


@dataclass(frozen=True, slots=True)
class FigureRecord:
    """A drawing that items show by its name; `svg` is safe to show, its description holds every value."""

    name: str
    svg: str
    title: str
    description: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OptionRecord:
    """One option of an item; `failure` is W1 to W6 for a distractor and None for a key."""

    letter: str
    text: str
    correct: bool
    failure: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Traits:
    """What an item is, besides its texts: a blueprint plans it for exams, a whole item says it itself."""

    task: str
    kind: str
    choose: int
    difficulty: str
    covers: tuple[str, ...] = ()
    cognitive_level: str = ""


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One question in its original language, texts in Markdown.

    `ask` is the question itself; where it is empty, the last sentence of the stem is. `traits` is None
    where a blueprint knows them. `figures` are those that its texts show, with their drawings.
    """

    id: str
    stem: str
    options: tuple[OptionRecord, ...]
    explanation: Explanation
    references: tuple[Reference, ...]
    ask: str = ""
    traits: Traits | None = None
    figures: tuple[FigureRecord, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """Return every text in Markdown, the question too."""
        return (*self.question_texts, *(option.why for option in self.options), *self.explanation.texts)

    @property
    def question_texts(self) -> tuple[str, ...]:
        """Return what a candidate reads of it in an exam."""
        return (self.stem, self.ask, *(option.text for option in self.options))

    @property
    def wording(self) -> str:
        """Return setting and question as one text: the same whether a file parts them or not."""
        return f"{self.stem} {self.ask}" if self.ask else self.stem

    @property
    def parts(self) -> SplitStem:
        """Return setting, question and the note behind it; without `ask` the stem is split."""
        if not self.ask:
            return split_question(self.stem)
        return replace(whole_question(self.ask), setting=self.stem)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the letters of the correct options, in the order of the options."""
        return tuple(option.letter for option in self.options if option.correct)

    @property
    def fingerprint(self) -> str:
        """Return 12 hex digits of SHA-256 over what a candidate reads: wording, letters, options, figures."""
        seen = figure_names(*self.question_texts)
        options = (f"{option.letter}. {option.text}" for option in self.options)
        figures = (figure.svg for figure in self.figures if figure.name in seen)
        shown = "\n".join((self.wording, *options, *figures))
        return sha256(shown.encode()).hexdigest()[:FINGERPRINT_DIGITS]


@dataclass(frozen=True, slots=True)
class ExamRecord:
    """One exam file: its name as in the blueprint, and its items in order."""

    name: str
    items: tuple[ItemRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OptionTextRecord:
    """The translated texts of one option, found by its letter."""

    letter: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class ItemTextRecord:
    """The translated texts of one item; it cannot say which option is right."""

    id: str
    stem: str
    options: tuple[OptionTextRecord, ...]
    explanation: Explanation
    ask: str = ""
    figures: tuple[FigureRecord, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """Return every text in Markdown."""
        options = (text for option in self.options for text in (option.text, option.why))
        return (self.stem, self.ask, *options, *self.explanation.texts)


@dataclass(frozen=True, slots=True)
class TranslationRecord:
    """One translation file of an exam; items that it leaves out fall back to the original."""

    name: str
    language: str
    items: tuple[ItemTextRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRecord(Traits):
    """One place of the blueprint: everything about an item that its exam file does not repeat."""

    id: str
    number: int
    domain: int
    scored: bool
    options: int
    key_positions: tuple[str, ...]
    stem_class: str = field(default="", compare=False)  # a note for writers: no table has it
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ExamPlanRecord:
    """The blueprint of one exam; the time limit is in minutes."""

    name: str
    number: int
    title: str
    minutes: int
    slots: tuple[SlotRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DomainRecord:
    """One domain of the certification, its name in the original language, its weight in percent."""

    number: int
    name: str
    weight_percent: int


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """One task statement of a domain, in the original language."""

    code: str
    domain: int
    title: str
    covers: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the real exam: minutes, marks on its scale, US dollars, years, days.

    The only list of these facts: the catalog stores them in columns of the same names. Those that
    `planned_facts` names are planned and not confirmed yet (exams.content.states).
    """

    vendor: str
    level: str
    duration_minutes: int
    items_total: int
    items_scored: int
    pass_mark: int
    scale_min: int
    scale_max: int
    exam_fee_usd: int
    validity_years: int
    retake_wait_days: int
    accommodation_minutes: int
    beta_on: date | None
    live_on: date | None
    retired_on: date | None
    planned_facts: tuple[str, ...]
    successor_code: str
    profile: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class BlueprintRecord:
    """The blueprint file: code, facts, domains, task statements and the plan of each exam."""

    code: str
    facts: Facts
    domains: tuple[DomainRecord, ...]
    tasks: tuple[TaskRecord, ...]
    exams: tuple[ExamPlanRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def profile(self) -> Profile:
        """Return what is asked of the questions."""
        return Profile.of(self.facts.profile)

    def plan(self, name: str) -> ExamPlanRecord | None:
        """Return the plan of the exam with this name, or None."""
        return next((exam for exam in self.exams if exam.name == name), None)


@dataclass(frozen=True, slots=True)
class CoverageRecord:
    """What the exams of a certification have to cover: ids with their names."""

    items: tuple[tuple[str, str], ...]
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids alone."""
        return frozenset(name for name, _ in self.items)


@dataclass(frozen=True, slots=True)
class TaskTextRecord:
    """A task statement in another language."""

    code: str
    title: str
    covers: str


@dataclass(frozen=True, slots=True)
class CertificationTexts:
    """What the landing page says in one language: plain text, paragraphs parted by empty lines."""

    language: str
    name: str
    summary: str
    description: str
    recommended_experience: str
    question_types: str
    delivery: str
    retake: str
    results_note: str
    accommodation: str
    retirement_note: str
    successor_name: str
    successor_note: str


@dataclass(frozen=True, slots=True)
class CertificationTextRecord(CertificationTexts):
    """The texts of one language, with the names of the domains and tasks."""

    domains: tuple[tuple[int, str], ...]
    tasks: tuple[TaskTextRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CertificationRecord:
    """The certification file: texts by language, the original first."""

    code: str
    texts: tuple[CertificationTextRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """The items that anybody may try, in the order in which they are shown, each whole.

    Without a file there are no items, and the place is nowhere.
    """

    items: tuple[ItemRecord, ...]
    translations: tuple[TranslationRecord, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def as_exam(self) -> ExamRecord:
        """Return the items as rules of exams take them."""
        return ExamRecord(SAMPLE_NAME, self.items, self.place)


@dataclass(frozen=True, slots=True)
class OldName:
    """A name that moved on: it needs `cure` in the same item, or may not appear at all (cure is None)."""

    name: str
    pattern: re.Pattern[str]
    cure: re.Pattern[str] | None
    advice: str


type Band = tuple[float, float]
"""The lowest and the highest figure that a rule allows."""

ALL_SAMPLES: Final = "all"
"""The set of all samples of the vendor, beside those by exam."""


@dataclass(frozen=True, slots=True)
class Guide:
    """What the rules of writing must know of one vendor; each part of it is empty where nothing is said.

    `item_ids` is the shape of ids of items, `reference_hosts` where references may lead (anywhere if
    empty), `managed_words` how much a word sounds like the vendor's managed services (negative: unlike),
    `openings` how stems begin with a plain actor, by language, `revised` the names of those exams that all
    rules judge: the rules that came with the revision only report on the others. `bands` are the limits of
    its own by the name of what is measured, `stock_asks` how questions begin that are asked in the vendor's
    words, `samples` the figures of the vendor's own sample questions by measure and set.
    """

    item_ids: re.Pattern[str] = re.compile(r"[A-Z][A-Za-z0-9]*-[A-Za-z0-9]+")
    reference_hosts: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    managed_words: Mapping[str, int] = field(default_factory=dict)
    old_names: tuple[OldName, ...] = ()
    openings: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    revised: frozenset[str] = frozenset()
    bands: Mapping[str, Band] = field(default_factory=dict)
    stock_asks: tuple[re.Pattern[str], ...] = ()
    samples: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """A check of one item: on which day, by which pages or why; with a language, of that translation."""

    item: str
    checked_on: date
    pages: tuple[str, ...] = ()
    note: str = ""
    language: str = ""
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class WatchedNameRecord:
    """A name of a service that moved on at a day; without a successor it was closed."""

    name: str
    successor: str
    since: date
    page: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """What the key of an item rests on: a fact in a sentence, and the page that was read for it on a day.

    Without a page (`url` is empty) it is general knowledge or a calculation, as `title` says.
    """

    item: str
    checked_on: date
    decides: str
    title: str
    url: str = ""
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """A statement that no page was found for; `decides` says how far the key of the item rests on it."""

    item: str
    statement: str
    decides: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckedExam:
    """The fact check of one exam: what each item rests on, and what is open."""

    number: int
    rows: list[CheckedRow] = field(default_factory=list)
    open: list[OpenStatement] = field(default_factory=list)
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FactCheckRecord:
    """The file that says what the keys of all exams rest on."""

    exams: tuple[CheckedExam, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class WholeItem:
    """An item in its original language with its translations, by language.

    `record.traits` says kind, number of answers, task, difficulty, level and coverage. `source` is the id
    under which another system knows the item, empty for our own; `tags` are words that authors file it by.
    `is_numbered` says that its id is nothing but its place in a file: it names no item that is known.
    """

    record: ItemRecord
    language: str
    texts: dict[str, ItemTextRecord] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    source: str = ""
    is_numbered: bool = field(default=False, compare=False)

    @property
    def planned(self) -> ItemRecord:
        """Return the item as a file of an exam has it, which leaves to the blueprint what the item is."""
        return replace(self.record, traits=None)

    @property
    def traits(self) -> Traits:
        """Return what the item is. Raises ValueError where the record leaves it to a blueprint."""
        if self.record.traits is None:
            raise ValueError(f"{self.record.id}: a whole item says what it is")
        return self.record.traits

    def rewritten(self, change: Callable[[str], str]) -> "WholeItem":
        """Return the item with every text of it in every language changed."""
        texts = {language: _rewritten(text, change) for language, text in self.texts.items()}
        return replace(self, record=_rewritten(self.record, change), texts=texts)


def _rewritten[Item: (ItemRecord, ItemTextRecord)](item: Item, change: Callable[[str], str]) -> Item:
    return replace(
        item,
        stem=change(item.stem),
        ask=change(item.ask),
        options=tuple(replace(one, text=change(one.text), why=change(one.why)) for one in item.options),
        explanation=Explanation(*map(change, item.explanation.texts)),
    )
