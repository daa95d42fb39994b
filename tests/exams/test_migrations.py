"""Migrations that move data: what was recorded before is found afterwards.

One database goes all the way back and forward again for all of them, by way of the versions in which what
they move is put into tables.
"""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from accounts.audit import services as audit
from accounts.users.models import User
from config import grants
from exams.assembly.models import ExamForm, FormEdition
from exams.attempts import lifecycle
from exams.attempts.models import Attempt, Score
from exams.bank.models import Item, ItemText, ItemVersion
from exams.publication.models import PublishLog
from tests import factories, roles, template
from tests.exams.attempts.helpers import save
from tests.exams.cheatsheet.published import HUNGARIAN, publish, small
from tests.flashcards import decks

# Rows as they were at first, beside the tables that go back and forward.
KEPT = ("exams_itemtext", "exams_optiontext", "exams_sheetedition", "exams_sheetblock")
CARDS = ("flashcards_card", "flashcards_cardtext")
# Going back as far as to the first audit drops these.
GONE = ("exams_sheetedition", "exams_sheetblock", *CARDS)
BEFORE_SEARCH = [("exams", "0018_feedback"), ("flashcards", "0002_own_cards_and_export")]
SEARCHED = ("exams_itemtext", "exams_sheetblock", "flashcards_cardtext")
WORDS = {"exams_itemtext": "search_words", "exams_optiontext": "search_words || search_stems::text"}
COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
"""
ACT = """
INSERT INTO exams_attemptaudit (attempt_id, action, actor_id, reason, before, after, at)
SELECT a.id, 'extend', u.id, 'fire alarm', '{"a": 1}', '{"a": 2}', '2026-11-01 10:00+00'
FROM exams_attempt a, accounts_user u WHERE u.email = 'bela@example.org'
"""


def _content() -> None:
    """An exam that Anna sits, of which a question has changed since; a sheet in two languages and a deck."""
    anna = factories.make_user("anna@example.org")
    factories.make_user("bela@example.org")
    form = factories.make_form()
    begun = factories.start(anna, form)
    factories.publish_again("E1-Q01")
    save(begun.lease, 1, 1, form.keys[1][0])
    publish(form.form.certification)
    publish(form.form.certification, small("hu", intro=HUNGARIAN))
    decks.make_deck(form.form.certification)


def _there_and_back() -> None:
    with roles.logged_in_as_owner():
        call_command("createcachetable")
        grants.apply()
    _content()
    with roles.logged_in_as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA kept")
        for table in (*KEPT, *CARDS):
            cursor.execute(f"CREATE TABLE kept.{table} AS TABLE public.{table}")
        call_command("migrate", "exams", "0007", verbosity=0)
        cursor.execute(ACT)
        # Before search and before there was a log of what is published.
        MigrationExecutor(connection).migrate(BEFORE_SEARCH)
        for table in GONE:
            cursor.execute(COLUMNS, [table])
            (columns,) = cursor.fetchone()
            cursor.execute(f"INSERT INTO public.{table} ({columns}) SELECT {columns} FROM kept.{table}")
        # All apps: those that depend on these tables were unapplied too.
        roles.migrate_all()
        cursor.execute(f"GRANT USAGE ON SCHEMA kept TO {grants.ROLE}")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA kept TO {grants.ROLE}")


@pytest.fixture(scope="module", autouse=True)
def _travelled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Work in a database of its own that has been there and back: tests take back what they do in it."""
    with django_db_blocker.unblock():
        # Whoever makes a copy holds back everybody else who does, so the way itself comes afterwards.
        name = template.filled("travelled", lambda: None)
    with template.connected_to(name):
        with django_db_blocker.unblock():
            _there_and_back()
        yield


@pytest.mark.django_db
def test_tables_that_were_made_anew_have_the_rights_of_others() -> None:
    assert grants.granted() == grants.declared()


@pytest.mark.django_db
def test_acts_on_attempts_move_to_the_common_record() -> None:
    (entry,) = audit.of(Attempt.objects.get())
    bela = User.objects.get(email="bela@example.org")
    assert (entry.action, entry.actor, entry.reason) == ("extend", bela, "fire alarm")
    assert (entry.before, entry.after, entry.at.isoformat()) == (
        {"a": 1},
        {"a": 2},
        "2026-11-01T10:00:00+00:00",
    )


@pytest.mark.django_db
def test_what_was_published_before_there_was_a_log_is_current_and_names_its_first_entry() -> None:
    log = PublishLog.objects.get()
    assert (log.pk, log.source, log.reason) == (1, PublishLog.Source.FILES, "before the log")
    for model in (ItemVersion, ItemText, FormEdition):
        assert set(model.objects.values_list("log", flat=True)) == {1}
    assert not Item.objects.filter(current=None).exists()
    assert Item.objects.get(code="E1-Q01").current == ItemVersion.objects.get(number=2)
    assert ExamForm.objects.get().current == FormEdition.objects.get(number=2)
    attempt = Attempt.objects.get()
    anna = User.objects.get(email="anna@example.org")
    lifecycle.submit(user=anna, attempt_id=attempt.pk, lease=None)
    lifecycle.settle(user=anna, attempt_id=attempt.pk)
    score = Score.objects.get()
    assert (score.raw, score.ruling) == (1, None)
    assert score.attempt.edition == FormEdition.objects.get(number=1)
    # What is published next has an entry of its own.
    assert factories.publish_again("E1-Q01").log_id > 1


def _vectors(schema: str) -> dict[str, list[tuple[int, str, str]]]:
    found = {}
    with connection.cursor() as cursor:
        for table in SEARCHED:
            cursor.execute(
                f"SELECT id, search_stems::text, search_plain::text FROM {schema}.{table} ORDER BY id"
            )
            found[table] = cursor.fetchall()
        for table, words in WORDS.items():
            cursor.execute(f"SELECT id, {words}, id::text AS key FROM {schema}.{table} ORDER BY id")
            found[f"{table}, for authors"] = cursor.fetchall()
    return found


@pytest.mark.django_db
def test_rows_from_before_search_get_the_vectors_that_new_rows_get() -> None:
    before = _vectors("kept")
    assert all(before.values())
    assert all(stems and plain for rows in before.values() for _, stems, plain in rows)
    assert _vectors("public") == before
