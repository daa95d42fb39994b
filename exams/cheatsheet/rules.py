"""S01 to S09: the cheat sheet has every block of its outline, teaches everything and stays readable."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from exams.content.rules.findings import Breach, Figure, Finding
from exams.content.rules.measures import count_words
from exams.exchange.study import BlockRecord, OutlineRecord, OutlineSectionRecord, Passage, SectionRecord

CELL_MAX: Final = 30
BULLET_MAX: Final = 45
INTRO_MIN: Final = 60
INTRO_MAX: Final = 110
TIPS_MAX: Final = 1
BOLD: Final = "**"

type Found = Iterable[tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A file of the cheat sheet under measure, beside its section of the outline."""

    record: SectionRecord
    plan: OutlineSectionRecord
    coverage: frozenset[str]

    @property
    def file(self) -> str:
        """Return the name of the file."""
        return self.record.place.file

    @property
    def blocks(self) -> tuple[BlockRecord, ...]:
        """Return the blocks in the order of the file."""
        return self.record.blocks

    def breaches(self, rule: str, limit: str, found: Found) -> tuple[Breach, ...]:
        """Return a breach for each fault, given as line, block and what was found."""
        return tuple(Breach(self.file, line, block, rule, said, limit) for line, block, said in found)


def s01(outline: OutlineRecord, sections: tuple[SectionRecord, ...], where: str) -> Finding:
    """There is one file for each section of the outline, in its order, under its title."""
    breaches = []
    for plan, section in zip_longest(outline.sections, sections):
        if section is None:
            said = f"section {plan.number} ({plan.title}) has no file"
            breaches.append(Breach(where, 0, "", "S01", said, "every section of the outline"))
        elif plan is None or section.title != plan.title:
            wanted = f"the title {plan.title!r}" if plan else "no further file"
            breaches.append(Breach(section.place.file, 1, "", "S01", f"section {section.title!r}", wanted))
    return Finding.of("S01", "sections", str(len(sections)), str(len(outline.sections)), breaches)


def s02(section: Section) -> Finding:
    """Numbers, titles and order of the blocks are those of the outline."""
    planned = {block.number: block.title for block in section.plan.blocks}
    found = [block.number for block in section.blocks]
    missing = [number for number in planned if number not in found]
    faults = [(0, "", f"missing: {', '.join(missing)}")] if missing else []
    seen: set[str] = set()
    for block in section.blocks:
        line = block.place.line
        if block.number not in planned:
            faults.append((line, block.number, "is not in the outline of this section"))
        elif block.title != planned[block.number]:
            faults.append((line, block.number, f"title {block.title!r}, outlined {planned[block.number]!r}"))
        if block.number in seen:
            faults.append((line, block.number, "stands twice"))
        seen.add(block.number)
    in_order = [number for number in planned if number in found]
    known = [block for block in section.blocks if block.number in planned]
    for block, expected in zip(known, in_order, strict=False):
        if block.number != expected:
            faults.append((block.place.line, block.number, f"stands where {expected} belongs"))
            break
    breaches = section.breaches("S02", f"{len(planned)} blocks in the order of the outline", faults)
    return Finding.of("S02", "blocks as outlined", str(len(known)), str(len(planned)), list(breaches))


FORMS: Final[dict[str, Callable[[BlockRecord], bool]]] = {
    "text": lambda block: bool(block.paragraphs) and not (block.cells or block.bullets or block.steps),
    "table": lambda block: bool(block.cells),
    "bullets": lambda block: bool(block.bullets),
    "steps": lambda block: bool(block.steps),
}


def s03(section: Section) -> Finding:
    """Each block has the form of the outline: text alone, a table, bullets or steps."""
    forms = {block.number: block.form for block in section.plan.blocks}
    faults = [
        (block.place.line, block.number, f"has not the form {forms[block.number]!r}")
        for block in section.blocks
        if block.number in forms and not FORMS[forms[block.number]](block)
    ]
    breaches = section.breaches("S03", "the form of the outline", faults)
    return Finding.of("S03", "blocks of another form", str(len(faults)), "0", list(breaches))


def s04(section: Section) -> Finding:
    """All that a block says to teach is in the blueprint, and named once."""
    faults = []
    for block in section.blocks:
        line = block.place.line
        strange = [name for name in block.covers if name not in section.coverage]
        faults += [(line, block.number, f"unknown coverage id {name!r}") for name in strange]
        if len(set(block.covers)) < len(block.covers):
            faults.append((line, block.number, "names a coverage id twice"))
    taught = {name for block in section.blocks for name in block.covers} & section.coverage
    breaches = section.breaches("S04", "coverage ids of the blueprint, each once", faults)
    return Finding.of("S04", "coverage items taught", str(len(taught)), "", list(breaches))


def s05(coverage: frozenset[str], sections: tuple[SectionRecord, ...], where: str) -> Finding:
    """Each coverage item of the blueprint is taught by at least one block."""
    taught = {name for section in sections for block in section.blocks for name in block.covers}
    missing = sorted(coverage - taught)
    said = f"taught by no block: {', '.join(missing)}"
    breaches = [Breach(where, 0, "", "S05", said, "every coverage id of the blueprint")] if missing else []
    found = len(coverage) - len(missing)
    return Finding.of("S05", "coverage items taught", str(found), str(len(coverage)), breaches)


def _words(section: Section, kinds: Callable[[BlockRecord], Iterable[Passage]]) -> list[tuple[int, str, int]]:
    return [
        (passage.place.line, block.number, count_words(passage.text))
        for block in section.blocks
        for passage in kinds(block)
    ]


def _longest(
    section: Section, rule: str, what: str, limit: int, counts: list[tuple[int, str, int]]
) -> Finding:
    faults = [(line, block, f"{words} words in {what}") for line, block, words in counts if words > limit]
    most = max((words for _, _, words in counts), default=0)
    breaches = section.breaches(rule, f"at most {limit}", faults)
    return Finding.of(rule, f"most words in {what}", str(most), f"at most {limit}", list(breaches))


def s06(section: Section) -> Finding:
    """A table cell has at most 30 words."""
    return _longest(section, "S06", "a cell", CELL_MAX, _words(section, lambda block: block.cells))


def s07(section: Section) -> Finding:
    """A list entry has at most 45 words and is led by its term in bold."""
    counts = _words(section, _entries)
    lengths = _longest(section, "S07", "a list entry", BULLET_MAX, counts)
    faults = [
        (entry.place.line, block.number, f"begins with {entry.text[:20]!r}")
        for block in section.blocks
        for entry in _entries(block)
        if not _is_led(entry.text)
    ]
    figure = Figure("S07", "list entries without a leading term", str(len(faults)), "0")
    breaches = section.breaches("S07", "a leading term in bold", faults)
    return Finding((*lengths.figures, figure), lengths.breaches + breaches)


def _entries(block: BlockRecord) -> Iterator[Passage]:
    yield from block.bullets
    yield from block.steps


def _is_led(text: str) -> bool:
    """Tell whether a text begins with words in bold."""
    return text.startswith(BOLD) and text.find(BOLD, len(BOLD)) > len(BOLD)


def s08(section: Section) -> Finding:
    """The introduction, which is the first block, has 60 to 110 words."""
    intro = section.blocks[0] if section.blocks else None
    words = sum(count_words(passage.text) for passage in intro.paragraphs) if intro else 0
    limit = f"{INTRO_MIN} to {INTRO_MAX}"
    line, number = (intro.place.line, intro.number) if intro else (0, "")
    faults = [] if INTRO_MIN <= words <= INTRO_MAX else [(line, number, f"{words} words in the introduction")]
    breaches = section.breaches("S08", limit, faults)
    return Finding.of("S08", "words in the introduction", str(words), limit, list(breaches))


def s09(section: Section) -> Finding:
    """A group has at most one exam tip; a subheading begins another group."""
    groups = [(block, tips) for block in section.blocks for tips in block.tips]
    faults = [
        (tips[TIPS_MAX].place.line, block.number, f"{len(tips)} exam tips in a group")
        for block, tips in groups
        if len(tips) > TIPS_MAX
    ]
    most = max((len(tips) for _, tips in groups), default=0)
    breaches = section.breaches("S09", f"at most {TIPS_MAX}", faults)
    return Finding.of("S09", "most exam tips in a group", str(most), f"at most {TIPS_MAX}", list(breaches))


SECTION_RULES: Final = (s02, s03, s04, s06, s07, s08, s09)
