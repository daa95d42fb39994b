"""`manage.py reconcile_payments`: ask the gateways for open checkouts and running subscriptions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.payments import reconciliation


class Command(BaseCommand):
    """Gives what was paid and was not told. Safe to repeat."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """A dry run."""
        parser.add_argument(
            "--dry-run", action="store_true", help="list what would be asked for, ask nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it once and say how it went."""
        if options["dry_run"]:
            waiting = reconciliation.due()
            for checkout in waiting:
                self.stdout.write(f"{checkout.pk} {checkout.gateway} {checkout.created_at:%Y-%m-%d %H:%M}")
            self.stdout.write(f"{len(waiting)} would be asked for")
            return
        report = reconciliation.reconcile()
        self.stdout.write(f"asked {report.asked}, newly paid {report.found}, failed {report.failed}")
