"""What the database has of a certification: whole items and forms, and what plans compare with the files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from django.db.models import Prefetch, QuerySet

from exams.assembly.models import FormEdition, Paper
from exams.assembly.selectors import (
    StandingItem,
    current_editions,
    draft_of,
    kept_versions,
    places_of,
    scored_domains,
)
from exams.bank import rulings
from exams.bank.models import ItemText, ItemVersion, Option, OptionText
from exams.bank.services import current_versions, item_tasks
from exams.bank.services import pictures as stored_pictures
from exams.catalog import services
from exams.content.exchange_formats.pictures import SUFFIXES
from exams.content.exchange_formats.shape import Picture, item_texts
from exams.content.markdown import figure_names, is_image
from exams.content.records import (
    ExamPlanRecord,
    ExamRecord,
    Explanation,
    FigureRecord,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    OptionTextRecord,
    Reference,
    SlotRecord,
    Traits,
    TranslationRecord,
    WholeItem,
)
from exams.content_sync.plan import StoredBank, StoredCatalog, StoredForm, StoredItem
from exams.publication.models import PublishLog

FILES: Final = PublishLog.Source.FILES
_OPTIONS: Final = Prefetch("options", OptionText.objects.select_related("option").order_by("option__order"))


def whole_items(versions: QuerySet[ItemVersion]) -> dict[int, WholeItem]:
    """Return versions as whole items, by the id of the version. Four statements, however many there are."""
    rows = list(
        versions.select_related("item__task", "item__certification").prefetch_related(
            Prefetch("options", Option.objects.order_by("order"))
        )
    )
    texts: dict[int, dict[str, ItemText]] = {row.pk: {} for row in rows}
    # DISTINCT ON takes the first of each language, which is its newest revision.
    newest = ItemText.objects.filter(version_id__in=texts).order_by("version_id", "language", "-revision")
    for text in newest.distinct("version_id", "language").prefetch_related(_OPTIONS):
        texts[text.version_id][text.language] = text
    return {row.pk: _whole(row, texts[row.pk]) for row in rows}


def _whole(version: ItemVersion, texts: Mapping[str, ItemText]) -> WholeItem:
    item = version.item
    original = item.certification.original_language
    traits = Traits(
        task=item.task.code,
        kind=version.kind,
        choose=version.choose,
        difficulty=version.difficulty,
        covers=tuple(item.coverage),
        cognitive_level=version.cognitive_level,
    )
    others = {
        language: _text(item.code, text) for language, text in sorted(texts.items()) if language != original
    }
    record = _record(item.code, texts[original], traits)
    return WholeItem(record, original, others, tuple(item.tags), item.source_id)


def _record(code: str, text: ItemText, traits: Traits) -> ItemRecord:
    return ItemRecord(
        id=code,
        stem=text.stem,
        options=tuple(
            OptionRecord(
                row.option.letter,
                row.text,
                row.option.is_key,
                None if row.option.is_key else row.option.failure or None,
                row.rationale,
            )
            for row in text.options.all()
        ),
        explanation=_explanation(text),
        references=tuple(Reference(page["title"], page["url"]) for page in text.references),
        ask=text.ask,
        traits=traits,
        figures=_figures(text),
    )


def _text(code: str, text: ItemText) -> ItemTextRecord:
    return ItemTextRecord(
        id=code,
        stem=text.stem,
        options=tuple(
            OptionTextRecord(one.option.letter, one.text, one.rationale) for one in text.options.all()
        ),
        explanation=_explanation(text),
        ask=text.ask,
        figures=_figures(text),
    )


def _explanation(text: ItemText) -> Explanation:
    return Explanation(text.why, text.principle, text.tip)


def _figures(text: ItemText) -> tuple[FigureRecord, ...]:
    return tuple(FigureRecord(name, svg, "", "") for name, svg in text.figures.items())


def drawings(items: Collection[WholeItem]) -> dict[str, bytes]:
    """Return the figures that items show, drawings and images, by the name of their file. One statement."""
    shown = [figure for item in items for figure in item.record.figures]
    shown += [figure for item in items for text in item.texts.values() for figure in text.figures]
    files = {f"figures/{figure.name}.svg": figure.svg.encode() for figure in shown}
    return files | {f"figures/{one.name}{SUFFIXES[one.media_type]}": one.data for one in pictures(items)}


def pictures(items: Collection[WholeItem], most: int | None = None) -> tuple[Picture, ...]:
    """Return the images that items show; of `most` bytes as many as that has room for. One statement."""
    names = figure_names(*(text for item in items for text in item_texts(item)))
    return stored_pictures([name for name in names if is_image(name)], most)


@dataclass(frozen=True, slots=True)
class StandingForm:
    """A form as it stands: its edition, and its items in order, each in its current version."""

    edition: FormEdition
    items: tuple[tuple[StandingItem, WholeItem], ...]

    @property
    def number(self) -> int:
        """Return the number of the form."""
        return self.edition.form.number

    @property
    def name(self) -> str:
        """Return what files call it."""
        return f"{self.edition.form.certification.code}-exam-{self.number}"


def standing_forms(code: str) -> list[StandingForm]:
    """Return the forms of a certification by number. Six statements."""
    editions = list(current_editions(code))
    places = places_of([edition.pk for edition in editions])
    wanted = {_version(item) for of_edition in places.values() for item in of_edition}
    items = whole_items(ItemVersion.objects.filter(pk__in=wanted))
    return [
        StandingForm(edition, tuple((item, items[_version(item)]) for item in places[edition.pk]))
        for edition in editions
    ]


def _version(item: StandingItem) -> int:
    """Return the version to write: an item that was withdrawn keeps the one that its form has."""
    return item.current_id or item.placed.version_id


def written_plans(code: str) -> list[ExamPlanRecord]:
    """Return the plan of each form of a certification."""
    return [
        ExamPlanRecord(
            name=form.name,
            number=form.number,
            title=f"{code.upper()} Practice Exam {form.number}",
            minutes=form.edition.minutes,
            slots=tuple(_slot(one, whole) for one, whole in form.items),
        )
        for form in standing_forms(code)
    ]


def _slot(item: StandingItem, whole: WholeItem) -> SlotRecord:
    return SlotRecord(
        id=item.code,
        number=item.placed.position,
        domain=item.placed.domain_number,
        scored=item.placed.is_scored,
        options=len(whole.record.options),
        key_positions=whole.record.keys,
        **asdict(whole.traits),
    )


def exam_record(form: StandingForm) -> ExamRecord:
    """Return a form as an exam file has it: what the blueprint plans of an item is not there."""
    return ExamRecord(form.name, tuple(whole.planned for _, whole in form.items))


def translations(name: str, items: Sequence[WholeItem]) -> list[TranslationRecord]:
    """Return what is translated of items, a record for each language."""
    spoken = sorted({language for whole in items for language in whole.texts})
    return [
        TranslationRecord(
            name, language, tuple(whole.texts[language] for whole in items if language in whole.texts)
        )
        for language in spoken
    ]


def stored_catalog(code: str) -> StoredCatalog:
    """Return the rows of a certification and what refers to them. At most eight queries."""
    return StoredCatalog(
        services.stored(code), item_tasks(code), scored_domains(code), services.is_edited_in_admin(code)
    )


def stored_bank(code: str) -> StoredBank:
    """Return the current versions and editions of a certification. Eight queries at most."""
    return StoredBank(stored_items(code), stored_forms(code))


def stored_items(code: str) -> dict[str, StoredItem]:
    """Return the current version of each item of a certification, by code. Five queries at most.

    Of an item that was withdrawn it is the version that exams keep.
    """
    versions = [
        version
        # A withdrawn item has no current version; exams that hold it keep the one that they have.
        for rows in (current_versions(code), kept_versions(code))
        for version in rows.select_related("item__task", "log")
    ]
    texts: dict[int, dict[str, str]] = {version.pk: {} for version in versions}
    edited: dict[int, set[str]] = {version.pk: set() for version in versions}
    revisions = ItemText.objects.filter(version_id__in=texts).order_by("revision")
    for version_id, language, digest, source in revisions.values_list(
        "version_id", "language", "digest", "log__source"
    ):
        texts[version_id][language] = digest
        # The newest text of a language decides; a revision from files takes an older one back.
        (edited[version_id].discard if source == FILES else edited[version_id].add)(language)
    ruled = rulings.deciding(texts)
    return {
        version.item.code: StoredItem(
            version.pk,
            version.digest,
            version.item.task.code,
            tuple(version.item.coverage),
            texts[version.pk],
            is_edited_in_admin=version.log.source != FILES or bool(edited[version.pk]),
            is_withdrawn=version.item.current_id is None,
            is_ruled=version.pk in ruled,
        )
        for version in versions
    }


def stored_forms(code: str) -> dict[int, StoredForm]:
    """Return the current editions of a certification by the number of their form. Three queries."""
    editions = list(current_editions(code).select_related("log"))
    places = places_of([edition.pk for edition in editions])
    papers: dict[int, set[str]] = {edition.pk: set() for edition in editions}
    rows = Paper.objects.filter(edition_id__in=papers)
    for edition_id, language in rows.values_list("edition_id", "language"):
        papers[edition_id].add(language)
    return {
        edition.form.number: StoredForm(
            edition.digest,
            frozenset(papers[edition.pk]),
            shape=draft_of(edition, [place.placed for place in places[edition.pk]]).shape(
                [place.code for place in places[edition.pk]]
            ),
            codes=frozenset(place.code for place in places[edition.pk]),
            is_edited_in_admin=edition.log.source != FILES,
        )
        for edition in editions
    }
