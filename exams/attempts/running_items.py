"""Which items are in an exam that a person is taking: nothing that tells of their keys is shown meanwhile."""

from collections.abc import Iterable
from typing import Final

from django.db.models.expressions import RawSQL

from accounts.users.models import User
from exams.assembly.models import FormItem
from exams.bank.models import ItemVersion


# An exam that expired is held until it has its score: until then staff may let it run on.
def is_running_exam(alias: str) -> str:
    """Return the condition under which a row of `exams_attempt` is an exam that its person is taking."""
    return f"{alias}.mode = 'exam' AND {alias}.state IN (1, 3)"


# An item is held in whatever version it is in the exam. What a person is taking is read first, or a planner
# without statistics joins whole tables.
RUNNING_ITEMS: Final = f"""
WITH held_places AS MATERIALIZED (
  SELECT hi.version_id FROM exams_attempt ha JOIN exams_formitem hi ON hi.edition_id = ha.edition_id
  WHERE ha.user_id = %(user)s AND {is_running_exam("ha")})
SELECT hv.item_id FROM held_places JOIN exams_itemversion hv ON hv.id = held_places.version_id
"""  # noqa: S608  (made of constants)


def of(user: User) -> RawSQL:
    """Return the items of the exams that the person is taking, for `item__in` of a queryset."""
    # The same text that statements in SQL embed, so that there is one rule of what is being taken.
    return RawSQL(RUNNING_ITEMS.replace("%(user)s", "%s"), [user.pk])  # noqa: S611  (made of constants)


def among(user: User, version_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these versions are of items in an exam that the person is taking. One statement."""
    rows = ItemVersion.objects.filter(pk__in=list(version_ids), item__in=of(user))
    return frozenset(rows.order_by().values_list("pk", flat=True))


def any_in_edition(user: User, edition_id: int) -> bool:
    """Say whether an exam that the person is taking has any item of an edition. One statement."""
    return FormItem.objects.filter(edition_id=edition_id, version__item__in=of(user)).exists()
