"""The blind check beside the exams: who answered which item without its key, and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from exams.content.folder import EXAMS, READINGS_SUFFIX, Folder
from exams.content.parts import Content, Part
from exams.content.records import SAMPLE_NAME, Problem
from tools.items.readings_yaml import read_readings
from tools.items.records import ExamReadings

SAMPLE_READINGS: Final = f"{SAMPLE_NAME}{READINGS_SUFFIX}"


@dataclass(frozen=True, slots=True)
class ReadingsRecord:
    """The readings of each exam, and of the sample, by its name."""

    by_exam: Mapping[str, ExamReadings]


class ReadingsPart(Part[ReadingsRecord]):
    """The readings of each exam and of the sample. Where nothing was ever read, each exam lacks them.

    No load knows this part: readings are files, and only measured.
    """

    name = "readings"
    files = (rf"(?:exams/exam-\d+|{SAMPLE_NAME})\.reading\.yaml",)

    def read(self, folder: Folder, content: Content) -> ReadingsRecord:
        """Return the readings that there are."""
        found = folder.all(self.files[0], read_readings)
        return ReadingsRecord({readings.name: readings for readings in found})

    def problems(self, record: ReadingsRecord, content: Content) -> Iterator[Problem]:
        """Return the files that are of another exam than their name says."""
        for readings in record.by_exam.values():
            stem = readings.place.file.removeprefix(EXAMS).removesuffix(READINGS_SUFFIX)
            named = readings.name == stem if stem == SAMPLE_NAME else readings.name.endswith(f"-{stem}")
            if not named:
                yield Problem(readings.place, "", f"the file of {stem} says that it is {readings.name!r}")
