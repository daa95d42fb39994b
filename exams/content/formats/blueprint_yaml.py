"""The blueprint: facts, domains, tasks and plans of the exams, to records and back.

A blueprint holds notes for writers that no table has (topics, ideas, rules). They stay where the file had
them; facts, domains, tasks and slots are those of the record.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

import yaml

from exams.content.formats.tree import LOADER, Branch, Fields, dump, finish, open_document
from exams.content.records import (
    NOWHERE,
    BlueprintRecord,
    CoverageRecord,
    DomainRecord,
    ExamPlanRecord,
    Facts,
    SlotRecord,
    TaskRecord,
)
from exams.content.states import DAYS, PLANNABLE
from exams.kinds import kinds
from exams.kinds.profile import PARTS, RULES, Profile, is_readable

NUMBERS: Final = {
    "duration_minutes": "duration_minutes",
    "questions_total": "items_total",
    "questions_scored": "items_scored",
    "pass_mark": "pass_mark",
    "score_scale_min": "scale_min",
    "score_scale_max": "scale_max",
    "exam_fee_usd": "exam_fee_usd",
}
"""What files call the numbers of the facts."""
FACT_KEYS: Final = ("code", "vendor", "level", *NUMBERS)
PLANNABLE_KEYS: Final = {
    {number: key for key, number in NUMBERS.items()}.get(name, name): name for name in PLANNABLE
}
"""What `planned` may list, as files call it."""
BLUEPRINT_KEYS: Final = ("certification", "domains", "task_statements", "exams")
SLOT_KEYS: Final = (
    "slot",
    "id",
    "domain",
    "task",
    "scored",
    "type",
    "options",
    "correct",
    "difficulty",
    "key_positions",
)
SLOT_NOTES: Final = ("cognitive_level", "stem_class", "covers", "topic", "key_insight")
STEM_CLASSES: Final = ("concept", "standard", "long")
DIFFICULTIES: Final = ("easy", "medium", "hard")
LEVELS: Final = ("understand", "apply", "analyze", "evaluate")


def read_blueprint(data: bytes, file: str) -> BlueprintRecord:
    """Read a blueprint; notes for writers are passed over. Raises FormatError with every fault."""
    root, problems = open_document(data, file)
    top = root.fields(BLUEPRINT_KEYS, open_ended=True)
    facts = top["certification"].fields(FACT_KEYS, open_ended=True)
    record = BlueprintRecord(
        code=facts.text("code"),
        facts=_facts(facts),
        domains=tuple(_domain(row) for row in top.rows("domains")),
        tasks=tuple(_task(row) for row in top.rows("task_statements")),
        exams=tuple(_exam(row) for row in top.rows("exams")),
        place=root.place,
    )
    finish(problems)
    return record


def _facts(fields: Fields) -> Facts:
    return Facts(
        vendor=fields.text("vendor"),
        level=fields.text("level"),
        **{name: fields.number(key) for key, name in NUMBERS.items()},
        validity_years=fields.number("validity_years") if fields.has("validity_years") else 0,
        retake_wait_days=_inside(fields, "retake", "wait_days").number(),
        accommodation_minutes=_inside(fields, "accommodation", "extra_minutes").number(),
        beta_on=_day(fields, "beta_on"),
        live_on=_day(fields, "live_on"),
        retired_on=_day(fields, "retired_on"),
        planned_facts=_planned(fields),
        successor_code=_inside(fields, "successor", "code").text(),
        profile=_profile(fields["profile"]) if fields.has("profile") else {},
    )


PROFILE: Final[Mapping[str, Callable[[Branch], Any]]] = {
    "options": lambda branch: dict(_options(branch)),
    "endings": lambda branch: {language: _endings(lines) for language, lines in branch.entries().items()},
    "negative": Branch.flag,
    "blocking": lambda branch: [row.one_of(RULES) for row in branch.rows()],
    "required": lambda branch: [row.one_of(PARTS) for row in branch.rows()],
}


def _endings(lines: Branch) -> tuple[str, ...]:
    """Return the ending for each number of correct options; an empty one allows any."""
    return tuple(row.text() if row.scalar("text", "str") else "" for row in lines.rows())


def _profile(branch: Branch) -> dict[str, Any]:
    """Return what is asked of the questions where that is not the usual."""
    fields = branch.fields((), PROFILE)
    return Profile.of({name: read(fields[name]) for name, read in PROFILE.items() if name in fields}).stored()


def _options(branch: Branch) -> Iterator[tuple[str, str]]:
    for name, line in branch.entries().items():
        if name not in kinds.NAMES or not is_readable(name, line.text()):
            line.complain(
                f"expected a type ({', '.join(kinds.NAMES)}) with its options, such as 2 of 5, 3 of 6"
            )
        yield name, line.text()


def _day(fields: Fields, key: str) -> date | None:
    return fields[key].iso_date() if fields.has(key) else None


def _planned(fields: Fields) -> tuple[str, ...]:
    """Return which facts are planned, by their own names and in their own order."""
    if fields.has("status"):
        fields["status"].complain(
            "the status follows from beta_on, live_on and retired_on, and from what planned lists"
        )
    keys = (
        [row.one_of(tuple(PLANNABLE_KEYS)) for row in fields.rows("planned")] if fields.has("planned") else []
    )
    named = {PLANNABLE_KEYS.get(key, "") for key in keys}
    return tuple(name for name in PLANNABLE if name in named)


def _inside(fields: Fields, key: str, name: str) -> Branch:
    """Return a value inside a mapping that a vendor may do without; then it is 0 or an empty text."""
    if not fields.has(key):
        return Branch(None, NOWHERE, [])
    return fields[key].fields((name,), open_ended=True)[name]


def read_coverage(data: bytes, file: str) -> CoverageRecord | None:
    """Read the coverage items of a blueprint, or None where it lists none. Raises FormatError."""
    root, problems = open_document(data, file)
    top = root.fields((), open_ended=True)
    rows = top.rows("coverage_items") if top.has("coverage_items") else None
    items = tuple(_coverage(row) for row in rows or ())
    finish(problems)
    return None if rows is None else CoverageRecord(items, root.place)


def _domain(branch: Branch) -> DomainRecord:
    fields = branch.fields(("id", "name", "weight_percent"))
    return DomainRecord(fields.number("id"), fields["name"].title(), fields.number("weight_percent"))


def _task(branch: Branch) -> TaskRecord:
    fields = branch.fields(("id", "domain", "title"), ("covers",))
    covers = fields.text("covers") if fields.has("covers") else ""
    return TaskRecord(fields.text("id"), fields.number("domain"), fields["title"].title(), covers)


def _coverage(branch: Branch) -> tuple[str, str]:
    fields = branch.fields(("id", "name"), open_ended=True)
    return fields.text("id"), fields.text("name")


def _exam(branch: Branch) -> ExamPlanRecord:
    fields = branch.fields(("id", "number", "title", "time_limit_minutes", "slots"))
    return ExamPlanRecord(
        name=fields.text("id"),
        number=fields.number("number"),
        title=fields.text("title"),
        minutes=fields.number("time_limit_minutes"),
        slots=tuple(_slot(row) for row in fields.rows("slots")),
        place=branch.place,
    )


def _slot(branch: Branch) -> SlotRecord:
    fields = branch.fields(SLOT_KEYS, SLOT_NOTES)
    return SlotRecord(
        id=fields.text("id"),
        number=fields.number("slot"),
        domain=fields.number("domain"),
        task=fields.text("task"),
        scored=fields.flag("scored"),
        kind=fields["type"].one_of(kinds.NAMES),
        options=fields.number("options"),
        choose=fields.number("correct"),
        difficulty=fields["difficulty"].one_of(DIFFICULTIES),
        cognitive_level=fields["cognitive_level"].one_of(LEVELS) if fields.has("cognitive_level") else "",
        covers=fields["covers"].texts() if fields.has("covers") else (),
        key_positions=fields["key_positions"].texts(),
        stem_class=fields["stem_class"].one_of(STEM_CLASSES) if fields.has("stem_class") else "",
        place=branch.place,
    )


def write_blueprint(record: BlueprintRecord, before: bytes = b"") -> bytes:
    """Write a blueprint over the file that was there, if any; reading it gives the record."""
    document: dict[str, Any] = yaml.load(before, LOADER) if before else {}  # noqa: S506 (a safe loader)
    known = document.get("certification", {})
    # By number: a plan that no form has yet stays as writers planned it.
    plans = {plan["number"]: plan for plan in document.get("exams", [])}
    written = {exam.number: _exam_row(exam, plans.get(exam.number, {})) for exam in record.exams}
    laid = {
        "certification": _facts_row(record.code, record.facts, known),
        "domains": [
            {"id": domain.number, "name": domain.name, "weight_percent": domain.weight_percent}
            for domain in record.domains
        ],
        "task_statements": [
            {"id": task.code, "domain": task.domain, "title": task.title, **covered(task.covers)}
            for task in record.tasks
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
        **{key: getattr(facts, name) for key, name in NUMBERS.items()},
        "validity_years": facts.validity_years,
        "retake": {**before.get("retake", {}), "wait_days": facts.retake_wait_days},
        "accommodation": {**before.get("accommodation", {}), "extra_minutes": facts.accommodation_minutes},
    }
    # Without a value the key is left out, also where the file of before had one.
    for name in ("status", *DAYS, "planned", "successor", "profile"):
        row.pop(name, None)
    row |= {name: day.isoformat() for name in DAYS if (day := getattr(facts, name))}
    if facts.planned_facts:
        keys = {name: key for key, name in PLANNABLE_KEYS.items()}
        row["planned"] = [keys[name] for name in facts.planned_facts]
    if profile := Profile.of(facts.profile).stored():
        row["profile"] = profile
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
    notes = {name: before[name] for name in ("stem_class", "topic", "key_insight") if name in before}
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
