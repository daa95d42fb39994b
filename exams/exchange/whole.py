"""Whole items out of the bank: the record of a version with the newest text of each language."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db.models import Prefetch, QuerySet

from exams.bank import services as bank
from exams.bank.models import ItemText, ItemVersion, Option, OptionText
from exams.content.exchange_formats.pictures import SUFFIXES
from exams.content.exchange_formats.shape import Picture, item_texts
from exams.content.markdown import figure_names, is_image
from exams.content.records import (
    Explanation,
    FigureRecord,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    OptionTextRecord,
    Reference,
    Traits,
)
from exams.content.whole import WholeItem

_OPTIONS: Final = Prefetch("options", OptionText.objects.select_related("option").order_by("option__order"))


def whole_items(versions: QuerySet[ItemVersion]) -> dict[int, WholeItem]:
    """Return versions as whole items, by the id of the version. Four statements, however many there are."""
    rows = list(
        versions.select_related("item__task", "item__certification").prefetch_related(
            Prefetch("options", Option.objects.order_by("order"))
        )
    )
    texts: dict[int, dict[str, ItemText]] = {row.pk: {} for row in rows}
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
                one.option.letter,
                one.text,
                one.option.is_key,
                None if one.option.is_key else one.option.failure or None,
                one.rationale,
            )
            for one in text.options.all()
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
    return bank.pictures([name for name in names if is_image(name)], most)
