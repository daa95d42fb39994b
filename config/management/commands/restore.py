"""`manage.py restore FOLDER`: bring a backup back into an empty database."""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError
from django.db import connection

from accounts.base.commands import LongHelpCommand
from config import backups

HELP: Final = """
Bring back a backup that `manage.py backup` made: tables, rows, triggers, rights of roles, and the rights on
the database itself. First the checksum is compared; then everything is done in one transaction, which
counts the rows of each table before it commits. When anything differs or fails, the database stays as it
was.

The database must be empty (or say --replace) and the roles must exist (config/sql/roles.sql; the compose
file creates them). Connect as the owner of the database (DATABASE_URL). pg_restore and psql are taken from
PG_BINDIR or PATH. Stop web, worker, slow, beat and sweep before a restore with --replace. Progress goes to
standard error.

Exit code: 0 when it is restored, 1 when it failed, 2 on wrong usage, 3 when it was refused and nothing was
tried.
"""


class Command(LongHelpCommand):
    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of one backup")
        parser.add_argument("--replace", action="store_true", help="delete all tables of the database first")
        parser.add_argument(
            "--dry-run", action="store_true", help="check backup and database, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["dry_run"]:
                self._dry_run(options)
                return
            restored = backups.restore(
                connection.settings_dict, options["folder"], self._say, replace=options["replace"]
            )
        except backups.RestoreRefused as error:
            raise CommandError(str(error), returncode=3) from error
        except backups.BackupFailed as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write(f"restored {options['folder']} of {restored.made_at}")

    def _say(self, text: str) -> None:
        self.stderr.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {text}")

    def _dry_run(self, options: dict[str, Any]) -> None:
        manifest = backups.verify(options["folder"])
        for name in ("pg_restore", "psql"):
            backups.program(name)
        with backups.connected(connection.settings_dict) as link:
            backups.check_target(link, manifest, replace=options["replace"])
        rows = f"{sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables"
        self.stdout.write(f"would restore {rows} of {manifest.made_at}")
