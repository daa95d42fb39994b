"""Tasks of the schedule, and hints. Celery finds only this file of the package; nobody imports it."""

from celery import shared_task

from accounts.access import reminders
from accounts.jobs.tasks import run_jobs
from accounts.outbox.tasks import send_mails
from accounts.payments import reconciliation
from accounts.privacy.cleanup import cleanup_task, erase_task

__all__ = ["cleanup_task", "erase_task", "reconcile_payments", "run_jobs", "send_mails", "send_reminders"]


@shared_task(name="accounts.send_reminders", expires=1800)
def send_reminders() -> None:
    """Write the mails about access that ends."""
    reminders.send_due()


@shared_task(name="accounts.reconcile_payments")
def reconcile_payments() -> None:
    """Ask the gateways once."""
    reconciliation.reconcile()
