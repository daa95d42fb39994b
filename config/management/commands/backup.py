"""`manage.py backup FOLDER`: a checked copy of the database, once or every night."""

import datetime as dt
import signal
import threading
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError
from django.db import connection

from accounts.base.commands import LongHelpCommand
from config import backups

ENDING: Final = (signal.SIGTERM, signal.SIGINT)
HELP: Final = """
Copy the database into a new folder below FOLDER, named by the time (UTC): PostgreSQL's archive and a
manifest with its checksum, the rows of each table and the rights on the database. `manage.py restore`
brings it back.

Connect as the owner of the tables (DATABASE_URL). pg_dump is taken from PG_BINDIR or PATH and must not be
older than the server. The site can keep running meanwhile. Progress goes to standard error, the new
folder to standard output.

Exit code: 0 when it was made, 1 when it failed (nothing is left then), 2 on wrong usage.
"""


def time_of_day(text: str) -> dt.time:
    """Read HH:MM."""
    try:
        return dt.datetime.strptime(text, "%H:%M").replace(tzinfo=dt.UTC).timetz()
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time such as 02:30") from None


def seconds_until(time: dt.time, now: dt.datetime) -> float:
    """Return how long it is from now (UTC) to the next time this time of day comes."""
    next_one = dt.datetime.combine(now.date(), time)
    if next_one <= now:
        next_one += dt.timedelta(days=1)
    return (next_one - now).total_seconds()


class Command(LongHelpCommand):
    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where backups are kept")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="delete all but the newest N backups afterward"
        )
        parser.add_argument(
            "--daily-at",
            type=time_of_day,
            metavar="HH:MM",
            help="keep running until SIGTERM, one backup a day (UTC)",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep must be at least 1", returncode=2)
        if not options["folder"].is_dir():
            raise CommandError(f"{options['folder']} is no folder", returncode=2)
        if options["dry_run"]:
            self._dry_run(options)
        elif options["daily_at"]:
            self._nightly(options)
        else:
            self._once(options)

    def _say(self, text: str) -> None:
        self.stderr.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {text}")

    def _dry_run(self, options: dict[str, Any]) -> None:
        try:
            program = backups.program("pg_dump")
            with backups.connected(connection.settings_dict) as link:
                rows = backups.count_rows(link)
        except backups.BackupFailed as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write(f"would copy {sum(rows.values()):,} rows in {len(rows)} tables with {program}")

    def _once(self, options: dict[str, Any]) -> None:
        try:
            made = backups.create(connection.settings_dict, options["folder"], self._say)
            gone = backups.prune(options["folder"], options["keep"]) if options["keep"] else []
        except (backups.BackupFailed, OSError) as error:
            raise CommandError(str(error), returncode=1) from error
        for path in gone:
            self._say(f"deleted {path.name}")
        self.stdout.write(str(made))
        self.stdout.flush()

    def _nightly(self, options: dict[str, Any]) -> None:
        """One failed night is told and does not end the others."""
        ending = threading.Event()
        for number in ENDING:
            signal.signal(number, lambda *_: ending.set())
        while True:
            wait = seconds_until(options["daily_at"], dt.datetime.now(dt.UTC))
            self._say(f"next backup in {wait / 3600:.1f} h")
            if ending.wait(wait):
                return
            try:
                self._once(options)
            except CommandError as error:
                self._say(f"backup failed: {error}")
