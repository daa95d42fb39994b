"""The sweep and the workers with a mail server of the tests, and with jobs that wait for a word.

As a module it is `manage.py sweep` with its options; as a Celery application it is the site's own. MAIL_PORT
names the mail server. A job waits for the file `go` in STATE_DIR.
"""

import os
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import override_settings

from accounts.base import hooks
from accounts.jobs.registry import JobContext, JobKind, JobResult
from config.celery import app

__all__ = ["app"]

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def wait_for_a_word(context: JobContext) -> JobResult:
    """Make a person, say so, and wait; the person is there only when the job ends well."""
    get_user_model().objects.create_user(f"{context.job_id}@example.org")
    context.progress.at(1, 2)
    while not (Path(settings.STATE_DIR) / "go").exists():
        time.sleep(0.05)
    return JobResult({"by": os.getpid()})


hooks.register("job_kinds", JobKind("tests.wait", wait_for_a_word), key="tests.wait")


def main(options: list[str]) -> None:
    """Sweep."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    server = {"host": "127.0.0.1", "port": int(os.environ.get("MAIL_PORT", "1")), "timeout": 10}
    with override_settings(MAILERS={"default": {"BACKEND": SMTP, "OPTIONS": server}}):
        call_command("sweep", *options)


if __name__ == "__main__":
    main(sys.argv[1:])
