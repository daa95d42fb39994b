"""The flashcards of a deck are the planned ones, short, and answerable alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from exams.content.catalog import CatalogPart, coverage_ids
from exams.content.parts import Content
from exams.content.records import Place
from exams.content.rules.measures import WORD, count_words, plain, sentences
from exams.content.rules.rule import Fault, Measured, Outcome, Row, in_order, set_rule
from exams.content.rules.spelling import british
from flashcards.content.part import FlashcardsRecord
from flashcards.content.records import CardRecord, DeckRecord
from flashcards.content.rules import (
    ASKING,
    BACK_MAX,
    FRONT_MAX,
    FRONT_MIN,
    MARKS,
    SENTENCES_MAX,
    TRAP_MAX,
    YES_OR_NO,
)
from tools.items.deck_plan import DeckPlanPart, DeckPlanRecord, PlannedCardRecord


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck under measure, with its plan and the coverage ids of the certification."""

    record: DeckRecord
    plan: DeckPlanRecord
    coverage: frozenset[str]
    certification: str

    @property
    def cards(self) -> tuple[CardRecord, ...]:
        """Return the cards in the order of the file."""
        return self.record.cards

    @property
    def place(self) -> Place:
        """Return the file as a whole."""
        return Place(self.record.place.file, 0)


def _each(limit: str, faults: Iterable[tuple[CardRecord, str]]) -> list[Fault]:
    return [Fault(card.place, card.id, found, limit) for card, found in faults]


@set_rule("F01", least=0)
def cards_as_planned(deck: Deck) -> Outcome:
    """The deck is of this certification; ids and order are those of the plan, no id appears twice."""
    planned = [card.id for card in deck.plan.cards]
    found = [(card.id, card.place) for card in deck.cards]
    limit = f"{len(planned)} cards in the order of the plan"
    faults = [
        Fault(place or deck.place, name, message, limit) for place, name, message in in_order(planned, found)
    ]
    if deck.record.name != deck.certification:
        message = f"the deck is of {deck.record.name!r}"
        faults.append(Fault(deck.place, "", message, deck.certification))
    known = sum(name in planned for name, _ in found)
    return Outcome.of("cards as planned", str(known), str(len(planned)), faults)


@set_rule("F01", least=0)
def deck_has_plan(deck: DeckRecord) -> Outcome:
    """A deck has a plan to be measured against; this is said of one that has none."""
    place = Place(deck.place.file, 0)
    return Outcome(faults=(Fault(place, "", "the deck has no plan", "a plan beside the deck"),))


@set_rule("F02", least=0)
def facts_as_planned(deck: Deck) -> Outcome:
    """Domain, task, preview and tags of each card are those of the plan."""
    planned = {card.id: card for card in deck.plan.cards}
    pairs = [(card, planned[card.id]) for card in deck.cards if card.id in planned]
    faults = _each(
        "as planned", ((card, message) for card, plan in pairs for message in _differences(card, plan))
    )
    return Outcome.of("domain, task, preview, tags", f"{len(faults)} faults", "0", faults)


def _differences(card: CardRecord, plan: PlannedCardRecord) -> Iterator[str]:
    if card.domain != plan.domain:
        yield f"domain {card.domain}, planned {plan.domain}"
    if card.task != plan.task:
        yield f"task {card.task}, planned {plan.task}"
    if card.free_preview != plan.free_preview:
        yield "is in the free preview" if card.free_preview else "is not in the free preview"
    if card.tags != plan.tags:
        yield f"tags {', '.join(card.tags)}, planned {', '.join(plan.tags)}"


@set_rule("F03", least=0)
def planned_numbers(deck: Deck) -> Outcome:
    """The deck has as many cards as planned, in all, by domain and in the free preview."""
    counted = Counter(card.domain for card in deck.cards)
    rows = [("cards", len(deck.cards), deck.plan.total)]
    rows += [
        (f"cards of domain {number}", counted[number], expected) for number, expected in deck.plan.by_domain
    ]
    rows.append(("cards in the free preview", sum(c.free_preview for c in deck.cards), deck.plan.previews))
    faults = tuple(
        Fault(deck.place, "", f"{label}: {found}", str(expected))
        for label, found, expected in rows
        if found != expected
    )
    return Outcome(tuple(Row(label, str(found), str(expected)) for label, found, expected in rows), faults)


@set_rule("F04", least=0)
def front_form(deck: Deck) -> Outcome:
    """A front has 5 to 25 words and ends with a question mark."""
    counts = [(card, count_words(card.front)) for card in deck.cards]
    limit = f"{FRONT_MIN} to {FRONT_MAX} words, a question mark at the end"
    faults = [(card, f"{n} words in the front") for card, n in counts if not FRONT_MIN <= n <= FRONT_MAX]
    faults += [
        (card, f"the front ends with {card.front[-9:]!r}")
        for card in deck.cards
        if not card.front.endswith(MARKS)
    ]
    lengths = [n for _, n in counts] or [0]
    value, allowed = f"{min(lengths)} to {max(lengths)}", f"{FRONT_MIN} to {FRONT_MAX}"
    return Outcome.of("words in a front", value, allowed, _each(limit, faults))


def _at_most(deck: Deck, label: str, limit: int, measure: Callable[[CardRecord], int]) -> Outcome:
    counts = [(card, measure(card)) for card in deck.cards]
    faults = _each(str(limit), ((card, f"{number} {label}") for card, number in counts if number > limit))
    most = max((number for _, number in counts), default=0)
    return Outcome.of(f"most {label}", str(most), f"at most {limit}", faults)


@set_rule("F05", least=0)
def back_length(deck: Deck) -> Outcome:
    """A back has at most 60 words together with its trap."""
    return _at_most(
        deck, "words in a back with its trap", BACK_MAX, lambda card: count_words(f"{card.back} {card.trap}")
    )


@set_rule("F05", least=0)
def back_sentences(deck: Deck) -> Outcome:
    """A back has at most two sentences without its trap."""
    return _at_most(deck, "sentences in a back", SENTENCES_MAX, lambda card: sentences(card.back))


@set_rule("F06", least=0)
def trap_length(deck: Deck) -> Outcome:
    """A trap has at most 15 words."""
    return _at_most(deck, "words in a trap", TRAP_MAX, lambda card: count_words(card.trap))


@set_rule("F07", least=0)
def same_fronts(deck: Deck) -> Outcome:
    """No two cards have the same front."""
    first: dict[str, str] = {}
    faults = []
    for card in deck.cards:
        front = plain(card.front)
        if front in first:
            faults.append((card, f"has the front of {first[front]}"))
        first.setdefault(front, card.id)
    return Outcome.of("fronts that appear twice", f"{len(faults)} faults", "0", _each("unique", faults))


@set_rule("F08", least=0)
def question_word(deck: Deck) -> Outcome:
    """A front asks with a question word and not for yes or no (English words)."""
    faults = []
    for card in deck.cards:
        words = WORD.findall(card.front.lower())
        if words and words[0] in YES_OR_NO:
            faults.append((card, f"opens with {words[0]!r}"))
        elif not ASKING.intersection(words):
            faults.append((card, "has no question word"))
    value = f"{len(faults)} faults"
    return Outcome.of("fronts that ask for yes or no", value, "0", _each("a question word", faults))


@set_rule("F09", least=0)
def card_coverage(deck: Deck) -> Outcome:
    """Each card teaches at least one coverage item, and all that it names are in the blueprint."""
    faults = []
    for card in deck.cards:
        faults += [
            (card, f"unknown coverage id {name!r}") for name in card.covers if name not in deck.coverage
        ]
        if not card.covers:
            faults.append((card, "names no coverage id"))
        if len(set(card.covers)) < len(card.covers):
            faults.append((card, "names a coverage id twice"))
    taught = {name for card in deck.cards for name in card.covers} & deck.coverage
    limit = "coverage ids of the blueprint"
    return Outcome.of("coverage items taught", str(len(taught)), "", _each(limit, faults))


@set_rule("F10", least=0)
def card_spelling(deck: Deck) -> Outcome:
    """Cards are in American English."""
    texts = ((card, f"{card.front} {card.back} {card.trap}") for card in deck.cards)
    found = ((card, sorted(set(british(text)))) for card, text in texts)
    faults = _each("American spelling", ((card, ", ".join(words)) for card, words in found if words))
    return Outcome.of("cards with British words", str(len(faults)), "0", faults)


CARD_RULES: Final = (
    cards_as_planned,
    facts_as_planned,
    planned_numbers,
    front_form,
    back_length,
    back_sentences,
    trap_length,
    same_fronts,
    question_word,
    card_coverage,
    card_spelling,
)
ENGLISH_ONLY: Final = frozenset({question_word.name, card_spelling.name})


def cards(record: FlashcardsRecord, content: Content) -> Iterator[Measured]:
    """Measure each deck."""
    code, coverage = content[CatalogPart].certification.code, coverage_ids(content)
    plan = content.get(DeckPlanPart)
    for deck in record.decks:
        if plan is None:
            yield deck.place.file, [deck_has_plan(deck)]
            continue
        measured = Deck(deck, plan, coverage, code)
        rules = (rule for rule in CARD_RULES if deck.language == "en" or rule.name not in ENGLISH_ONLY)
        yield deck.place.file, [rule(measured) for rule in rules]
