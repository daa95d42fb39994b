"""The part with the free sample: items that anybody may try."""

from collections.abc import Iterator

from exams.content.catalogue import CataloguePart
from exams.content.exams import ExamsPart
from exams.content.folder import Folder
from exams.content.formats.sample_yaml import read_sample
from exams.content.parts import Content, Part
from exams.content.records import SampleRecord
from exams.content.rules.findings import Measured
from exams.content.rules.sample import SAMPLE_RULES, Sample

FILE = "sample.yaml"


class SamplePart(Part[SampleRecord]):
    """Which items form the sample, in the order in which they are shown."""

    name = "sample"
    files = (r"sample\.yaml",)

    def read(self, folder: Folder, content: Content) -> SampleRecord | None:
        """Return the sample, or None where there is none."""
        return folder.one(FILE, read_sample, optional=True)

    def measure(self, record: SampleRecord, content: Content) -> Iterator[Measured]:
        """Ask whether the sample shows what the exams are like."""
        exams = content.get(ExamsPart)
        sample = Sample(record, content[CataloguePart].blueprint, exams.exams if exams else ())
        yield record.place.file, [rule(sample) for rule in SAMPLE_RULES]
