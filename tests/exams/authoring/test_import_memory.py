"""How much memory the job of an import takes for the worst files, in a process with all of the site."""

import os
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest
from django.db import connection

from exams.authoring import imports
from tests.exams.authoring import acts
from tests.exams.content.exchange_formats import hostile, test_memory
from tests.factories import Form
from tests.peak import Measure, measuring

pytestmark = pytest.mark.thorough

MOST: Final = 300 * 1024  # kB
WORK: Final = """
import django
django.setup()
from accounts.jobs import runner
from accounts.jobs.models import Job

def work(pk):
    runner.run_due()
    return Job.objects.get(pk=pk).state
"""


@pytest.fixture(scope="module")
def working(django_db_setup: None) -> Iterator[Measure]:
    """A worker of the test database that waits for its jobs."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    env = {**os.environ, "DATABASE_URL": database.geturl(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    with measuring(WORK, env) as measure:
        yield measure


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("moodle", test_memory.many_questions),
        ("moodle", test_memory.one_text),
        ("qti", test_memory.png),
        ("xlsx", hostile.bomb_workbook),
        ("csv", test_memory.many_rows),
    ],
)
def test_no_import_takes_more_than_300_megabytes_of_its_worker(
    form: Form, name: str, make: Callable[[], bytes], working: Measure
) -> None:
    owner = acts.staff("authors")
    file = imports.store(
        certification=form.form.certification, format_name=name, name="file", data=make(), owner=owner
    )
    job = imports.check(file=file, owner=owner)
    state, peak = working(str(job.pk))
    assert state == "done"
    assert peak < MOST, f"{peak // 1024} MB"
    job.refresh_from_db()
    assert job.result["items"] or job.result["faults"]
