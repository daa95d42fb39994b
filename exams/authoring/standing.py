"""Which version of an item is read today: taken back, or set to an earlier one. Versions themselves stay."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import item_content, item_rulings, items, rights
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item, ItemVersion, KeyRuling
from exams.freshness import tasks
from exams.publication import services as publication
from exams.publication.models import PublishLog


def withdraw(*, item_id: int, actor: User, reason: str) -> Item:
    """Take an item out of use: nothing new is made of it, and the exams that have it keep what they have.

    Raises Refused: not_found, not_allowed, withdrawn_already.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        publication.wait_for_others()
        item = _locked(item_id)
        if item.current is None:
            raise Refused("withdrawn_already", 409, _("This question is not in use."))
        _point(item, None, actor, "withdraw", reason)
    return item


def restore(*, item_id: int, version_id: int, actor: User, reason: str, answers: int | None = None) -> Item:
    """Go back to an earlier version: it is read from now on, and exams with the item get a new edition.

    `answers` is the ruling on another version that this one answers. A ruling is not carried over: people
    have taken the version, so it is ruled on itself. Raises Refused: not_found for an item or a published
    version of it, not_allowed, current_already, ruling_undecided, and cannot_publish where an exam would have
    no question that counts.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        publication.wait_for_others()
        item = _locked(item_id)
        version = ItemVersion.objects.filter(pk=version_id, item=item, published_at__isnull=False).first()
        if version is None:
            raise Refused("not_found", 404, _("Version not found."))
        if item.current_id == version.pk:
            raise Refused("current_already", 409, _("This version is the current one."))
        ruling = item_rulings.unanswered(item, version)
        if ruling is not None and ruling.pk != answers:
            raise _undecided(ruling, version)
        log = _point(item, version, actor, "restore", reason)
        _say_again(version, item.certification.original_language, log)
        try:
            items.renew(item.certification, item, log)
        except CannotPublish as error:
            raise Refused("cannot_publish", 422, str(error)) from error
        if ruling is not None:
            audit.record(
                actor=actor,
                action=str(item_rulings.Outcome.ANSWERED),
                subject=ruling,
                reason=reason,
                before={"version": ruling.version.number},
                after={"version": version.number},
            )
    return item


def _undecided(ruling: KeyRuling, version: ItemVersion) -> Refused:
    said = _(
        "There is a ruling on version %(ruled)s, made after version %(number)s was published. Choose that "
        "version %(number)s answers it, or rule on version %(number)s first."
    )
    values = {"ruled": ruling.version.number, "number": version.number}
    return Refused("ruling_undecided", 409, said, values=values)


def _say_again(version: ItemVersion, language: str, log: PublishLog) -> None:
    """Store the original text once more: a pointer names no entry of the log, so the text tells who set it.

    Files then leave the question alone, and a draft begun before is compared first.
    """
    bank.add_text(version, item_content.text_draft(items.content_of(version), language), log)


def _locked(item_id: int) -> Item:
    rows = Item.objects.select_for_update(of=("self",), no_key=True).select_related(
        "certification", "current"
    )
    item = rows.filter(pk=item_id).first()
    if item is None:
        raise Refused("not_found", 404, _("Question not found."))
    return item


def _point(item: Item, version: ItemVersion | None, actor: User, action: str, reason: str) -> PublishLog:
    log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
    before = item.current
    item.current = version
    item.save(update_fields=["current"])
    tasks.refresh(item.certification_id, [item.pk])
    audit.record(
        actor=actor,
        action=action,
        subject=item,
        reason=reason,
        before={"version": before.number if before else None},
        after={"version": version.number if version else None, "log": log.pk},
    )
    return log
