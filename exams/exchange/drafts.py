"""From records of files to the drafts that the bank and the catalogue take. Queries nothing."""

from datetime import date
from typing import Any

from exams.bank.services import ItemDraft, TextDraft
from exams.catalogue.services import Rows
from exams.content.formats.blueprint_yaml import TEXT_KEYS
from exams.content.records import (
    BlueprintRecord,
    CertificationRecord,
    ItemRecord,
    ItemTextRecord,
    SlotRecord,
)


def item_draft(item: ItemRecord, slot: SlotRecord, language: str) -> ItemDraft:
    """Return an item with what its slot knows, in the original language."""
    return ItemDraft(
        code=item.id,
        task_code=slot.task,
        coverage=slot.covers,
        kind=slot.kind,
        choose=slot.choose,
        difficulty=slot.difficulty,
        cognitive_level=slot.cognitive_level,
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
    )


def catalogue_rows(
    blueprint: BlueprintRecord, certification: CertificationRecord, languages: tuple[str, ...]
) -> Rows:
    """Return every row of the catalogue as the files want it; `languages` are those of the content."""
    original = certification.texts[0].language
    rows: Rows = {("certification",): _facts(blueprint, certification, original, languages)}
    for domain in blueprint.domains:
        rows["domain", domain.number] = {"weight_percent": domain.weight_percent}
        rows["domain text", domain.number, original] = {"name": domain.name}
    for task in blueprint.tasks:
        rows["task", task.code] = {"domain": task.domain}
        rows["task text", task.code, original] = {"title": task.title, "covers": task.covers}
    for text in certification.texts:
        rows["text", text.language] = {key: getattr(text, key) for key in TEXT_KEYS}
        for number, name in text.domains:
            rows["domain text", number, text.language] = {"name": name}
        for words in text.tasks:
            rows["task text", words.code, text.language] = {"title": words.title, "covers": words.covers}
    return rows


def _facts(
    blueprint: BlueprintRecord, certification: CertificationRecord, original: str, languages: tuple[str, ...]
) -> dict[str, Any]:
    facts = blueprint.facts
    return {
        "vendor": facts.vendor,
        "level": facts.level,
        "status": facts.status,
        "duration_minutes": facts.duration_minutes,
        "items_total": facts.items_total,
        "items_scored": facts.items_scored,
        "pass_mark": facts.pass_mark,
        "scale_min": facts.scale_min,
        "scale_max": facts.scale_max,
        "price_usd": facts.price_usd,
        "validity_years": facts.validity_years,
        "retake_wait_days": facts.retake_wait_days,
        "accommodation_minutes": facts.accommodation_minutes,
        "retired_on": date.fromisoformat(facts.retired_on),
        "successor_code": facts.successor_code,
        "original_language": original,
        "languages": list(languages),
        "planned_forms": len(blueprint.exams),
        "planned_cards": certification.planned_cards,
        "planned_sections": certification.planned_sections,
    }
