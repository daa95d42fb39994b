"""The score report: a job of its owner makes it, and its text holds what the result says."""

import io
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from accounts.jobs import runner
from accounts.jobs.models import Job, JobFile, State
from accounts.users.models import User
from exams.attempts import grading, lifecycle
from exams.attempts.models import Score
from exams.reports import files
from tests.exams.web.test_pages import result_of, signed_in, sit
from tests.exams.web.test_result_tells import told
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def page(anna: User) -> Client:
    return signed_in(anna)


def report_of(attempt_id: UUID) -> str:
    return reverse("exams:score_report", args=[attempt_id])


def made(user: User) -> str:
    """Do the job that waits and return the text of its file, in one line."""
    assert runner.run_due() == 1
    job = Job.objects.get(owner=user)
    assert job.state == State.DONE, job.error
    pages = PdfReader(io.BytesIO(JobFile.objects.get(job=job).content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_report_is_made_once_by_a_job_of_its_owner_and_offered_there(
    anna: User, form: Form, page: Client
) -> None:
    attempt_id = told(anna, form)
    assert f'action="{report_of(attempt_id)}"' in page.get(result_of(attempt_id)).content.decode()
    assert page.get(report_of(attempt_id))["Location"] == result_of(attempt_id)
    assert not Job.objects.exists()
    for _ in range(2):
        assert page.post(report_of(attempt_id)).status_code == 302
    job = Job.objects.get()
    assert (job.owner, job.kind) == (anna, files.KIND)
    plain = page.get(report_of(attempt_id)).content
    assert b"hx-get" in plain and b'http-equiv="refresh"' in plain
    text = made(anna)
    for said in (
        "Score report: MLS-C01 Practice Exam 1",
        anna.email,
        "By domain",
        "By task",
        "You were sure of 1 answer that is incorrect (question 2).",
        "You changed 3 answers after your first choice.",
        "A typical question took you 1:00.",
        "questions were new to you",
        "Check code",
        "Page 1 of",
    ):
        assert said in text, said
    file = reverse("accounts:job_file", args=[job.pk])
    assert page.get(report_of(attempt_id))["Location"] == file


def test_one_press_shows_the_progress_in_its_place_and_then_fetches_the_file(
    anna: User, form: Form, page: Client
) -> None:
    attempt_id, htmx = told(anna, form), {"HX-Request": "true"}
    part = page.post(report_of(attempt_id), headers=htmx).content.decode()
    assert "<html" not in part and "hx-get" in part and "Creating the PDF" in part
    made(anna)
    ready = page.get(report_of(attempt_id), headers=htmx).content.decode()
    assert f'href="{report_of(attempt_id)}" data-fetch' in ready and "hx-get" not in ready
    assert page.get(report_of(attempt_id), follow=True)["Content-Disposition"].startswith("attachment")


def test_a_report_on_an_exam_of_one_answer_says_that_it_does_not_count_and_estimates_nothing(
    anna: User, form: Form, page: Client
) -> None:
    attempt_id = sit(anna, form, right=[1])
    grading.grade(attempt_id)
    page.post(report_of(attempt_id))
    text = made(anna)
    assert "Stopped early" in text
    assert "a result doesn't count" in text
    assert "band" not in text
    assert "Judging by" not in text
    assert "weighted share" not in text
    assert str(Score.objects.get(attempt=attempt_id).scaled) not in text.split("Check code")[0]


def test_a_report_in_hungarian_has_its_letters(anna: User, form: Form, page: Client) -> None:
    attempt_id = told(anna, form)
    with translation.override("hu"):
        assert page.post(report_of(attempt_id)).status_code == 302
    text = made(anna)
    assert "Eredménylap" in text
    assert "Megváltoztatott válaszok" in text
    assert "Changed answers" not in text


def test_while_the_same_questions_are_taken_the_report_tells_no_more_than_the_result(
    anna: User, form: Form, page: Client
) -> None:
    attempt_id = told(anna, form)
    start(anna, form)
    page.post(report_of(attempt_id))
    text = made(anna)
    assert "By domain" in text
    assert "By task" not in text
    assert "You changed" not in text
    assert "question 2" not in text


def test_a_running_attempt_has_no_report(anna: User, form: Form, page: Client) -> None:
    attempt_id = start(anna, form).attempt_id
    for reply in (page.get(report_of(attempt_id)), page.post(report_of(attempt_id))):
        assert (reply.status_code, reply["Location"]) == (302, result_of(attempt_id))
    assert not Job.objects.exists()


def test_the_report_of_another_is_not_found_and_makes_no_job(anna: User, bela: User, form: Form) -> None:
    attempt_id = told(anna, form)
    client = signed_in(bela)
    assert client.get(report_of(attempt_id)).status_code == 404
    assert client.post(report_of(attempt_id)).status_code == 404
    assert not Job.objects.exists()


def test_a_report_that_would_say_something_else_by_now_is_not_kept_as_the_one_that_was_asked_for(
    anna: User, form: Form, page: Client
) -> None:
    attempt_id = told(anna, form)
    page.post(report_of(attempt_id))
    running = start(anna, form)
    runner.run_due()
    assert not JobFile.objects.exists()
    lifecycle.submit(user=anna, attempt_id=running.attempt_id, lease=running.lease)
    lifecycle.settle(user=anna, attempt_id=running.attempt_id)
    assert page.get(report_of(attempt_id))["Location"] == result_of(attempt_id)
    Job.objects.all().delete()
    page.post(report_of(attempt_id))
    assert "You changed 3 answers after your first choice." in made(anna)
