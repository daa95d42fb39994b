"""The cheat sheet teaches everything and stays readable."""

from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from typing import Final

from exams.cheatsheet.part import NO_SECTION, CheatSheetRecord
from exams.cheatsheet.records import BlockRecord, Passage
from exams.cheatsheet.rules import (
    BULLET_MAX,
    CELL_MAX,
    INTRO_MAX,
    INTRO_MIN,
    TIPS_MAX,
    Section,
    Whole,
    block_coverage,
    entries,
    is_led,
    located,
    outlined_blocks,
    outlined_sections,
    sheet_has_outline,
)
from exams.content.catalog import CatalogPart, coverage_ids
from exams.content.parts import Content
from exams.content.records import Place
from exams.content.rules.measures import count_words
from exams.content.rules.rule import Fault, Measured, Outcome, Row, set_rule
from exams.content.rules.spelling import british

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
    faults = located("the form of the outline", found)
    return Outcome.of("blocks of another form", str(len(faults)), "0", faults)


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
        f"most words in {what}", str(most), f"at most {limit}", located(f"at most {limit}", found)
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
    faults = located("a leading term in bold", found)
    return Outcome((Row("list entries without a leading term", str(len(faults)), "0"),), tuple(faults))


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
    return Outcome.of("most exam tips in a group", str(most), limit, located(limit, found))


@set_rule("S10", least=0)
def sheet_spelling(section: Section) -> Outcome:
    """The sheet is in American English."""
    found = [
        (block.place, block.number, ", ".join(words))
        for block in section.blocks
        if (words := sorted(set(british(f"{block.title} {block.source}"))))
    ]
    return Outcome.of("blocks with British words", str(len(found)), "0", located("American spelling", found))


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


def sheet(record: CheatSheetRecord, content: Content) -> Iterator[Measured]:
    """Measure each section, and all sections of a language together."""
    for language, sections in record.sections.items():
        place, title = Place(f"cheatsheet/{language}", 0), f"the cheat sheet in {language!r} as a whole"
        if record.outline is None:
            yield title, [sheet_has_outline(place)]
            continue
        is_original = language == content[CatalogPart].original_language
        whole = Whole(sections, record.outline, coverage_ids(content), place, is_original)
        yield from _sections(whole, language)
        yield title, [rule(whole) for rule in WHOLE_RULES]


def _sections(whole: Whole, language: str) -> Iterator[Measured]:
    rules = (*SECTION_RULES, *(ENGLISH_RULES if language == "en" else ()))
    for record, plan in zip_longest(whole.sections, whole.outline.sections[: len(whole.sections)]):
        section = Section(record, plan or NO_SECTION, whole.coverage, whole.has_titles)
        yield section.place.file, [rule(section) for rule in rules]
