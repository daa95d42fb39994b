"""`manage.py sweep`: the sweep without Celery, once or as a process that never needs a broker."""

import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any, Final
from uuid import UUID

from django.core.management.base import CommandError
from django.db import Error, close_old_connections, connection

from accounts.base.background import run_periodically
from accounts.base.commands import LongHelpCommand
from accounts.base.errors import Refused
from accounts.jobs import runner
from accounts.jobs import services as jobs
from accounts.outbox import sender
from accounts.outbox import services as outbox
from exams.attempts import grading, lifecycle, metrics, staff, sweeps
from exams.attempts.models import Attempt, State
from exams.feedback import response_distribution
from exams.freshness import jobs as freshness
from exams.statistics import jobs as statistics

EVERY: Final = 10.0
LOOK_SECONDS: Final = 0.1
ENDING: Final = (signal.SIGTERM, signal.SIGINT)
HELP: Final = """
End attempts whose time is over, and score those that wait for a score. Send waiting emails, run waiting jobs,
once an hour count how questions were answered, and once a night write down the jobs that compute statistics
and look through questions for watched names;
with --loop beside the sweep, so that no score waits for them.

Beat and worker do the same every 10 seconds; this needs neither them nor Redis. As many as you like may
run at once. With --loop it keeps running until SIGTERM or Ctrl-C, finishes the current pass, and survives a
database that is down for a while. Each pass prints one line.

An attempt whose scoring failed five times is set aside: it is tried once an hour. Once the fault is fixed,
--release ATTEMPT or --release --all tries it at once; the release is kept with the attempt, with --reason.

Exit code: 0 when it did what was asked, 1 when a part of the one pass failed, or when a released attempt is
not there, does not wait or still has no score, 2 on wrong usage.
"""
NO_UUID: Final = "is no id of an attempt"


def forget_old() -> None:
    """Delete mails and files that nobody needs any more."""
    jobs.forget_old_files()
    outbox.forget_old()


class Command(LongHelpCommand):
    help = HELP

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ending = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="sweep until SIGTERM")
        parser.add_argument(
            "--every", type=float, default=EVERY, metavar="SECONDS", help="from one pass to the next (10)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what is due and change nothing")
        parser.add_argument("--release", nargs="*", metavar="ATTEMPT", help="try these again now")
        parser.add_argument("--all", action="store_true", help="with --release: all that were set aside")
        parser.add_argument(
            "--reason", default="released by command", help="why, for the record of the attempt"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["every"] <= 0:
            raise CommandError("--every must be more than 0 seconds", returncode=2)
        if options["release"] is not None or options["all"]:
            self._release(self._chosen(options), options["reason"], dry_run=options["dry_run"])
        elif options["dry_run"]:
            self._dry_run()
        elif options["loop"]:
            self._loop(options["every"])
        elif not self._pass():
            raise CommandError("the pass failed; nothing is lost, run it again", returncode=1)

    def _dry_run(self) -> None:
        due = metrics.read_backlog()
        self.stdout.write(
            f"would expire {due.unfinished}, would score {due.unscored}; set aside: {due.quarantined}"
        )

    def _chosen(self, options: dict[str, Any]) -> list[UUID]:
        """Return the attempts to release. Raises CommandError for a usage that cannot be meant."""
        named = options["release"]
        if named is None or bool(named) == options["all"] or options["loop"]:
            raise CommandError("use --release ATTEMPT ... or --release --all, without --loop", returncode=2)
        if options["all"]:
            aside = Attempt.objects.filter(state__in=(State.RUNNING, *grading.ENDED))
            return list(aside.exclude(quarantined_at=None).values_list("pk", flat=True))
        try:
            return [UUID(one) for one in named]
        except ValueError:
            raise CommandError(f"one of {', '.join(named)} {NO_UUID}", returncode=2) from None

    def _release(self, chosen: list[UUID], reason: str, *, dry_run: bool) -> None:
        """Release attempts and try each alone; a release that does not help is an error."""
        if dry_run:
            for attempt in Attempt.objects.filter(pk__in=chosen).order_by("ended_at"):
                why = f", {attempt.score_error}" if attempt.score_error else ""
                self.stdout.write(f"would release {attempt.pk}: {attempt.score_tries} tries{why}")
            return
        refused = [text for one in chosen if (text := self._release_one(one, reason))]
        waiting = sum(staff.waits(one) for one in chosen)
        released = len(chosen) - len(refused)
        text = f"released {released}, scored {released - waiting}; still waiting: {waiting}"
        if refused or waiting:
            raise CommandError("\n".join([*refused, text]), returncode=1)
        self.stdout.write(text)

    def _release_one(self, attempt_id: UUID, reason: str) -> str:
        """Release and bring on one attempt; return why not, or nothing."""
        try:
            staff.release(attempt_id=attempt_id, actor=None, reason=reason)
            lifecycle.expire(attempt_id)
        except Refused as refused:
            return f"{attempt_id}: {refused}"
        grading.try_to_grade(attempt_id)
        return ""

    def _loop(self, every: float) -> None:
        before = {number: signal.signal(number, self._end) for number in ENDING}
        try:
            works = [
                sender.send_due,
                runner.run_due,
                forget_old,
                response_distribution.count_if_due,
                statistics.start_if_due,
                freshness.start_if_due,
            ]
            with run_periodically(works, every):
                self._sweep_until_the_end(every)
            self.stdout.write("stopped after the pass")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _sweep_until_the_end(self, every: float) -> None:
        while not self._ending:
            until = time.monotonic() + every
            self._attempts()
            while not self._ending and time.monotonic() < until:
                time.sleep(min(LOOK_SECONDS, every))

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True

    def _pass(self) -> bool:
        """Do everything once, one after the other; False when the database did not let it."""
        # Both, whatever becomes of the first: a failing part must not keep mails and jobs waiting.
        return all([self._attempts(), self._rest()])

    def _rest(self) -> bool:
        """Send mails and do jobs, and say so; False when the database did not let it."""
        try:
            mails, done = sender.send_due(), runner.run_due()
            forget_old()
            response_distribution.count_if_due()
            statistics.start_if_due()
            freshness.start_if_due()
        except Error as error:
            connection.close()
            self.stderr.write(f"mails and jobs failed: {type(error).__name__}: {str(error).strip()}")
            return False
        self.stdout.write(f"sent {mails.sent} mails ({mails.failed} failed), did {done} jobs")
        return True

    def _attempts(self) -> bool:
        """Sweep attempts once and say so; False when a part of it failed."""
        if not connection.in_atomic_block:
            close_old_connections()
        began = time.monotonic()
        try:
            report = sweeps.sweep()
        except Error as error:
            connection.close()
            self.stderr.write(f"sweep failed: {type(error).__name__}: {str(error).strip()}")
            return False
        for failed in report.errors:
            self.stderr.write(f"sweep failed: {failed}")
        seconds = time.monotonic() - began
        self.stdout.write(f"expired {report.expired}, scored {report.scored} in {seconds:.2f} s")
        self.stdout.flush()
        return not report.errors
