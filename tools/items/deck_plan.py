"""The plan of a deck: what it fixes about each card before it is written."""

from dataclasses import dataclass, field
from typing import Final

from exams.content.folder import Folder
from exams.content.formats.tree import Branch, finish, open_document
from exams.content.parts import Content, Part
from exams.content.records import NOWHERE, Place
from flashcards.content.part import PLAN

PLANNED_KEYS: Final = ("id", "position", "domain", "task", "free_preview", "tags")


@dataclass(frozen=True, slots=True)
class PlannedCardRecord:
    """What the plan fixes about a card before it is written."""

    id: str
    domain: int
    task: str
    free_preview: bool
    tags: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DeckPlanRecord:
    """The plan of a deck: how many cards in all and by domain, how many of them free, and each card."""

    total: int
    by_domain: tuple[tuple[int, int], ...]
    previews: int
    cards: tuple[PlannedCardRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


class DeckPlanPart(Part[DeckPlanRecord]):
    """The plan beside the decks. A load takes no more of it than the number of cards."""

    name = "deck plan"
    files = ()

    def read(self, folder: Folder, content: Content) -> DeckPlanRecord | None:
        """Return the plan, or None where there is none."""
        return folder.one(PLAN, read_deck_plan, optional=True)


def read_deck_plan(data: bytes, file: str) -> DeckPlanRecord:
    """Read the plan of a deck; notes for writers are passed over. Raises FormatError with every fault."""
    root, problems = open_document(data, file)
    top = root.fields(("deck", "cards"), open_ended=True)
    deck = top["deck"].fields(("total", "by_domain", "free_preview"), open_ended=True)
    cards = []
    for position, row in enumerate(top.rows("cards"), start=1):
        fields = row.fields(PLANNED_KEYS, open_ended=True)
        if fields.number("position") != position:
            fields["position"].complain(f"the card is at {position}")
        cards.append(
            PlannedCardRecord(
                fields.text("id"),
                fields.number("domain"),
                fields.text("task"),
                fields.flag("free_preview"),
                fields["tags"].texts(),
                row.place,
            )
        )
    record = DeckPlanRecord(
        total=deck.number("total"),
        by_domain=tuple(_share(*entry) for entry in deck["by_domain"].entries().items()),
        previews=deck["free_preview"].fields(("count",), open_ended=True).number("count"),
        cards=tuple(cards),
        place=root.place,
    )
    finish(problems)
    return record


def _share(domain: str, branch: Branch) -> tuple[int, int]:
    if not (domain.isascii() and domain.isdigit()):
        branch.complain(f"a domain is named by its number, not by {domain!r}")
        return 0, 0
    return int(domain), branch.number()
