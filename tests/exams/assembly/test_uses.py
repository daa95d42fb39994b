"""Where a question is used: exams, editions, sample, drills."""

import pytest

from accounts.users.models import User
from exams.assembly import selectors as assembly
from exams.assembly.models import DrawnPaper
from exams.attempts import drills
from exams.bank.models import Item
from tests import factories
from tests.exams.attempts.practice import draw
from tests.factories import Form

pytestmark = pytest.mark.django_db


def test_a_question_is_found_wherever_any_version_of_it_is(form: Form, anna: User) -> None:
    item = Item.objects.get(code="E1-Q01")
    before = assembly.uses_of(item.pk)
    assert before == assembly.Uses(((1, 1),), 1, (), 0)
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    draw(anna, form)
    drilled = DrawnPaper.objects.filter(version_ids__contains=[item.current_id]).count()
    factories.publish_again("E1-Q01")
    assert assembly.uses_of(item.pk) == assembly.Uses(((1, 1),), 2, (), drilled)


def test_a_question_of_the_sample_is_found_there(form: Form) -> None:
    factories.make_sample(form.form.certification)
    item = Item.objects.get(code="S01")
    found = assembly.uses_of(item.pk)
    assert (found.forms, found.sample, found.many_drills) == ((), (1,), False)
