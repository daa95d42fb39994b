"""Drills as the dashboard offers them: by domain, for who has something to draw from."""

import pytest
from django.utils import translation

from accounts.users.models import User
from exams.attempts import lifecycle
from exams.attempts.models import Feedback
from exams.insights import drills
from tests.exams.attempts.practice import draw, finish_exam
from tests.exams.web.test_pages import signed_in
from tests.factories import Form

pytestmark = pytest.mark.django_db


def test_who_has_finished_nothing_is_offered_no_drill(anna: User, form: Form) -> None:
    assert drills.by_domain(anna, "mls-c01") == {}


def test_each_domain_has_a_drill_whose_page_has_chosen_it(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    found = drills.by_domain(anna, "mls-c01")
    assert {number: one.address for number, one in found.items()} == {
        number: f"/mls-c01/practice/?domain={number}" for number in (1, 2, 3, 4)
    }
    assert {one.done_at for one in found.values()} == {None}
    with translation.override("en"):
        page = signed_in(anna).get(found[2].address).content.decode()
    assert 'name="domain" value="2" checked' in page


def test_a_drill_of_a_domain_counts_once_it_has_its_result(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, domain=1, feedback=Feedback.AT_END)
    assert drills.by_domain(anna, "mls-c01")[1].done_at is None
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    found = drills.by_domain(anna, "mls-c01")
    assert found[1].done_at is not None
    assert found[2].done_at is None


def test_drills_of_others_say_nothing(anna: User, bela: User, form: Form) -> None:
    finish_exam(bela, form)
    assert drills.by_domain(anna, "mls-c01") == {}
