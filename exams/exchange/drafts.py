"""From records of files to what bank, assembly and catalogue take. Queries nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from exams.assembly.drafts import EditionDraft, Placed
from exams.bank.drafts import ItemDraft, TextDraft
from exams.catalogue.rows import Rows
from exams.content.catalogue import CatalogueRecord
from exams.content.formats.certification_yaml import OPTIONAL, REQUIRED
from exams.content.records import (
    BlueprintRecord,
    ExamPlanRecord,
    ItemRecord,
    ItemTextRecord,
    Traits,
)


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
        text=TextDraft(
            language=language,
            stem=item.stem,
            why=item.explanation.why_correct,
            principle=item.explanation.principle,
            tip=item.explanation.exam_tip,
            references=tuple((page.title, page.url) for page in item.references),
            options=tuple((option.text, option.why) for option in item.options),
            ask=item.ask,
            figures=_figures(item),
        ),
    )


def text_draft(text: ItemTextRecord, original: ItemRecord, language: str) -> TextDraft:
    """Return the translated texts of an item; its references are those of the original."""
    return TextDraft(
        language=language,
        stem=text.stem,
        why=text.explanation.why_correct,
        principle=text.explanation.principle,
        tip=text.explanation.exam_tip,
        references=tuple((page.title, page.url) for page in original.references),
        options=tuple((option.text, option.why) for option in text.options),
        ask=text.ask,
        figures=_figures(text),
    )


def _figures(item: ItemRecord | ItemTextRecord) -> tuple[tuple[str, str], ...]:
    return tuple((figure.name, figure.svg) for figure in item.figures)


def catalogue_rows(record: CatalogueRecord, languages: Sequence[str], planned: Mapping[str, int]) -> Rows:
    """Return every row of the catalogue as the files want it.

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
