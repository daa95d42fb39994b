"""Reading the bank: the current version of an item is the one that its pointer names."""

from django.db.models import F, QuerySet

from exams.bank.models import Item, ItemVersion


def current_versions(code: str) -> QuerySet[ItemVersion]:
    """Return the current version of each item of a certification."""
    return ItemVersion.objects.filter(item__certification__code=code, item__current=F("pk"))


def current_version(item_id: int) -> ItemVersion | None:
    """Return the current version of an item, or None before the first and after it was withdrawn."""
    return ItemVersion.objects.filter(item_id=item_id, item__current=F("pk")).first()


def item_tasks(code: str) -> dict[str, str]:
    """Return the code of the task of each item of a certification, by the code of the item."""
    return dict(Item.objects.filter(certification__code=code).values_list("code", "task__code"))
