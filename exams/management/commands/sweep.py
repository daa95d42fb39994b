"""`manage.py sweep`: the sweep without Celery, once or as a process that never needs a broker."""

import signal
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from types import FrameType
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections, connection

from accounts.base.background import beside
from accounts.jobs import runner
from accounts.jobs import services as jobs
from accounts.outbox import sender
from accounts.outbox import services as outbox
from exams.attempts import sweeps

EVERY: Final = 10.0
LOOK_SECONDS: Final = 0.1
ENDING: Final = (signal.SIGTERM, signal.SIGINT)
HELP: Final = """
End attempts whose time is over, and score those that wait for a score. Send the mails that wait, and do
the jobs that wait; with --loop beside the sweep, so that no score waits for them.

Beat and worker do the same every 10 seconds; this needs neither them nor Redis. As many as you like may
run at once. With --loop it goes on until SIGTERM or Ctrl-C, finishes the pass that runs, and outlives a
database that is away for a while. Each pass prints one line.

Exit code: 0 when it did what was asked, 1 when the one pass failed, 2 on wrong usage.
"""


def forget_old() -> None:
    """Delete mails and files that nobody needs any more."""
    jobs.forget_old_files()
    outbox.forget_old()


class Command(BaseCommand):
    help = HELP

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ending = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the paragraphs of the help text."""
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="sweep until SIGTERM")
        parser.add_argument(
            "--every", type=float, default=EVERY, metavar="SECONDS", help="from one pass to the next (10)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what is due and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["every"] <= 0:
            raise CommandError("--every must be more than 0 seconds", returncode=2)
        if options["dry_run"]:
            self._dry_run()
        elif options["loop"]:
            self._loop(options["every"])
        elif not self._pass():
            raise CommandError("the pass failed; nothing is lost, run it again", returncode=1)

    def _dry_run(self) -> None:
        due = sweeps.due()
        self.stdout.write(
            f"would expire {due.expire}, would score {due.score}; in quarantine: {due.quarantined}"
        )

    def _loop(self, every: float) -> None:
        before = {number: signal.signal(number, self._end) for number in ENDING}
        try:
            with beside([sender.send_due, runner.run_due, forget_old], every):
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
        return self._attempts() and self._rest()

    def _rest(self) -> bool:
        """Send mails and do jobs, and say so; False when the database did not let it."""
        try:
            mails, done = sender.send_due(), runner.run_due()
            forget_old()
        except Error as error:
            connection.close()
            self.stderr.write(f"mails and jobs failed: {type(error).__name__}: {str(error).strip()}")
            return False
        self.stdout.write(f"sent {mails.sent} mails ({mails.failed} failed), did {done} jobs")
        return True

    def _attempts(self) -> bool:
        """Sweep attempts once and say so; False when the database did not let it."""
        if not connection.in_atomic_block:
            close_old_connections()
        began = time.monotonic()
        try:
            report = sweeps.sweep()
        except Error as error:
            connection.close()
            self.stderr.write(f"sweep failed: {type(error).__name__}: {str(error).strip()}")
            return False
        seconds = time.monotonic() - began
        self.stdout.write(f"expired {report.expired}, scored {report.scored} in {seconds:.2f} s")
        self.stdout.flush()
        return True
