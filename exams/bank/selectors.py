"""Reading the bank: which version of an item is current. The one definition of it, for editions as well."""

from typing import Final

from django.db.models import Model, QuerySet

from exams.bank.models import Item, ItemVersion

# Numbers say in which order drafts were begun, not in which they were published.
LAST_PUBLISHED: Final = ("-published_at", "-number")


def last_published[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row]:
    """Return the published ones of versions or editions, the current one of each item or form first."""
    return rows.filter(published_at__isnull=False).order_by(*LAST_PUBLISHED)


def current_versions(code: str) -> QuerySet[ItemVersion]:
    """Return the current version of each item of a certification."""
    rows = ItemVersion.objects.filter(item__certification__code=code, published_at__isnull=False)
    return rows.order_by("item_id", *LAST_PUBLISHED).distinct("item_id")


def current_version(item_id: int) -> ItemVersion | None:
    """Return the version of an item that was published last, or None before the first."""
    return last_published(ItemVersion.objects.filter(item_id=item_id)).first()


def item_tasks(code: str) -> dict[str, str]:
    """Return the code of the task of each item of a certification, by the code of the item."""
    return dict(Item.objects.filter(certification__code=code).values_list("code", "task__code"))
