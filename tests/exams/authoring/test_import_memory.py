"""How much memory the job of an import takes for the worst files, in a process with all of the site."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import pytest
from django.db import connection

from exams.authoring import imports
from tests.exams.authoring import acts
from tests.exams.content.exchange_formats import hostile, test_memory
from tests.factories import Form

MOST: Final = 300 * 1024  # kB
WORK: Final = r"""
import os, re, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from accounts.jobs import runner
from accounts.jobs.models import Job
runner.run_due()
print(Job.objects.get(pk=sys.argv[1]).state)
# Not getrusage: its maximum is that of the parent, where this one was born.
print(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
"""


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
    form: Form, name: str, make: Callable[[], bytes]
) -> None:
    owner = acts.staff("authors")
    file = imports.store(
        certification=form.form.certification, format_name=name, name="file", data=make(), owner=owner
    )
    job = imports.check(file=file, owner=owner)
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(job.pk)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DATABASE_URL": database.geturl()},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    state, peak = done.stdout.splitlines()[-2:]
    assert state == "done"
    assert int(peak) < MOST, f"{int(peak) // 1024} MB"
    job.refresh_from_db()
    assert job.result["items"] or job.result["faults"]
