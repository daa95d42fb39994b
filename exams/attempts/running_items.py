"""Which items are in an exam that a person is taking: nothing that tells of their keys is shown meanwhile."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from accounts.users.models import User


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
OF_VERSIONS: Final = f"""
SELECT v.id FROM exams_itemversion v WHERE v.id = ANY(%(versions)s) AND v.item_id IN ({RUNNING_ITEMS})
"""  # noqa: S608  (made of constants)
OF_EDITION: Final = f"""
SELECT EXISTS (SELECT 1 FROM exams_formitem i JOIN exams_itemversion v ON v.id = i.version_id
               WHERE i.edition_id = %(edition)s AND v.item_id IN ({RUNNING_ITEMS}))
"""  # noqa: S608  (made of constants)


def among(user: User, version_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these versions are of items in an exam that the person is taking. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(OF_VERSIONS, {"user": user.pk, "versions": list(version_ids)})
        return frozenset(row[0] for row in cursor.fetchall())


def any_in_edition(user: User, edition_id: int) -> bool:
    """Say whether an exam that the person is taking has any item of an edition. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(OF_EDITION, {"user": user.pk, "edition": edition_id})
        return bool(cursor.fetchone()[0])
