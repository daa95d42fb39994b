"""Rulings on keys: which one decides of a version, up to a moment, and how one is stored.

A moment is the id of the last ruling that is known then. Rulings are stored one after the other, so that the
ids stand in the order of their commits: what was ruled up to an id never changes, and a process may keep it.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from django.db.models import Subquery

from accounts.base import locks
from exams.bank.models import Item, ItemVersion, KeyRuling, Option
from exams.publication.models import PublishLog
from exams.scoring.rules import Key, published_key

LAST: Final = "(SELECT max(id) FROM exams_keyruling)"
"""The last ruling of all, as SQL: part of a statement that locks or reads, so that it costs none."""
_LOCK: Final = "exams:key_rulings"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided of a version. `options` are accepted beside the keys, or instead of them."""

    id: int
    kind: str
    options: frozenset[int]


@dataclass(frozen=True, slots=True)
class Correction(Ruling):
    """A ruling as a review tells it: when it was made and why, too."""

    version_id: int
    at: dt.datetime
    cause: str


type InForce = Mapping[int, Ruling]
"""The ruling that decides, by version."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """Every ruling by its id, and the last of each version."""

    by_id: Mapping[int, Correction]
    of_version: Mapping[int, Correction]


def last() -> Subquery:
    """Return the last ruling of all as an annotation of a query."""
    return Subquery(KeyRuling.objects.order_by("-pk").values("pk")[:1])


def in_force(until: int | None) -> InForce:
    """Return what is decided up to a ruling; a query the first time in a process, none for no ruling."""
    return corrections(until).of_version


def corrections(until: int | None) -> Corrections:
    """Return what reviews tell of rulings up to one; a query the first time in a process, none for none.

    Never for a reader who is taking an exam with such an item: it tells keys.
    """
    return _read(until) if until else Corrections(MappingProxyType({}), MappingProxyType({}))


# What was ruled up to an id never changes, so nothing in it grows old.
@lru_cache(maxsize=16)
def _read(until: int) -> Corrections:
    rows = KeyRuling.objects.filter(pk__lte=until).order_by("pk")
    rulings = [
        Correction(pk, kind, frozenset(options), version_id, at, cause)
        for pk, kind, options, version_id, at, cause in rows.values_list(
            "pk", "kind", "option_ids", "version_id", "log__at", "cause"
        )
    ]
    # In the order of their ids: the last ruling of a version decides alone.
    return Corrections(
        MappingProxyType({ruling.id: ruling for ruling in rulings}),
        MappingProxyType({ruling.version_id: ruling for ruling in rulings}),
    )


def forget() -> None:
    """Forget what was read: for tests, whose databases begin their numbers anew."""
    _read.cache_clear()


def newest() -> int | None:
    """Return the id of the last ruling. One statement."""
    return KeyRuling.objects.order_by("-pk").values_list("pk", flat=True).first()


def out_of_score() -> frozenset[int]:
    """Return the versions that do not count by what is ruled now. Two statements at most."""
    rulings = in_force(newest())
    return frozenset(version for version, ruling in rulings.items() if ruling.kind == KeyRuling.Kind.OUT)


def key_of(keys: Collection[int], ruling: Ruling | None) -> Key:
    """Return what answers to a version are compared with: its published keys, and what was ruled."""
    if ruling is None:
        return published_key(keys)
    match ruling.kind:
        case KeyRuling.Kind.ALSO:
            return Key(ruling.options.union(keys), len(keys))
        case KeyRuling.Kind.REPLACE:
            return published_key(ruling.options)
        case KeyRuling.Kind.CREDIT:
            return Key(frozenset(keys), len(keys), everybody=True)
    return Key(frozenset(keys), len(keys), out=True)


def deciding(version_ids: Collection[int]) -> dict[int, KeyRuling]:
    """Return the ruling by which each version is scored now; none where that is by its published key.

    Two statements at most.
    """
    rows = KeyRuling.objects.filter(version_id__in=version_ids).order_by("version_id", "-pk")
    last_of = {
        ruling.version_id: ruling for ruling in rows.select_related("log__actor").distinct("version_id")
    }
    keys: dict[int, list[int]] = {pk: [] for pk in last_of}
    for version_id, pk in Option.objects.filter(version_id__in=keys, is_key=True).values_list(
        "version_id", "pk"
    ):
        keys[version_id].append(pk)
    return {pk: ruling for pk, ruling in last_of.items() if not _sets_back(ruling, keys[pk])}


def _sets_back(ruling: KeyRuling, keys: Collection[int]) -> bool:
    """Say whether a ruling made the published key count again."""
    return ruling.kind == KeyRuling.Kind.REPLACE and set(ruling.option_ids) == set(keys)


def standing_version(item: Item) -> ItemVersion | None:
    """Return the version whose ruling the next one has to answer: the current one.

    Of an item that was withdrawn it is the newest published one. One statement.
    """
    rows = ItemVersion.objects.filter(item=item, published_at__isnull=False).select_related(
        "item__task", "log"
    )
    return (rows.filter(pk=item.current_id) if item.current_id else rows.order_by("-number")).first()


def wait_for_others() -> None:
    """Let one ruling through at a time, until the transaction ends: call it before anything is judged."""
    locks.hold(_LOCK)


def hold_off() -> None:
    """Let no ruling be made until the transaction ends; any number may do so at once."""
    locks.hold(_LOCK, shared=True)


def store(
    version: ItemVersion,
    kind: str,
    options: Sequence[int],
    *,
    may_lower: bool,
    cause: str,
    log: PublishLog,
    carried_from: KeyRuling | None = None,
) -> KeyRuling:
    """Store a ruling. Only after `wait_for_others`, in its transaction: the id is drawn here."""
    return KeyRuling.objects.create(
        version=version,
        kind=kind,
        option_ids=sorted(options),
        may_lower=may_lower,
        cause=cause,
        log=log,
        carried_from=carried_from,
    )
