"""Tasks of the schedule, and hints. Celery finds only this file of the package; nobody imports it."""

from celery import shared_task

from accounts.access import reminders
from accounts.jobs.runner import run_jobs
from accounts.outbox.sender import send_mails
from accounts.payments import reconciliation
from accounts.privacy import cleanup, erasure

__all__ = ["clean", "erase", "reconcile_payments", "run_jobs", "send_mails", "send_reminders"]


@shared_task(name="accounts.send_reminders", expires=1800)
def send_reminders() -> None:
    """Write the mails about access that ends."""
    reminders.send_due()


@shared_task(name="accounts.reconcile_payments")
def reconcile_payments() -> None:
    """Ask the gateways once."""
    reconciliation.reconcile()


@shared_task(name="accounts.cleanup")
def clean() -> None:
    """Delete what has expired."""
    cleanup.clean()


@shared_task(name="accounts.erase")
def erase() -> None:
    """Erase everybody whose days are over."""
    erasure.erase_due()
