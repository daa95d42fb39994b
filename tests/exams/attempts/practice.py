"""Short words for tests of drills."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.users.models import User
from exams.attempts import drills, grading, lifecycle, score_codec
from exams.attempts.drills import Closing, DrillSettings
from exams.attempts.lifecycle import Started
from exams.attempts.models import AnswerEvent, Attempt, Feedback, Score
from exams.attempts.pools import Filters
from exams.attempts.results import ReviewItem
from exams.attempts.score_codec import StoredDrill
from exams.bank.models import Option
from tests import roles, snapshot
from tests.exams.attempts.helpers import save
from tests.factories import Form, make_sample, start


def finish_exam(user: User, form: Form, *, right: Sequence[int] = (), flagged: Sequence[int] = ()) -> UUID:
    """Take a form to its score: keys at some positions, another option at the others."""
    begun = start(user, form)
    for position, keys in form.keys.items():
        chosen = keys if position in right else form.others[position][:1]
        save(begun.lease, position, position, *chosen, flagged=position in flagged)
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    return begun.attempt_id


def draw(
    user: User,
    form: Form,
    *,
    number: int = 5,
    minutes: int = 0,
    feedback: Feedback = Feedback.AT_ONCE,
    language: str = "en",
    domain: int | None = None,
    task: str = "",
    difficulty: str = "",
    **filters: Any,
) -> Started:
    """Start a drill of the form's certification; one topic has a name of its own."""
    one = {
        "domains": (domain,) if domain else (),
        "tasks": (task,) if task else (),
        "difficulties": (difficulty,) if difficulty else (),
    }
    return drills.start(
        user=user,
        certification=form.form.certification,
        drill_settings=DrillSettings(Filters(**(one | filters)), number, minutes, feedback),
        language=language,
        holder="session:test",
    )


def versions_of(attempt_id: UUID) -> list[int]:
    """Return the versions of a drill by position."""
    drawn = Attempt.objects.get(pk=attempt_id).drawn
    assert drawn
    return drawn.version_ids


def positions_in(form: Form, attempt_id: UUID) -> list[int]:
    """Return at which position of the form each question of a drill is."""
    places = dict(form.edition.items.values_list("version_id", "position"))
    return [places[version] for version in versions_of(attempt_id)]


def answers_of(form: Form, attempt_id: UUID) -> dict[int, tuple[list[int], list[int]]]:
    """Return keys and other options by position of the drill."""
    return {
        n: (form.keys[position], form.others[position])
        for n, position in enumerate(positions_in(form, attempt_id), 1)
    }


CHECK_DOMAINS = (1,) * 6 + (2,) * 5 + (3,) * 5 + (4,) * 4
"""The domain of each question of a sample that is long enough for a check."""


def make_check(form: Form) -> None:
    """Publish a sample of twenty beside a form; after the first time from its rows."""
    make = partial(make_sample, form.form.certification, domains=CHECK_DOMAINS)
    snapshot.more("check", make)


def check(user: User, form: Form, language: str = "en") -> Started:
    """Start a check of the form's certification."""
    certification = form.form.certification
    return drills.check_yourself(
        user=user, certification=certification, language=language, holder="session:test"
    )


def finish_check(
    user: User,
    begun: Started,
    right: Collection[int],
    blank: Collection[int] = (),
    incomplete: Collection[int] = (),
) -> StoredDrill:
    """Answer a check, correctly at some positions, and return its score; `incomplete` lacks an option."""
    for position, version in enumerate(versions_of(begun.attempt_id), 1):
        options = Option.objects.filter(version=version)
        chosen = list(options.filter(is_key=position in right).values_list("pk", flat=True))
        number = 1 if position in incomplete else options.filter(is_key=True).count()
        if position not in blank:
            save(begun.lease, position, position, *chosen[:number])
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    return score_codec.decode_drill(Score.objects.get(attempt_id=begun.attempt_id).result)


def close(user: User, attempt_id: UUID, position: int, *selected: int, **more: Any) -> ReviewItem:
    """Close a position."""
    closing = Closing(position, tuple(selected), **more)
    return drills.close(user=user, attempt_id=attempt_id, closing=closing, ui_language="en")


def closed(attempt_id: UUID) -> dict[int, list[int]]:
    """Return what is stored of closed positions."""
    rows = AnswerEvent.objects.filter(attempt_id=attempt_id, closes=True)
    return dict(rows.values_list("position", "selected"))


def idle(attempt_id: UUID, days: float) -> None:
    """Move a drill and its answers so far into the past."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, column, key in (
            ("exams_attempt", "started_at", "id"),
            ("exams_answerevent", "received_at", "attempt_id"),
        ):
            cursor.execute(
                f"UPDATE {table} SET {column} = {column} - make_interval(secs => %s) WHERE {key} = %s",
                [days * 86_400, str(attempt_id)],
            )
        cursor.execute("SET session_replication_role = origin")
