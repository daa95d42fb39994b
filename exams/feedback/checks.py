"""What every write about a question asks first: whose attempt, whether its review is open, which text."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, results, running_items
from exams.attempts.models import State

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_TARGET: Final = f"""
SELECT a.state, i.version_id, v.item_id, v.item_id IN ({running_items.RUNNING_ITEMS}) AS held
FROM exams_attempt a JOIN exams_formitem i ON i.edition_id = a.edition_id AND i.position = %(position)s
JOIN exams_itemversion v ON v.id = i.version_id
WHERE a.id = %(attempt)s AND a.user_id = %(user)s
"""  # noqa: S608  (made of constants)


def _grouped(value: int) -> str:
    return str(number_format(value, force_grouping=True))


number: Final = lazy(_grouped, str)
"""A number with separators, put together in the language of the reader."""


@dataclass(frozen=True, slots=True)
class Target:
    """A question of an ended attempt: the version that was taken, and its item."""

    attempt_id: UUID
    position: int
    version_id: int
    item_id: int


def target(user: User, attempt_id: UUID, position: int) -> Target:
    """Return what is at a position of an own attempt whose review is open. One statement.

    Raises Refused: not_found, attempt_closed for a canceled one, not_finished, exam_running while the item is
    in an exam that the person is taking.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TARGET, {"user": user.pk, "attempt": str(attempt_id), "position": position})
        row = cursor.fetchone()
    if row is None:
        raise answers.not_found()
    state, version_id, item_id, is_held = row
    if state == State.VOIDED:
        raise Refused("attempt_closed", 409, _("This exam was canceled. It has no review."))
    if state == State.RUNNING:
        raise Refused("not_finished", 409, _("The exam hasn't ended yet."))
    if state != State.SCORED:
        raise Refused("not_finished", 409, _("Your answers are safe, but your score isn't ready yet."))
    if is_held:
        raise results.exam_running()
    return Target(attempt_id, position, version_id, item_id)


def plain(text: str, most: int) -> str:
    """Return a text as it is stored: without space around it, lines ended by newlines alone.

    Raises Refused, 422: too_long above `most` characters, invalid_text for what no text can hold.
    """
    found = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\0" in found or _SURROGATES.search(found):
        raise Refused("invalid_text", 422, _("The text has characters that can't be stored."))
    if len(found) > most:
        raise Refused(
            "too_long",
            422,
            _("Use at most %(most)s characters. Your text has %(length)s."),
            values={"most": number(most), "length": number(len(found))},
        )
    return found
