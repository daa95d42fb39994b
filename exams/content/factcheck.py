"""The part that says what the key of each item rests on."""

from collections.abc import Iterator

from exams.content.catalogue import CataloguePart
from exams.content.dated import FactCheckRecord
from exams.content.exams import ExamsPart
from exams.content.folder import Folder
from exams.content.formats.factcheck_md import read_factcheck
from exams.content.guide import guide_of
from exams.content.parts import Content, Part
from exams.content.records import Place
from exams.content.rules.factcheck import FACT_RULES, FactCheck
from exams.content.rules.findings import Measured
from exams.content.sample import SamplePart, sample_of

FILE = "CHECKED.md"


class FactCheckPart(Part[FactCheckRecord]):
    """The pages of documentation behind each key."""

    name = "factcheck"
    files = (r"CHECKED\.md",)
    kept = files

    def read(self, folder: Folder, content: Content) -> FactCheckRecord | None:
        """Return the fact check, or None where there is none; revised exams cannot do without one."""
        guide = guide_of(content)
        if guide.revised and FILE not in folder.names:
            return FactCheckRecord((), Place(FILE, 0))
        return folder.one(FILE, lambda data, file: read_factcheck(data, file, guide.item_ids), optional=True)

    def measure(self, record: FactCheckRecord, content: Content) -> Iterator[Measured]:
        """Ask for each written exam, and for the sample, whether its items are traced."""
        blueprint, exams = content[CataloguePart].blueprint, content.get(ExamsPart)
        plans = (blueprint.plan(exam.name) for exam in (exams.exams if exams else ()))
        sample = content.get(SamplePart)
        own = (sample_of(sample, content).plan,) if sample and sample.items else ()
        written = (*(plan for plan in plans if plan is not None), *own)
        check = FactCheck(record, written, guide_of(content).revised)
        yield record.place.file, [rule(check) for rule in FACT_RULES]
