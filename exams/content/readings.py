"""The part with the blind check: who answered which item without its key, and how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exams.content.catalogue import CataloguePart
from exams.content.exams import ExamsPart, judged, misnamed
from exams.content.folder import Folder
from exams.content.formats.readings_yaml import read_readings
from exams.content.guide import guide_of
from exams.content.parts import Content, Part
from exams.content.records import ExamReadings, Problem
from exams.content.rules.agreement import agreement
from exams.content.rules.blind import BLIND_RULES
from exams.content.rules.findings import Measured
from exams.content.rules.measured import MeasuredExam


@dataclass(frozen=True, slots=True)
class ReadingsRecord:
    """The readings of each exam by its name."""

    by_exam: Mapping[str, ExamReadings]


class ReadingsPart(Part[ReadingsRecord]):
    """The readings of each exam, by its name. Where nothing was ever read, each exam lacks them."""

    name = "readings"
    files = (r"exams/exam-\d+\.reading\.yaml",)
    kept = files

    def read(self, folder: Folder, content: Content) -> ReadingsRecord:
        """Return the readings that there are."""
        found = folder.all(self.files[0], read_readings)
        return ReadingsRecord({readings.name: readings for readings in found})

    def problems(self, record: ReadingsRecord, content: Content) -> Iterator[Problem]:
        """Return the files that are of another exam than their name says."""
        yield from misnamed(list(record.by_exam.values()))

    def measure(self, record: ReadingsRecord, content: Content) -> Iterator[Measured]:
        """Compare the readings with the keys, in the table of the exam."""
        exams, blueprint = content.get(ExamsPart), content[CataloguePart].blueprint
        for exam in exams.exams if exams else ():
            plan = blueprint.plan(exam.name)
            if plan is not None:
                measured = MeasuredExam(exam, plan, guide=guide_of(content))
                readings = record.by_exam.get(exam.name)
                findings = [judged(measured, rule(measured, readings)) for rule in BLIND_RULES]
                yield exam.place.file, [agreement(measured, readings), *findings]
