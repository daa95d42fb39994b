"""What lies in a directory beside the exams, as records; what is not there is left out."""

from pathlib import Path
from typing import Final

from exams.cheatsheet.section_md import read_section
from exams.content.folder import Reader
from exams.content.formats.factcheck_md import read_factcheck
from exams.content.records import FormatError
from exams.exchange.study import StudyRecord
from flashcards.content.deck_yaml import read_deck, read_deck_plan, read_outline, read_sample

DECK: Final = "flashcards.yaml"
PLAN: Final = "flashcards-plan.yaml"
OUTLINE: Final = "cheatsheet/outline.yaml"
SECTIONS: Final = "cheatsheet/en/*.md"
SAMPLE: Final = "sample.yaml"
FACTS: Final = "CHECKED.md"


def read_study(directory: Path) -> StudyRecord:
    """Read all files that are there. Raises FormatError with every fault of every file."""
    reader = Reader(directory)
    names = sorted(path.relative_to(directory).as_posix() for path in directory.glob(SECTIONS))
    sections = (reader.one(name, read_section) for name in names)
    deck = reader.one(DECK, read_deck, optional=True)
    record = StudyRecord(
        plan=reader.one(PLAN, read_deck_plan, optional=True),
        decks=() if deck is None else (deck,),
        outline=reader.one(OUTLINE, read_outline, optional=True),
        sections=tuple(section for section in sections if section is not None),
        sample=reader.one(SAMPLE, read_sample, optional=True),
        facts=reader.one(FACTS, read_factcheck, optional=True),
    )
    if reader.problems:
        raise FormatError(tuple(reader.problems))
    return record
