"""Migrations that move data: what was recorded before is found afterwards."""

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.audit import services as audit
from accounts.users.models import User
from config import grants
from exams.assembly.models import ExamForm, FormEdition
from exams.attempts import lifecycle
from exams.attempts.models import Attempt, Score
from exams.bank.models import Item, ItemText, ItemVersion
from exams.publication.models import PublishLog
from tests import factories, roles
from tests.exams.attempts.helpers import save
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


@pytest.mark.django_db(transaction=True)
def test_what_was_published_before_there_was_a_log_is_current_and_names_its_first_entry(
    anna: User, form: Form
) -> None:
    begun = start(anna, form)
    newest = factories.publish_again("E1-Q01")
    save(begun.lease, 1, 1, form.keys[1][0])
    with roles.logged_in_as_owner():
        call_command("migrate", "flashcards", "0003", verbosity=0)
        call_command("migrate", "exams", "0021", verbosity=0)
        roles.migrate_all()
    assert grants.given() == grants.wanted()
    log = PublishLog.objects.get()
    assert (log.pk, log.source, log.reason) == (1, PublishLog.Source.FILES, "before the log")
    for model in (ItemVersion, ItemText, FormEdition):
        assert set(model.objects.values_list("log", flat=True)) == {1}
    assert not Item.objects.filter(current=None).exists()
    assert Item.objects.get(code="E1-Q01").current == newest
    assert ExamForm.objects.get().current == FormEdition.objects.get(number=2)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    score = Score.objects.get()
    assert (score.raw, score.ruling, score.attempt.edition) == (1, None, form.edition)
    # What is published next has an entry of its own.
    assert factories.publish_again("E1-Q01").log_id > 1
