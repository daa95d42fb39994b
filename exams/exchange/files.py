"""The content files of one certification as they lie in a directory. Reads them all, names every fault."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exams.exchange.formats.bank_yaml import read_exam, read_translation
from exams.exchange.formats.plan_yaml import read_blueprint, read_certification
from exams.exchange.formats.readings_yaml import read_readings
from exams.exchange.records import (
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
    certification: CertificationRecord | None
    exams: tuple[ExamRecord, ...]
    translations: tuple[TranslationRecord, ...]
    readings: dict[str, ReadingSheet]


def read_directory(directory: Path, only: str | None = None) -> ContentFiles:
    """Read all files, or of the exams only the one named (`exam-1`). Raises FormatError with every fault."""
    problems: list[Problem] = []
    names = sorted(path.name for path in (directory / "exams").glob("*.yaml"))
    names.sort(key=lambda name: int((NUMBER.search(name) or ["0"])[0]))
    if only is not None:
        names = [name for name in names if name.split(".")[0] == only]

    def read[T](name: str, parse: Callable[[bytes, str], T]) -> T | None:
        try:
            return parse((directory / name).read_bytes(), name)
        except FormatError as error:
            problems.extend(error.problems)
        except OSError as error:
            problems.append(Problem(Place(name, 0), "", f"cannot be read: {error.strerror}"))
        return None

    def read_all[T](pattern: re.Pattern[str], parse: Callable[[bytes, str], T]) -> list[T]:
        found = (read(f"exams/{name}", parse) for name in names if pattern.fullmatch(name))
        return [record for record in found if record is not None]

    blueprint = read("blueprint.yaml", read_blueprint)
    has_certification = (directory / "certification.yaml").exists()
    certification = read("certification.yaml", read_certification) if has_certification else None
    exams = read_all(EXAM, read_exam)
    translations = read_all(TRANSLATION, read_translation)
    sheets = read_all(READINGS, read_readings)
    for name in names:
        if not any(pattern.fullmatch(name) for pattern in (EXAM, READINGS, TRANSLATION)):
            message = "expected exam-N.yaml, exam-N.reading.yaml or exam-N.<language>.yaml"
            problems.append(Problem(Place(f"exams/{name}", 0), "", message))
    problems += _doubles(exams) + _misnamed(exams, translations, sheets)
    if problems or blueprint is None:
        raise FormatError(tuple(problems))
    readings = {sheet.name: sheet for sheet in sheets}
    return ContentFiles(blueprint, certification, tuple(exams), tuple(translations), readings)


def _doubles(exams: list[ExamRecord]) -> list[Problem]:
    """An item id may stand in one file only."""
    first: dict[str, Place] = {}
    problems = []
    for exam in exams:
        for item in exam.items:
            if item.id in first and first[item.id].file != item.place.file:
                problems.append(Problem(item.place, item.id, f"stands in {first[item.id]} too"))
            first.setdefault(item.id, item.place)
    return problems


def _misnamed(
    exams: list[ExamRecord], translations: list[TranslationRecord], sheets: list[ReadingSheet]
) -> list[Problem]:
    """A file and the exam and language it names must agree, lest two files claim the same exam."""
    problems = []
    records: list[ExamRecord | TranslationRecord | ReadingSheet] = [*exams, *translations, *sheets]
    for record in records:
        stem, *rest = record.place.file.removeprefix("exams/").removesuffix(".yaml").split(".")
        if not record.name.endswith(f"-{stem}"):
            problems.append(Problem(record.place, "", f"the file of {stem} says that it is {record.name!r}"))
        if isinstance(record, TranslationRecord) and rest != [record.language]:
            message = f"the file is named for {rest[0]!r} and says that it is {record.language!r}"
            problems.append(Problem(record.place, "", message))
    return problems
