"""What the measurement works on: the real first exam, and people and attempts in bulk."""

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import connection

from accounts.profile.models import Profile
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.models import FormEdition
from exams.attempts import leases
from exams.attempts.leases import Lease

CODE: Final = "mls-c01"
HOURS: Final = 3

ATTEMPTS: Final = """
INSERT INTO exams_attempt (id, user_id, form_id, edition_id, paper_id, mode, state, started_at, deadline_at,
  ended_at, end_reason, minutes_allowed, accommodation, seen_before, lease_no, lease_holder, answers_sha256,
  score_tries)
SELECT gen_random_uuid(), u, %(form)s, %(edition)s, %(paper)s, 'exam', %(state)s, %(start)s, %(deadline)s,
  %(ended)s, %(reason)s, 180, 'none', false, 1, '', '', 0
FROM unnest(%(users)s::bigint[]) AS u RETURNING id
"""
ANSWERS: Final = """
INSERT INTO exams_answerevent (attempt_id, lease_no, seq, position, selected, flagged, received_at,
  confidence, seen_ms)
SELECT a.id, 1, c.position, c.position, c.options[c.k : c.k + c.choose - 1], c.k = 1,
  %(at)s::timestamptz + c.position * interval '100 s', 1 + c.position %% 3, 20000 + 3000 * c.position
FROM unnest(%(attempts)s::uuid[]) AS a(id)
CROSS JOIN LATERAL (
  SELECT position, choose, options::int[] AS options,
    1 + floor(random() * (cardinality(options::int[]) - choose + 1))::int AS k
  FROM unnest(%(positions)s::int[], %(chooses)s::int[], %(options)s::text[]) AS p(position, choose, options)
  WHERE a.id IS NOT NULL) AS c
"""


@dataclass(frozen=True)
class Exam:
    """The form that is sat: its ids, and for each position how many to choose of which options."""

    form_id: int
    edition_id: int
    paper_id: int
    places: tuple[tuple[int, int, tuple[int, ...]], ...]


def load_exam() -> Exam:
    """Migrate an empty database, load the real exams and return the first."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("load_bank", verbosity=0, stdout=io.StringIO())
    return exam(1)


def exam(number: int) -> Exam:
    """Return one of the loaded exams."""
    edition = FormEdition.objects.get(form__certification__code=CODE, form__number=number)
    paper = papers.compiled(papers.newest(edition.pk)["en"])
    places = tuple(
        (item.position, item.choose, tuple(option_id for option_id, _ in item.options))
        for item in paper.items
    )
    return Exam(edition.form_id, edition.pk, paper.id, places)


def people(count: int, name: str) -> list[User]:
    """Make people with verified addresses who cannot sign in by password."""
    users = User.objects.bulk_create(
        [User(email=f"{name}{number}@example.org", password="!") for number in range(count)]
    )
    verify(users)
    return users


def verify(users: list[User]) -> None:
    """Confirm the addresses of people, without which nothing is begun."""
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users],
        ignore_conflicts=True,
    )


def give_profiles(users: list[User]) -> None:
    """Give people the profile that their first page would make."""
    Profile.objects.bulk_create([Profile(user=user) for user in users], ignore_conflicts=True)


def now() -> dt.datetime:
    """Return the time of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        found: dt.datetime = cursor.fetchone()[0]
    return found


def attempts(
    exam: Exam, users: list[User], *, state: int = 1, over: bool = False, days_ago: float = 0
) -> list[UUID]:
    """Make an attempt for each person: running (state 1), submitted (2), or overdue when `over`."""
    start = now() - dt.timedelta(days=days_ago, hours=HOURS + 1 if over else 0, minutes=1)
    deadline = start + dt.timedelta(hours=HOURS)
    values: dict[str, Any] = {
        "form": exam.form_id,
        "edition": exam.edition_id,
        "paper": exam.paper_id,
        "state": state,
        "start": start,
        "deadline": deadline,
        "ended": None if state == 1 else start + dt.timedelta(seconds=30),
        "reason": "" if state == 1 else "submitted",
        "users": [user.pk for user in users],
    }
    with connection.cursor() as cursor:
        cursor.execute(ATTEMPTS, values)
        return [row[0] for row in cursor.fetchall()]


def answer_all(exam: Exam, attempt_ids: list[UUID], *, days_ago: float = 0) -> int:
    """Answer every question of attempts at random; return how many answers were stored."""
    values: dict[str, Any] = {
        "attempts": [str(attempt_id) for attempt_id in attempt_ids],
        "positions": [position for position, _, _ in exam.places],
        "chooses": [choose for _, choose, _ in exam.places],
        "options": ["{" + ",".join(map(str, options)) + "}" for _, _, options in exam.places],
        "at": now() - dt.timedelta(days=days_ago, hours=2),
    }
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, values)
        return int(cursor.rowcount)


def analyze() -> None:
    """Let the planner know what is there, as autovacuum would."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def leases_for(exam: Exam, attempt_ids: list[UUID], number: int) -> list[list[str]]:
    """Take over all attempts by their lease of that number; return them with its tokens."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exams_attempt SET lease_no = %s WHERE id = ANY(%s::uuid[])",
            [number, [str(attempt_id) for attempt_id in attempt_ids]],
        )
    return [
        [str(attempt_id), leases.issue(Lease(attempt_id, exam.paper_id, number))]
        for attempt_id in attempt_ids
    ]


def stored_events(attempt_ids: list[UUID]) -> int:
    """Return how many answers the log holds of these attempts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM exams_answerevent WHERE attempt_id = ANY(%s::uuid[])",
            [[str(attempt_id) for attempt_id in attempt_ids]],
        )
        count: int = cursor.fetchone()[0]
    return count


def state_of(attempt_id: UUID) -> int:
    """Return the state of an attempt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM exams_attempt WHERE id = %s", [str(attempt_id)])
        state: int = cursor.fetchone()[0]
    return state
