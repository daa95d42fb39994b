"""The parts with what a certification is: guide, facts, domains, tasks and texts, and what exams cover."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from exams.content.folder import Folder
from exams.content.formats.blueprint_yaml import read_blueprint, read_coverage
from exams.content.formats.certification_yaml import read_certification
from exams.content.formats.guide_yaml import read_guide, read_samples
from exams.content.parts import Content, Part
from exams.content.records import (
    SAMPLE_NAME,
    BlueprintRecord,
    CertificationRecord,
    CertificationTextRecord,
    CoverageRecord,
    Guide,
    Problem,
)
from exams.content.states import days_of, too_early
from exams.kinds.profile import Profile
from i18n import languages

FILE = "guide.yaml"
SAMPLES = "vendor-samples.yaml"


class GuidePart(Part[Guide]):
    """Hosts of references, names that moved on, the shape of ids, bands; figures of the vendor's samples."""

    name = "guide"
    files = (r"guide\.yaml", r"vendor-samples\.yaml")
    kept = files

    def read(self, folder: Folder, content: Content) -> Guide:
        """Return the guide, or one that says nothing."""
        guide = folder.one(FILE, read_guide, optional=True) or Guide()
        samples = folder.one(SAMPLES, read_samples, optional=True)
        return replace(guide, samples=samples) if samples else guide


def guide_of(content: Content) -> Guide:
    """Return the guide of a certification, one that says nothing where the part is not there."""
    return content.get(GuidePart) or Guide()


WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class CatalogRecord:
    """The two files together."""

    blueprint: BlueprintRecord
    certification: CertificationRecord

    @property
    def original_language(self) -> str:
        """Return the language in which the items are written first."""
        return self.certification.texts[0].language


class CatalogPart(Part[CatalogRecord]):
    """Facts, domains, tasks and texts; the blueprint plans the exams, too."""

    name = "catalog"
    files = (r"blueprint\.yaml", r"certification\.yaml")
    kept = (r"blueprint\.yaml",)

    def read(self, folder: Folder, content: Content) -> CatalogRecord | None:
        """Return both files, or None where one of them has faults."""
        blueprint = folder.one("blueprint.yaml", read_blueprint)
        certification = folder.one("certification.yaml", read_certification)
        if blueprint is None or certification is None:
            return None
        return CatalogRecord(blueprint, certification)

    def problems(self, record: CatalogRecord, content: Content) -> Iterator[Problem]:
        """Return where the files contradict themselves or each other."""
        yield from _day_problems(record.blueprint)
        yield from _figure_problems(record.blueprint)
        yield from _blueprint_problems(record.blueprint, guide_of(content))
        yield from _certification_problems(record.blueprint, record.certification)


def profile_of(content: Content) -> Profile:
    """Return what a certification asks of its questions; the usual where its facts cannot be read."""
    record = content.get(CatalogPart)
    return record.blueprint.profile if record else Profile()


def _day_problems(blueprint: BlueprintRecord) -> Iterator[Problem]:
    if name := too_early(days_of(blueprint.facts)):
        yield Problem(blueprint.place, "", f"{name} is before the day that comes first")
    for name in blueprint.facts.planned_facts:
        # That an exam will go live may be planned before its day is.
        if name != "live_on" and not getattr(blueprint.facts, name):
            yield Problem(blueprint.place, "", f"{name} is planned, but there is no value")


def _figure_problems(blueprint: BlueprintRecord) -> Iterator[Problem]:
    """Yield what the tables refuse, and an exam without time, which nobody could start."""
    facts = blueprint.facts
    if not facts.duration_minutes:
        yield Problem(blueprint.place, "", "duration_minutes is 0")
    if not 0 < facts.items_scored <= facts.items_total:
        yield Problem(blueprint.place, "", "questions_scored is not from 1 to questions_total")
    if not facts.scale_min < facts.pass_mark <= facts.scale_max:
        yield Problem(blueprint.place, "", "pass_mark is outside the scale")


def _blueprint_problems(blueprint: BlueprintRecord, guide: Guide) -> Iterator[Problem]:
    tasks = {task.code: task.domain for task in blueprint.tasks}
    seen: set[str] = set()
    for slot in (slot for exam in blueprint.exams for slot in exam.slots):
        if tasks.get(slot.task) != slot.domain:
            message = f"task {slot.task!r} is not a task of domain {slot.domain}"
            yield Problem(slot.place, slot.id, message)
        if slot.id in seen:
            yield Problem(slot.place, slot.id, "the slot appears twice")
        if not guide.item_ids.fullmatch(slot.id):
            message = f"the id does not look like {guide.item_ids.pattern}"
            yield Problem(slot.place, slot.id, message)
        seen.add(slot.id)
    if sum(domain.weight_percent for domain in blueprint.domains) != WHOLE:
        yield Problem(blueprint.place, "", f"the weights of the domains do not add up to {WHOLE} %")
    numbers = [exam.number for exam in blueprint.exams]
    if len(numbers) != len(set(numbers)):
        yield Problem(blueprint.place, "", "two exams have the same number")
    for name in sorted(guide.revised - {SAMPLE_NAME, *(exam.name for exam in blueprint.exams)}):
        yield Problem(guide.place, "", f"no exam is named {name!r} that is said to be revised")


def _certification_problems(
    blueprint: BlueprintRecord, certification: CertificationRecord
) -> Iterator[Problem]:
    place = certification.place
    if certification.code != blueprint.code.lower():
        message = f"the code is {certification.code!r}, the blueprint is of {blueprint.code!r}"
        yield Problem(place, "", message)
    if not certification.texts:
        yield Problem(place, "", "there are no texts")
    for number, text in enumerate(certification.texts):
        # The blueprint has the names of domains and tasks in the original language, which comes first.
        for message in _text_faults(blueprint, text, names_wanted=number > 0):
            yield Problem(text.place, "", f"{text.language}: {message}")


def _text_faults(
    blueprint: BlueprintRecord, text: CertificationTextRecord, *, names_wanted: bool
) -> Iterator[str]:
    if text.language not in languages.CODES:
        yield f"not a known language; known are {', '.join(languages.CODES)}"
    planned = {f"domain {domain.number}" for domain in blueprint.domains} if names_wanted else set()
    planned |= {f"task {task.code}" for task in blueprint.tasks} if names_wanted else set()
    named = {f"domain {number}" for number, _ in text.domains} | {f"task {task.code}" for task in text.tasks}
    for name in sorted(planned - named):
        yield f"{name} has no text"
    for name in sorted(named - planned):
        yield f"{name} does not belong here"


class CoveragePart(Part[CoverageRecord]):
    """The coverage items of the blueprint."""

    name = "coverage"
    files = (r"blueprint\.yaml",)

    def read(self, folder: Folder, content: Content) -> CoverageRecord | None:
        """Return the items, or None where the blueprint lists none."""
        if content.get(CatalogPart) is None:
            return None  # its faults are known already
        return folder.one("blueprint.yaml", read_coverage)

    def problems(self, record: CoverageRecord, content: Content) -> Iterator[Problem]:
        """Return what slots name that is not listed."""
        for exam in content[CatalogPart].blueprint.exams:
            for slot in exam.slots:
                for name in slot.covers:
                    if name not in record.ids:
                        yield Problem(slot.place, slot.id, f"unknown coverage id {name!r}")


def coverage_ids(content: Content) -> frozenset[str]:
    """Return the coverage ids of a certification; none where it lists none."""
    record = content.get(CoveragePart)
    return frozenset() if record is None else record.ids
