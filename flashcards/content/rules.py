"""F01 to F09: the flashcards of a deck are the planned ones, short, and answerable alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from exams.content.records import Place
from exams.content.rules.findings import Breach, Figure, Finding
from exams.content.rules.measures import WORD, count_words, plain, sentences
from exams.exchange.study import CardRecord, DeckPlanRecord, DeckRecord, PlannedCardRecord

FRONT_MIN: Final = 5
FRONT_MAX: Final = 25
BACK_MAX: Final = 60
SENTENCES_MAX: Final = 2
TRAP_MAX: Final = 15
BEING: Final = {"am", "is", "are", "was", "were", "do", "does", "did", "has", "have", "had"}
MODALS: Final = {"can", "could", "may", "might", "must", "shall", "should", "will", "would"}
YES_OR_NO: Final = frozenset(BEING | MODALS)
ASKING: Final = frozenset({"what", "which", "how", "when", "where", "why", "who", "whose", "whom"})
MARKS: Final = "?"

type Faults = Iterable[tuple[CardRecord, str]]


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck under measure, with its plan and the coverage ids of the blueprint."""

    record: DeckRecord
    plan: DeckPlanRecord
    coverage: frozenset[str]
    certification: str

    @property
    def cards(self) -> tuple[CardRecord, ...]:
        """Return the cards in the order of the file."""
        return self.record.cards

    def breach(self, place: Place, card: str, rule: str, found: str, limit: str) -> Breach:
        """Return a breach at a place of this file."""
        return Breach(self.record.place.file, place.line, card, rule, found, limit)

    def each(self, rule: str, label: str, limit: str, faults: Faults) -> Finding:
        """Return a finding that counts the faults, with a breach for each."""
        breaches = [self.breach(card.place, card.id, rule, found, limit) for card, found in faults]
        return Finding.of(rule, label, f"{len(breaches)} faults", "0", breaches)


def f01(deck: Deck) -> Finding:
    """The deck is of this certification; ids and order are those of the plan, no id stands twice."""
    planned = [card.id for card in deck.plan.cards]
    found = [card.id for card in deck.cards]
    limit = f"{len(planned)} cards in the order of the plan"
    whole = Place(deck.record.place.file, 0)
    breaches = []
    if deck.record.name != deck.certification:
        said = f"the deck is of {deck.record.name!r}"
        breaches.append(deck.breach(whole, "", "F01", said, deck.certification))
    missing = [name for name in planned if name not in found]
    if missing:
        breaches.append(deck.breach(whole, "", "F01", f"missing: {', '.join(missing)}", limit))
    for card, said in _strangers(deck.cards, planned):
        breaches.append(deck.breach(card.place, card.id, "F01", said, limit))
    known = [card for card in deck.cards if card.id in planned]
    in_order = [name for name in planned if name in found]
    for card, expected in zip(known, in_order, strict=False):
        if card.id != expected:
            said = f"stands where {expected} belongs"
            breaches.append(deck.breach(card.place, card.id, "F01", said, limit))
            break
    return Finding.of("F01", "cards as planned", str(len(known)), str(len(planned)), breaches)


def _strangers(cards: tuple[CardRecord, ...], planned: list[str]) -> Iterator[tuple[CardRecord, str]]:
    seen: set[str] = set()
    for card in cards:
        if card.id not in planned:
            yield card, "is not in the plan"
        if card.id in seen:
            yield card, "stands twice"
        seen.add(card.id)


def f02(deck: Deck) -> Finding:
    """Domain, task, preview and tags of each card are those of the plan."""
    planned = {card.id: card for card in deck.plan.cards}
    pairs = [(card, planned[card.id]) for card in deck.cards if card.id in planned]
    faults = ((card, said) for card, plan in pairs for said in _differences(card, plan))
    return deck.each("F02", "domain, task, preview, tags", "as planned", faults)


def _differences(card: CardRecord, plan: PlannedCardRecord) -> Iterator[str]:
    if card.domain != plan.domain:
        yield f"domain {card.domain}, planned {plan.domain}"
    if card.task != plan.task:
        yield f"task {card.task}, planned {plan.task}"
    if card.free_preview != plan.free_preview:
        yield "is in the free preview" if card.free_preview else "is not in the free preview"
    if card.tags != plan.tags:
        yield f"tags {', '.join(card.tags)}, planned {', '.join(plan.tags)}"


def f03(deck: Deck) -> Finding:
    """The deck has as many cards as planned, in all, by domain and in the free preview."""
    counted = Counter(card.domain for card in deck.cards)
    rows = [("cards", len(deck.cards), deck.plan.total)]
    rows += [(f"cards of domain {number}", counted[number], wanted) for number, wanted in deck.plan.by_domain]
    rows.append(("cards in the free preview", sum(c.free_preview for c in deck.cards), deck.plan.previews))
    whole = Place(deck.record.place.file, 0)
    breaches = [
        deck.breach(whole, "", "F03", f"{label}: {found}", str(wanted))
        for label, found, wanted in rows
        if found != wanted
    ]
    figures = (Figure("F03", label, str(found), str(wanted)) for label, found, wanted in rows)
    return Finding(tuple(figures), tuple(breaches))


def f04(deck: Deck) -> Finding:
    """A front has 5 to 25 words and ends with a question mark."""
    counts = [(card, count_words(card.front)) for card in deck.cards]
    limit = f"{FRONT_MIN} to {FRONT_MAX} words, a question mark at the end"
    faults = [(card, f"{n} words in the front") for card, n in counts if not FRONT_MIN <= n <= FRONT_MAX]
    faults += [
        (card, f"the front ends with {card.front[-9:]!r}")
        for card in deck.cards
        if not card.front.endswith(MARKS)
    ]
    breaches = deck.each("F04", "", limit, faults).breaches
    lengths = [n for _, n in counts] or [0]
    return Finding(
        (
            Figure(
                "F04", "words in a front", f"{min(lengths)} to {max(lengths)}", f"{FRONT_MIN} to {FRONT_MAX}"
            ),
        ),
        breaches,
    )


def _at_most(deck: Deck, rule: str, label: str, limit: int, measure: Callable[[CardRecord], int]) -> Finding:
    counts = [(card, measure(card)) for card in deck.cards]
    faults = [(card, f"{number} {label}") for card, number in counts if number > limit]
    most = max((number for _, number in counts), default=0)
    breaches = deck.each(rule, label, str(limit), faults).breaches
    return Finding.of(rule, f"most {label}", str(most), f"at most {limit}", list(breaches))


def f05(deck: Deck) -> Finding:
    """A back has at most 60 words together with its trap, and at most two sentences without it."""
    words = _at_most(
        deck, "F05", "words in a back with its trap", BACK_MAX, lambda c: count_words(f"{c.back} {c.trap}")
    )
    ends = _at_most(deck, "F05", "sentences in a back", SENTENCES_MAX, lambda c: sentences(c.back))
    return Finding(words.figures + ends.figures, words.breaches + ends.breaches)


def f06(deck: Deck) -> Finding:
    """A trap has at most 15 words."""
    return _at_most(deck, "F06", "words in a trap", TRAP_MAX, lambda card: count_words(card.trap))


def f07(deck: Deck) -> Finding:
    """No two cards have the same front."""
    first: dict[str, str] = {}
    faults = []
    for card in deck.cards:
        front = plain(card.front)
        if front in first:
            faults.append((card, f"has the front of {first[front]}"))
        first.setdefault(front, card.id)
    return deck.each("F07", "fronts that stand twice", "unique", faults)


def f08(deck: Deck) -> Finding:
    """A front asks with a question word and not for yes or no."""
    faults = []
    for card in deck.cards:
        words = WORD.findall(card.front.lower())
        if words and words[0] in YES_OR_NO:
            faults.append((card, f"opens with {words[0]!r}"))
        elif not ASKING.intersection(words):
            faults.append((card, "has no question word"))
    return deck.each("F08", "fronts that ask for yes or no", "a question word", faults)


def f09(deck: Deck) -> Finding:
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
    breaches = deck.each("F09", "", "coverage ids of the blueprint", faults).breaches
    return Finding.of("F09", "coverage items taught", str(len(taught)), "", list(breaches))


CARD_RULES: Final = (f01, f02, f03, f04, f05, f06, f07, f08, f09)
