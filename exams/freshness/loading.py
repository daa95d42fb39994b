"""What a load of files writes: checks that it brings, and names as the files have them."""

from collections.abc import Collection
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from exams.bank.models import Item, ItemText
from exams.catalogue.models import Certification
from exams.content.dated import CheckedItem, WatchedNameRecord
from exams.freshness import tasks
from exams.freshness.models import ItemCheck, WatchedName


def add_checks(code: str, checks: Collection[CheckedItem], source: ItemCheck.Source) -> None:
    """Store checks of the items of a certification. Two statements."""
    texts = ItemText.objects.filter(
        version=OuterRef("current"), language=OuterRef("certification__original_language")
    )
    rows = Item.objects.filter(certification__code=code, code__in={one.item for one in checks})
    found = rows.annotate(text=Subquery(texts.order_by("-revision").values("pk")[:1]))
    items = {item: (pk, text) for item, pk, text in found.values_list("code", "pk", "text")}
    ItemCheck.objects.bulk_create(
        ItemCheck(
            item_id=items[one.item][0],
            text_id=items[one.item][1],
            language=one.language,
            checked_on=one.checked_on,
            pages=list(one.pages),
            note=one.note,
            source=source,
        )
        for one in checks
        if one.item in items
    )


def set_name(certification: Certification, name: str, record: WatchedNameRecord | None) -> None:
    """Bring a watched name to what the files say, and the tasks to it; None lets it go."""
    rows = WatchedName.objects.filter(certification=certification, name=name)
    before = rows.first()
    values: dict[str, Any] = {"is_watched": False}
    if record is not None:
        values = {
            "is_watched": True,
            "successor": record.successor,
            "since": record.since,
            "page": record.page,
        }
    WatchedName.objects.update_or_create(
        certification=certification,
        name=name,
        defaults={
            **values,
            "is_ours": False,
            "revision": before.revision + 1 if before else 1,
            "changed_at": Now(),
        },
    )
    tasks.refresh(certification.pk)
