"""Who starts once a question is withdrawn does not get it, however their start and the withdrawal meet.

The protection is taken away once and is then missed.
"""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import connection

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from exams.attempts import drills, lifecycle
from exams.attempts.lifecycle import Started
from exams.attempts.models import Attempt
from exams.authoring import withdrawal
from exams.bank.models import Item, ItemText
from tests import factories
from tests.exams.attempts.helpers import replace_sql
from tests.exams.attempts.practice import draw
from tests.exams.authoring import acts
from tests.factories import Form
from tests.flows.crew import Crew

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]

CODE = "E1-Q05"
STILL_CURRENT = "AND EXISTS (SELECT 1 FROM exams_examform WHERE id = %(form)s AND current_id = %(edition)s)"
IN_USE = """AND NOT EXISTS (SELECT 1 FROM exams_itemversion v JOIN exams_item i ON i.id = v.item_id
                    WHERE v.id = ANY(%(versions)s::bigint[]) AND i.current_id IS NULL)"""


def beside_withdrawal(
    act: Callable[[], Any], place: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> Started:
    """Do something, and withdraw the question when it has come to the end of a function."""
    arrived, withdrawn = Event(), Event()
    function = getattr(place, name)
    reviewer, key = acts.staff("reviewers"), Item.objects.get(code=CODE).pk

    def waiting(*args: Any, **kwargs: Any) -> Any:
        codes = function(*args, **kwargs)
        arrived.set()
        withdrawn.wait(20)
        return codes

    def withdraw() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'; SET statement_timeout = '25s'")
        arrived.wait(10)
        try:
            withdrawal.withdraw(item_id=key, actor=reviewer, reason="It leaked.")
        finally:
            withdrawn.set()

    with monkeypatch.context() as patch, Crew(2) as crew:
        patch.setattr(place, name, waiting)
        started, failed = crew.together([act, withdraw])
    assert failed is None
    assert isinstance(started, Started)
    return started


def questions(started: Started) -> list[str]:
    """Return the codes of the questions of an attempt, from its paper."""
    attempt = Attempt.objects.select_related("paper", "drawn").get(pk=started.attempt_id)
    source = attempt.paper or attempt.drawn
    assert source is not None
    return list(ItemText.objects.filter(pk__in=source.text_ids).values_list("version__item__code", flat=True))


def exam_beside_withdrawal(form: Form, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    person = factories.make_user("anna@example.org")
    # The last thing that a start reads before it stores.
    return questions(
        beside_withdrawal(lambda: factories.start(person, form), profiles, "minutes_allowed", monkeypatch)
    )


def drill_beside_withdrawal(form: Form, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    person = factories.make_user("anna@example.org")
    drills.open_for_practice(user=person, certification=form.form.certification, number=1)
    return questions(
        beside_withdrawal(lambda: draw(person, form, number=8), drills, "_newest_text_ids", monkeypatch)
    )


def test_an_exam_that_is_started_once_a_question_is_withdrawn_does_not_have_it(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = exam_beside_withdrawal(form, monkeypatch)
    assert (len(codes), CODE in codes) == (7, False)


def test_a_drill_that_is_drawn_once_a_question_is_withdrawn_does_not_have_it(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = drill_beside_withdrawal(form, monkeypatch)
    assert (len(codes), CODE in codes) == (7, False)


def test_who_started_before_keeps_the_question_and_who_starts_after_has_it_no_more(form: Form) -> None:
    before = factories.start(factories.make_user(), form)
    withdrawal.withdraw(
        item_id=Item.objects.get(code=CODE).pk, actor=acts.staff("reviewers"), reason="It leaked."
    )
    after = factories.start(factories.make_user(), form)
    assert (CODE in questions(before), CODE in questions(after)) == (True, False)


def withdrawn_twice(form: Form) -> int:
    """Have two reviewers withdraw the question at once; return how many did."""
    reviewer, key = acts.staff("reviewers"), Item.objects.get(code=CODE).pk
    with Crew(2) as crew:
        act = [lambda: withdrawal.withdraw(item_id=key, actor=reviewer, reason="It leaked.")]
        return sum(isinstance(one, Item) for one in crew.together(act * 2))


def test_of_two_who_withdraw_a_question_at_once_one_does(form: Form) -> None:
    assert withdrawn_twice(form) == 1
    assert form.form.editions.count() == 2


def test_of_two_reviewers_who_confirm_and_undo_at_once_one_decides(form: Form) -> None:
    key = Item.objects.get(code=CODE).pk
    withdrawal.withdraw(item_id=key, actor=acts.staff("reviewers"), reason="It leaked.")
    other = acts.staff("admin")
    with Crew(2) as crew:
        confirmed, taken_back = crew.together(
            [
                lambda: withdrawal.confirm(item_id=key, actor=other),
                lambda: withdrawal.undo(item_id=key, actor=other, reason="It was fine."),
            ]
        )
    refused = [one for one in (confirmed, taken_back) if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["decided_already"]
    is_back = Item.objects.get(pk=key).current_id is not None
    assert is_back == isinstance(taken_back, Item)


# --- Without the protection --------------------------------------------------------------------------
@pytest.mark.controls
def test_without_a_second_look_at_the_edition_a_started_exam_has_the_withdrawn_question(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, lifecycle, "START", STILL_CURRENT, "")
    assert CODE in exam_beside_withdrawal(form, monkeypatch)


@pytest.mark.controls
def test_without_a_second_look_at_the_questions_a_drill_has_the_withdrawn_one(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, drills, "START", IN_USE, "")
    assert CODE in drill_beside_withdrawal(form, monkeypatch)
