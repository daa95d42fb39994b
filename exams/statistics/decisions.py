"""What an author decides about an item that does not count yet. It is kept, and changes nothing by itself."""

from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly.models import FormItem
from exams.bank.models import ItemVersion
from exams.scoring import item_flags
from exams.statistics import codec
from exams.statistics.models import ItemDecision, ItemStatistics

MEANWHILE: Final = _("Someone else has just decided about this question. Check their decision first.")


def is_on_trial(version_id: int) -> bool:
    """Say whether a version is in a published edition without counting there."""
    places = FormItem.objects.filter(version_id=version_id, edition__published_at__isnull=False)
    return places.filter(is_scored=False).exists()


def last(version_id: int) -> ItemDecision | None:
    """Return the decision that holds for a version, or None."""
    rows = ItemDecision.objects.filter(version_id=version_id).select_related("actor")
    return rows.order_by("-number").first()


def decide(*, version_id: int, kind: str, actor: User | None, reason: str) -> None:
    """Store what becomes of an item that does not count yet; audited.

    Raises Refused: counts_already, not_enough_data, decided_already, decided_meanwhile.
    """
    if not is_on_trial(version_id):
        raise Refused("counts_already", 409, _("This question already counts in every exam that it is in."))
    row = ItemStatistics.objects.filter(version_id=version_id).first()
    if row is None or not item_flags.is_enough(row.n):
        raise Refused("not_enough_data", 409, _("There isn't enough data to decide about this question."))
    before = last(version_id)
    if before and before.kind == kind:
        raise Refused("decided_already", 409, _("That has already been decided."))
    try:
        _store(row, kind, actor, reason, before)
    except IntegrityError:
        raise Refused("decided_meanwhile", 409, MEANWHILE) from None


def _store(
    row: ItemStatistics, kind: str, actor: User | None, reason: str, before: ItemDecision | None
) -> None:
    figures = {"n": row.n, "facility": row.facility, "point_biserial": row.point_biserial}
    proposed = item_flags.proposal(codec.decode(row.figures))
    with transaction.atomic():
        ItemDecision.objects.create(
            version_id=row.version_id,
            number=before.number + 1 if before else 1,
            kind=kind,
            proposed=proposed.value,
            figures=figures,
            reason=reason,
            actor=actor,
        )
        audit.record(
            actor=actor,
            action="decide",
            subject=ItemVersion(pk=row.version_id),
            reason=reason,
            before={"decision": before.kind} if before else {},
            after={"decision": kind, "proposed": proposed.value, **figures},
        )
