"""What changed in a question since it was answered: a newer published version, or a corrected text."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from exams.assembly import papers, solutions
from exams.assembly import selectors as assembly
from exams.assembly.solutions import SolvedText
from exams.bank.models import Item, ItemText
from exams.catalogue.selectors import pick

KEPT_SECONDS: Final = 60


class Part(TextChoices):
    """What of a question may change."""

    QUESTION = "question", pgettext_lazy("changed part of a question", "the question")
    OPTIONS = "options", pgettext_lazy("changed part of a question", "the options")
    KEY = "key", pgettext_lazy("changed part of a question", "the correct answer")
    EXPLANATION = "explanation", pgettext_lazy("changed part of a question", "the explanation")


@dataclass(frozen=True, slots=True)
class Change:
    """A question as it reads today, and what of it differs from what was answered."""

    text: SolvedText
    parts: tuple[Part, ...]


def of_paper(paper_id: int) -> Mapping[int, Change]:
    """Return what changed, by position; nothing where a question reads as on the paper.

    Two queries once a minute in a process, and three more where something changed. Read this for ended
    attempts only, and never while the person is taking an exam with these items.
    """
    return _read(paper_id, int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(paper_id: int, _minute: int) -> Mapping[int, Change]:
    paper = papers.get(paper_id)
    placed = assembly.places_in(paper.edition_id)
    current = _current_texts({place.item_id for place in placed})
    pairs: dict[int, tuple[int, int]] = {}
    for place, taken, text_id in zip(placed, paper.items, paper.text_ids, strict=True):
        text = pick(current.get(place.item_id, ()), taken.language, paper.language)
        if text and text.pk != text_id:
            pairs[place.position] = (text_id, text.pk)
    if not pairs:
        return {}
    texts = _texts({text_id for pair in pairs.values() for text_id in pair})
    before = _in_the_same_language([(texts[old], texts[new]) for old, new in pairs.values()])
    found = {}
    for position, (old, new) in pairs.items():
        if parts := _differing(before.get(old, texts[old]), texts[new]):
            found[position] = Change(solutions.solve(texts[new]), parts)
    return found


def _in_the_same_language(pairs: Sequence[tuple[ItemText, ItemText]]) -> Mapping[int, ItemText]:
    """Return what to compare instead of a text whose newer one is in another language, by its id.

    A new version that is not translated yet is compared with the original of the version before.
    """
    foreign = {old.version_id: old.pk for old, new in pairs if old.language != new.language}
    if not foreign:
        return {}
    languages = {new.language for old, new in pairs if old.pk in foreign.values()}
    rows = ItemText.objects.filter(version_id__in=foreign, language__in=languages)
    newest = rows.order_by("version_id", "-revision").distinct("version_id").values_list("pk", flat=True)
    return {foreign[text.version_id]: text for text in _texts(newest).values()}


def _current_texts(item_ids: Iterable[int]) -> Mapping[int, Sequence[ItemText]]:
    """Return the newest text of each language of the current version of each item."""
    current = Item.objects.filter(pk__in=item_ids, current__isnull=False)
    item_of = dict(current.values_list("current", "pk"))
    rows = ItemText.objects.filter(version_id__in=item_of).order_by("version_id", "language", "-revision")
    found: dict[int, list[ItemText]] = {}
    for text in rows.distinct("version_id", "language").only("version_id", "language"):
        found.setdefault(item_of[text.version_id], []).append(text)
    return found


def _texts(text_ids: Iterable[int]) -> Mapping[int, ItemText]:
    rows = ItemText.objects.filter(pk__in=text_ids).select_related("version")
    return rows.prefetch_related("options__option").in_bulk()


def _differing(before: ItemText, now: ItemText) -> tuple[Part, ...]:
    """Return the parts that a reader sees changed. Options that only moved are the same options."""
    old, new = _written(before), _written(now)
    parts = [part for part in old if old[part] != new[part]]
    # The key is another one where its words and its place differ, not where it was reworded or moved.
    if all(one != other for one, other in zip(_key(before), _key(now), strict=True)):
        parts.append(Part.KEY)
    return tuple(part for part in Part if part in parts)


def _key(text: ItemText) -> tuple[list[str], list[str]]:
    keys = [one for one in text.options.all() if one.option.is_key]
    return sorted(one.text for one in keys), sorted(one.option.letter for one in keys)


def _written(text: ItemText) -> Mapping[Part, object]:
    """Return each part as its author wrote it: rendered figures have ids that differ with each revision."""
    options = list(text.options.all())
    return {
        Part.QUESTION: (" ".join(f"{text.stem} {text.ask}".split()), text.version.choose, text.figures),
        Part.OPTIONS: sorted(one.text for one in options),
        Part.EXPLANATION: (
            *(text.why, text.principle, text.tip, text.references),
            *sorted(one.rationale for one in options),
        ),
    }
