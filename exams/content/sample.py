"""The part with the free sample: ten items of its own that anybody may try."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from exams.content.catalogue import CataloguePart
from exams.content.coverage import CoveragePart
from exams.content.exams import (
    EXAM_RULES,
    ExamRule,
    ExamsPart,
    judged,
    revised_findings,
    translation_findings,
)
from exams.content.figures import illustrated
from exams.content.folder import Folder
from exams.content.formats.exam_yaml import read_translation
from exams.content.formats.readings_yaml import read_readings
from exams.content.formats.sample_yaml import read_sample
from exams.content.guide import guide_of
from exams.content.parts import Content, Part
from exams.content.records import (
    SAMPLE_NAME,
    ExamRecord,
    ItemRecord,
    ItemTextRecord,
    Problem,
    SampleRecord,
    TranslationRecord,
)
from exams.content.rules import neighbors, structure
from exams.content.rules.agreement import agreement
from exams.content.rules.blind import BLIND_RULES
from exams.content.rules.findings import Finding, Measured
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.sample import SAMPLE_RULES, Sample
from i18n import languages

FILE: Final = "sample.yaml"
READINGS: Final = "sample.reading.yaml"
TRANSLATION: Final = r"sample\.(?!reading\.)[a-z]{2,3}(?:-[a-z0-9]+)?\.yaml"
# No blueprint plans the sample, so nothing can differ from its plan.
PLANNED: Final = (structure.items_as_planned, structure.planned_keys)
ITEM_RULES: Final[tuple[ExamRule, ...]] = tuple(rule for rule in EXAM_RULES if rule not in PLANNED)


class SamplePart(Part[SampleRecord]):
    """The items of the sample, whole, in the order in which they are shown, and their translations."""

    name = "sample"
    files = (r"sample\.yaml", r"sample\.reading\.yaml", TRANSLATION)
    kept = (r"sample\.reading\.yaml",)

    def read(self, folder: Folder, content: Content) -> SampleRecord:
        """Return the sample; without a file it has no items, so that a stored one is taken down."""
        found = folder.one(FILE, read_sample, optional=True) or SampleRecord(())
        translations = folder.all(TRANSLATION, read_translation)
        return replace(
            found,
            items=illustrated(found.items, content),
            translations=tuple(replace(one, items=illustrated(one.items, content)) for one in translations),
            readings=folder.one(READINGS, read_readings, optional=True),
        )

    def items(self, record: SampleRecord) -> Iterator[ItemRecord | ItemTextRecord]:
        """Return the items in every language."""
        yield from record.items
        for translation in record.translations:
            yield from translation.items

    def problems(self, record: SampleRecord, content: Content) -> Iterator[Problem]:
        """Return what items name that no other part knows, and translations that are of something else."""
        catalogue = content.get(CataloguePart)
        tasks = {task.code for task in catalogue.blueprint.tasks} if catalogue else set()
        coverage = content.get(CoveragePart)
        known = coverage.ids if coverage else frozenset()
        for item in record.items:
            if catalogue and item.traits and item.traits.task not in tasks:
                yield Problem(item.place, item.id, f"unknown task {item.traits.task!r}")
            for name in item.traits.covers if item.traits else ():
                if name not in known:
                    yield Problem(item.place, item.id, f"unknown coverage id {name!r}")
        original = catalogue.original_language if catalogue and catalogue.certification.texts else ""
        for translation in record.translations:
            for message in _translation_faults(translation, original):
                yield Problem(translation.place, "", message)

    def measure(self, record: SampleRecord, content: Content) -> Iterator[Measured]:
        """Ask whether the sample shows what the exams are like, and measure its items as those of an exam."""
        if not record.place.file:
            return
        catalogue, guide = content[CataloguePart], guide_of(content)
        sample = sample_of(record, content)
        measured = MeasuredExam(
            record.as_exam, sample.plan, catalogue.original_language, guide, sample.blueprint.profile
        )
        findings = [rule(sample) for rule in SAMPLE_RULES]
        findings += [rule(measured) for rule in ITEM_RULES]
        findings += revised_findings(measured)
        findings += _beside_exams(measured, content)
        if record.readings is not None or measured.is_revised:
            findings.append(agreement(measured, record.readings))
            findings += [judged(measured, rule(measured, record.readings)) for rule in BLIND_RULES]
        yield record.place.file, findings
        for translation in record.translations:
            found, _ = translation_findings(
                translation, record.as_exam, sample.plan, guide, sample.blueprint.profile
            )
            yield translation.place.file, found


def _translation_faults(translation: TranslationRecord, original: str) -> Iterator[str]:
    named = translation.place.file.split(".")[1]
    if translation.name != SAMPLE_NAME:
        yield f"the file of the sample says that it is {translation.name!r}"
    if translation.language != named:
        yield f"the file is named for {named!r} and says that it is in {translation.language!r}"
    if translation.language not in languages.CODES:
        yield f"{translation.language!r} is not a known language; known are {', '.join(languages.CODES)}"
    if translation.language == original:
        yield f"{original!r} is the original language; its texts are in the sample itself"


def sample_of(record: SampleRecord, content: Content) -> Sample:
    """Return the sample beside the ids of all items of exams, written and planned."""
    blueprint, exams = content[CataloguePart].blueprint, content.get(ExamsPart)
    planned = {slot.id for plan in blueprint.exams for slot in plan.slots}
    written = {item.id for exam in (exams.exams if exams else ()) for item in exam.items}
    return Sample(record, blueprint, frozenset(planned | written))


def _beside_exams(sample: MeasuredExam, content: Content) -> list[Finding]:
    """Ask whether an item of the sample resembles one of an exam, or one gives the key of the other away."""
    exams = content.get(ExamsPart)
    items = tuple(item for exam in (exams.exams if exams else ()) for item in exam.items)
    others = replace(sample, exam=ExamRecord("exams", items, sample.place))
    return [rule((sample, others)) for rule in (neighbors.similar_stems_across, neighbors.key_in_stem_across)]
