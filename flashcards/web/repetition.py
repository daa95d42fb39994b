"""What the dashboard says of the cards of a person: how many are due today, and where they are studied."""

from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access.policy import Access
from accounts.users.models import User
from exams.insights.dashboard_hooks import Repetition
from flashcards.study.day import study_day

SECONDS_A_CARD: Final = 20
"""An estimate for the plan: somebody turns and rates a card in about so long."""


def repetition(user: User, code: str, access: Access) -> Repetition | None:
    """Return the cards of today in the active time zone, or None where there is no deck. One statement."""
    today = study_day(user, code, timezone.get_current_timezone(), granted=access.granted)
    if today is None:
        return None
    queue = today.queue
    due, new = len(queue.due) + len(queue.waiting), len(queue.new)
    return Repetition(
        due=due,
        # As the title: how long what is due takes, and new cards only where nothing is.
        minutes=-(-(due or new) * SECONDS_A_CARD // 60),
        address=reverse("flashcards:study", args=[code]),
        name=_("Flashcards"),
        title=_title(due, new),
        status=_("Today: %(due)d due, %(new)d new") % {"due": due, "new": new},
        button=_("Study cards"),
        daily=_("Every day: the cards that are due."),
    )


def _title(due: int, new: int) -> str:
    """Name what there is to do: cards that are due, or new ones where none is."""
    if not new and not due:
        return _("Nothing due today")
    if new and not due:
        return ngettext("%(count)d new card", "%(count)d new cards", new) % {"count": new}
    return ngettext("%(count)d card is due", "%(count)d cards are due", due) % {"count": due}
