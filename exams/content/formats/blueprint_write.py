"""The blueprint as a file: what the catalogue and the forms know, laid over a file that knows more.

A blueprint holds notes for writers that no table has (topics, ideas, rules). They stay where the file had
them; facts, domains, tasks and slots are those of the record.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from exams.content.formats.dump import dump
from exams.content.formats.tree import LOADER
from exams.content.records import BlueprintRecord, ExamPlanRecord, Facts, SlotRecord


def write_blueprint(record: BlueprintRecord, before: bytes = b"") -> bytes:
    """Write a blueprint over the file that was there, if any; reading it gives the record."""
    document: dict[str, Any] = yaml.load(before, LOADER) if before else {}  # noqa: S506 (a safe loader)
    known = document.get("certification", {})
    plans = {plan["number"]: plan for plan in document.get("exams", [])}
    written = {exam.number: _exam_row(exam, plans.get(exam.number, {})) for exam in record.exams}
    laid = {
        "certification": _facts_row(record.code, record.facts, known),
        "domains": [
            {"id": one.number, "name": one.name, "weight_percent": one.weight_percent}
            for one in record.domains
        ],
        "task_statements": [
            {"id": one.code, "domain": one.domain, "title": one.title, **covered(one.covers)}
            for one in record.tasks
        ],
        "exams": [row for _, row in sorted({**plans, **written}.items())],
    }
    return dump({**document, **laid})


def covered(covers: str) -> dict[str, str]:
    """Return what a task statement covers, as a row has it: left out where nothing is said of it."""
    return {"covers": covers} if covers else {}


def _facts_row(code: str, facts: Facts, before: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {
        **before,
        "code": before.get("code", code.upper()),
        "vendor": facts.vendor,
        "level": facts.level,
        "status": facts.status,
        "duration_minutes": facts.duration_minutes,
        "questions_total": facts.items_total,
        "questions_scored": facts.items_scored,
        "pass_mark": facts.pass_mark,
        "score_scale_min": facts.scale_min,
        "score_scale_max": facts.scale_max,
        "exam_fee_usd": facts.exam_fee_usd,
        "validity_years": facts.validity_years,
        "retake": {**before.get("retake", {}), "wait_days": facts.retake_wait_days},
        "accommodation": {**before.get("accommodation", {}), "extra_minutes": facts.accommodation_minutes},
    }
    for name in ("retired_on", "successor", "profile"):
        row.pop(name, None)
    if facts.retired_on:
        row["retired_on"] = facts.retired_on.isoformat()
    if facts.profile:
        row["profile"] = dict(facts.profile)
    if facts.successor_code:
        row["successor"] = {**(before.get("successor") or {}), "code": facts.successor_code}
    return row


def _exam_row(exam: ExamPlanRecord, before: Mapping[str, Any]) -> dict[str, Any]:
    slots = {slot["id"]: slot for slot in before.get("slots", [])}
    return {
        "id": exam.name,
        "number": exam.number,
        "title": before.get("title", exam.title),
        "time_limit_minutes": exam.minutes,
        "slots": [_slot_row(slot, slots.get(slot.id, {})) for slot in exam.slots],
    }


def _slot_row(slot: SlotRecord, before: Mapping[str, Any]) -> dict[str, Any]:
    notes = {name: before[name] for name in ("topic", "key_insight") if name in before}
    level = {"cognitive_level": slot.cognitive_level} if slot.cognitive_level else {}
    return {
        "slot": slot.number,
        "id": slot.id,
        "domain": slot.domain,
        "task": slot.task,
        "scored": slot.scored,
        "type": slot.kind,
        "options": slot.options,
        "correct": slot.choose,
        "difficulty": slot.difficulty,
        **level,
        **notes,
        "covers": list(slot.covers),
        "key_positions": list(slot.key_positions),
    }
