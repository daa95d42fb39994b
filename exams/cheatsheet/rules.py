"""The cheat sheet has every block of its outline, teaches everything and stays readable."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from exams.cheatsheet.records import (
    BlockRecord,
    OutlineRecord,
    OutlineSectionRecord,
    Passage,
    SectionRecord,
)
from exams.content.records import Place
from exams.content.rules.rule import Fault, Outcome, in_order, set_rule

CELL_MAX: Final = 30
BULLET_MAX: Final = 45
INTRO_MIN: Final = 60
INTRO_MAX: Final = 110
TIPS_MAX: Final = 1
BOLD: Final = "**"

type Found = Iterable[tuple[Place, str, str]]
TABLE_ROWS: Final = 60
"""A sheet sums up a whole domain, so its tables are longer than those of questions."""


@dataclass(frozen=True, slots=True)
class Section:
    """A file of the cheat sheet under measure, beside its section of the outline.

    `has_titles` tells whether it is in the language of the outline, so that titles can be compared.
    """

    record: SectionRecord
    plan: OutlineSectionRecord
    coverage: frozenset[str]
    has_titles: bool = True

    @property
    def place(self) -> Place:
        """Return the file as a whole."""
        return Place(self.record.place.file, 0)

    @property
    def blocks(self) -> tuple[BlockRecord, ...]:
        """Return the blocks in the order of the file."""
        return self.record.blocks


@dataclass(frozen=True, slots=True)
class Whole:
    """All sections in one language; `place` is their folder."""

    sections: tuple[SectionRecord, ...]
    outline: OutlineRecord
    coverage: frozenset[str]
    place: Place
    has_titles: bool = True


def located(limit: str, faults: Found) -> list[Fault]:
    """Return faults of blocks that break one limit, each where it is."""
    return [Fault(place, block, said, limit) for place, block, said in faults]


@set_rule("S01", least=0)
def outlined_sections(whole: Whole) -> Outcome:
    """There is one file for each section of the outline, in its order, under its title."""
    faults = []
    for plan, section in zip_longest(whole.outline.sections, whole.sections):
        if section is None:
            said = f"section {plan.number} ({plan.title}) has no file"
            faults.append(Fault(whole.place, "", said, "every section of the outline"))
        elif plan is None or (whole.has_titles and section.title != plan.title):
            wanted = f"the title {plan.title!r}" if plan else "no further file"
            faults.append(Fault(section.place, "", f"section {section.title!r}", wanted))
    return Outcome.of("sections", str(len(whole.sections)), str(len(whole.outline.sections)), faults)


@set_rule("S01", least=0)
def sheet_has_outline(place: Place) -> Outcome:
    """A cheat sheet has an outline to be measured against; this is said of one that has none."""
    return Outcome(faults=(Fault(place, "", "the cheat sheet has no outline", "an outline"),))


@set_rule("S02", least=0)
def outlined_blocks(section: Section) -> Outcome:
    """Numbers, titles and order of the blocks are those of the outline."""
    planned = {block.number: block.title for block in section.plan.blocks}
    there = [(block.number, block.place) for block in section.blocks]
    limit = f"{len(planned)} blocks in the order of the outline"
    faults = [
        Fault(place or section.place, number, said, limit) for place, number, said in in_order(planned, there)
    ]
    for block in section.blocks if section.has_titles else ():
        title = planned.get(block.number, block.title)
        if block.title != title:
            said = f"title {block.title!r}, outlined {title!r}"
            faults.append(Fault(block.place, block.number, said, limit))
    known = sum(number in planned for number, _ in there)
    return Outcome.of("blocks as outlined", str(known), str(len(planned)), faults)


@set_rule("S04", least=0)
def block_coverage(section: Section) -> Outcome:
    """All that a block says to teach is in the blueprint, and named once."""
    wrong = []
    for block in section.blocks:
        unknown = [name for name in block.covers if name not in section.coverage]
        wrong += [(block.place, block.number, f"unknown coverage id {name!r}") for name in unknown]
        if len(set(block.covers)) < len(block.covers):
            wrong.append((block.place, block.number, "names a coverage id twice"))
    taught = {name for block in section.blocks for name in block.covers} & section.coverage
    faults = located("coverage ids of the blueprint, each once", wrong)
    return Outcome.of("coverage items taught", str(len(taught)), "", faults)


def entries(block: BlockRecord) -> Iterator[Passage]:
    """Yield the entries of all lists of a block."""
    yield from block.bullets
    yield from block.steps


def is_led(text: str) -> bool:
    """Tell whether a text begins with words in bold."""
    return text.startswith(BOLD) and text.find(BOLD, len(BOLD)) > len(BOLD)
