"""An exam or a drill that runs is not interrupted by questions about the browser it is taken in."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from accounts.access.protected_sessions import Running
from accounts.base import hooks
from accounts.users.models import User
from exams.attempts import selectors
from exams.attempts.models import Attempt, State
from exams.presentation import formatting

# With them a page that is open finds out where it is and comes to its end, also after the attempt has ended.
ENDING: Final = frozenset({"api:clock", "api:lease", "api:submit", "api:cancel"})
TAKING: Final = frozenset(
    {
        "exams:taking",
        "exams:paper",
        "exams:question",
        "exams:submit",
        "exams:cancel",
        "exams:drill",
        "exams:drill_question",
        "exams:drill_submit",
        "exams:drill_finish",
        "api:attempt",
        "api:drill",
        "api:drill_close",
        "api:drill_finish",
    }
)
BEGINNINGS: Final = ("exams:start", "exams:practice", "exams:practice_again", "exams:check")


def goes_on(user: User, view_name: str, values: Mapping[str, Any]) -> bool:
    """Say whether a view belongs to an attempt of the person that runs. At most one statement."""
    if view_name in ENDING:
        return True
    if view_name not in TAKING:
        return False
    attempt_id: UUID = values["attempt_id"] if "attempt_id" in values else values["drill_id"]
    return Attempt.objects.filter(pk=attempt_id, user=user, state=State.RUNNING).exists()


def running(user: User) -> Iterator[Running]:
    """Yield the exams that the person is taking."""
    for head in selectors.running(user):
        title = formatting.exam_title(head.certification_code, head.form_number)
        yield Running(title, reverse("exams:taking", args=[head.attempt_id]))


def register() -> None:
    """Have the attempts of a person go on, and lead back to their exams; say what begins one."""
    hooks.register("uninterrupted_views", goes_on)
    hooks.register("running_attempts", running)
    for name in BEGINNINGS:
        hooks.register("beginning_views", name)
    for name in ("exams:pass_mark_css", "image"):
        hooks.register("impersonal_views", name)
