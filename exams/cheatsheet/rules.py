"""The cheat sheet has every block of its outline, teaches everything and stays readable."""

from collections.abc import Callable, Iterable, Iterator
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
from exams.content.rules.measures import count_words
from exams.content.rules.order import in_order
from exams.content.rules.rule import Fault, Outcome, Row, set_rule
from exams.content.rules.spelling import british

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


def _faults(limit: str, found: Found) -> list[Fault]:
    return [Fault(place, block, said, limit) for place, block, said in found]


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
    found = [(block.number, block.place) for block in section.blocks]
    limit = f"{len(planned)} blocks in the order of the outline"
    faults = [
        Fault(place or section.place, number, said, limit) for place, number, said in in_order(planned, found)
    ]
    for block in section.blocks if section.has_titles else ():
        title = planned.get(block.number, block.title)
        if block.title != title:
            said = f"title {block.title!r}, outlined {title!r}"
            faults.append(Fault(block.place, block.number, said, limit))
    known = sum(number in planned for number, _ in found)
    return Outcome.of("blocks as outlined", str(known), str(len(planned)), faults)


FORMS: Final[dict[str, Callable[[BlockRecord], bool]]] = {
    "text": lambda block: bool(block.paragraphs) and not (block.cells or block.bullets or block.steps),
    "table": lambda block: bool(block.cells),
    "bullets": lambda block: bool(block.bullets),
    "steps": lambda block: bool(block.steps),
}


@set_rule("S03", least=0)
def block_forms(section: Section) -> Outcome:
    """Each block has the form of the outline: text alone, a table, bullets or steps."""
    forms = {block.number: block.form for block in section.plan.blocks}
    found = [
        (block.place, block.number, f"has not the form {forms[block.number]!r}")
        for block in section.blocks
        if block.number in forms and not FORMS[forms[block.number]](block)
    ]
    faults = _faults("the form of the outline", found)
    return Outcome.of("blocks of another form", str(len(faults)), "0", faults)


@set_rule("S04", least=0)
def block_coverage(section: Section) -> Outcome:
    """All that a block says to teach is in the blueprint, and named once."""
    found = []
    for block in section.blocks:
        unknown = [name for name in block.covers if name not in section.coverage]
        found += [(block.place, block.number, f"unknown coverage id {name!r}") for name in unknown]
        if len(set(block.covers)) < len(block.covers):
            found.append((block.place, block.number, "names a coverage id twice"))
    taught = {name for block in section.blocks for name in block.covers} & section.coverage
    faults = _faults("coverage ids of the blueprint, each once", found)
    return Outcome.of("coverage items taught", str(len(taught)), "", faults)


@set_rule("S05", least=0)
def whole_coverage(whole: Whole) -> Outcome:
    """Each coverage item of the blueprint is taught by at least one block."""
    taught = {name for section in whole.sections for block in section.blocks for name in block.covers}
    missing = sorted(whole.coverage - taught)
    said, limit = f"taught by no block: {', '.join(missing)}", "every coverage id of the blueprint"
    faults = [Fault(whole.place, "", said, limit)] if missing else []
    found = len(whole.coverage) - len(missing)
    return Outcome.of("coverage items taught", str(found), str(len(whole.coverage)), faults)


type Counted = tuple[Place, str, int]


def _words(section: Section, kinds: Callable[[BlockRecord], Iterable[Passage]]) -> list[Counted]:
    return [
        (passage.place, block.number, count_words(passage.text))
        for block in section.blocks
        for passage in kinds(block)
    ]


def _longest(what: str, limit: int, counts: list[Counted]) -> Outcome:
    found = [(place, block, f"{words} words in {what}") for place, block, words in counts if words > limit]
    most = max((words for _, _, words in counts), default=0)
    return Outcome.of(
        f"most words in {what}", str(most), f"at most {limit}", _faults(f"at most {limit}", found)
    )


@set_rule("S06", least=0)
def cell_length(section: Section) -> Outcome:
    """A table cell has at most 30 words."""
    return _longest("a cell", CELL_MAX, _words(section, lambda block: block.cells))


@set_rule("S07", least=0)
def entry_length(section: Section) -> Outcome:
    """A list entry has at most 45 words."""
    return _longest("a list entry", BULLET_MAX, _words(section, entries))


@set_rule("S07", least=0)
def leading_terms(section: Section) -> Outcome:
    """A list entry is led by its term in bold."""
    found = [
        (entry.place, block.number, f"begins with {entry.text[:20]!r}")
        for block in section.blocks
        for entry in entries(block)
        if not is_led(entry.text)
    ]
    faults = _faults("a leading term in bold", found)
    return Outcome((Row("list entries without a leading term", str(len(faults)), "0"),), tuple(faults))


def entries(block: BlockRecord) -> Iterator[Passage]:
    """Yield the entries of all lists of a block."""
    yield from block.bullets
    yield from block.steps


def is_led(text: str) -> bool:
    """Tell whether a text begins with words in bold."""
    return text.startswith(BOLD) and text.find(BOLD, len(BOLD)) > len(BOLD)


@set_rule("S08", least=0)
def introduction_length(section: Section) -> Outcome:
    """The introduction, which is the first block, has 60 to 110 words."""
    intro = section.blocks[0] if section.blocks else None
    words = sum(count_words(passage.text) for passage in intro.paragraphs) if intro else 0
    limit = f"{INTRO_MIN} to {INTRO_MAX}"
    place, number = (intro.place, intro.number) if intro else (section.place, "")
    is_good = INTRO_MIN <= words <= INTRO_MAX
    faults = [] if is_good else [Fault(place, number, f"{words} words in the introduction", limit)]
    return Outcome.of("words in the introduction", str(words), limit, faults)


@set_rule("S09", least=0)
def exam_tips(section: Section) -> Outcome:
    """A group has at most one exam tip; a subheading begins another group."""
    groups = [(block, tips) for block in section.blocks for tips in block.tips]
    found = [
        (tips[TIPS_MAX].place, block.number, f"{len(tips)} exam tips in a group")
        for block, tips in groups
        if len(tips) > TIPS_MAX
    ]
    most = max((len(tips) for _, tips in groups), default=0)
    limit = f"at most {TIPS_MAX}"
    return Outcome.of("most exam tips in a group", str(most), limit, _faults(limit, found))


@set_rule("S10", least=0)
def sheet_spelling(section: Section) -> Outcome:
    """The sheet is in American English."""
    found = [
        (block.place, block.number, ", ".join(words))
        for block in section.blocks
        if (words := sorted(set(british(f"{block.title} {block.source}"))))
    ]
    return Outcome.of("blocks with British words", str(len(found)), "0", _faults("American spelling", found))


SECTION_RULES: Final = (
    outlined_blocks,
    block_forms,
    block_coverage,
    cell_length,
    entry_length,
    leading_terms,
    introduction_length,
    exam_tips,
)
WHOLE_RULES: Final = (outlined_sections, whole_coverage)
ENGLISH_RULES: Final = (sheet_spelling,)
