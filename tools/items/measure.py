"""Every question, card and text of a folder against the rules."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from exams.cheatsheet.part import CheatSheetPart
from exams.content.catalog import CatalogPart, CoveragePart, guide_of
from exams.content.exams import ExamsPart, ExamsRecord, original_exam, planned_exam
from exams.content.figures import FiguresPart, FiguresRecord
from exams.content.freshness import FactCheckPart
from exams.content.parts import Content
from exams.content.records import (
    SAMPLE_NAME,
    CoverageRecord,
    ExamPlanRecord,
    ExamRecord,
    FactCheckRecord,
    Guide,
    SampleRecord,
    TranslationRecord,
)
from exams.content.rules import explanations, options, stems, structure
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.rule import (
    Fault,
    Finding,
    ItemRule,
    Measured,
    Outcome,
    SetRule,
    set_rule,
)
from exams.content.rules.sample import own_items
from exams.content.rules.wording import WORDINGS
from exams.content.sample import SamplePart, sample_of
from exams.kinds.profile import Profile
from flashcards.content.part import FlashcardsPart
from tools.items import exam_rules, guessing, neighbors, openings, testwise
from tools.items.bands import Measure
from tools.items.card_rules import cards
from tools.items.charts import ChartsPart
from tools.items.fact_rules import FACT_RULES, FactCheck
from tools.items.figure_rules import FIGURE_RULES, Drawn
from tools.items.measured import is_revised, translated
from tools.items.reader_rules import BLIND_RULES, READ_MEASURES, read_figures
from tools.items.readings import ReadingsPart, ReadingsRecord
from tools.items.report import Report, report, reported
from tools.items.sample_rules import SAMPLE_RULES
from tools.items.sheet_rules import sheet
from tools.items.voice import MEASURES as VOICE

type ExamRule = ItemRule | SetRule[[MeasuredExam]] | Measure[MeasuredItem]

ENGLISH: Final = "en"
EXAM_RULES: Final[tuple[ExamRule, ...]] = (
    structure.items_as_planned,
    structure.options_of_type,
    exam_rules.planned_keys,
    exam_rules.key_spread,
    exam_rules.key_runs,
    stems.stem_ending,
    stems.negative_question,
    stems.one_constraint,
    exam_rules.constraint_share,
    stems.other_capitals,
    exam_rules.longest_key,
    exam_rules.shortest_key,
    options.option_phrases,
    options.same_options,
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
    openings.plain_openings,
    openings.neighboring_openings,
    explanations.start_pages,
    explanations.repeated_rationale,
)
ENGLISH_RULES: Final[tuple[ExamRule, ...]] = (explanations.british_spelling,)
# Figures of how questions sound, of certifications whose guide has bands or samples.
VOICE_RULES: Final[tuple[ExamRule, ...]] = VOICE
# Lengths in words hold for English; endings, letters, doubles and clues hold in any language.
TRANSLATION_RULES: Final[tuple[ExamRule, ...]] = (
    stems.stem_ending,
    exam_rules.longest_key,
    exam_rules.shortest_key,
    options.same_options,
    explanations.option_letters,
    neighbors.similar_stems,
    neighbors.key_in_stem,
)


@set_rule("T01", least=0)
def known_wording(translation: TranslationRecord) -> Outcome:
    """The rules know what to look for in a language; this is said of one that they do not know."""
    found, limit = f"no rules for the language {translation.language!r}", f"one of {', '.join(WORDINGS)}"
    return Outcome(faults=(Fault(translation.place, "", found, limit),))


BANDED: Final = frozenset(
    {
        *(rule.name for rule in (*EXAM_RULES, *VOICE_RULES) if isinstance(rule, Measure)),
        *(measure.name for measure, _ in READ_MEASURES),
        *(rule.name for rule in (explanations.rationale_length, explanations.references)),
        *(rule.name for rule in (explanations.why_correct_length, explanations.principle_length)),
        explanations.exam_tip_length.name,
        testwise.NAME,
    }
)
"""What a guide may have a band of its own for."""


@set_rule("guide", least=0)
def known_names(guide: Guide) -> Outcome:
    """What a guide limits is measured; a misspelled name would do nothing."""
    unknown = sorted(guide.bands.keys() - BANDED)
    limit = "names of what is measured"
    faults = [Fault(guide.place, "", f"nothing is called {name!r}", limit) for name in unknown]
    return Outcome.of("names that nothing has", str(len(faults)), "0", faults)


# No blueprint plans the sample, so nothing can differ from its plan.
PLANNED: Final = (structure.items_as_planned, exam_rules.planned_keys)
ITEM_RULES: Final[tuple[ExamRule, ...]] = tuple(rule for rule in EXAM_RULES if rule not in PLANNED)


def measure_content(content: Content) -> Report:
    """Apply the rules to every part that is there and has some."""
    return report(
        measured
        for part, record in content.entries()
        if part.name in MEASURES
        for measured in MEASURES[part.name](record, content)
    )


def coverage(record: CoverageRecord, content: Content) -> Iterator[Measured]:
    """Ask whether each coverage item is tested by a question that counts."""
    yield record.place.file, [exam_rules.scored_coverage(record, content[CatalogPart].blueprint.exams)]


def figures(record: FiguresRecord, content: Content) -> Iterator[Measured]:
    """Ask whether a reader who does not see the charts is told all of their numbers."""
    charts = content.get(ChartsPart) or {}
    drawn = [Drawn(figure, charts.get(name)) for name, figure in record.figures.items()]
    if drawn:
        yield "figures", [rule(drawn) for rule in FIGURE_RULES]


def exams(record: ExamsRecord, content: Content) -> Iterator[Measured]:
    """Measure each file of an exam, and all files of a language together."""
    blueprint, guide = content[CatalogPart].blueprint, guide_of(content)
    together: dict[str, list[MeasuredExam]] = {}
    for exam in record.exams:
        plan = blueprint.plan(exam.name)
        if plan is None:
            yield exam.place.file, [planned_exam(exam.name, exam.place)]
            continue
        measured = MeasuredExam(exam, plan, content[CatalogPart].original_language, guide, blueprint.profile)
        together.setdefault(measured.language, []).append(measured)
        yield exam.place.file, [*findings(EXAM_RULES, measured), *revised_findings(measured)]
    for translation in record.translations:
        original, plan = record.original(translation.name), blueprint.plan(translation.name)
        found, laid = translation_findings(translation, original, plan, guide, blueprint.profile)
        yield translation.place.file, found
        if laid is not None:
            together.setdefault(laid.language, []).append(laid)
    if guide.bands:
        yield guide.place.file, [known_names(guide)]
    for language, group in together.items():
        for measured, finding in testwise.read_by_form(group):
            yield measured.place.file, [judged(measured, finding)]
        yield f"all files in {language!r} together", _together(group)


def readings(record: ReadingsRecord, content: Content) -> Iterator[Measured]:
    """Compare the readings with the keys, in the table of the exam."""
    written, blueprint = content.get(ExamsPart), content[CatalogPart].blueprint
    for exam in written.exams if written else ():
        plan = blueprint.plan(exam.name)
        if plan is not None:
            measured = MeasuredExam(exam, plan, guide=guide_of(content))
            yield exam.place.file, _read_blind(measured, record)


def _read_blind(exam: MeasuredExam, record: ReadingsRecord | None) -> list[Finding]:
    found = record.by_exam.get(exam.exam.name) if record else None
    return [*(judged(exam, rule(exam, found)) for rule in BLIND_RULES), *read_figures(exam, found)]


def facts(record: FactCheckRecord, content: Content) -> Iterator[Measured]:
    """Ask for each written exam, and for the sample, whether its items are traced."""
    blueprint, written = content[CatalogPart].blueprint, content.get(ExamsPart)
    plans = (blueprint.plan(exam.name) for exam in (written.exams if written else ()))
    found = content.get(SamplePart)
    own = (sample_of(found, content).plan,) if found and found.items else ()
    check = FactCheck(record, (*(plan for plan in plans if plan), *own), guide_of(content).revised)
    yield record.place.file, [rule(check) for rule in FACT_RULES]


def sample(record: SampleRecord, content: Content) -> Iterator[Measured]:
    """Ask whether the sample shows what the exams are like, and measure its items as those of an exam."""
    if not record.place.file:
        return
    guide, under = guide_of(content), sample_of(record, content)
    profile = under.blueprint.profile
    measured = MeasuredExam(
        record.as_exam, under.plan, content[CatalogPart].original_language, guide, profile
    )
    found = [rule(under) for rule in (own_items, *SAMPLE_RULES)]
    found += findings(ITEM_RULES, measured)
    found += revised_findings(measured)
    found += _beside_exams(measured, content)
    read = content.get(ReadingsPart)
    if is_revised(measured) or (read and SAMPLE_NAME in read.by_exam):
        found += _read_blind(measured, read)
    yield record.place.file, found
    for translation in record.translations:
        found, _ = translation_findings(translation, record.as_exam, under.plan, guide, profile)
        yield translation.place.file, found


def _beside_exams(sample: MeasuredExam, content: Content) -> list[Finding]:
    """Ask whether an item of the sample resembles one of an exam, or one gives the key of the other away."""
    written = content.get(ExamsPart)
    items = tuple(item for exam in (written.exams if written else ()) for item in exam.items)
    others = replace(sample, exam=ExamRecord("exams", items, sample.place))
    return [rule((sample, others)) for rule in (neighbors.similar_stems_across, neighbors.key_in_stem_across)]


MEASURES: Final[Mapping[str, Callable[[Any, Content], Iterable[Measured]]]] = {
    CoveragePart.name: coverage,
    FiguresPart.name: figures,
    ExamsPart.name: exams,
    ReadingsPart.name: readings,
    FactCheckPart.name: facts,
    SamplePart.name: sample,
    CheatSheetPart.name: sheet,
    FlashcardsPart.name: cards,
}
"""What is measured of a part, by its name."""


def judged(exam: MeasuredExam, finding: Finding) -> Finding:
    """Return a finding of a rule that came with the revision; an exam that is not revised breaks none."""
    return finding if is_revised(exam) else reported(finding)


def revised_findings(exam: MeasuredExam) -> list[Finding]:
    """Return what the rules that came with the revision find in an exam."""
    rules = (*REVISED_RULES, *(ENGLISH_RULES if exam.language == ENGLISH else ()))
    told = findings(VOICE_RULES, exam) if exam.language == ENGLISH else []
    return [*(judged(exam, finding) for finding in findings(rules, exam)), *told]


def findings(rules: Iterable[ExamRule], exam: MeasuredExam) -> list[Finding]:
    """Return what the rules find in an exam."""
    return [
        rule(exam.items, exam.guide, exam.place) if isinstance(rule, Measure) else rule(exam)
        for rule in rules
    ]


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
    fit = (structure.items_of_original, structure.options_of_original, exam_rules.parts_of_original)
    found = [rule(translation, exam) for rule in fit]
    found += findings(TRANSLATION_RULES, measured)
    opened = findings([openings.plain_openings], measured)
    return [*found, *(judged(measured, finding) for finding in opened)], measured


def _together(exams: Sequence[MeasuredExam]) -> list[Finding]:
    findings = [exam_rules.one_title_per_page(exams)]
    if len(exams) > 1:
        findings += [neighbors.similar_stems_across(exams), neighbors.key_in_stem_across(exams)]
    return [*findings, guessing.guessers(exams), guessing.converging(exams)]
