"""What lies in a directory beside the exams, as records; what is not there is left out."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from exams.exchange.formats.cheatsheet_md import read_section
from exams.exchange.formats.factcheck_md import read_factcheck
from exams.exchange.formats.study_yaml import read_deck, read_deck_plan, read_outline, read_sample
from exams.exchange.records import FormatError, Place, Problem
from exams.exchange.study import StudyRecord

DECK: Final = "flashcards.yaml"
PLAN: Final = "flashcards-plan.yaml"
OUTLINE: Final = "cheatsheet/outline.yaml"
SECTIONS: Final = "cheatsheet/en/*.md"
SAMPLE: Final = "sample.yaml"
FACTS: Final = "CHECKED.md"


class _Reader:
    """Reads files of a directory and gathers what is wrong with them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problems: list[Problem] = []

    def one[T](self, name: str, parse: Callable[[bytes, str], T]) -> T | None:
        """Return a file as a record, or None where it is not there or has faults."""
        try:
            return parse((self.directory / name).read_bytes(), name)
        except FileNotFoundError:
            return None
        except FormatError as error:
            self.problems.extend(error.problems)
        except OSError as error:
            self.problems.append(Problem(Place(name, 0), "", f"cannot be read: {error.strerror}"))
        return None

    def all[T](self, pattern: str, parse: Callable[[bytes, str], T]) -> tuple[T, ...]:
        """Return the files that match, in the order of their names."""
        names = sorted(path.relative_to(self.directory).as_posix() for path in self.directory.glob(pattern))
        found = (self.one(name, parse) for name in names)
        return tuple(record for record in found if record is not None)


def read_study(directory: Path) -> StudyRecord:
    """Read all files that are there. Raises FormatError with every fault of every file."""
    reader = _Reader(directory)
    record = StudyRecord(
        plan=reader.one(PLAN, read_deck_plan),
        decks=reader.all(DECK, read_deck),
        outline=reader.one(OUTLINE, read_outline),
        sections=reader.all(SECTIONS, read_section),
        sample=reader.one(SAMPLE, read_sample),
        facts=reader.one(FACTS, read_factcheck),
    )
    if reader.problems:
        raise FormatError(tuple(reader.problems))
    return record
