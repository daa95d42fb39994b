"""An account is deleted: whatever its person did is gone or nobody's, as the site's own role can see to."""

from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection

from accounts.base import tables
from accounts.users.models import User
from exams.attempts import drills
from exams.attempts.models import AnswerEvent, Attempt, Feedback
from exams.feedback import marks, reports
from exams.insights import exam_dates
from exams.reports import files
from flashcards.models import Review
from flashcards.services import clock, own, settings
from flashcards.services import reviews as cards
from flashcards.services.own import OwnDraft
from tests.exams.attempts.practice import close, draw, finish_exam
from tests.factories import Form, make_form

pytestmark = pytest.mark.django_db

UTC = ZoneInfo("UTC")
# What only its owner may have written: found nowhere once they are gone.
SECRET = "Zq7 words of my own"


def live(user: User, form: Form) -> None:
    """Leave a row of the person in every table that a candidate writes to."""
    exam = finish_exam(user, form)
    make_form(form.form.certification, number=2)
    drills.open_for_practice(user=user, certification=form.form.certification, number=2)
    close(user, draw(user, form).attempt_id, 1, show=True)
    draw(user, form, feedback=Feedback.AT_END)
    marks.write_note(user=user, attempt_id=exam, position=1, text=SECRET)
    marks.set_bookmark(user=user, attempt_id=exam, position=1, bookmarked=True)
    reports.report(user=user, attempt_id=exam, position=1, reason="typo", text=SECRET)
    today = clock.now().date()
    exam_dates.set_to(user, "mls-c01", today, today)
    settings.update(user, "mls-c01", UTC, new_per_day=5)
    card = own.create(user, "mls-c01", OwnDraft(SECRET, SECRET), language="en")
    cards.review(user, card, 3, zone=UTC)
    cards.undo(user, cards.review(user, card, 3, zone=UTC).review_id)
    report = files.of(user, exam, "en")
    assert report
    files.ensure(user, report)


def of_person(user_id: int) -> dict[str, int]:
    """Return how many rows of each of our tables name the person."""
    found = {}
    with connection.cursor() as cursor:
        for model in tables.stored_models():
            for field in model._meta.concrete_fields:
                if field.related_model is User:
                    table = model._meta.db_table
                    cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{field.column}" = %s', [user_id])
                    found[f"{table}.{field.column}"] = cursor.fetchone()[0]
    return found


def with_words(words: str) -> list[str]:
    """Return the tables that have these words in any column."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{words}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_an_erased_person_leaves_no_name_and_no_word_and_answers_stay(anna: User, form: Form) -> None:
    live(anna, form)
    named = {place for place, count in of_person(anna.pk).items() if count}
    assert {
        "exams_attempt.user_id",
        "exams_drawnpaper.owner_id",
        "exams_practiceopening.user_id",
        "exams_note.user_id",
        "exams_bookmark.user_id",
        "exams_problemreport.user_id",
        "exams_examdate.user_id",
        "flashcards_card.owner_id",
        "flashcards_review.user_id",
        "flashcards_cardstate.user_id",
        "flashcards_studysettings.user_id",
        "accounts_job.owner_id",
    } <= named
    assert with_words(SECRET)
    user_id, address = anna.pk, anna.email
    before = (Attempt.objects.count(), AnswerEvent.objects.count(), Review.objects.count())
    anna.delete()
    assert {place for place, count in of_person(user_id).items() if count} == set()
    assert with_words(SECRET) == []
    assert with_words(address) == []
    assert (Attempt.objects.count(), AnswerEvent.objects.count(), Review.objects.count()) == before
