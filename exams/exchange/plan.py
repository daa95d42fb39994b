"""What loading would change: the files compared with what is stored. Queries and writes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from exams.bank.drafts import ItemDraft
from exams.catalogue.rows import Rows, changed, kept_topics, left
from exams.content.catalogue import CatalogueRecord
from exams.content.exams import ExamsRecord, original_exam, planned_exam
from exams.content.records import (
    BlueprintRecord,
    ExamPlanRecord,
    ExamRecord,
    FormatError,
    ItemRecord,
    TranslationRecord,
)
from exams.content.rules import options, structure
from exams.content.rules.findings import Finding
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.sample import Sample, own_items
from exams.exchange.drafts import catalogue_rows, edition_draft, item_draft, text_draft
from exams.exchange.steps import (
    EditionStep,
    LeftStep,
    MoveStep,
    PaperStep,
    RemoveRowStep,
    RenewStep,
    RowStep,
    RuledStep,
    SampleStep,
    Step,
    TextStep,
    VersionStep,
)
from i18n import languages

CATALOGUE: Final = "catalogue"
FACTS: Final = ("certification",)
FOLLOWING: Final = ("languages", "planned_forms", "planned")
"""Facts that nobody writes: they follow from the other files."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """The current version of an item, and the digest of its newest text by language.

    `is_ours` tells that the version did not come from files, `own_texts` of which texts that holds,
    `is_withdrawn` that the item has no current version: then this is the one that exams keep. `is_ruled`
    tells that the version is scored by a ruling: what becomes of it with the next one, no file says.
    """

    version_id: int
    digest: str
    task_code: str
    coverage: tuple[str, ...]
    texts: Mapping[str, str]
    is_ours: bool = False
    own_texts: frozenset[str] = frozenset()
    is_withdrawn: bool = False
    is_ruled: bool = False


@dataclass(frozen=True, slots=True)
class StoredForm:
    """The current edition of a form, and the languages in which it has papers.

    `is_ours` tells that the edition did not come from files, `shape` of what it is made apart from versions,
    `is_stale` that one of its items has a newer version.
    """

    digest: str
    languages: frozenset[str]
    is_ours: bool = False
    shape: str = ""
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class StoredBank:
    """What the database has of the exams of a certification: items by code, forms by number."""

    items: Mapping[str, StoredItem]
    forms: Mapping[int, StoredForm]


@dataclass(frozen=True, slots=True)
class StoredCatalogue:
    """The rows of a certification, the task of each stored item, the domains that editions are scored by.

    `is_ours` tells that the rows were written here last, and not by files.
    """

    rows: Rows
    item_tasks: Mapping[str, str]
    scored_domains: frozenset[int]
    is_ours: bool = False


def plan_catalogue(
    record: CatalogueRecord,
    exams: ExamsRecord,
    stored: StoredCatalogue,
    *,
    offered: Collection[str],
    planned: Mapping[str, int],
    take: Collection[str] = (),
) -> list[Step]:
    """Return the rows that are new, differ or leave; `offered` are the languages of exams.

    What leaves the files is removed where nothing refers to it, else marked as not current. Rows that were
    written here are left alone, but for what follows from the other files; new ones come.
    """
    original = record.original_language
    others = tuple(code for code in languages.CODES if code in offered and code != original)
    wanted = catalogue_rows(record, (original, *others), planned)
    tasks = set(tasks_after_load(exams, record.blueprint, stored.item_tasks).values())
    kept = kept_topics(wanted, stored.rows, tasks, stored.scored_domains)
    marked, gone = left(wanted, stored.rows, kept)
    rows = {**changed(wanted, stored.rows), **marked}
    if not stored.is_ours or CATALOGUE in take:
        # Taken from the files again, they are of the files, also where nothing differs.
        back: Rows = {FACTS: wanted[FACTS]} if stored.is_ours else {}
        return [
            *(RowStep(path, values) for path, values in {**rows, **back}.items()),
            *(RemoveRowStep(path) for path in gone),
        ]
    followed = {**stored.rows[FACTS], **{name: wanted[FACTS][name] for name in FOLLOWING}}
    new = {path: row for path, row in rows.items() if path not in stored.rows}
    new |= changed({FACTS: followed}, stored.rows)
    is_left = bool(gone) or any(path in stored.rows and rows[path] != new.get(path) for path in rows)
    return [
        *([LeftStep(CATALOGUE)] if is_left else []),
        *(RowStep(path, values, is_ours=True) for path, values in new.items()),
    ]


def tasks_after_load(
    exams: ExamsRecord, blueprint: BlueprintRecord, stored: Mapping[str, str]
) -> dict[str, str]:
    """Return the task of each item once the exams are loaded, by code; items in no file keep theirs."""
    tasks = dict(stored)
    for exam in exams.exams:
        plan = blueprint.plan(exam.name)
        tasks |= {slot.id: slot.task for slot in plan.slots} if plan else {}
    return tasks


def offered_languages(forms: Mapping[int, StoredForm], translations: Sequence[TranslationRecord]) -> set[str]:
    """Return the languages in which exams can be taken after the load, besides the original."""
    stored = {language for form in forms.values() for language in form.languages}
    return stored | {translation.language for translation in translations}


def brought_translations(
    exams: ExamsRecord, catalogue: CatalogueRecord, stored: StoredBank
) -> list[TranslationRecord]:
    """Return the translations that offer their language: all but those that are stored and not offered.

    The bank may have a few translated questions of an exam that nobody can take in that language yet.
    """
    return [
        translation
        for translation in exams.translations
        if _brings(translation, exams, catalogue.blueprint, stored)
    ]


def _brings(
    translation: TranslationRecord, exams: ExamsRecord, blueprint: BlueprintRecord, stored: StoredBank
) -> bool:
    exam, plan = exams.original(translation.name), blueprint.plan(translation.name)
    form = stored.forms.get(plan.number) if plan else None
    language = translation.language
    if exam is None or form is None or language in form.languages:
        return True
    originals = {item.id: item for item in exam.items}
    for text in translation.items:
        item, known = originals.get(text.id), stored.items.get(text.id)
        if item is None or known is None:
            return True
        if language not in known.own_texts and (
            known.texts.get(language) != text_draft(text, item, language).digest()
        ):
            return True
    return False


def plan_exams(
    exams: ExamsRecord, catalogue: CatalogueRecord, stored: StoredBank, take: Collection[str] = ()
) -> list[Step]:
    """Return what is left alone, new versions, moved items, new texts, editions and papers.

    `take` names what comes from the files although it was published here. Raises FormatError where unsound.
    """
    refuse_unsound(exams, catalogue.blueprint)
    kept: list[Step] = []
    versions: list[Step] = []
    moves: list[Step] = []
    texts: list[Step] = []
    forms: list[Step] = []
    for exam in exams.exams:
        plan = catalogue.blueprint.plan(exam.name)
        if plan is None:
            continue  # refused above
        items = _items(exams, exam, plan, stored.items, catalogue.original_language, take)
        kept += items.left
        versions += items.versions
        moves += items.moves
        texts += items.texts
        forms += _form(exams, exam, catalogue, plan, stored, items, take)
    return [*kept, *versions, *moves, *texts, *forms]


def refuse_unsound(exams: ExamsRecord, blueprint: BlueprintRecord) -> None:
    """Raise FormatError where a file does not hold what the blueprint plans or its original has."""
    findings: list[Finding] = []
    for exam in exams.exams:
        plan = blueprint.plan(exam.name)
        if plan is None:
            findings.append(planned_exam(exam.name, exam.place))
            continue
        measured = MeasuredExam(exam, plan)
        findings.append(structure.items_as_planned(measured))
        findings += [rule(measured) for rule in (structure.options_of_type, options.same_options)]
    for translation in exams.translations:
        original = exams.original(translation.name)
        if original is None:
            findings.append(original_exam(translation.name, translation.place))
            continue
        findings.append(structure.items_of_original(translation, original))
        findings.append(structure.options_of_original(translation, original))
    _refuse(findings)


def plan_sample(
    sample: Sample,
    original: str,
    stored: Mapping[str, StoredItem],
    placed: Sequence[tuple[str, int]],
    take: Collection[str] = (),
) -> list[Step]:
    """Return what is left alone, new versions, moved items, new texts, and the sample itself.

    `stored` has the current versions, `placed` the code and version of each item of the stored sample.
    Raises FormatError where unsound.
    """
    _refuse_unsound_sample(sample)
    exam = sample.record.as_exam
    exams = ExamsRecord((exam,), sample.record.translations)
    items = _items(exams, exam, sample.plan, stored, original, take)
    there = {code for code, _ in placed} | {step.draft.code for step in items.versions}
    codes = tuple(
        item.id
        for item in exam.items
        if item.id in there or item.id not in stored or not stored[item.id].is_withdrawn
    )
    wanted = [(code, stored[code].version_id) for code in codes if code in stored]
    is_changed = bool(items.versions) or wanted != list(placed)
    return [
        *items.left,
        *items.versions,
        *items.moves,
        *items.texts,
        *([SampleStep(codes)] if is_changed else []),
    ]


def _refuse_unsound_sample(sample: Sample) -> None:
    exam = sample.record.as_exam
    findings = [own_items(sample), options.same_options(MeasuredExam(exam, sample.plan))]
    for translation in sample.record.translations:
        findings.append(structure.items_of_original(translation, exam))
        findings.append(structure.options_of_original(translation, exam))
    _refuse(findings)


def _refuse(findings: Sequence[Finding]) -> None:
    problems = tuple(breach.as_problem() for finding in findings for breach in finding.breaches)
    if problems:
        raise FormatError(problems)


@dataclass(frozen=True, slots=True)
class _Items:
    """What the items of one file need."""

    left: Sequence[LeftStep]
    versions: Sequence[VersionStep]
    moves: Sequence[MoveStep]
    texts: Sequence[TextStep]


def _items(
    exams: ExamsRecord,
    exam: ExamRecord,
    plan: ExamPlanRecord,
    stored: Mapping[str, StoredItem],
    original: str,
    take: Collection[str],
) -> _Items:
    """Compare items and their translations with what is stored; an item that is left keeps its texts too."""
    slots = {slot.id: slot for slot in plan.slots}
    steps = [
        _of_item(
            item, item_draft(item, slots[item.id].traits, original), stored.get(item.id), item.id in take
        )
        for item in exam.items
    ]
    versions = [step for step in steps if isinstance(step, VersionStep)]
    moves = [step for step in steps if isinstance(step, MoveStep)]
    left = [step for step in steps if isinstance(step, LeftStep)]
    renewed = {step.draft.code for step in versions}
    foreign = {step.name for step in left}
    texts: list[TextStep] = []
    for code, step in _texts(exams, exam, stored, renewed):
        if code in foreign:
            continue
        if code not in renewed and step.draft.language in stored[code].own_texts and code not in take:
            left.append(LeftStep(code))
        else:
            texts.append(step)
    return _Items(list(dict.fromkeys(left)), versions, moves, texts)


def _of_item(
    item: ItemRecord, draft: ItemDraft, known: StoredItem | None, is_taken: bool
) -> VersionStep | MoveStep | LeftStep | None:
    """Return what one item needs. A withdrawn one comes back by a new version, whatever it says.

    One that is scored by a ruling gets none, also where it is to be taken.
    """
    if known is None:
        return VersionStep(draft, is_new=True, place=item.place)
    if known.is_withdrawn or known.digest != draft.digest():
        if known.is_ruled:
            return RuledStep(item.id)
        is_left = (known.is_withdrawn or _is_ours(known, draft)) and not is_taken
        return LeftStep(item.id) if is_left else VersionStep(draft, is_new=False, place=item.place)
    if (known.task_code, known.coverage) == (draft.task_code, draft.coverage):
        return None
    is_ours = known.is_ours or bool(known.own_texts)
    return LeftStep(item.id) if is_ours and not is_taken else MoveStep(draft)


def _is_ours(known: StoredItem, draft: ItemDraft) -> bool:
    """Say whether the version is of a person, or its original text: then it was set back to, or moved."""
    return known.is_ours or draft.text.language in known.own_texts


def _texts(
    exams: ExamsRecord, exam: ExamRecord, stored: Mapping[str, StoredItem], renewed: Collection[str]
) -> Iterator[tuple[str, TextStep]]:
    """Yield the translations that are new or changed; a new version needs all of its translations anew."""
    originals = {item.id: item for item in exam.items}
    for translation in exams.translations:
        if translation.name != exam.name:
            continue
        for text in translation.items:
            draft = text_draft(text, originals[text.id], translation.language)
            known = stored[text.id].texts if text.id not in renewed else {}
            digest = known.get(translation.language)
            if digest != draft.digest():
                yield text.id, TextStep(text.id, draft, digest is None, text.place)


def _form(
    exams: ExamsRecord,
    exam: ExamRecord,
    catalogue: CatalogueRecord,
    plan: ExamPlanRecord,
    stored: StoredBank,
    items: _Items,
    take: Collection[str],
) -> list[Step]:
    """Return what a form needs: an edition, papers; a form that needs no paper needs nothing.

    A form that was put together here keeps its shape, and gets an edition where an item of it is newer. So
    does one into which files would put a withdrawn item, and a form that is new waits until it is back.
    """
    known = stored.forms.get(plan.number)
    name = f"exam-{plan.number}"
    codes = tuple(item.id for item in exam.items)
    draft = edition_draft(catalogue.blueprint, plan, codes, dict.fromkeys(codes, 0))
    is_left = known is not None and known.is_ours and name not in take
    is_other = known is None or known.shape != draft.shape(codes)
    is_left = is_other and (is_left or _has_withdrawn(codes, stored.items, items))
    is_renewed = bool(items.versions) or (known is not None and known.is_stale)
    digest = _edition_digest(catalogue.blueprint, plan, codes, stored)
    if is_left and known is None:
        return [LeftStep(name)]
    new_edition = is_renewed if is_left else known is None or is_renewed or known.digest != digest
    touched = {step.draft.language for step in items.texts}
    wanted = {catalogue.original_language}
    # A language whose texts are all here already is offered as the bank decided.
    wanted |= {
        translation.language
        for translation in exams.translations
        if translation.name == exam.name and (known is None or translation.language in touched)
    }
    # A language that was offered stays offered: attempts may be running in it, and what is not translated
    # falls back to the original.
    wanted |= known.languages if known else set()
    missing = wanted if known is None else wanted - known.languages
    papers = wanted if new_edition else missing | (wanted & touched)
    ordered = [*(code for code in languages.CODES if code in papers), *sorted(papers - set(languages.CODES))]
    steps: list[Step] = [PaperStep(plan.number, language) for language in ordered]
    if new_edition and is_left:
        steps.insert(0, RenewStep(plan.number))
    elif new_edition:
        steps.insert(0, EditionStep(catalogue.blueprint, plan, codes, known is None, exam.place))
    return [LeftStep(name), *steps] if is_left else steps


def _has_withdrawn(codes: Collection[str], stored: Mapping[str, StoredItem], items: _Items) -> bool:
    """Say whether one of these items is withdrawn and stays so."""
    back = {step.draft.code for step in items.versions}
    return any(code in stored and stored[code].is_withdrawn and code not in back for code in codes)


def _edition_digest(
    blueprint: BlueprintRecord, plan: ExamPlanRecord, codes: tuple[str, ...], stored: StoredBank
) -> str | None:
    """Return the digest that an edition of the stored versions would have, or None where one is missing."""
    if any(code not in stored.items for code in codes):
        return None
    versions = {code: stored.items[code].version_id for code in codes}
    return edition_draft(blueprint, plan, codes, versions).digest()
