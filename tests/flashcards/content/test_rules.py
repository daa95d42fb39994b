"""F01 to F09: a good deck keeps every rule, and each rule is seen to fail."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from exams.content.rules.measures import sentences
from flashcards.content.records import DeckRecord
from tests.exams.content.builders import words
from tests.flashcards.content import builders

type Change = Callable[[DeckRecord], DeckRecord]


def measured(deck: DeckRecord) -> list[str]:
    return [str(breach) for breach in builders.measure(deck, planned=builders.plan()).breaches]


def card(number: int, **changes: Any) -> Change:
    def change(deck: DeckRecord) -> DeckRecord:
        cards = list(deck.cards)
        cards[number - 1] = replace(cards[number - 1], **changes)
        return replace(deck, cards=tuple(cards))

    return change


def cards(*numbers: int) -> Change:
    return lambda deck: replace(deck, cards=tuple(deck.cards[number - 1] for number in numbers))


def test_a_good_deck_breaks_no_rule() -> None:
    report = builders.measure(builders.deck(), planned=builders.plan())
    assert report.breaches == ()
    assert [table.title for table in report.tables] == ["flashcards.yaml"]
    assert {figure.rule for figure in report.tables[0].figures} == {
        f"F{number:02d}" for number in range(1, 11)
    }


BREACHES: list[tuple[str, str, str, Change]] = [
    ("F01", "", "the deck is of 'dva-c02'", lambda deck: replace(deck, name="dva-c02")),
    ("F01", "", "missing: FC-003", cards(1, 2)),
    ("F01", "FC-009: ", "is not in the plan", card(3, id="FC-009")),
    ("F01", "FC-002: ", "appears twice", cards(1, 2, 2, 3)),
    ("F01", "FC-002: ", "is where FC-001 belongs", cards(2, 1, 3)),
    ("F02", "FC-002: ", "domain 1, planned 2", card(2, domain=1)),
    ("F02", "FC-002: ", "task 2.4, planned 2.1", card(2, task="2.4")),
    ("F02", "FC-001: ", "is not in the free preview", card(1, free_preview=False)),
    ("F02", "FC-002: ", "is in the free preview", card(2, free_preview=True)),
    ("F02", "FC-001: ", "tags storage, planned domain-1, storage", card(1, tags=("storage",))),
    ("F03", "", "cards: 2 (limit: 3)", cards(1, 2)),
    ("F03", "", "cards of domain 2: 1 (limit: 2)", cards(1, 2)),
    ("F03", "", "cards in the free preview: 0 (limit: 1)", card(1, free_preview=False)),
    ("F04", "FC-001: ", "4 words in the front", card(1, front="What is Amazon S3?")),
    ("F04", "FC-001: ", "26 words in the front", card(1, front=f"What {words('w', 25)}?")),
    ("F04", "FC-001: ", "the front ends with 'keeps at.'", card(1, front="Name what the service keeps at.")),
    ("F05", "FC-001: ", "61 words in a back with its trap", card(1, back=words("b", 59))),
    ("F05", "FC-001: ", "3 sentences in a back", card(1, back="One. Two. Three.")),
    ("F06", "FC-001: ", "16 words in a trap", card(1, trap=words("t", 16))),
    ("F07", "FC-003: ", "has the front of FC-002", card(3, front="What does the service `FC-002` keep ?")),
    ("F08", "FC-001: ", "opens with 'does'", card(1, front="Does the service keep what it gets?")),
    ("F08", "FC-001: ", "has no question word", card(1, front="In buckets, does the service keep objects?")),
    ("F09", "FC-001: ", "unknown coverage id 's4'", card(1, covers=("s3", "s4"))),
    ("F09", "FC-001: ", "names no coverage id", card(1, covers=())),
    ("F09", "FC-001: ", "names a coverage id twice", card(1, covers=("s3", "s3"))),
    ("F10", "FC-001: ", "colour", card(1, trap="The colour does not matter.")),
]


@pytest.mark.parametrize(("rule", "where", "found", "change"), BREACHES)
def test_a_breach_names_file_card_and_rule(rule: str, where: str, found: str, change: Change) -> None:
    lines = measured(change(builders.deck()))
    assert any(
        line.startswith("flashcards.yaml") and f": {where}{rule}: {found}" in line for line in lines
    ), lines


@pytest.mark.parametrize(
    "change",
    [
        card(1, front="What is it for, S3?", back=words("b", 58)),
        card(1, front=f"What {words('w', 24)}?", trap=words("t", 15)),
        card(1, back="One. Two.", trap=""),
    ],
)
def test_a_text_at_its_limit_is_no_breach(change: Change) -> None:
    assert measured(change(builders.deck())) == []


def test_only_english_cards_are_searched_for_british_words() -> None:
    deck = card(1, trap="The colour does not matter.")(builders.deck())
    assert not any("F10" in line for line in measured(replace(deck, language="hu")))


def test_a_deck_without_a_plan_is_a_breach() -> None:
    report = builders.measure(builders.deck())
    assert [str(breach) for breach in report.breaches] == [
        "flashcards.yaml: F01: the deck has no plan (limit: a plan beside the deck) [deck-has-plan]"
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One sentence", 1),
        ("At 1.5 MB, e.g. Parquet.", 1),
        ("One. `code` is two.", 2),
        ("One! Two? Three.", 3),
    ],
)
def test_sentences_are_counted_by_their_ends(text: str, count: int) -> None:
    assert sentences(text) == count
