"""Migrations that move data: what was recorded before is found afterwards."""

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.audit import services as audit
from accounts.users.models import User
from config import grants
from exams.attempts.models import Attempt
from tests import roles
from tests.factories import Form, start


@pytest.mark.django_db(transaction=True)
def test_acts_on_attempts_move_to_the_common_record(anna: User, bela: User, form: Form) -> None:
    attempt = Attempt.objects.get(pk=start(anna, form).attempt_id)
    with roles.logged_in_as_owner():
        call_command("migrate", "exams", "0007", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO exams_attemptaudit (attempt_id, action, actor_id, reason, before, after, at)"
                " VALUES (%s, 'extend', %s, 'fire alarm', '{\"a\": 1}', '{\"a\": 2}', '2026-11-01 10:00+00')",
                [attempt.pk, bela.pk],
            )
        # All apps: those that depend on these tables were unapplied too.
        roles.migrate_all()
    assert grants.given() == grants.wanted()
    (entry,) = audit.of(attempt)
    assert (entry.action, entry.actor, entry.reason) == ("extend", bela, "fire alarm")
    assert (entry.before, entry.after, entry.at.isoformat()) == (
        {"a": 1},
        {"a": 2},
        "2026-11-01T10:00:00+00:00",
    )
