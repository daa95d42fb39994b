"""`manage.py send_reminders`: emails before access ends and after it did, without Celery."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.access import reminders


class Command(BaseCommand):
    """Writes the emails that are due 14, 3 and 1 days before access ends, and after it did; each once."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """A dry run."""
        parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them down for the sender, or say what they are."""
        if not options["dry_run"]:
            self.stdout.write(f"{reminders.send_due()} reminders written")
            return
        notices = reminders.unwritten()
        for notice in notices:
            what = notice.kind.rpartition("/")[2]
            parameters = notice.parameters
            self.stdout.write(
                f"would send {what} to {notice.address}: {parameters['titles']}, {parameters['until']}"
            )
        self.stdout.write(f"{len(notices)} reminders are due")
