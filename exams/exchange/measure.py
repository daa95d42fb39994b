"""Read and measure all content of a certification: exams, flashcards, cheat sheet, free sample."""

from pathlib import Path

from exams.content.records import FormatError, Problem
from exams.content.rules.check import Content, Report, check
from exams.exchange.files import read_directory
from exams.exchange.rules.study import check_study
from exams.exchange.study import StudyRecord
from exams.exchange.study_files import read_study


def measure(directory: Path) -> tuple[tuple[Problem, ...], Report]:
    """Return the faults of all files or, where there are none, what the rules found."""
    problems: list[Problem] = []
    files, study = None, StudyRecord()
    try:
        files = read_directory(directory)
    except FormatError as error:
        problems.extend(error.problems)
    try:
        study = read_study(directory)
    except FormatError as error:
        problems.extend(error.problems)
    if files is None or problems:
        return tuple(problems), Report((), ())
    bank = check(Content(files.blueprint, files.exams, files.translations, files.readings))
    more = check_study(files.blueprint, files.exams, study)
    return (), Report(bank.tables + more.tables, bank.breaches + more.breaches)
