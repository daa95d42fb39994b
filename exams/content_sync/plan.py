"""What loading would change: the files compared with what is stored. Queries and writes nothing.

The database is the master of what was published in it. A load adds what is new, brings what changed in the
files and was not published here since, and lists what it leaves alone; what `overwrite` names comes from the
files after all.
"""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from typing import Any, Final

from exams.assembly.drafts import EditionDraft, Placed
from exams.bank.drafts import ItemDraft, TextDraft
from exams.catalog.rows import Rows, changed, kept_topics, left
from exams.content.catalog import CatalogRecord
from exams.content.exams import ExamsRecord, original_exam, planned_exam
from exams.content.formats.certification_yaml import OPTIONAL, REQUIRED
from exams.content.records import (
    BlueprintRecord,
    ExamPlanRecord,
    ExamRecord,
    FormatError,
    ItemRecord,
    ItemTextRecord,
    Traits,
)
from exams.content.rules import options, structure
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.rule import Finding
from exams.content.rules.sample import Sample, own_items
from exams.content_sync.operations import (
    EditionOperation,
    MoveOperation,
    Operation,
    PaperOperation,
    RemoveRowOperation,
    RenewOperation,
    RowOperation,
    RuledOperation,
    SampleOperation,
    SkippedOperation,
    TextOperation,
    VersionOperation,
)
from i18n import languages

CATALOG: Final = "catalog"
FACTS: Final = ("certification",)
DERIVED_FACTS: Final = ("languages", "planned_forms", "planned")
"""Facts that nobody writes: they follow from the other files."""
NO_OVERWRITES: Final[Container[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredItem:
    """The current version of an item, and the digest of its newest text by language.

    `is_edited_in_admin` says that the version or a text did not come from files, `is_withdrawn` that the item
    has no current version: then this is the one that exams keep. `is_ruled` tells that the version is scored
    by a ruling: what becomes of it with the next one, no file says.
    """

    version_id: int
    digest: str
    task_code: str
    coverage: tuple[str, ...]
    texts: Mapping[str, str]
    is_edited_in_admin: bool = False
    is_withdrawn: bool = False
    is_ruled: bool = False


@dataclass(frozen=True, slots=True)
class StoredForm:
    """The current edition of a form, and the languages in which it has papers.

    `is_edited_in_admin` tells that the edition did not come from files, `shape` of what it is made apart from
    versions, `codes` which items it has.
    """

    digest: str
    languages: frozenset[str]
    shape: str
    codes: frozenset[str]
    is_edited_in_admin: bool


@dataclass(frozen=True, slots=True)
class StoredBank:
    """What the database has of the exams of a certification: items by code, forms by number."""

    items: Mapping[str, StoredItem]
    forms: Mapping[int, StoredForm]


@dataclass(frozen=True, slots=True)
class StoredCatalog:
    """The rows of a certification, the task of each stored item, the domains that editions are scored by.

    `is_edited_in_admin` tells that the rows were written here last, and not by files.
    """

    rows: Rows
    item_tasks: Mapping[str, str]
    scored_domains: frozenset[int]
    is_edited_in_admin: bool = False


def plan_catalog(
    record: CatalogRecord,
    exams: ExamsRecord,
    stored: StoredCatalog,
    *,
    offered: Collection[str],
    planned: Mapping[str, int],
    overwrite: Container[str] = NO_OVERWRITES,
) -> list[Operation]:
    """Return the rows that are new, differ or leave; `offered` are the languages of exams.

    What leaves the files is removed where nothing refers to it, else marked as not current. Rows that were
    written here are left alone, but for what follows from the other files; new ones come.
    """
    original = record.original_language
    others = tuple(code for code in languages.CODES if code in offered and code != original)
    rows = catalog_rows(record, (original, *others), planned)
    tasks = set(tasks_after_load(exams, record.blueprint, stored.item_tasks).values())
    marked, gone = left(rows, stored.rows, kept_topics(rows, stored.rows, tasks, stored.scored_domains))
    changes = {**changed(rows, stored.rows), **marked}
    if stored.is_edited_in_admin and CATALOG not in overwrite:
        facts = {**stored.rows[FACTS], **{name: rows[FACTS][name] for name in DERIVED_FACTS}}
        new = {path: row for path, row in changes.items() if path not in stored.rows}
        new |= changed({FACTS: facts}, stored.rows)
        skipped = [SkippedOperation(CATALOG)] if gone or changes != new else []
        return [*skipped, *(RowOperation(path, values, is_of_files=False) for path, values in new.items())]
    if stored.is_edited_in_admin:
        # Taken from the files again, they are of the files, also where nothing differs.
        changes[FACTS] = rows[FACTS]
    return [
        *(RowOperation(path, values) for path, values in changes.items()),
        *(RemoveRowOperation(path) for path in gone),
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


def plan_exams(
    exams: ExamsRecord, catalog: CatalogRecord, stored: StoredBank, overwrite: Container[str] = NO_OVERWRITES
) -> list[Operation]:
    """Return what is left alone, new versions, moved items, new texts, editions and papers.

    Raises FormatError where a file is unsound.
    """
    refuse_unsound(exams, catalog.blueprint)
    plans = [(exam, plan) for exam in exams.exams if (plan := catalog.blueprint.plan(exam.name))]
    items = {
        exam.name: _item_operations(exams, exam, plan, stored.items, catalog.original_language, overwrite)
        for exam, plan in plans
    }
    operations = [operation for of_exam in items.values() for operation in of_exam]
    # A form that was put together here may hold items of another exam's file, so all of them are asked.
    renewed = _codes_with_new_version(operations)
    for exam, plan in plans:
        operations += _form_operations(
            exams, exam, catalog, plan, stored, items[exam.name], renewed, overwrite
        )
    return _in_order(operations)


def _in_order(operations: Sequence[Operation]) -> list[Operation]:
    """Return what is left alone, versions, moves and texts before the editions and papers that hold them."""
    ranks: dict[type, int] = {
        kind: rank
        for rank, kind in enumerate(
            (SkippedOperation, RuledOperation, VersionOperation, MoveOperation, TextOperation)
        )
    }
    # Stable, so that items keep the order of their file within a rank.
    return sorted(operations, key=lambda operation: ranks.get(type(operation), len(ranks)))


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
    _refuse([*findings, *_translation_findings(exams)])


def _translation_findings(exams: ExamsRecord) -> Iterator[Finding]:
    for translation in exams.translations:
        original = exams.original(translation.name)
        if original is None:
            yield original_exam(translation.name, translation.place)
        else:
            yield structure.items_of_original(translation, original)
            yield structure.options_of_original(translation, original)


def plan_sample(
    sample: Sample,
    original: str,
    stored: Mapping[str, StoredItem],
    placed: Sequence[tuple[str, int]],
    overwrite: Container[str] = NO_OVERWRITES,
) -> list[Operation]:
    """Return what is left alone, new versions, moved items, new texts, and the sample itself.

    `stored` has the current versions, `placed` the code and version of each item of the stored sample.
    Raises FormatError where unsound.
    """
    exam = sample.record.as_exam
    exams = ExamsRecord((exam,), sample.record.translations)
    outcomes = [own_items(sample), options.same_options(MeasuredExam(exam, sample.plan))]
    _refuse([*outcomes, *_translation_findings(exams)])
    items = _item_operations(exams, exam, sample.plan, stored, original, overwrite)
    renewed = _codes_with_new_version(items)
    # A withdrawn item stays where it stands, and comes in nowhere else.
    there = {code for code, _ in placed} | renewed
    codes = tuple(
        item.id
        for item in exam.items
        if item.id in there or item.id not in stored or not stored[item.id].is_withdrawn
    )
    now = [(code, stored[code].version_id) for code in codes if code in stored]
    return _in_order([*items, *([SampleOperation(codes)] if renewed or now != list(placed) else [])])


def _refuse(findings: Sequence[Finding]) -> None:
    problems = tuple(breach for finding in findings for breach in finding.breaches)
    if problems:
        raise FormatError(problems)


def _item_operations(
    exams: ExamsRecord,
    exam: ExamRecord,
    plan: ExamPlanRecord,
    stored: Mapping[str, StoredItem],
    original: str,
    overwrite: Container[str],
) -> list[Operation]:
    """Return what the items of one file need; one that is left alone keeps its texts too."""
    slots = {slot.id: slot for slot in plan.slots}
    texts: dict[str, list[tuple[str, ItemTextRecord]]] = {}
    for translation in exams.translations:
        if translation.name == exam.name:
            for text in translation.items:
                texts.setdefault(text.id, []).append((translation.language, text))
    operations: list[Operation] = []
    for item in exam.items:
        known = stored.get(item.id)
        draft = item_draft(item, slots[item.id], original)
        changes = list(_changes(item, draft, texts.get(item.id, ()), known))
        if known is None or not changes:
            operations += changes
        elif known.is_ruled and isinstance(changes[0], VersionOperation):
            operations.append(
                RuledOperation(item.id)
            )  # also where it is to be overwritten: a file says nothing of it
        elif (known.is_edited_in_admin or known.is_withdrawn) and item.id not in overwrite:
            operations.append(SkippedOperation(item.id))
        else:
            operations += changes
    return operations


def _changes(
    item: ItemRecord,
    draft: ItemDraft,
    texts: Sequence[tuple[str, ItemTextRecord]],
    known: StoredItem | None,
) -> Iterator[Operation]:
    """Yield what differs: a version or a move, then texts; a new version needs all of its texts anew.

    A withdrawn item comes back by a new version, whatever it says.
    """
    stored: Mapping[str, str] = {}
    if known is None or known.is_withdrawn or known.digest != draft.digest():
        yield VersionOperation(draft, is_new=known is None, place=item.place)
    else:
        stored = known.texts
        if (known.task_code, known.coverage) != (draft.task_code, draft.coverage):
            yield MoveOperation(draft)
    # After a new version nothing is stored for it, so all of its texts come anew.
    for language, text in texts:
        translated = text_draft(text, item, language)
        if stored.get(language) != translated.digest():
            yield TextOperation(item.id, translated, language not in stored, place=text.place)


def _codes_with_new_version(items: Sequence[Operation]) -> set[str]:
    """Return the items that get a new version."""
    return {operation.draft.code for operation in items if isinstance(operation, VersionOperation)}


def _form_operations(
    exams: ExamsRecord,
    exam: ExamRecord,
    catalog: CatalogRecord,
    plan: ExamPlanRecord,
    stored: StoredBank,
    items: Sequence[Operation],
    renewed: AbstractSet[str],
    overwrite: Container[str],
) -> list[Operation]:
    """Return what a form needs: an edition, papers.

    A form that was put together here keeps its shape, and gets an edition where an item of it is newer. So
    does one into which files would put a withdrawn item, and a form that is new waits until it is back.
    """
    known, name = stored.forms.get(plan.number), f"exam-{plan.number}"
    codes = tuple(item.id for item in exam.items)
    versions = {code: stored.items[code].version_id if code in stored.items else 0 for code in codes}
    draft = edition_draft(catalog.blueprint, plan, codes, versions)
    is_held = any(
        code in stored.items and stored.items[code].is_withdrawn and code not in renewed for code in codes
    )
    is_edited_in_admin = known is not None and known.is_edited_in_admin and name not in overwrite
    is_left = (known is None or known.shape != draft.shape(codes)) and (is_edited_in_admin or is_held)
    # A form that is new waits until its withdrawn item is back: nobody may be asked it.
    if known is None and is_left:
        return [SkippedOperation(name)]
    touched = {operation.draft.language for operation in items if isinstance(operation, TextOperation)}
    written = {translation.language for translation in exams.translations if translation.name == exam.name}
    # A language that was offered stays offered: attempts may be running in it, and what is not translated
    # falls back to the original. One whose texts are all here already is offered as the bank decided.
    before = known.languages if known else frozenset[str]()
    offered = {catalog.original_language, *before, *(touched if known else written)}
    operations: list[Operation] = [SkippedOperation(name)] if is_left else []
    if known and is_left and not renewed.isdisjoint(known.codes):
        operations.append(RenewOperation(plan.number))
    elif not is_left and (known is None or not renewed.isdisjoint(codes) or known.digest != draft.digest()):
        operations.append(EditionOperation(catalog.blueprint, plan, codes, known is None, place=exam.place))
    is_new_edition = len(operations) > is_left
    papers = offered if is_new_edition else (offered - before) | touched
    return [
        *operations,
        *(PaperOperation(plan.number, language) for language in _original_first(papers, catalog)),
    ]


def _original_first(papers: Collection[str], catalog: CatalogRecord) -> list[str]:
    return sorted(papers, key=lambda language: (language != catalog.original_language, language))


def item_draft(item: ItemRecord, traits: Traits, language: str) -> ItemDraft:
    """Return an item with what its slot, or the item itself, says of it, in the original language."""
    return ItemDraft(
        code=item.id,
        task_code=traits.task,
        coverage=traits.covers,
        kind=traits.kind,
        choose=traits.choose,
        difficulty=traits.difficulty,
        cognitive_level=traits.cognitive_level,
        keys=tuple(option.correct for option in item.options),
        failures=tuple(option.failure or "" for option in item.options),
        text=text_draft(item, item, language),
    )


def text_draft(text: ItemRecord | ItemTextRecord, original: ItemRecord, language: str) -> TextDraft:
    """Return the texts of an item in a language; its references are those of the original."""
    return TextDraft(
        language=language,
        stem=text.stem,
        why=text.explanation.why_correct,
        principle=text.explanation.principle,
        tip=text.explanation.exam_tip,
        references=tuple((page.title, page.url) for page in original.references),
        options=tuple((option.text, option.why) for option in text.options),
        ask=text.ask,
        figures=tuple((figure.name, figure.svg) for figure in text.figures),
    )


def catalog_rows(record: CatalogRecord, languages: Sequence[str], planned: Mapping[str, int]) -> Rows:
    """Return every row of the catalog as the files want it.

    `languages` are those of the content, `planned` is how much there will be by the name of a part.
    """
    blueprint, original = record.blueprint, record.original_language
    rows: Rows = {("certification",): _facts(blueprint, original, languages, planned)}
    for domain in blueprint.domains:
        rows["domain", domain.number] = {"weight_percent": domain.weight_percent, "is_current": True}
        rows["domain text", domain.number, original] = {"name": domain.name}
    for task in blueprint.tasks:
        rows["task", task.code] = {"domain": task.domain, "is_current": True}
        rows["task text", task.code, original] = {"title": task.title, "covers": task.covers}
    for text in record.certification.texts:
        rows["text", text.language] = {key: getattr(text, key) for key in (*REQUIRED, *OPTIONAL)}
        for number, name in text.domains:
            rows["domain text", number, text.language] = {"name": name}
        for named in text.tasks:
            rows["task text", named.code, text.language] = {"title": named.title, "covers": named.covers}
    return rows


def _facts(
    blueprint: BlueprintRecord, original: str, languages: Sequence[str], planned: Mapping[str, int]
) -> dict[str, Any]:
    return {
        **asdict(blueprint.facts),
        "planned_facts": list(blueprint.facts.planned_facts),
        "original_language": original,
        "languages": list(languages),
        "planned_forms": len(blueprint.exams),
        "planned": dict(planned),
    }


def edition_draft(
    blueprint: BlueprintRecord, plan: ExamPlanRecord, codes: Sequence[str], versions: Mapping[str, int]
) -> EditionDraft:
    """Return a form as it would be published with these versions, by item code."""
    slots = {slot.id: slot for slot in plan.slots}
    return EditionDraft(
        minutes=plan.minutes,
        pass_mark=blueprint.facts.pass_mark,
        scale_min=blueprint.facts.scale_min,
        scale_max=blueprint.facts.scale_max,
        weights={domain.number: domain.weight_percent for domain in blueprint.domains},
        items=tuple(
            Placed(position, versions[code], slots[code].scored, slots[code].domain)
            for position, code in enumerate(codes, start=1)
        ),
    )
