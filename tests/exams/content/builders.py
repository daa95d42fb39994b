"""A small certification as records and as files: twenty items that keep every rule."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from exams.content.catalog import CatalogPart, CatalogRecord, CoveragePart, GuidePart
from exams.content.exams import ExamsPart, ExamsRecord
from exams.content.formats.certification_yaml import read_certification
from exams.content.formats.exam_yaml import write_exam, write_translation
from exams.content.formats.tree import dump
from exams.content.parts import Content
from exams.content.records import (
    BlueprintRecord,
    CoverageRecord,
    DomainRecord,
    ExamPlanRecord,
    ExamRecord,
    Explanation,
    Facts,
    Guide,
    ItemRecord,
    ItemTextRecord,
    OldName,
    OptionRecord,
    OptionTextRecord,
    Place,
    Reference,
    SampleRecord,
    SlotRecord,
    TaskRecord,
    Traits,
    TranslationRecord,
)
from exams.content.states import days_of
from tools.items.readings import ReadingsPart, ReadingsRecord
from tools.items.readings_yaml import write_readings
from tools.items.records import ExamReadings, Reading

SINGLES = 16
KEYS = [(letter,) for letter in "ABCDBADCCDABDCBA"] + [
    ("A", "D"),
    ("B", "C"),
    ("A", "B", "C"),
    ("D", "E", "F"),
]
CODES = ("W1", "W2", "W3", "W4", "W6")
NOTES = {1: "", 2: " (Select TWO.)", 3: " (Select THREE.)"}
NOTES_HU = {1: "", 2: " (Válassz KETTŐT.)", 3: " (Válassz HÁRMAT.)"}
OPTIONS = {1: 4, 2: 5, 3: 6}


COVERAGE = CoverageRecord((("s3", "Amazon S3"),), Place("blueprint.yaml", 1))
FIREHOSE = (r"Kinesis Data Firehose", r"(?<!Kinesis )Data Firehose")
GUIDE_DOCUMENT = {
    "item_ids": r"E\d+-Q\d+",
    "reference_hosts": ["docs.aws.amazon.com"],
    "abbreviations": "JSON LSTM",
    "sounds_managed": {"serverless": 2},
    "sounds_self_run": {"cron": 2},
    "old_names": [
        {"name": "Firehose", "pattern": FIREHOSE[0], "cure": FIREHOSE[1], "advice": "Amazon Data Firehose"},
        {"name": "Elastic Inference", "pattern": "Elastic Inference", "advice": "not to be used"},
    ],
}
GUIDE = Guide(
    item_ids=re.compile(r"E\d+-Q\d+"),
    reference_hosts=frozenset({"docs.aws.amazon.com"}),
    abbreviations=frozenset({"JSON", "LSTM"}),
    managed_words={"serverless": 2, "cron": -2},
    old_names=(
        OldName("Firehose", re.compile(FIREHOSE[0]), re.compile(FIREHOSE[1]), "Amazon Data Firehose"),
        OldName("Elastic Inference", re.compile("Elastic Inference"), None, "not to be used"),
    ),
)


def words(prefix: str, count: int) -> str:
    """Return different words that no other prefix gives."""
    return " ".join(f"{prefix}{number:02d}" for number in range(count))


def slot(exam: int, number: int) -> SlotRecord:
    """Return the slot at a place of an exam."""
    keys = KEYS[number - 1]
    return SlotRecord(
        id=f"E{exam}-Q{number:02d}",
        number=number,
        domain=1 + number % 2,
        task=f"{1 + number % 2}.1",
        scored=number % 4 != 0,
        kind="single" if len(keys) == 1 else "multiple",
        options=OPTIONS[len(keys)],
        choose=len(keys),
        difficulty="medium",
        cognitive_level="apply",
        covers=("s3",),
        key_positions=keys,
        place=Place("blueprint.yaml", number),
    )


def plan(exam: int = 1) -> ExamPlanRecord:
    """Return the plan of an exam."""
    slots = tuple(slot(exam, number) for number in range(1, len(KEYS) + 1))
    return ExamPlanRecord(f"mls-c01-exam-{exam}", exam, f"Practice exam {exam}", 60, slots)


def item(exam: int, number: int) -> ItemRecord:
    """Return an item that keeps every rule and shares no long word with another."""
    keys = KEYS[number - 1]
    name = f"x{exam}{chr(96 + number)}"
    ask = f"Which {name}ask is the {'MOST' if number % 3 == 0 else 'most'} suitable {name}choice?"
    options = tuple(
        OptionRecord(
            letter,
            f"{name}take {name}{letter.lower()}one {name}{letter.lower()}two{_tail(keys, letter)}",
            letter in keys,
            None if letter in keys else CODES[(number + place) % len(CODES)],
            words(f"{name}{letter.lower()}r", 20),
        )
        for place, letter in enumerate("ABCDEF"[: OPTIONS[len(keys)]])
    )
    return ItemRecord(
        id=f"E{exam}-Q{number:02d}",
        stem=f"{name.capitalize()} {words(name + 's', 70)}. {ask}{NOTES[len(keys)]}",
        options=options,
        explanation=Explanation(
            words(name + "y", 50) + ".", words(name + "p", 20) + ".", words(name + "t", 15) + "."
        ),
        references=(Reference("Amazon S3 Documentation", "https://docs.aws.amazon.com/s3/"),),
        place=Place(f"exams/exam-{exam}.yaml", 10 * number),
    )


def exam(number: int = 1) -> ExamRecord:
    """Return an exam that keeps every rule."""
    items = tuple(item(number, place) for place in range(1, len(KEYS) + 1))
    return ExamRecord(f"mls-c01-exam-{number}", items, Place(f"exams/exam-{number}.yaml", 1))


def sample() -> SampleRecord:
    """Return a sample that keeps every rule beside exam 1: four items of domain 1, six of domain 2."""
    levels = ("easy",) * 3 + ("medium",) * 4 + ("hard",) * 3
    # Numbers of another exam's items whose keys have no run: nine singles and, at the end, a multiple.
    numbers = (1, 2, 3, 4, 5, 7, 8, 9, 11, 17)
    items = []
    for place, (number, level) in enumerate(zip(numbers, levels, strict=True), start=1):
        one = item(9, number)
        setting, ask = one.stem.split(". ", 1)
        kind = "single" if len(one.keys) == 1 else "multiple"
        task = "1.1" if place <= 4 else "2.1"
        items.append(
            replace(
                one,
                id=f"S{place:02d}",
                stem=f"{setting}.",
                ask=ask,
                traits=Traits(task, kind, len(one.keys), level, ("s3",), "apply"),
                place=Place("sample.yaml", 10 * place),
            )
        )
    return SampleRecord(tuple(items), place=Place("sample.yaml", 1))


def translation(number: int = 1) -> TranslationRecord:
    """Return a Hungarian translation that keeps every rule."""
    return TranslationRecord(
        f"mls-c01-exam-{number}",
        "hu",
        tuple(item_text(one) for one in exam(number).items),
        Place(f"exams/exam-{number}.hu.yaml", 1),
    )


def _tail(keys: tuple[str, ...], letter: str) -> str:
    """Make a distractor the longest option of a multiple response."""
    wrong = [other for other in "ABCDEF"[: OPTIONS[len(keys)]] if other not in keys]
    return "s" if len(keys) > 1 and letter == wrong[0] else ""


def item_text(one: ItemRecord) -> ItemTextRecord:
    """Return an item in Hungarian, as far as a test needs it."""
    setting = one.stem.split(". ")[0].removesuffix(".")
    ask = f"Melyik {one.id} felel meg?{NOTES_HU[len(one.keys)]}"
    return ItemTextRecord(
        id=one.id,
        stem=f"{setting}." if one.ask else f"{setting}. {ask}",
        ask=ask if one.ask else "",
        options=tuple(OptionTextRecord(o.letter, f"hu {o.text}", f"hu {o.why}") for o in one.options),
        explanation=one.explanation,
        place=Place(one.place.file.replace(".yaml", ".hu.yaml"), one.place.line),
    )


def readings(one: ExamRecord) -> ExamReadings:
    """Return readings in which one reader agrees with every key."""
    rows = tuple(
        Reading(
            item=entry.id,
            round=1,
            reader="reader 1",
            fingerprint=entry.fingerprint,
            answer=entry.keys,
            second_option=None,
            note="",
            place=Place("exams/exam-1.reading.yaml", line),
        )
        for line, entry in enumerate(one.items, start=3)
    )
    return ExamReadings(one.name, rows, place=Place("exams/exam-1.reading.yaml", 1))


def blueprint(*exams: ExamPlanRecord) -> BlueprintRecord:
    """Return a blueprint with two domains, a task in each, and the given exams."""
    return BlueprintRecord(
        code="MLS-C01",
        facts=Facts(
            vendor="Amazon Web Services",
            level="Specialty",
            duration_minutes=60,
            items_total=20,
            items_scored=15,
            pass_mark=750,
            scale_min=100,
            scale_max=1000,
            exam_fee_usd=300,
            validity_years=3,
            retake_wait_days=14,
            accommodation_minutes=30,
            beta_on=None,
            live_on=date(2019, 2, 25),
            retired_on=date(2026, 3, 31),
            planned_facts=(),
            profile={},
            successor_code="MLA-C01",
        ),
        domains=(DomainRecord(1, "Data", 40), DomainRecord(2, "Models", 60)),
        tasks=(TaskRecord("1.1", 1, "Collect", "Sources"), TaskRecord("2.1", 2, "Train", "Splits")),
        exams=exams or (plan(),),
        place=Place("blueprint.yaml", 1),
    )


def content(
    plans: BlueprintRecord,
    exams: tuple[ExamRecord, ...],
    translations: tuple[TranslationRecord, ...] = (),
    read: dict[str, ExamReadings] | None = None,
    guide: Guide = GUIDE,
) -> Content:
    """Return records as the content of a certification; without `read` all readings agree with the keys."""
    data = dump(certification_document())
    certification = read_certification(data, "certification.yaml")
    found = Content()
    found.put(GuidePart(), guide)
    found.put(CatalogPart(), CatalogRecord(plans, certification))
    found.put(CoveragePart(), COVERAGE)
    found.put(ExamsPart(), ExamsRecord(exams, translations))
    read = {one.name: readings(one) for one in exams} if read is None else read
    found.put(ReadingsPart(), ReadingsRecord(read))
    return found


def with_item(one: ExamRecord, number: int, **changes: Any) -> ExamRecord:
    """Return the exam with the item at `number` (from 1) changed."""
    items = list(one.items)
    items[number - 1] = replace(items[number - 1], **changes)
    return replace(one, items=tuple(items))


def with_option(one: ExamRecord, number: int, letter: str, **changes: Any) -> ExamRecord:
    """Return the exam with one option of the item at `number` changed."""
    options = tuple(
        replace(option, **changes) if option.letter == letter else option
        for option in one.items[number - 1].options
    )
    return with_item(one, number, options=options)


def blueprint_document(record: BlueprintRecord) -> dict[str, Any]:
    """Return a blueprint as its file has it."""
    facts = record.facts
    return {
        "certification": {
            "code": record.code,
            "vendor": facts.vendor,
            "level": facts.level,
            "duration_minutes": facts.duration_minutes,
            "questions_total": facts.items_total,
            "questions_scored": facts.items_scored,
            "pass_mark": facts.pass_mark,
            "score_scale_min": facts.scale_min,
            "score_scale_max": facts.scale_max,
            "exam_fee_usd": facts.exam_fee_usd,
            "validity_years": facts.validity_years,
            **{name: day.isoformat() for name, day in days_of(facts).items() if day},
            **({"planned": list(facts.planned_facts)} if facts.planned_facts else {}),
            "successor": {"code": facts.successor_code, "name": "Engineer"},
            "accommodation": {"extra_minutes": facts.accommodation_minutes},
            "retake": {"wait_days": facts.retake_wait_days},
        },
        "domains": [
            {"id": d.number, "name": d.name, "weight_percent": d.weight_percent} for d in record.domains
        ],
        "task_statements": [
            {"id": t.code, "domain": t.domain, "title": t.title, "covers": t.covers} for t in record.tasks
        ],
        "coverage_items": [{"id": name, "name": title} for name, title in COVERAGE.items],
        "exams": [
            {
                "id": one.name,
                "number": one.number,
                "title": one.title,
                "time_limit_minutes": one.minutes,
                "slots": [_slot_row(entry) for entry in one.slots],
            }
            for one in record.exams
        ],
    }


def _slot_row(entry: SlotRecord) -> dict[str, Any]:
    return {
        "slot": entry.number,
        "id": entry.id,
        "domain": entry.domain,
        "task": entry.task,
        "scored": entry.scored,
        "type": entry.kind,
        "options": entry.options,
        "correct": entry.choose,
        "difficulty": entry.difficulty,
        "cognitive_level": entry.cognitive_level,
        "covers": list(entry.covers),
        "key_positions": list(entry.key_positions),
    }


def certification_document() -> dict[str, Any]:
    """Return a certification file in English and Hungarian."""
    names = (
        "name summary description recommended_experience question_types delivery retake results_note"
        " accommodation retirement_note successor_name successor_note"
    )
    english = {key: f"English {key}" for key in names.split()}
    hungarian: dict[str, Any] = {key: f"Magyar {key}" for key in names.split()}
    hungarian["domains"] = {1: "Adatok", 2: "Modellek"}
    hungarian["tasks"] = {
        "1.1": {"title": "Gyűjtés", "covers": "Források"},
        "2.1": {"title": "Tanítás", "covers": "Felosztás"},
    }
    return {
        "code": "mls-c01",
        "texts": {"en": english, "hu": hungarian},
    }


def write_directory(
    directory: Path, *exams: ExamRecord, translations: tuple[TranslationRecord, ...] = ()
) -> Path:
    """Write a blueprint, a certification file, the exams and their translations and readings."""
    (directory / "exams").mkdir(exist_ok=True)
    plans = tuple(plan(int(one.name[-1])) for one in exams) or (plan(),)
    _dump(directory / "blueprint.yaml", blueprint_document(blueprint(*plans)))
    _dump(directory / "certification.yaml", certification_document())
    _dump(directory / "guide.yaml", GUIDE_DOCUMENT)
    for one in exams:
        stem = one.name.removeprefix("mls-c01-")
        (directory / "exams" / f"{stem}.yaml").write_bytes(write_exam(one))
        (directory / "exams" / f"{stem}.reading.yaml").write_bytes(write_readings(readings(one)))
    for text in translations:
        stem = text.name.removeprefix("mls-c01-")
        (directory / "exams" / f"{stem}.{text.language}.yaml").write_bytes(write_translation(text))
    return directory


def _dump(path: Path, document: dict[str, Any]) -> None:
    path.write_bytes(dump(document))
