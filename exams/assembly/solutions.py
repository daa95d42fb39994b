"""What a paper keeps secret until the end: keys, reasons, and what counts. Never read for a running exam.

Keys and reasons are frozen once published, so a copy that a process keeps can never be stale. Loading content
may move an item, correct a title or change what an item covers: that is read anew each minute.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from exams.assembly import papers
from exams.assembly.models import FormItem
from exams.assembly.papers import ByteCache
from exams.bank import rulings
from exams.bank.models import ItemText, ItemVersion, Option
from exams.catalog.models import TaskStatementText
from exams.scoring.rules import Key

KEYS_BYTES: Final = 1_000_000
SOLVED_BYTES: Final = 8_000_000
KEPT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class SolvedOption:
    """An option with its reason, and whether it is a key. Texts are clean HTML."""

    id: int
    letter: str
    text_html: str
    rationale_html: str
    is_key: bool


@dataclass(frozen=True, slots=True)
class SolvedText:
    """An item with everything that is secret before the end, as it reads in one language."""

    version_id: int
    kind: str
    choose: int
    difficulty: str
    language: str
    stem_html: str
    ask_html: str
    options: tuple[SolvedOption, ...]
    why_html: str
    principle_html: str
    tip_html: str
    references: tuple[tuple[str, str], ...]

    @property
    def letters(self) -> str:
        """Return the letters of all options in their order."""
        return "".join(option.letter for option in self.options)

    @property
    def keys(self) -> str:
        """Return the letters of the keys in their order."""
        return "".join(option.letter for option in self.options if option.is_key)

    def ruled_key(self, in_force: rulings.InForce) -> Key:
        """Return what answers are compared with under these rulings."""
        keys = [option.id for option in self.options if option.is_key]
        return rulings.key_of(keys, in_force.get(self.version_id))

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        parts = (self.stem_html, self.ask_html, self.why_html, self.principle_html, self.tip_html)
        options = sum(300 + len(one.text_html) + len(one.rationale_html) for one in self.options)
        return 1000 + sum(map(len, parts)) + options


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved item at its position."""

    position: int
    domain_number: int
    is_scored: bool
    text: SolvedText


_keys: ByteCache[int, frozenset[int]] = ByteCache(KEYS_BYTES, lambda _: 400)
_solved: ByteCache[int, SolvedText] = ByteCache(SOLVED_BYTES, lambda one: one.bytes)


def forget() -> None:
    """Forget all solutions: for tests, whose databases begin their numbers anew."""
    of_paper.cache_clear()
    places_drawn.cache_clear()
    _keys.clear()
    _solved.clear()


def keys_of(version_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return the option ids that are keys, by version; one query for those that a process does not know."""
    known = _keys.get_many(version_ids)
    if missing := [one for one in version_ids if one not in known]:
        read: dict[int, set[int]] = {version_id: set() for version_id in missing}
        rows = Option.objects.filter(version_id__in=missing, is_key=True)
        for version_id, option_id in rows.values_list("version_id", "pk"):
            read[version_id].add(option_id)
        known |= {version_id: _keys.put(version_id, frozenset(keys)) for version_id, keys in read.items()}
    return known


def ruled_keys(version_ids: Sequence[int], in_force: rulings.InForce) -> list[Key]:
    """Return what answers to these versions are compared with, in their order; queries as `keys_of`."""
    published = keys_of(version_ids)
    return [rulings.key_of(published[one], in_force.get(one)) for one in version_ids]


def solved(text_ids: Sequence[int]) -> dict[int, SolvedText]:
    """Return items with key and reasons by text; four queries for those that a process does not know."""
    known = _solved.get_many(text_ids)
    if missing := [one for one in text_ids if one not in known]:
        known |= {text_id: _solved.put(text_id, one) for text_id, one in _read(missing).items()}
    return known


def _read(text_ids: Sequence[int]) -> dict[int, SolvedText]:
    rows = ItemText.objects.filter(pk__in=text_ids).select_related("version")
    return {row.pk: solve(row) for row in rows.prefetch_related("options__option")}


# A paper with its reasons is about 0.3 MB: a process keeps at most 10 MB of them.
@lru_cache(maxsize=32)
def of_paper(paper_id: int) -> tuple[Solution, ...]:
    """Return the solutions of a paper in order of position; five queries the first time in a process."""
    paper = papers.order(paper_id)
    texts = {one.version_id: one for one in _read(paper.text_ids).values()}
    places = FormItem.objects.filter(edition_id=paper.edition_id).order_by("position")
    return tuple(_solution(place, texts[place.version_id]) for place in places)


def _solution(place: FormItem, text: SolvedText) -> Solution:
    return Solution(place.position, place.domain_number, place.is_scored, text)


def solve(text: ItemText) -> SolvedText:
    """Return a text with keys and reasons; no query if its version and options are fetched."""
    version = text.version
    options = sorted(text.options.all(), key=lambda part: part.option.order)
    return SolvedText(
        version_id=version.pk,
        difficulty=version.difficulty,
        kind=version.kind,
        choose=version.choose,
        language=text.language,
        stem_html=text.stem_html,
        ask_html=text.ask_html,
        options=tuple(
            SolvedOption(
                part.option_id, part.option.letter, part.text_html, part.rationale_html, part.option.is_key
            )
            for part in options
        ),
        why_html=text.why_html,
        principle_html=text.principle_html,
        tip_html=text.tip_html,
        references=tuple((one["title"], one["url"]) for one in text.references),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A position, counted from 1. `coverage` are ids of what the certification's blueprint covers."""

    position: int
    version_id: int
    item_id: int
    coverage: tuple[str, ...]


def places_in(edition_id: int | None) -> tuple[Place, ...]:
    """Return the places of an edition in order; a drawn paper has none. One query a minute."""
    return () if edition_id is None else _read_places(edition_id, int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=64)
def places_drawn(paper_id: int) -> tuple[Place, ...]:
    """Return the places of a drawn paper in order, without coverage. Two queries the first time."""
    versions = papers.order(paper_id).version_ids
    items = dict(ItemVersion.objects.filter(pk__in=versions).values_list("pk", "item_id"))
    return tuple(Place(n, version_id, items[version_id], ()) for n, version_id in enumerate(versions, 1))


@lru_cache(maxsize=64)
def _read_places(edition_id: int, _minute: int) -> tuple[Place, ...]:
    rows = FormItem.objects.filter(edition_id=edition_id).order_by("position")
    return tuple(
        Place(position, version_id, item_id, tuple(coverage))
        for position, version_id, item_id, coverage in rows.values_list(
            "position", "version_id", "version__item_id", "version__item__coverage"
        )
    )


@dataclass(frozen=True, slots=True)
class Topics:
    """The task at each position, in order, whether it counts, its domain, and the title of each task."""

    codes: tuple[str, ...]
    scored: tuple[bool, ...]
    domains: tuple[int, ...]
    titles: Mapping[str, str]


def topics_in(edition_id: int, language: str) -> Topics:
    """Return the tasks of an edition, their titles in a language or the original. One query a minute."""
    return _read_topics(edition_id, language, int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read_topics(edition_id: int, language: str, _minute: int) -> Topics:
    original = OuterRef("version__item__certification__original_language")
    in_turn = Case(When(language=language, then=0), When(language=original, then=1), default=2)
    texts = TaskStatementText.objects.filter(task=OuterRef("version__item__task"))
    titles = texts.alias(turn=in_turn).order_by("turn")
    places = FormItem.objects.filter(edition_id=edition_id).order_by("position")
    rows = places.values_list(
        *("version__item__task__code", "is_scored", "domain_number"),
        Coalesce(Subquery(titles.values("title")[:1]), Value("")),
    )
    codes, scored, domains, named = zip(*rows, strict=True)
    return Topics(codes, scored, domains, dict(zip(codes, named, strict=True)))
