"""What loading would change: the files compared with what the bank holds. Queries and writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exams.assembly.services import EditionDraft, Placed
from exams.bank.services import ItemDraft, TextDraft
from exams.catalogue.services import Rows, changed
from exams.content.records import BlueprintRecord, ExamPlanRecord, ExamRecord, Place
from exams.exchange.drafts import catalogue_rows, item_draft, text_draft
from exams.exchange.files import ContentFiles
from i18n import languages


@dataclass(frozen=True, slots=True)
class HeldItem:
    """The newest published version of an item, and the digest of its newest text by language."""

    version_id: int
    digest: str
    task_code: str
    coverage: tuple[str, ...]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HeldForm:
    """The newest edition of a form, and the languages in which it has papers."""

    digest: str
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held:
    """What the database holds of a certification."""

    catalogue: Rows
    items: Mapping[str, HeldItem]
    forms: Mapping[int, HeldForm]


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A new version of an item; `is_new` when the item itself is new."""

    draft: ItemDraft
    is_new: bool
    place: Place


@dataclass(frozen=True, slots=True)
class MoveStep:
    """An item whose task or coverage has changed; its version has not."""

    draft: ItemDraft


@dataclass(frozen=True, slots=True)
class TextStep:
    """A new revision of an item's text in another language."""

    code: str
    draft: TextDraft
    is_new: bool
    place: Place


@dataclass(frozen=True, slots=True)
class FormStep:
    """A form with its items by code: a new edition, or only papers of the newest one."""

    plan: ExamPlanRecord
    codes: tuple[str, ...]
    new_edition: bool
    is_new: bool
    languages: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a load, in the order in which they are taken."""

    code: str
    blueprint: BlueprintRecord
    catalogue: Rows = field(default_factory=dict)
    versions: tuple[VersionStep, ...] = ()
    moves: tuple[MoveStep, ...] = ()
    texts: tuple[TextStep, ...] = ()
    forms: tuple[FormStep, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to change."""
        return not (self.catalogue or self.versions or self.moves or self.texts or self.forms)

    @property
    def summary(self) -> str:
        """Count the steps in one line."""
        counts = {
            "catalogue rows": len(self.catalogue),
            "item versions": len(self.versions),
            "moved items": len(self.moves),
            "translated texts": len(self.texts),
            "editions": sum(form.new_edition for form in self.forms),
            "papers": sum(len(form.languages) for form in self.forms),
        }
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count)

    def lines(self) -> Iterator[str]:
        """Say each step in a line."""
        for path in self.catalogue:
            yield f"catalogue: {' '.join(map(str, path))}"
        for version in self.versions:
            yield f"{version.draft.code}: {'new item' if version.is_new else 'new version'}"
        for move in self.moves:
            yield f"{move.draft.code}: task or coverage"
        for text in self.texts:
            yield f"{text.code}: {'new text' if text.is_new else 'new revision'} in {text.draft.language}"
        for form in self.forms:
            if form.new_edition:
                yield f"exam {form.plan.number}: {'new form' if form.is_new else 'new edition'}"
            yield f"exam {form.plan.number}: new paper in {', '.join(form.languages)}"


def make_plan(files: ContentFiles, held: Held) -> Plan:
    """Compare the files with what is held and return what is to be done."""
    original = files.certification.texts[0].language
    versions: list[VersionStep] = []
    moves: list[MoveStep] = []
    texts: list[TextStep] = []
    forms: list[FormStep] = []
    for exam in files.exams:
        plan = files.blueprint.plan(exam.name)
        if plan is None:
            continue  # the load refuses such a file before it plans
        exam_versions, exam_moves = _versions(exam, plan, held, original)
        renewed = {step.draft.code for step in exam_versions}
        exam_texts = _texts(files, exam, held, renewed)
        form = _form(files, exam, plan, held, renewed, exam_texts)
        versions += exam_versions
        moves += exam_moves
        texts += exam_texts
        forms += [form] if form.languages else []
    wanted = catalogue_rows(files.blueprint, files.certification, _languages(files, held, original))
    return Plan(
        code=files.certification.code,
        blueprint=files.blueprint,
        catalogue=changed(wanted, held.catalogue),
        versions=tuple(versions),
        moves=tuple(moves),
        texts=tuple(texts),
        forms=tuple(forms),
    )


def _languages(files: ContentFiles, held: Held, original: str) -> tuple[str, ...]:
    """Return the languages in which exams can be sat after the load, the original first."""
    there = {language for form in held.forms.values() for language in form.languages}
    there |= {translation.language for translation in files.translations}
    others = (code for code in languages.CODES if code in there and code != original)
    return (original, *others)


def _versions(
    exam: ExamRecord, plan: ExamPlanRecord, held: Held, original: str
) -> tuple[list[VersionStep], list[MoveStep]]:
    slots = {slot.id: slot for slot in plan.slots}
    versions, moves = [], []
    for item in exam.items:
        draft = item_draft(item, slots[item.id], original)
        known = held.items.get(item.id)
        if known is None or known.digest != draft.digest():
            versions.append(VersionStep(draft, known is None, item.place))
        elif (known.task_code, known.coverage) != (draft.task_code, draft.coverage):
            moves.append(MoveStep(draft))
    return versions, moves


def _texts(files: ContentFiles, exam: ExamRecord, held: Held, renewed: set[str]) -> list[TextStep]:
    """Return the translations that are new or changed; a new version needs all of its translations anew."""
    originals = {item.id: item for item in exam.items}
    steps = []
    for translation in files.translations:
        if translation.name != exam.name:
            continue
        for text in translation.items:
            draft = text_draft(text, originals[text.id], translation.language)
            known = held.items[text.id].texts if text.id not in renewed else {}
            digest = known.get(translation.language)
            if digest != draft.digest():
                steps.append(TextStep(text.id, draft, digest is None, text.place))
    return steps


def _form(
    files: ContentFiles,
    exam: ExamRecord,
    plan: ExamPlanRecord,
    held: Held,
    renewed: set[str],
    texts: Sequence[TextStep],
) -> FormStep:
    """Return what a form needs; a form that needs no paper needs nothing."""
    known = held.forms.get(plan.number)
    codes = tuple(item.id for item in exam.items)
    new_edition = known is None or bool(renewed) or known.digest != _edition_digest(files, plan, codes, held)
    wanted = {files.certification.texts[0].language}
    wanted |= {translation.language for translation in files.translations if translation.name == exam.name}
    wanted |= known.languages if known else set()
    touched = {step.draft.language for step in texts}
    missing = wanted if known is None else wanted - known.languages
    papers = wanted if new_edition else missing | (wanted & touched)
    ordered = (*(code for code in languages.CODES if code in papers), *sorted(papers - set(languages.CODES)))
    return FormStep(plan, codes, new_edition, known is None, ordered, exam.place)


def _edition_digest(
    files: ContentFiles, plan: ExamPlanRecord, codes: tuple[str, ...], held: Held
) -> str | None:
    """Return the digest that an edition of the held versions would have, or None where one is not held."""
    if any(code not in held.items for code in codes):
        return None
    versions = {code: held.items[code].version_id for code in codes}
    return edition_draft(files.blueprint, plan, codes, versions).digest()


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
