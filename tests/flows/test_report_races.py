"""One person reports one problem by two windows at once: it is one report, and both are told its number."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from accounts.users import person_lock
from accounts.users.models import User
from exams.feedback import services
from exams.feedback.models import ProblemReport
from tests.exams.attempts.helpers import replace_sql
from tests.exams.attempts.practice import finish_exam
from tests.factories import Form
from tests.flows.crew import parallel
from tests.flows.dropped import dropped

pytestmark = pytest.mark.django_db(transaction=True)


def reported_at_once(user: User, attempt_id: UUID) -> list[Any]:
    """Report one problem by eight windows at once."""

    def report() -> tuple[int, bool]:
        return services.report(user=user, attempt_id=attempt_id, position=1, reason="key", text="It is A.")

    return parallel(8, report)


def test_of_reports_of_one_problem_at_once_one_is_stored_and_all_get_its_number(
    anna: User, form: Form
) -> None:
    made = reported_at_once(anna, finish_exam(anna, form))
    stored = ProblemReport.objects.get()
    assert [number for number, _ in made] == [stored.pk] * 8
    assert sum(is_new for _, is_new in made) == 1


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the lock of the person away, and let time pass between looking and storing."""
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")

    def pause(user: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1)")

    monkeypatch.setattr(services, "_check_limit", pause)


@pytest.mark.controls
@pytest.mark.usefixtures("without_the_lock")
def test_without_the_lock_a_window_gets_an_error_instead_of_the_report(anna: User, form: Form) -> None:
    made = reported_at_once(anna, finish_exam(anna, form))
    assert any(isinstance(one, IntegrityError) for one in made), "the reports did not meet"
    assert ProblemReport.objects.count() == 1


@pytest.mark.controls
@pytest.mark.usefixtures("without_the_lock")
def test_without_lock_and_unique_key_one_problem_becomes_several_reports(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    reports_table = ("exams_problemreport",)
    with dropped("exams_problemreport", "report_open_once", emptied=reports_table):
        reported_at_once(anna, attempt_id)
        assert ProblemReport.objects.count() > 1
