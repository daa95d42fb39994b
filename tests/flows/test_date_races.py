"""The exam date of a person, set and removed on two devices at once: the last one counts, and none fails."""

import datetime as dt

import pytest

from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from exams.insights.models import ExamDate
from tests import factories
from tests.flows.crew import Crew

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = dt.date(2026, 11, 26)


def test_a_date_set_while_it_is_removed_on_another_device_fails_for_nobody(anna: User) -> None:
    factories.make_certification()
    Certification.objects.update(retired_on=None)

    def put() -> None:
        exam_dates.set_to(anna, "mls-c01", TODAY + dt.timedelta(days=9), TODAY)

    def clear() -> None:
        exam_dates.clear(anna, "mls-c01")

    with Crew(6) as crew:
        for _ in range(250):
            made = crew.together([put, put, clear] * 2)
            assert made == [None] * 6, made
    assert ExamDate.objects.count() in (0, 1)
