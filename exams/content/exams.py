"""The part with the exams: their items in the original language and in translation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from exams.content.catalog import CatalogPart, profile_of
from exams.content.figures import illustrated
from exams.content.folder import EXAMS, Folder
from exams.content.formats.exam_yaml import read_exam, read_translation
from exams.content.parts import Content, Part
from exams.content.records import (
    ExamRecord,
    ItemRecord,
    ItemTextRecord,
    Place,
    Problem,
    TranslationRecord,
)
from exams.content.rules.rule import Fault, Outcome, set_rule
from i18n import languages


@dataclass(frozen=True, slots=True)
class ExamsRecord:
    """All exams that are written, and their translations."""

    exams: tuple[ExamRecord, ...]
    translations: tuple[TranslationRecord, ...]

    def original(self, name: str) -> ExamRecord | None:
        """Return the exam of this name in its original language, or None."""
        return next((exam for exam in self.exams if exam.name == name), None)


@set_rule("V01", least=0)
def planned_exam(name: str, place: Place) -> Outcome:
    """A file is of an exam that the blueprint plans; this is said of one that is not."""
    return Outcome(faults=(Fault(place, "", f"the exam {name!r} is not planned", "exams of the blueprint"),))


@set_rule("T01", least=0)
def original_exam(name: str, place: Place) -> Outcome:
    """A translation has an original; this is said of one that has none."""
    return Outcome(faults=(Fault(place, "", f"the exam {name!r} has no original", "exam-N.yaml"),))


class ExamsPart(Part[ExamsRecord]):
    """The files of `exams/`: exam-N.yaml and exam-N.<language>.yaml."""

    name = "exams"
    files = (r"exams/exam-\d+\.yaml", r"exams/exam-\d+\.(?!reading\.)[a-z]{2,3}(?:-[a-z0-9]+)?\.yaml")

    def read(self, folder: Folder, content: Content) -> ExamsRecord:
        """Return the exams and their translations by number."""
        original, translation = self.files
        profile = profile_of(content)
        exams = folder.all(original, partial(read_exam, profile=profile))
        translations = folder.all(translation, partial(read_translation, profile=profile))
        return ExamsRecord(
            tuple(replace(exam, items=illustrated(exam.items, content)) for exam in exams),
            tuple(replace(one, items=illustrated(one.items, content)) for one in translations),
        )

    def items(self, record: ExamsRecord) -> Iterator[ItemRecord | ItemTextRecord]:
        """Return the items of every file."""
        for exam in record.exams:
            yield from exam.items
        for translation in record.translations:
            yield from translation.items

    def problems(self, record: ExamsRecord, content: Content) -> Iterator[Problem]:
        """Return the files that are not what their names say, and items that are in two of them."""
        yield from _doubles(record.exams)
        files: list[ExamRecord | TranslationRecord] = [*record.exams, *record.translations]
        for exam in files:
            stem = exam.place.file.removeprefix(EXAMS).split(".")[0]
            if not exam.name.endswith(f"-{stem}"):
                yield Problem(exam.place, "", f"the file of {stem} says that it is {exam.name!r}")
        yield from translation_problems(record.translations, content, "exam")


def translation_problems(
    translations: Sequence[TranslationRecord], content: Content, what: str
) -> Iterator[Problem]:
    """Return the translations whose name says another language, and those of no other language at all."""
    catalog = content.get(CatalogPart)
    original = catalog.original_language if catalog and catalog.certification.texts else ""
    for record in translations:
        language, named = record.language, record.place.file.removesuffix(".yaml").split(".")[-1]
        if language != named:
            message = f"the file is named for {named!r} and says that it is in {language!r}"
            yield Problem(record.place, "", message)
        if language not in languages.CODES:
            message = f"{language!r} is not a known language; known are {', '.join(languages.CODES)}"
            yield Problem(record.place, "", message)
        if language == original:
            message = f"{original!r} is the original language; its texts are in the {what} itself"
            yield Problem(record.place, "", message)


def _doubles(exams: Sequence[ExamRecord]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for exam in exams:
        for item in exam.items:
            if item.id in first and first[item.id].file != item.place.file:
                yield Problem(item.place, item.id, f"is in {first[item.id]} too")
            first.setdefault(item.id, item.place)
