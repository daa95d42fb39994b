"""The content files of one certification as they lie in a directory. Reads them all, names every fault."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exams.content.crosscheck import (
    blueprint_problems,
    certification_problems,
    doubles,
    misnamed,
    translation_problems,
)
from exams.content.folder import Reader
from exams.content.formats.blueprint_yaml import read_blueprint, read_certification
from exams.content.formats.exam_yaml import read_exam, read_translation
from exams.content.formats.readings_yaml import read_readings
from exams.content.records import (
    BlueprintRecord,
    CertificationRecord,
    ExamRecord,
    FormatError,
    Place,
    Problem,
    ReadingSheet,
    TranslationRecord,
)

EXAM: Final = re.compile(r"exam-\d+\.yaml")
READINGS: Final = re.compile(r"exam-\d+\.reading\.yaml")
TRANSLATION: Final = re.compile(r"exam-\d+\.(?!reading\.)([a-z]{2,3}(?:-[a-z0-9]+)?)\.yaml")
NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ContentFiles:
    """What lies in a directory; file names in records are relative to it."""

    blueprint: BlueprintRecord
    certification: CertificationRecord
    exams: tuple[ExamRecord, ...]
    translations: tuple[TranslationRecord, ...]
    readings: dict[str, ReadingSheet]


class _Reader(Reader):
    """Reads the files of all exams, or of one."""

    def __init__(self, directory: Path, only: str | None) -> None:
        super().__init__(directory)
        names = (path.name for path in (directory / "exams").glob("*.yaml"))
        self.names = sorted((name for name in names if only in (None, name.split(".")[0])), key=_by_number)

    def all[T](self, pattern: re.Pattern[str], parse: Callable[[bytes, str], T]) -> list[T]:
        """Return the files of the exams whose names match."""
        found = (self.one(f"exams/{name}", parse) for name in self.names if pattern.fullmatch(name))
        return [record for record in found if record is not None]

    def note_strange_names(self) -> None:
        """Complain about files that nobody reads."""
        for name in self.names:
            if not any(pattern.fullmatch(name) for pattern in (EXAM, READINGS, TRANSLATION)):
                message = "expected exam-N.yaml, exam-N.reading.yaml or exam-N.<language>.yaml"
                self.problems.append(Problem(Place(f"exams/{name}", 0), "", message))


def _by_number(name: str) -> tuple[int, str]:
    number = NUMBER.search(name)
    return int(number.group()) if number else 0, name


def read_directory(directory: Path, only: str | None = None) -> ContentFiles:
    """Read all files, or of the exams only the one named (`exam-1`). Raises FormatError with every fault."""
    reader = _Reader(directory, only)
    blueprint = reader.one("blueprint.yaml", read_blueprint)
    certification = reader.one("certification.yaml", read_certification)
    exams = reader.all(EXAM, read_exam)
    translations = reader.all(TRANSLATION, read_translation)
    sheets = reader.all(READINGS, read_readings)
    reader.note_strange_names()
    problems = [*reader.problems, *doubles(exams), *misnamed([*exams, *translations, *sheets])]
    if blueprint is not None:
        problems += blueprint_problems(blueprint)
    if blueprint is not None and certification is not None:
        problems += certification_problems(blueprint, certification)
    if certification is not None and certification.texts:
        problems += translation_problems(translations, certification.texts[0].language)
    if problems or blueprint is None or certification is None:
        raise FormatError(tuple(problems))
    readings = {sheet.name: sheet for sheet in sheets}
    return ContentFiles(blueprint, certification, tuple(exams), tuple(translations), readings)
