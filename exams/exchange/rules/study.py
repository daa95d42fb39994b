"""Every rule over flashcards, cheat sheet, free sample and fact check, as far as their files are there."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from exams.cheatsheet.rules import SECTION_RULES, Section, s01, s05
from exams.content.records import BlueprintRecord, ExamRecord
from exams.content.rules.check import Report, Table
from exams.content.rules.factcheck import FACT_RULES, FactCheck
from exams.content.rules.findings import Breach, Finding
from exams.content.rules.sample import SAMPLE_RULES, Sample
from exams.exchange.study import DeckRecord, OutlineSectionRecord, StudyRecord
from flashcards.content.rules import CARD_RULES, Deck

CHEATSHEET: Final = "cheatsheet/en"

type Found = list[tuple[str, Sequence[Finding]]]


def check_study(blueprint: BlueprintRecord, exams: tuple[ExamRecord, ...], study: StudyRecord) -> Report:
    """Apply every rule; what is not there is not measured."""
    coverage = frozenset(name for name, _ in blueprint.coverage)
    found: Found = [_deck(blueprint, study, deck, coverage) for deck in study.decks]
    found += _cheatsheet(study, coverage)
    if study.sample is not None:
        sample = Sample(study.sample, blueprint, exams)
        found.append((study.sample.place.file, [rule(sample) for rule in SAMPLE_RULES]))
    if study.facts is not None:
        plans = (blueprint.plan(exam.name) for exam in exams)
        facts = FactCheck(study.facts, tuple(plan for plan in plans if plan is not None))
        found.append((study.facts.place.file, [rule(facts) for rule in FACT_RULES]))
    tables = (
        Table(title, tuple(figure for finding in findings for figure in finding.figures))
        for title, findings in found
    )
    breaches = (breach for _, findings in found for finding in findings for breach in finding.breaches)
    return Report(tuple(tables), tuple(breaches))


def _deck(
    blueprint: BlueprintRecord, study: StudyRecord, record: DeckRecord, coverage: frozenset[str]
) -> tuple[str, Sequence[Finding]]:
    file = record.place.file
    if study.plan is None:
        breach = Breach(file, 0, "", "F01", "the deck has no plan", "a plan beside the deck")
        return file, [Finding((), (breach,))]
    deck = Deck(record, study.plan, coverage, blueprint.facts.code.lower())
    return file, [rule(deck) for rule in CARD_RULES]


def _cheatsheet(study: StudyRecord, coverage: frozenset[str]) -> Found:
    if not study.sections:
        return []
    if study.outline is None:
        breach = Breach(CHEATSHEET, 0, "", "S01", "the cheat sheet has no outline", "an outline")
        return [("the cheat sheet as a whole", [Finding((), (breach,))])]
    found: Found = []
    for record, plan in zip_longest(study.sections, study.outline.sections[: len(study.sections)]):
        section = Section(record, plan or OutlineSectionRecord(0, "", ()), coverage)
        found.append((section.file, [rule(section) for rule in SECTION_RULES]))
    whole = [s01(study.outline, study.sections, CHEATSHEET), s05(coverage, study.sections, CHEATSHEET)]
    return [*found, ("the cheat sheet as a whole", whole)]
