"""A small deck with its plan, as records and as files, that keeps every rule."""

from pathlib import Path
from typing import Any

import yaml

from exams.content.records import Place
from flashcards.content.part import FlashcardsRecord
from flashcards.content.records import CardRecord, DeckRecord
from tests.exams.content import builders
from tools.items.card_rules import cards
from tools.items.deck_plan import DeckPlanPart, DeckPlanRecord, PlannedCardRecord
from tools.items.report import Report, report

DOMAINS = {"FC-001": 1, "FC-002": 2, "FC-003": 2}


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


def measure(*decks: DeckRecord, planned: DeckPlanRecord | None = None) -> Report:
    """Apply the rules beside the small exam."""
    content = builders.content(builders.blueprint(), (builders.exam(1),))
    if planned is not None:
        content.put(DeckPlanPart(), planned)
    return report(cards(FlashcardsRecord(None, decks), content))


def documents() -> dict[str, dict[str, Any]]:
    """Return the YAML files by name."""
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
    return {
        "flashcards.yaml": {"deck": "mls-c01", "language": "en", "cards": cards},
        "flashcards-plan.yaml": {"schema_version": 1, "deck": facts, "cards": planned},
    }


def write(directory: Path) -> Path:
    """Write deck and plan."""
    for name, document in documents().items():
        (directory / name).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return directory
