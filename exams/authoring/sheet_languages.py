"""The sheet of a language beside that of another: which block is which, what is missing, what is older.

Blocks are matched by what they cover, within sections of the same place: their titles differ by language.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from exams.authoring.kinds import Content
from exams.catalogue.models import Certification
from exams.cheatsheet import selectors
from exams.cheatsheet.records import BlockRecord, SectionRecord

type Times = Mapping[tuple[str, str, str], dt.datetime]
type Pair = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class OtherBlock:
    """A block as another language has it published; `is_behind` where the translation of both is older."""

    language: str
    number: str
    title: str
    source: str
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A block of another language that has none here: it would stand before the block `before`."""

    section: int
    before: int
    place: int
    language: str
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Other:
    """The published sheet of another language, seen from a draft: by section and block of the draft."""

    language: str
    titles: Mapping[int, str]
    blocks: Mapping[tuple[int, int], OtherBlock]
    missing: Sequence[Missing]


def others(certification: Certification, language: str, content: Content) -> list[Other]:
    """Return the original for a translation, every translation for the original. Three statements."""
    original = certification.original_language
    written = selectors.written(certification.code)
    times = selectors.first_published(certification.code)
    wanted = [one for one in written if one != original] if language == original else [original]
    return [
        _other(one, written[one], content["sections"], _Ages(times, language, original))
        for one in wanted
        if one in written
    ]


@dataclass(frozen=True, slots=True)
class _Ages:
    """When texts were first published; what is being written has no time yet and is newer than all."""

    times: Times
    mine: str
    original: str

    def is_behind(self, mine: Mapping[str, Any], language: str, theirs: BlockRecord) -> bool:
        """Tell whether the translation, which is one of both, is older than the original."""
        own = self.times.get((self.mine, mine["title"], mine["source"]))
        said = self.times[language, theirs.title, theirs.source]
        if self.mine == self.original:
            return own is None or own > said
        return own is not None and said > own


def _other(language: str, theirs: Sequence[SectionRecord], mine: Sequence[Any], ages: _Ages) -> Other:
    blocks: dict[tuple[int, int], OtherBlock] = {}
    missing: list[Missing] = []
    for number, section in enumerate(theirs):
        own = mine[number]["blocks"] if number < len(mine) else []
        before = 0
        for at, place in pairs(own, section.blocks):
            if at is not None:
                before = at + 1
            if place is None:
                continue
            block = section.blocks[place]
            if at is None:
                missing.append(Missing(number, before, place, language, block.number, block.title))
            else:
                is_behind = ages.is_behind(own[at], language, block)
                blocks[number, at] = OtherBlock(language, block.number, block.title, block.source, is_behind)
    titles = {number: section.title for number, section in enumerate(theirs)}
    return Other(language, titles, blocks, missing)


def pairs(mine: Sequence[Mapping[str, Any]], theirs: Sequence[BlockRecord]) -> Iterator[Pair]:
    """Yield which block of a section is which, in order; None where one side has none."""
    keys = [tuple(one["covers"]) for one in mine], [one.covers for one in theirs]
    for act, at, end, place, last in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        both = min(end - at, last - place) if act in ("equal", "replace") else 0
        yield from ((at + n, place + n) for n in range(both))
        yield from ((n, None) for n in range(at + both, end))
        yield from ((None, n) for n in range(place + both, last))


def taken(certification: Certification, content: Content, section: int | None, place: int) -> dict[str, Any]:
    """Return content with a block of the original that is missing, all of them where no section is named.

    It has title and ids of the original and no text yet.
    """
    sections = [{**one, "blocks": list(one["blocks"])} for one in content["sections"]]
    theirs = selectors.written(certification.code).get(certification.original_language, [])
    for number, original in enumerate(theirs):
        if section is not None and section != number:
            continue
        while len(sections) <= number:
            sections.append({"title": theirs[len(sections)].title, "blocks": []})
        sections[number]["blocks"] = list(
            _filled(sections[number]["blocks"], original.blocks, None if section is None else place)
        )
    return {**content, "sections": sections}


def _filled(mine: Sequence[Any], theirs: Sequence[BlockRecord], wanted: int | None) -> Iterator[Any]:
    for at, place in pairs(mine, theirs):
        if at is not None:
            yield mine[at]
        elif place is not None and wanted in (None, place):
            yield {"title": theirs[place].title, "covers": list(theirs[place].covers), "source": ""}
