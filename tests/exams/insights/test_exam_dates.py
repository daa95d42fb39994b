"""The exam date of a person."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from exams.insights.models import ExamDate
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 26)
DAY = dt.date(2027, 1, 15)


@pytest.fixture
def certification(db: None) -> Certification:
    made = factories.make_certification()
    Certification.objects.update(retired_on=None)
    return made


def test_a_date_is_of_one_person_and_one_certification(
    anna: User, bela: User, certification: Certification
) -> None:
    factories.make_certification("xyz-1")
    exam_dates.set_to(anna, "mls-c01", DAY, TODAY)
    assert exam_dates.exam_date(anna, "mls-c01") == DAY
    assert exam_dates.exam_date(anna, "xyz-1") is None
    assert exam_dates.exam_date(bela, "mls-c01") is None


def test_what_can_no_longer_be_taken_is_not_planned_for(anna: User, certification: Certification) -> None:
    exam_dates.set_to(anna, "mls-c01", DAY, TODAY)
    Certification.objects.update(retired_on=dt.date(2026, 3, 31))
    assert exam_dates.exam_date(anna, "mls-c01") == DAY
    assert exam_dates.exam_date_unless_retired(anna, "mls-c01") is None
    Certification.objects.update(planned_facts=["retired_on"])
    assert exam_dates.exam_date_unless_retired(anna, "mls-c01") == DAY


def test_a_new_date_replaces_the_one_before(anna: User, certification: Certification) -> None:
    for day in (DAY, TODAY):
        exam_dates.set_to(anna, "mls-c01", day, TODAY)
    assert ExamDate.objects.get().day == TODAY


def test_the_database_keeps_one_row(anna: User, certification: Certification) -> None:
    exam_dates.set_to(anna, "mls-c01", DAY, TODAY)
    with pytest.raises(IntegrityError, match="exam_date_once"), transaction.atomic():
        ExamDate.objects.create(user=anna, certification=certification, day=DAY, updated_at=Now())


def test_a_date_can_be_forgotten(anna: User, bela: User, certification: Certification) -> None:
    for user in (anna, bela):
        exam_dates.set_to(user, "mls-c01", DAY, TODAY)
    exam_dates.clear(anna, "mls-c01")
    exam_dates.clear(anna, "mls-c01")
    assert exam_dates.exam_date(anna, "mls-c01") is None
    assert exam_dates.exam_date(bela, "mls-c01") == DAY


@pytest.mark.parametrize(
    ("code", "day", "refusal", "status"),
    [
        ("mls-c01", TODAY - dt.timedelta(days=1), "exam_date_past", 422),
        ("mls-c01", TODAY + exam_dates.FARTHEST + dt.timedelta(days=1), "exam_date_far", 422),
        ("absent", DAY, "not_found", 404),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    anna: User, certification: Certification, code: str, day: dt.date, refusal: str, status: int
) -> None:
    with pytest.raises(Refused) as refused:
        exam_dates.set_to(anna, code, day, TODAY)
    assert (refused.value.code, refused.value.status) == (refusal, status)
    assert not ExamDate.objects.exists()


def test_a_deleted_account_leaves_no_date(anna: User, certification: Certification) -> None:
    exam_dates.set_to(anna, "mls-c01", DAY, TODAY)
    anna.delete()
    assert not ExamDate.objects.exists()


def test_a_date_for_an_exam_that_is_retired_is_refused_since_nothing_shows_it(
    anna: User, certification: Certification
) -> None:
    Certification.objects.update(retired_on=dt.date(2026, 3, 31), planned_facts=[])
    with pytest.raises(Refused):
        exam_dates.set_to(anna, "mls-c01", DAY, TODAY)
    assert not ExamDate.objects.exists()
