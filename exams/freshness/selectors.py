"""Reading checks: the newest of an item, its history, and what somebody saw when they looked."""

import time
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Now, TruncDate

from exams.bank.models import Item, ItemText, KeyRuling
from exams.content.records import WatchedNameRecord
from exams.freshness.models import ItemCheck, ReviewTask


def today() -> TruncDate:
    """Return the day that it is in the zone of the site, as part of a statement."""
    return TruncDate(Now(), tzinfo=zoneinfo.ZoneInfo(settings.SITE_ZONE))


def newest(language: str = "") -> QuerySet[ItemCheck]:
    """Return, as part of a statement over items, their checks with the one that holds first."""
    rows = ItemCheck.objects.filter(item=OuterRef("pk"), language=language)
    return rows.order_by("-checked_on", "-pk")


def checked_on() -> Subquery:
    """Return, as part of a statement over items, the day on which the facts were last checked, or NULL."""
    return Subquery(newest().values("checked_on")[:1])


def last_check(item: Item, language: str = "") -> ItemCheck | None:
    """Return the check that holds, None where there is none. One statement."""
    rows = ItemCheck.objects.filter(item=item, language=language).select_related("person")
    return rows.order_by("-checked_on", "-pk").first()


def original(item: Item) -> ItemText | None:
    """Return the newest original text of the current version. One statement."""
    rows = ItemText.objects.filter(version=item.current_id, language=item.certification.original_language)
    return rows.order_by("-revision").first()


def seen(item_ids: Collection[int], language: str = "") -> dict[int, str]:
    """Return for each item what a look at it sees: newest texts, last check, last ruling. One statement.

    Whoever checks says it again, so that nothing that changed meanwhile counts as checked.
    """
    texts = ItemText.objects.filter(version=OuterRef("current"))
    last = ItemCheck.objects.filter(item=OuterRef("pk"), language=language)
    ruled = KeyRuling.objects.filter(version__item=OuterRef("pk"))
    rows = Item.objects.filter(pk__in=item_ids, current__isnull=False).annotate(
        newest_text=Subquery(texts.order_by("-pk").values("pk")[:1]),
        newest_check=Subquery(last.order_by("-pk").values("pk")[:1]),
        newest_ruling=Subquery(ruled.order_by("-pk").values("pk")[:1]),
    )
    looks = rows.values_list("pk", "newest_text", "newest_check", "newest_ruling")
    return {pk: f"{text}.{check or 0}.{ruling or 0}" for pk, text, check, ruling in looks}


def history(item_id: int) -> QuerySet[ItemCheck]:
    """Return every check of an item, the newest first."""
    return ItemCheck.objects.filter(item_id=item_id).select_related("person").order_by("-pk")


def open_tasks(item_id: int) -> QuerySet[ReviewTask]:
    """Return what waits for somebody to read an item again."""
    rows = ReviewTask.objects.filter(item_id=item_id, closed_at=None)
    return rows.select_related("watched").order_by("watched__name")


KEPT_SECONDS: Final = 60


def moved_names(version_id: int) -> Sequence[WatchedNameRecord]:
    """Return the names in an item that moved on, the same for all of its versions.

    Without a successor one takes no new customers. One query once a minute in a process.
    """
    # Asked for by every review of a question, and seldom changed.
    return _moved_names(int(time.monotonic() // KEPT_SECONDS)).get(version_id, ())


@lru_cache(maxsize=2)
def _moved_names(_minute: int) -> Mapping[int, Sequence[WatchedNameRecord]]:
    # A task says that a current text mentions the name; once the name is gone, so is the notice.
    rows = ReviewTask.objects.filter(watched__is_watched=True).exclude(outcome=ReviewTask.Outcome.GONE)
    names: dict[int, dict[str, WatchedNameRecord]] = {}
    facts = rows.order_by("watched__since", "watched__name").values_list(
        "item__versions", "watched__name", "watched__successor", "watched__since", "watched__page"
    )
    for version_id, name, successor, since, page in facts:
        names.setdefault(version_id, {})[name] = WatchedNameRecord(name, successor, since, page)
    return {version_id: tuple(by_name.values()) for version_id, by_name in names.items()}
