"""`manage.py cleanup`: delete what has expired, without Celery."""

from argparse import ArgumentParser
from typing import Any, Final

from accounts.base.commands import LongHelpCommand
from accounts.privacy import cleanup, erasure

HELP: Final = """
Delete expired sessions, expired cache rows (limits of sign-in are such rows), failed sign-ins that do not
count anymore, sign-ups that nobody confirmed in time, emails, files and jobs that are old enough (MAIL_DAYS,
7 days, JOB_DAYS) and answers that came too late (REFUSED_ANSWER_DAYS), and end the leases that expired API
tokens still hold.

Then erase the people whose days to change their mind (ERASURE_DAYS) are over.

Beat and worker do the same every night. Safe to repeat, to interrupt, and to run while the site is used:
nothing that is still valid is touched. Prints one line.
"""


class Command(LongHelpCommand):
    help = HELP

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what has expired and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"would clean {cleanup.report(cleanup.due())}")
        else:
            self.stdout.write(f"cleaned {cleanup.report(cleanup.clean())}")
            if erased := erasure.erase_due():
                self.stdout.write(f"erased {erased} people")
