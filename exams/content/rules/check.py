"""Every rule over every file: one table of figures per file, one over all files, and the breaches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from exams.content.records import (
    BlueprintRecord,
    ExamRecord,
    Place,
    ReadingSheet,
    TranslationRecord,
)
from exams.content.rules import agreement, explanations, guessing, neighbors, options, stems, structure
from exams.content.rules.findings import Breach, Figure, Finding
from exams.content.rules.measured import Sheet, translated
from exams.content.rules.wording import WORDINGS

type Rule = Callable[[Sheet], Finding]

ORIGINAL_RULES: Final[tuple[Rule, ...]] = (
    structure.v01,
    structure.v02,
    structure.v03,
    structure.v04,
    stems.v05,
    stems.v06,
    stems.v07,
    stems.v08,
    stems.v09,
    stems.v10,
    options.v11,
    options.v12,
    options.v13,
    options.v14,
    options.v15,
    options.v16,
    options.v17,
    options.v18,
    options.v19,
    explanations.v20,
    explanations.v21,
    explanations.v22,
    explanations.v23,
    explanations.v24,
    explanations.v25,
    explanations.v26,
    neighbors.v27,
    neighbors.v28,
)
# Lengths in words hold for English; balance, endings, letters, doubles and clues hold in any language.
TRANSLATION_RULES: Final[tuple[Rule, ...]] = (
    stems.v06,
    options.v11,
    options.v12,
    options.v13,
    options.v14,
    options.v15,
    options.v17,
    explanations.v25,
    neighbors.v27,
    neighbors.v28,
)


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one file, or of all files of a language together."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules found."""

    tables: tuple[Table, ...]
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All that the rules look at; `readings` by the name of the exam."""

    blueprint: BlueprintRecord
    exams: tuple[ExamRecord, ...]
    translations: tuple[TranslationRecord, ...]
    readings: dict[str, ReadingSheet]


def check(content: Content) -> Report:
    """Apply every rule to every file and to all files of a language together."""
    tables: list[Table] = []
    breaches: list[Breach] = []
    sheets: dict[str, list[Sheet]] = {}

    def note(title: str, findings: Sequence[Finding]) -> None:
        tables.append(Table(title, tuple(figure for finding in findings for figure in finding.figures)))
        breaches.extend(breach for finding in findings for breach in finding.breaches)

    for exam in content.exams:
        plan = content.blueprint.plan(exam.name)
        if plan is None:
            breaches.append(_unplanned(exam.place, exam.name))
            continue
        sheet = Sheet(exam, plan)
        sheets.setdefault(sheet.language, []).append(sheet)
        findings = [rule(sheet) for rule in ORIGINAL_RULES]
        note(sheet.file, [*findings, agreement.v30(sheet, content.readings.get(exam.name))])
    for translation in content.translations:
        found, sheet_or_none = _translation(content, translation)
        note(translation.place.file, found)
        if sheet_or_none is not None:
            sheets.setdefault(sheet_or_none.language, []).append(sheet_or_none)
    note(content.blueprint.place.file, [structure.b01(content.blueprint)])
    for language, group in sheets.items():
        note(f"all files in {language!r} together", _together(content.blueprint, language, group))
    return Report(tuple(tables), tuple(breaches))


def _unplanned(place: Place, name: str) -> Breach:
    return Breach(
        place.file, place.line, "", "V01", f"the exam {name!r} is not planned", "exams of the blueprint"
    )


def _translation(content: Content, translation: TranslationRecord) -> tuple[list[Finding], Sheet | None]:
    exam = next((exam for exam in content.exams if exam.name == translation.name), None)
    plan = content.blueprint.plan(translation.name)
    place = translation.place
    if exam is None or plan is None:
        return [Finding((), (_unplanned(place, translation.name),))], None
    if translation.language not in WORDINGS:
        found = f"no rules for the language {translation.language!r}"
        breach = Breach(place.file, place.line, "", "T01", found, f"one of {', '.join(WORDINGS)}")
        return [Finding((), (breach,))], None
    sheet = Sheet(translated(exam, translation), plan, translation.language)
    findings = [structure.t01(translation, exam), structure.t02(translation, exam)]
    return [*findings, *(rule(sheet) for rule in TRANSLATION_RULES)], sheet


def _together(blueprint: BlueprintRecord, language: str, sheets: list[Sheet]) -> list[Finding]:
    planned = sum(slot.kind == "single" for plan in blueprint.exams for slot in plan.slots)
    singles = [pair for sheet in sheets for pair in sheet.singles]
    findings = [explanations.v24_across(sheets)]
    findings += [neighbors.v27_across(sheets), neighbors.v28_across(sheets)] if len(sheets) > 1 else []
    where = f"all files in {language!r}"
    return [*findings, guessing.guesses(singles, planned, language, where)]
