"""Writing checks, watched names and who looks after a question. Rights are asked by the callers above."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.bank import rulings
from exams.bank.models import Item, ItemText
from exams.catalog.models import Certification
from exams.content.records import CheckedItem, WatchedNameRecord
from exams.freshness import selectors, tasks
from exams.freshness.models import (
    NAME_MAX,
    NOTE_MAX,
    PAGE_MAX,
    ItemAssignment,
    ItemCheck,
    ReviewTask,
    WatchedName,
)

LEAST_NOTE: Final = 3


def check(*, item_id: int, seen: str, page: str, note: str, actor: User, language: str = "") -> ItemCheck:
    """Remember that somebody checked a question today, by a page or for a reason; its tasks are closed.

    With a language it is the translation that was compared with the original, and tasks stay. `seen` is what
    `selectors.seen` said when they looked. Raises Refused: not_found, missing_page, no_address, too_long,
    and stale_check (409) where the texts changed, it was ruled on or somebody else checked it meanwhile.
    """
    page, note = page.strip(), line(note)
    if not language:
        _refuse_without_page(page, note)
    _refuse_too_long("note", note, NOTE_MAX)
    with transaction.atomic():
        item = _item(item_id)
        # A check after a ruling says that somebody knew of it: none may be on its way.
        rulings.hold_off()
        tasks.hold(item.certification_id)
        if selectors.seen([item.pk], language).get(item.pk) != seen:
            raise _stale(item, language)
        made = ItemCheck.objects.create(
            item=item,
            text=selectors.original(item),
            language=language,
            checked_on=selectors.today(),
            pages=[page] if page else [],
            note=note,
            source=ItemCheck.Source.PERSON,
            person=actor,
        )
        closed = [] if language else _close(item, actor)
        if not language:
            # What was checked waits for nobody.
            ItemAssignment.objects.filter(item=item).delete()
        audit.record(
            actor=actor,
            action="check",
            subject=item,
            reason=note,
            after={"language": language, "pages": made.pages, "tasks": closed},
        )
    made.refresh_from_db()
    return made


def line(text: str) -> str:
    """Return a text as one line of signs that can be seen, as files take it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _item(item_id: int) -> Item:
    rows = Item.objects.select_related("certification")
    item = rows.filter(pk=item_id, current__isnull=False).first()
    if item is None:
        raise Refused("not_found", 404, _("Question not found."))
    return item


def _stale(item: Item, language: str) -> Refused:
    last = selectors.last_check(item, language)
    return Refused(
        "stale_check",
        409,
        _("Somebody else checked or changed this question meanwhile. Look at it again."),
        person=last.person_id if last else None,
    )


def _refuse_without_page(page: str, note: str) -> None:
    if not page and len(note) < LEAST_NOTE:
        raise Refused(
            "missing_page", 422, _("Name the page you looked at, or say why none is needed."), field="page"
        )
    if page:
        refuse_no_address(page)


def _refuse_too_long(field: str, text: str, most: int) -> None:
    if len(text) > most:
        raise Refused("too_long", 422, _("At most %(most)s characters."), values={"most": most}, field=field)


def refuse_no_address(page: str) -> None:
    """Raise Refused (no_address, too_long) for what is no address of a page."""
    _refuse_too_long("page", page, PAGE_MAX)
    if not is_address(page):
        raise Refused("no_address", 422, _("Enter an address that begins with https://."), field="page")


def is_address(page: str) -> bool:
    """Say whether something is the address of a page that can be opened."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return False
    return parts.scheme == "https" and "." in parts.netloc and page.isprintable() and " " not in page


def _close(item: Item, actor: User) -> list[int]:
    rows = ReviewTask.objects.filter(item=item, closed_at=None)
    closed = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.update(closed_at=Now(), closed_by=actor, outcome=ReviewTask.Outcome.CHECKED)
    for task_id in closed:
        audit.record(actor=actor, action="close", subject=ReviewTask(pk=task_id))
    return closed


def watch(*, certification_id: int, facts: WatchedNameRecord, actor: User) -> WatchedName:
    """Watch a name from now on; questions that mention it get their tasks at once.

    Raises Refused: missing_name, too_long, same_name, no_address, and name_known where it is watched already.
    """
    facts = _sound(facts)
    with transaction.atomic():
        tasks.hold(certification_id)
        known = WatchedName.objects.filter(certification_id=certification_id, name=facts.name).first()
        if known is not None and known.is_watched:
            raise Refused("name_known", 409, _("This name is watched already."), field="name")
        row = known or WatchedName(certification_id=certification_id, name=facts.name, revision=0)
        _write(row, facts, actor, "watch", is_watched=True)
        tasks.refresh(certification_id)
    return row


def change(
    *, watched_id: int, revision: int, facts: WatchedNameRecord, is_watched: bool, actor: User
) -> WatchedName:
    """Change what is known of a watched name, or let it go: its tasks are closed then.

    Raises Refused: not_found, stale_name (409) where somebody else changed it, name_known, and as `watch`.
    """
    facts = _sound(facts)
    with transaction.atomic():
        row = WatchedName.objects.filter(pk=watched_id).first()
        if row is None:
            raise Refused("not_found", 404, _("Name not found."))
        tasks.hold(row.certification_id)
        # Read again behind the lock: whoever held it may have changed the name.
        row.refresh_from_db()
        if row.revision != revision:
            raise Refused(
                "stale_name", 409, _("Somebody else changed this name meanwhile. Look at it again.")
            )
        _write(row, facts, actor, "change", is_watched=is_watched)
        tasks.refresh(row.certification_id)
    return row


def _write(row: WatchedName, facts: WatchedNameRecord, actor: User, action: str, *, is_watched: bool) -> None:
    before = facts_of(row) if row.pk else {}
    row.name, row.successor, row.since, row.page = facts.name, facts.successor, facts.since, facts.page
    row.is_watched, row.is_ours, row.changed_at = is_watched, True, Now()
    row.revision += 1
    try:
        # A savepoint, so that the transaction around outlives a name that is there already.
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused("name_known", 409, _("This name is watched already."), field="name") from error
    row.refresh_from_db()
    audit.record(actor=actor, action=action, subject=row, before=before, after=facts_of(row))


def facts_of(row: WatchedName) -> dict[str, Any]:
    """Return what is known of a name, as JSON can hold it."""
    return {
        "name": row.name,
        "successor": row.successor,
        "since": row.since.isoformat(),
        "page": row.page,
        "watched": row.is_watched,
    }


def _sound(facts: WatchedNameRecord) -> WatchedNameRecord:
    name, successor = line(facts.name), line(facts.successor)
    if not name:
        raise Refused("missing_name", 422, _("Write the old name."), field="name")
    _refuse_too_long("name", name, NAME_MAX)
    _refuse_too_long("successor", successor, NAME_MAX)
    if name == successor:
        raise Refused("same_name", 422, _("The new name is the same as the old one."), field="successor")
    refuse_no_address(facts.page.strip())
    return WatchedNameRecord(name, successor, facts.since, facts.page.strip())


def assign(*, item_ids: Sequence[int], person: User | None, actor: User) -> int:
    """Say who looks after questions, None for nobody; return for how many that is new."""
    changed = 0
    with transaction.atomic():
        # In one order, or two who assign at once would wait for each other.
        items = Item.objects.filter(pk__in=item_ids).order_by("certification_id", "pk")
        for item in items:
            tasks.hold(item.certification_id)
            before = ItemAssignment.objects.filter(item=item).values_list("person_id", flat=True).first()
            if before == (person.pk if person else None):
                continue
            changed += 1
            ItemAssignment.objects.filter(item=item).delete()
            if person is not None:
                ItemAssignment.objects.create(item=item, person=person)
            audit.record(
                actor=actor,
                action="assign",
                subject=item,
                before={"person": before},
                after={"person": person.pk if person else None},
            )
    return changed


def add_checks(code: str, checks: Collection[CheckedItem], source: ItemCheck.Source) -> None:
    """Store checks of the items of a certification. Two statements."""
    texts = ItemText.objects.filter(
        version=OuterRef("current"), language=OuterRef("certification__original_language")
    )
    rows = Item.objects.filter(certification__code=code, code__in={one.item for one in checks})
    with_texts = rows.annotate(text=Subquery(texts.order_by("-revision").values("pk")[:1]))
    items = {item: (pk, text) for item, pk, text in with_texts.values_list("code", "pk", "text")}
    ItemCheck.objects.bulk_create(
        ItemCheck(
            item_id=items[record.item][0],
            text_id=items[record.item][1],
            language=record.language,
            checked_on=record.checked_on,
            pages=list(record.pages),
            note=record.note,
            source=source,
        )
        for record in checks
        if record.item in items
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
