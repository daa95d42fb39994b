"""The PDF of a sheet is made once, by a job, and kept by its digest."""

import pytest
from django.db import connection

from accounts.jobs import runner
from accounts.jobs import services as jobs
from accounts.jobs.models import Job, State
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.cheatsheet import files
from exams.cheatsheet.models import SheetFile
from exams.pdf import typesetting
from tests import factories
from tests.accounts.crowd import at_once
from tests.exams.cheatsheet.published import publish, small

pytestmark = pytest.mark.django_db
REAL = pytest.mark.django_db(transaction=True)


@pytest.fixture
def certification(db: None) -> Certification:
    return factories.make_certification()


def test_a_job_makes_the_file_that_everybody_gets(certification: Certification) -> None:
    head = publish(certification)
    assert files.file(head) is None
    job = files.ensure(head)
    assert (job.owner, job.state) == (None, State.WAITING)
    assert runner.run_due() == 1
    content = files.file(head)
    assert content is not None
    assert content.startswith(b"%PDF-")
    assert SheetFile.objects.get().edition_id == head.edition_id


def test_whoever_asks_again_gets_the_same_job_and_no_second_file(certification: Certification) -> None:
    head = publish(certification)
    first = files.ensure(head)
    assert files.ensure(head) == first
    runner.run_due()
    assert files.ensure(head) == first
    assert runner.run_due() == 0
    assert (Job.objects.count(), SheetFile.objects.count()) == (1, 1)


@REAL
def test_many_who_ask_at_once_get_one_job(certification: Certification) -> None:
    head = publish(certification)
    found = at_once(lambda: files.ensure(head).pk)
    assert len(set(found)) == Job.objects.count() == 1


def test_the_same_sheet_published_again_needs_no_new_file(certification: Certification) -> None:
    first = publish(certification)
    files.ensure(first)
    runner.run_due()
    publish(certification, small(intro="Another."))
    again = publish(certification)
    assert again.edition_id != first.edition_id
    assert files.file(again) == files.file(first) is not None


def test_another_template_makes_another_file(
    certification: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = publish(certification)
    files.ensure(head)
    runner.run_due()
    files.pdf_digest.cache_clear()
    monkeypatch.setattr(typesetting, "_template", lambda: "another")
    assert files.file(head) is None
    assert files.ensure(head).state == State.WAITING


def test_a_job_for_a_sheet_that_is_not_current_makes_nothing(certification: Certification) -> None:
    job = files.ensure(publish(certification))
    publish(certification, small(intro="Newer."))
    assert runner.run_due() == 0
    job.refresh_from_db()
    assert job.error.startswith("AnotherSheet: mls-c01: not the sheet")
    assert not SheetFile.objects.exists()


def test_a_failed_job_stays_failed_until_staff_retry_it(certification: Certification, anna: User) -> None:
    head = publish(certification)
    job = files.ensure(head)
    Job.objects.update(state=State.FAILED, finished_at=job.created_at, tries=3)
    assert files.ensure(head).state == State.FAILED
    assert runner.run_due() == 0
    jobs.retry(job_id=job.pk, actor=anna, reason="mended")
    assert runner.run_due() == 1
    assert files.file(head) is not None


def test_the_size_of_a_file_is_bounded_by_the_database(certification: Certification) -> None:
    head = publish(certification)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'sheet_file_size'"
        )
        assert str(20 * 1024 * 1024) in cursor.fetchone()[0]
    assert head.edition_id
