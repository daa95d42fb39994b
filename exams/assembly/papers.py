"""Papers, kept by each process: they are immutable, so a copy can never be stale.

A paper is named by one number everywhere, in leases too: that of its `Paper`, or the negative of that of its
`DrawnPaper`. What is kept of it is its order, which is small; texts are kept once for all papers that hold
them. So a save needs one statement when the order is known, and two when it is not.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONArray

from accounts.base import statements
from exams.assembly.models import DrawnPaper, Paper
from exams.bank.models import ItemText, OptionText

TEXTS_BYTES: Final = 16_000_000
ORDERS_BYTES: Final = 4_000_000
# Bytes of the objects around a text, an order and a position, beside what texts hold.
_TEXT, _ORDER, _PLACE, _ALLOWED = 400, 500, 50, 500


class ByteCache[Key, Value]:
    """Values by key, at most `most` bytes of them as `size` counts them; safe between threads.

    Only for what never changes: nothing here is ever looked up again.
    """

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        self._most = most
        self._size = size
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """How many bytes are kept."""
        return self._bytes

    def get(self, key: Key) -> Value | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            return kept[0]

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Value]:
        """Return what is kept of several keys."""
        return {key: value for key in keys if (value := self.get(key)) is not None}

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value and return the one that is kept: of two that come at once the first stays."""
        size = self._size(value)
        with self._lock:
            if key in self._kept:
                return self._kept[key][0]
            self._kept[key] = (value, size)
            self._bytes += size
            # What is larger than all that may be kept stays until the next comes: its caller reads it now.
            while self._bytes > self._most and len(self._kept) > 1:
                _, (_, gone) = self._kept.popitem(last=False)
                self._bytes -= gone
        return value

    def clear(self) -> None:
        """Forget everything: for tests, whose databases begin their numbers anew."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0


@dataclass(frozen=True, slots=True)
class PaperText:
    """An item as a candidate sees it, wherever it stands: HTML that was cleaned at publication."""

    kind: str
    choose: int
    stem: str
    ask: str
    options: tuple[tuple[int, str], ...]
    language: str

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return _TEXT + len(self.stem) + len(self.ask) + sum(100 + len(html) for _, html in self.options)


@dataclass(frozen=True, slots=True)
class PaperItem(PaperText):
    """One item at its position."""

    position: int


@dataclass(frozen=True, slots=True)
class CompiledPaper:
    """A paper in one language. It holds no key, no rationale and no mark of what is scored.

    `edition_id` is None for a drawn paper.
    """

    id: int
    edition_id: int | None
    language: str
    items: tuple[PaperItem, ...]
    text_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a position takes: at most `choose` of these option ids."""

    choose: int
    options: frozenset[int]


@dataclass(frozen=True, slots=True)
class Order:
    """What a paper is made of, without texts: whatever a save needs.

    Of drawn papers alone: `version_ids`, and `ruling`, the last ruling of all when it was drawn. `measures`
    says that it is the first check of its person: its answers tell where they stand.
    """

    edition_id: int | None
    language: str
    text_ids: tuple[int, ...]
    version_ids: tuple[int, ...]
    places: tuple[Allowed, ...]
    ruling: int | None = None
    measures: bool = False

    def at(self, position: int) -> Allowed | None:
        """Return what a position takes, or None where there is no such position."""
        return self.places[position - 1] if 1 <= position <= len(self.places) else None

    @property
    def bytes(self) -> int:
        """About how much memory it takes; what drawn papers allow is shared between them."""
        return _ORDER + len(self.places) * (_PLACE if self.version_ids else _ALLOWED)


_texts: ByteCache[int, PaperText] = ByteCache(TEXTS_BYTES, lambda text: text.bytes)
_orders: ByteCache[int, Order] = ByteCache(ORDERS_BYTES, lambda order: order.bytes)
_allowed: ByteCache[int, Allowed] = ByteCache(ORDERS_BYTES, lambda _: _ALLOWED)

# The ids of options come as a text each: arrays within an array would all have to be of one length.
# Which options are keys is not asked for.
DRAWN = """
SELECT d.language, d.text_ids, d.version_ids, d.ruling_id, d.asked @> '{"first": true}',
  ARRAY(SELECT v.choose FROM unnest(d.version_ids) WITH ORDINALITY AS p(id, position)
        JOIN exams_itemversion v ON v.id = p.id ORDER BY p.position),
  ARRAY(SELECT (SELECT string_agg(o.id::text, ' ') FROM exams_option o WHERE o.version_id = p.id)
        FROM unnest(d.version_ids) WITH ORDINALITY AS p(id, position) ORDER BY p.position)
FROM exams_drawnpaper d WHERE d.id = %s
"""


def number_of_drawn(drawn_id: int) -> int:
    """Return the number by which leases and caches name a drawn paper."""
    return -drawn_id


def forget() -> None:
    """Forget all papers: for tests, whose databases begin their numbers anew."""
    for kept in (_texts, _orders, _allowed):
        kept.clear()


def compiled(number: int) -> CompiledPaper:
    """Return a paper with its texts; a query for what a process does not know yet, two for a drawn paper.

    Raises Paper.DoesNotExist or DrawnPaper.DoesNotExist.
    """
    text_order = order(number)
    known = _texts.get_many(text_order.text_ids)
    if missing := [one for one in text_order.text_ids if one not in known]:
        known |= _read_texts(missing) if number < 0 else _read_paper(number)[1]
    items = tuple(
        PaperItem(text.kind, text.choose, text.stem, text.ask, text.options, text.language, position)
        for position, text in enumerate((known[one] for one in text_order.text_ids), start=1)
    )
    return CompiledPaper(number, text_order.edition_id, text_order.language, items, text_order.text_ids)


def order(number: int) -> Order:
    """Return the order of a paper; one query the first time in a process."""
    known = _orders.get(number)
    if known is not None:
        return known
    return _orders.put(number, _read_drawn(-number) if number < 0 else _read_paper(number)[0])


def _read_paper(paper_id: int) -> tuple[Order, dict[int, PaperText]]:
    """Read a paper of an edition: its content is what was compiled when it was published, and stays."""
    row = Paper.objects.get(pk=paper_id)
    texts = {
        text_id: _texts.put(
            text_id,
            PaperText(
                kind=part["kind"],
                choose=part["choose"],
                stem=part["stem"],
                ask=part["ask"],
                options=tuple((option_id, html) for option_id, html in part["options"]),
                language=part["language"],
            ),
        )
        for text_id, part in zip(row.text_ids, row.content, strict=True)
    }
    places = tuple(
        Allowed(text.choose, frozenset(option_id for option_id, _ in text.options)) for text in texts.values()
    )
    return Order(row.edition_id, row.language, tuple(row.text_ids), (), places), texts


def _read_drawn(drawn_id: int) -> Order:
    row = statements.first(DRAWN, [drawn_id])
    if row is None:
        raise DrawnPaper.DoesNotExist
    language, text_ids, version_ids, ruling, measures, chooses, options = row
    places = tuple(
        _allowed.put(version, Allowed(choose, frozenset(int(one) for one in ids.split())))
        for version, choose, ids in zip(version_ids, chooses, options, strict=True)
    )
    return Order(None, language, tuple(text_ids), tuple(version_ids), places, ruling, measures)


def _read_texts(text_ids: Sequence[int]) -> dict[int, PaperText]:
    parts = OptionText.objects.filter(item_text=OuterRef("pk")).order_by("option__order")
    rows = ItemText.objects.filter(pk__in=text_ids).values_list(
        *("pk", "version__kind", "version__choose", "stem_html", "ask_html", "language"),
        ArraySubquery(parts.values_list(JSONArray("option_id", "text_html"))),
    )
    return {
        text_id: _texts.put(
            text_id, PaperText(kind, choose, stem, ask, tuple((key, html) for key, html in options), language)
        )
        for text_id, kind, choose, stem, ask, language, options in rows
    }


def newest(edition_id: int | None) -> dict[str, int]:
    """Return the id of the newest paper of each language of an edition; a drawn paper has no other."""
    rows = (
        Paper.objects.filter(edition_id=edition_id)
        .order_by("language", "-revision")
        .distinct("language")
        .values_list("language", "pk")
    )
    return dict(rows)
