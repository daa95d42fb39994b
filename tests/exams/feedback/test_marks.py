"""Notes and bookmarks: one of each for a person and an item, only where the review is open."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import lifecycle
from exams.feedback import selectors, services
from exams.feedback.models import NOTE_MAX, Bookmark, Note
from tests.exams.feedback.helpers import ended, taking
from tests.factories import Form

pytestmark = pytest.mark.django_db


def test_a_note_is_stored_once_for_a_person_and_an_item(anna: User, bela: User, form: Form) -> None:
    hers, his = ended(anna, form), ended(bela, form)
    for text in ("First thoughts", "  Second\r\nthoughts  "):
        services.write_note(user=anna, attempt_id=hers, position=1, text=text)
    services.write_note(user=bela, attempt_id=his, position=1, text="Mine")
    found = Note.objects.order_by("user_id").values_list("user_id", "text", "item__code")
    assert list(found) == [(anna.pk, "Second\nthoughts", "E1-Q01"), (bela.pk, "Mine", "E1-Q01")]


def test_an_empty_note_deletes_it(anna: User, form: Form) -> None:
    attempt_id = ended(anna, form)
    services.write_note(user=anna, attempt_id=attempt_id, position=1, text="Gone soon")
    for _ in range(2):
        assert services.write_note(user=anna, attempt_id=attempt_id, position=1, text=" \n ") == ""
    assert not Note.objects.exists()


def test_a_note_may_have_ten_thousand_characters_and_not_one_more(anna: User, form: Form) -> None:
    attempt_id = ended(anna, form)
    services.write_note(user=anna, attempt_id=attempt_id, position=1, text="ő\r\n" * (NOTE_MAX // 2))
    before = Note.objects.get().text
    with pytest.raises(Refused) as refused:
        services.write_note(user=anna, attempt_id=attempt_id, position=1, text="ő" * (NOTE_MAX + 1))
    assert (refused.value.code, refused.value.status) == ("too_long", 422)
    assert str(refused.value) == "Use at most 10,000 characters. Your text has 10,001."
    with override("hu"):
        assert str(refused.value) == "Legfeljebb 10\xa0000 karaktert írj. A szöveged 10\xa0001 karakter."
    assert Note.objects.get().text == before


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_a_text_that_cannot_be_stored_is_refused(anna: User, form: Form, text: str) -> None:
    attempt_id = ended(anna, form)
    with pytest.raises(Refused) as refused:
        services.write_note(user=anna, attempt_id=attempt_id, position=1, text=text)
    assert (refused.value.code, refused.value.status) == ("invalid_text", 422)
    assert not Note.objects.exists()


def test_a_bookmark_is_set_and_removed_however_often_it_is_pressed(anna: User, form: Form) -> None:
    attempt_id = ended(anna, form)
    for wanted, count in ((True, 1), (True, 1), (False, 0), (False, 0)):
        services.set_bookmark(user=anna, attempt_id=attempt_id, position=3, bookmarked=wanted)
        assert Bookmark.objects.count() == count


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO exams_note (user_id, item_id, text) SELECT user_id, item_id, 'again' FROM exams_note",
        "UPDATE exams_note SET text = repeat('x', 10001)",
        "UPDATE exams_note SET text = ''",
        "INSERT INTO exams_bookmark (user_id, item_id) SELECT user_id, item_id FROM exams_bookmark",
    ],
)
def test_the_database_itself_refuses_what_the_services_prevent(anna: User, form: Form, sql: str) -> None:
    attempt_id = ended(anna, form)
    services.write_note(user=anna, attempt_id=attempt_id, position=1, text="Once")
    services.set_bookmark(user=anna, attempt_id=attempt_id, position=1, bookmarked=True)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_nothing_is_said_of_an_exam_of_another_person_or_of_a_question_that_is_not_there(
    anna: User, bela: User, form: Form
) -> None:
    attempt_id = ended(anna, form)
    for user, position in ((bela, 1), (anna, 0), (anna, 9), (anna, 10**12)):
        with pytest.raises(Refused) as refused:
            services.write_note(user=user, attempt_id=attempt_id, position=position, text="Hello")
        assert (refused.value.code, refused.value.status) == ("not_found", 404)
    assert not Note.objects.exists()


def test_nothing_is_said_of_an_exam_that_runs_or_was_canceled(anna: User, form: Form) -> None:
    attempt_id = taking(anna, form)
    for code in ("not_finished", "attempt_closed"):
        with pytest.raises(Refused) as refused:
            services.set_bookmark(user=anna, attempt_id=attempt_id, position=1, bookmarked=True)
        assert (refused.value.code, refused.value.status) == (code, 409)
        if code == "not_finished":
            lifecycle.cancel(user=anna, attempt_id=attempt_id)
    assert not Bookmark.objects.exists()


def test_what_was_said_is_closed_while_the_question_is_in_an_exam_being_taken(
    anna: User, bela: User, form: Form
) -> None:
    attempt_id = ended(anna, form)
    services.write_note(user=anna, attempt_id=attempt_id, position=1, text="It is B")
    services.set_bookmark(user=anna, attempt_id=attempt_id, position=2, bookmarked=True)
    taking(bela, form)
    assert [one.text for one in selectors.own_notes(anna)] == ["It is B"]
    assert [one.position for one in selectors.own_bookmarks(anna)] == [2]
    again = taking(anna, form)
    assert selectors.own_notes(anna) == selectors.own_bookmarks(anna) == []
    with pytest.raises(Refused) as refused:
        services.write_note(user=anna, attempt_id=attempt_id, position=1, text="It is A")
    assert (refused.value.code, refused.value.status) == ("exam_running", 409)
    lifecycle.submit(user=anna, attempt_id=again, lease=None)
    lifecycle.settle(user=anna, attempt_id=again)
    assert [(one.text, one.attempt_id) for one in selectors.own_notes(anna)] == [("It is B", again)]
