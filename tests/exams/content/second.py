"""A second, small certification as files: another vendor, not retired, no successor, a scale from 0 to 100.

Three domains, one exam of ten questions (nine count), options in threes, ids and references of its own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from exams.content.formats.exam_yaml import write_exam
from exams.content.records import ExamRecord, Explanation, ItemRecord, OptionRecord, Reference
from tests.exams.content.builders import readings, words
from tools.items.readings_yaml import write_readings

CODE = "nwo-100"
WEIGHTS = {1: 20, 2: 30, 3: 50}
DOMAINS = (1, 1, 2, 2, 2, 3, 3, 3, 3, 3)
KEYS = (*((letter,) for letter in "ABCBCACAB"), ("A", "D"))
LETTERS = {1: "ABC", 2: "ABCDE"}
NOTES = {1: "", 2: " (Select TWO.)"}
FACTS: dict[str, Any] = {
    "code": "NWO-100",
    "vendor": "Northwind",
    "level": "Associate",
    "duration_minutes": 20,
    "questions_total": 10,
    "questions_scored": 9,
    "pass_mark": 70,
    "score_scale_min": 0,
    "score_scale_max": 100,
    "exam_fee_usd": 90,
    "retired_on": None,
}
GUIDE = {"item_ids": r"NW-\d{3}", "reference_hosts": ["learn.northwind.example"], "abbreviations": "WARP"}


def item(number: int) -> ItemRecord:
    """Return a question that keeps every rule of items."""
    keys = KEYS[number - 1]
    name = f"n{chr(96 + number)}"
    options = tuple(
        OptionRecord(
            letter,
            f"{name}take {name}{letter.lower()}one {name}{letter.lower()}two",
            letter in keys,
            None if letter in keys else "W1",
            words(f"{name}{letter.lower()}r", 20),
        )
        for letter in LETTERS[len(keys)]
    )
    ask = f"Which {name}ask is the most suitable {name}choice?{NOTES[len(keys)]}"
    return ItemRecord(
        id=f"NW-{number:03d}",
        stem=f"{name.capitalize()} WARP {words(name + 's', 50)}. {ask}",
        options=options,
        explanation=Explanation(
            words(name + "y", 50) + ".", words(name + "p", 20) + ".", words(name + "t", 15) + "."
        ),
        references=(Reference("Operating Northwind", "https://learn.northwind.example/operate/"),),
    )


def exam() -> ExamRecord:
    """Return its only exam."""
    return ExamRecord("northwind-exam-1", tuple(item(number) for number in range(1, 11)))


def blueprint() -> dict[str, Any]:
    """Return the blueprint as its file has it: without coverage and without all that is optional."""
    slots = [
        {
            "slot": number,
            "id": f"NW-{number:03d}",
            "domain": domain,
            "task": f"{domain}.1",
            "scored": number != 5,
            "type": "single" if len(keys) == 1 else "multiple",
            "options": len(LETTERS[len(keys)]),
            "correct": len(keys),
            "difficulty": "medium",
            "cognitive_level": "apply",
            "key_positions": list(keys),
        }
        for number, (domain, keys) in enumerate(zip(DOMAINS, KEYS, strict=True), start=1)
    ]
    plan = {
        "id": "northwind-exam-1",
        "number": 1,
        "title": "Exam 1",
        "time_limit_minutes": 20,
        "slots": slots,
    }
    return {
        "certification": FACTS,
        "domains": [{"id": n, "name": f"Part {n}", "weight_percent": w} for n, w in WEIGHTS.items()],
        "task_statements": [
            {"id": f"{n}.1", "domain": n, "title": f"Task {n}", "covers": "Work"} for n in WEIGHTS
        ],
        "exams": [{**plan, "slots": slots}],
    }


def certification() -> dict[str, Any]:
    """Return the texts in English and Hungarian, no more than they must have."""
    english = {"name": "Northwind Operator", "summary": "Runs Northwind.", "description": "For operators."}
    hungarian = {
        "name": "Northwind-üzemeltető",
        "summary": "A Northwind üzemeltetése.",
        "description": "Üzemeltetőknek.",
        "domains": {number: f"{number}. rész" for number in WEIGHTS},
        "tasks": {f"{number}.1": {"title": f"{number}. feladat", "covers": "Munka"} for number in WEIGHTS},
    }
    return {"code": CODE, "texts": {"en": english, "hu": hungarian}}


def write(directory: Path, one: ExamRecord | None = None, profile: Mapping[str, Any] | None = None) -> Path:
    """Write the folder."""
    one = one or exam()
    (directory / "exams").mkdir(parents=True, exist_ok=True)
    plans = blueprint()
    if profile:
        plans["certification"] = {**FACTS, "profile": profile}
    documents = {"blueprint": plans, "certification": certification(), "guide": GUIDE}
    for name, document in documents.items():
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    (directory / "exams" / "exam-1.yaml").write_bytes(write_exam(one))
    (directory / "exams" / "exam-1.reading.yaml").write_bytes(write_readings(readings(one)))
    return directory
