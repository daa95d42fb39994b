"""A small deck, cheat sheet and sample, as records and as files, that keep every rule."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from exams.content.records import BlueprintRecord, ExamRecord, Place
from exams.content.rules.check import Report
from exams.exchange.rules.study import check_study
from exams.exchange.study import (
    CardRecord,
    DeckPlanRecord,
    DeckRecord,
    OutlineBlockRecord,
    OutlineRecord,
    OutlineSectionRecord,
    PlannedCardRecord,
    SampleRecord,
    StudyRecord,
)
from tests.exams.content import builders

DOMAINS = {"FC-001": 1, "FC-002": 2, "FC-003": 2}
DIFFICULTIES = ("easy",) * 3 + ("medium",) * 4 + ("hard",) * 3
SAMPLE = ("E1-Q02", "E1-Q01", "E1-Q03", "E1-Q04", "E1-Q06", "E1-Q05", "E1-Q07", "E1-Q08", "E1-Q09", "E1-Q17")
SECTION = """\
# Exam overview

## 1.1 Introduction
<!-- covers: -->

{intro}

## 1.2 Services
<!-- covers: s3 -->

| Service | Role |
| --- | --- |
| Amazon S3 | Keeps objects \\| files |

### More

- **Reading:** in place,
  by every engine.

**Exam tip:** One copy.

1. **First:** look.
"""


def text_of_section(words: int = 60) -> str:
    """Return a good section whose introduction has so many words."""
    return SECTION.format(intro=builders.words("w", words))


def deck() -> DeckRecord:
    """Return three cards that keep every rule."""
    cards = tuple(
        CardRecord(
            id=name,
            domain=domain,
            task=f"{domain}.1",
            free_preview=name == "FC-001",
            front=f"What does the service {name} keep?",
            back="Objects of any kind. It keeps them, e.g. In buckets.",
            trap="Not rows.",
            tags=(f"domain-{domain}", "storage"),
            covers=("s3",),
            place=Place("flashcards.yaml", line),
        )
        for line, (name, domain) in enumerate(DOMAINS.items(), start=4)
    )
    return DeckRecord("mls-c01", "en", cards, Place("flashcards.yaml", 1))


def plan() -> DeckPlanRecord:
    """Return the plan of the three cards."""
    cards = tuple(
        PlannedCardRecord(card.id, card.domain, card.task, card.free_preview, card.tags)
        for card in deck().cards
    )
    return DeckPlanRecord(3, ((1, 1), (2, 2)), 1, cards, Place("flashcards-plan.yaml", 1))


def outline() -> OutlineRecord:
    """Return the outline of the one section."""
    blocks = (
        OutlineBlockRecord("1.1", "Introduction", "text"),
        OutlineBlockRecord("1.2", "Services", "table"),
    )
    return OutlineRecord(
        (OutlineSectionRecord(1, "Exam overview", blocks),), Place("cheatsheet/outline.yaml", 1)
    )


def sample(*names: str) -> SampleRecord:
    """Return a sample of these items, or the good one."""
    rows = tuple((name, Place("sample.yaml", line)) for line, name in enumerate(names or SAMPLE, start=2))
    return SampleRecord(rows, Place("sample.yaml", 1))


def blueprint() -> BlueprintRecord:
    """Return a blueprint in which the items of the sample go from easy to hard."""
    levels = dict(zip(SAMPLE, DIFFICULTIES, strict=True))
    one = builders.plan(1)
    slots = tuple(
        replace(slot, difficulty=levels.get(slot.id, "medium"), domain=1 if slot.id in SAMPLE[:4] else 2)
        for slot in one.slots
    )
    return builders.blueprint(replace(one, slots=slots))


def measure(study: StudyRecord, exams: tuple[ExamRecord, ...] | None = None) -> Report:
    """Apply the rules beside the small exam."""
    return check_study(blueprint(), (builders.exam(1),) if exams is None else exams, study)


def said(report: Report) -> list[str]:
    """Return the breaches as a person reads them."""
    return [str(breach) for breach in report.breaches]


def documents() -> dict[str, dict[str, Any]]:
    """Return the YAML files by name, without the sample."""
    cards = [
        {
            "id": card.id,
            "domain": card.domain,
            "task": card.task,
            "free_preview": card.free_preview,
            "front": card.front,
            "back": card.back,
            "trap": card.trap,
            "tags": list(card.tags),
            "covers": list(card.covers),
        }
        for card in deck().cards
    ]
    planned = [
        {key: row[key] for key in ("id", "domain", "task", "free_preview", "tags")}
        | {"position": position, "front_idea": "cue"}
        for position, row in enumerate(cards, start=1)
    ]
    facts = {"total": 3, "by_domain": {1: 1, 2: 2}, "free_preview": {"count": 1, "note": "n"}, "name": "x"}
    section = outline().sections[0]
    blocks = [{"number": b.number, "title": b.title, "form": b.form} for b in section.blocks]
    return {
        "flashcards.yaml": {"deck": "mls-c01", "language": "en", "cards": cards},
        "flashcards-plan.yaml": {"schema_version": 1, "deck": facts, "cards": planned},
        "cheatsheet/outline.yaml": {
            "sections": [{"number": section.number, "title": section.title, "blocks": blocks}]
        },
    }


def write(directory: Path) -> Path:
    """Write deck, plan, outline and the one section."""
    (directory / "cheatsheet" / "en").mkdir(parents=True)
    for name, document in documents().items():
        (directory / name).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    (directory / "cheatsheet" / "en" / "1-overview.md").write_text(text_of_section(), encoding="utf-8")
    return directory
