"""The part with the exams: their items in the original language and in translation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from exams.content.catalogue import CataloguePart
from exams.content.figures import illustrated
from exams.content.folder import EXAMS, Folder
from exams.content.formats.exam_yaml import read_exam, read_translation
from exams.content.guide import guide_of
from exams.content.parts import Content, Part
from exams.content.records import (
    ExamPlanRecord,
    ExamReadings,
    ExamRecord,
    Guide,
    ItemRecord,
    ItemTextRecord,
    Place,
    Problem,
    TranslationRecord,
)
from exams.content.rules import (
    explanations,
    figures,
    guessing,
    neighbors,
    openings,
    options,
    pages,
    stems,
    structure,
    testwise,
)
from exams.content.rules.findings import Finding, Measured, reported
from exams.content.rules.measured import MeasuredExam, translated
from exams.content.rules.rule import Fault, ItemRule, Outcome, SetRule, set_rule
from exams.content.rules.wording import WORDINGS
from exams.kinds.profile import Profile
from i18n import languages

type ExamRule = ItemRule | SetRule[[MeasuredExam]]

ENGLISH: Final = "en"
EXAM_RULES: Final[tuple[ExamRule, ...]] = (
    structure.items_as_planned,
    structure.options_of_type,
    structure.planned_keys,
    structure.key_spread,
    structure.key_runs,
    stems.stem_length,
    stems.mean_stem_length,
    stems.stem_ending,
    stems.negative_question,
    stems.one_constraint,
    stems.constraint_share,
    stems.other_capitals,
    options.longest_key,
    options.shortest_key,
    options.key_length_ratio,
    options.option_lengths,
    options.longest_multiple_key,
    options.option_phrases,
    options.same_options,
    options.failure_codes,
    options.failure_spread,
    explanations.rationale_length,
    explanations.why_correct_length,
    explanations.principle_length,
    explanations.exam_tip_length,
    explanations.references,
    explanations.option_letters,
    explanations.old_names,
    neighbors.similar_stems,
    neighbors.key_in_stem,
)
# Those that came with the revision of the bank: they judge what the guide calls revised, and report the rest.
REVISED_RULES: Final[tuple[ExamRule, ...]] = (
    figures.shown_in_stems,
    figures.shown_in_explanations,
    openings.plain_openings,
    openings.neighboring_openings,
    pages.start_pages,
    explanations.repeated_rationale,
)
ENGLISH_RULES: Final[tuple[ExamRule, ...]] = (explanations.british_spelling,)
# Lengths in words hold for English; balance, endings, letters, doubles and clues hold in any language.
TRANSLATION_RULES: Final[tuple[ExamRule, ...]] = (
    stems.stem_ending,
    options.longest_key,
    options.shortest_key,
    options.key_length_ratio,
    options.option_lengths,
    options.longest_multiple_key,
    options.same_options,
    explanations.option_letters,
    neighbors.similar_stems,
    neighbors.key_in_stem,
)


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


@set_rule("T01", least=0)
def known_wording(translation: TranslationRecord) -> Outcome:
    """The rules know what to look for in a language; this is said of one that they do not know."""
    found, limit = f"no rules for the language {translation.language!r}", f"one of {', '.join(WORDINGS)}"
    return Outcome(faults=(Fault(translation.place, "", found, limit),))


class ExamsPart(Part[ExamsRecord]):
    """The files of `exams/`: exam-N.yaml and exam-N.<language>.yaml."""

    name = "exams"
    files = (r"exams/exam-\d+\.yaml", r"exams/exam-\d+\.(?!reading\.)[a-z]{2,3}(?:-[a-z0-9]+)?\.yaml")

    def read(self, folder: Folder, content: Content) -> ExamsRecord:
        """Return the exams and their translations by number."""
        original, translation = self.files
        exams, translations = folder.all(original, read_exam), folder.all(translation, read_translation)
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
        yield from misnamed([*record.exams, *record.translations])
        catalogue = content.get(CataloguePart)
        if catalogue is not None and catalogue.certification.texts:
            yield from _language_problems(record.translations, catalogue.original_language)

    def measure(self, record: ExamsRecord, content: Content) -> Iterator[Measured]:
        """Measure each file, and all files of a language together."""
        blueprint, guide = content[CataloguePart].blueprint, guide_of(content)
        together: dict[str, list[MeasuredExam]] = {}
        for exam in record.exams:
            plan = blueprint.plan(exam.name)
            if plan is None:
                yield exam.place.file, [planned_exam(exam.name, exam.place)]
                continue
            measured = MeasuredExam(
                exam, plan, content[CataloguePart].original_language, guide, blueprint.profile
            )
            together.setdefault(measured.language, []).append(measured)
            yield exam.place.file, [*(rule(measured) for rule in EXAM_RULES), *revised_findings(measured)]
        for translation in record.translations:
            original, plan = record.original(translation.name), blueprint.plan(translation.name)
            findings, laid = translation_findings(translation, original, plan, guide, blueprint.profile)
            yield translation.place.file, findings
            if laid is not None:
                together.setdefault(laid.language, []).append(laid)
        for language, group in together.items():
            for measured, finding in testwise.read_by_form(group):
                yield measured.place.file, [judged(measured, finding)]
            yield f"all files in {language!r} together", _together(group)


def judged(exam: MeasuredExam, finding: Finding) -> Finding:
    """Return a finding of a rule that came with the revision; an exam that is not revised breaks none."""
    return finding if exam.is_revised else reported(finding)


def revised_findings(exam: MeasuredExam) -> list[Finding]:
    """Return what the rules that came with the revision find in an exam."""
    rules = (*REVISED_RULES, *(ENGLISH_RULES if exam.language == ENGLISH else ()))
    return [judged(exam, rule(exam)) for rule in rules]


def translation_findings(
    translation: TranslationRecord,
    exam: ExamRecord | None,
    plan: ExamPlanRecord | None,
    guide: Guide,
    profile: Profile,
) -> tuple[list[Finding], MeasuredExam | None]:
    """Return the findings on a translation, and the items with its texts where they can be measured."""
    if plan is None:
        return [planned_exam(translation.name, translation.place)], None
    if exam is None:
        return [original_exam(translation.name, translation.place)], None
    if translation.language not in WORDINGS:
        return [known_wording(translation)], None
    measured = MeasuredExam(translated(exam, translation), plan, translation.language, guide, profile)
    fit = (structure.items_of_original, structure.options_of_original, structure.parts_of_original)
    findings = [rule(translation, exam) for rule in fit]
    findings += [rule(measured) for rule in TRANSLATION_RULES]
    return [*findings, judged(measured, openings.plain_openings(measured))], measured


def _together(exams: Sequence[MeasuredExam]) -> list[Finding]:
    findings = [explanations.one_title_per_page(exams)]
    if len(exams) > 1:
        findings += [neighbors.similar_stems_across(exams), neighbors.key_in_stem_across(exams)]
    return [*findings, guessing.guessers(exams), guessing.converging(exams)]


def _language_problems(translations: Sequence[TranslationRecord], original: str) -> Iterator[Problem]:
    for record in translations:
        if record.language not in languages.CODES:
            message = f"{record.language!r} is not a known language; known are {', '.join(languages.CODES)}"
            yield Problem(record.place, "", message)
        if record.language == original:
            message = f"{original!r} is the original language; its texts are in the exam itself"
            yield Problem(record.place, "", message)


def _doubles(exams: Sequence[ExamRecord]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for exam in exams:
        for item in exam.items:
            if item.id in first and first[item.id].file != item.place.file:
                yield Problem(item.place, item.id, f"is in {first[item.id]} too")
            first.setdefault(item.id, item.place)


def misnamed(records: Sequence[ExamRecord | TranslationRecord | ExamReadings]) -> Iterator[Problem]:
    """Return the files that are not named as they say, lest two files claim the same exam."""
    for record in records:
        stem, *rest = record.place.file.removeprefix(EXAMS).removesuffix(".yaml").split(".")
        if not record.name.endswith(f"-{stem}"):
            yield Problem(record.place, "", f"the file of {stem} says that it is {record.name!r}")
        if isinstance(record, TranslationRecord) and rest != [record.language]:
            message = f"the file is named for {rest[0]!r} and says that it is in {record.language!r}"
            yield Problem(record.place, "", message)
