"""Gatherer: Celery finds only this file of the package. Nobody imports it."""

from accounts.access.reminders import send_reminders
from accounts.jobs.tasks import run_jobs
from accounts.outbox.tasks import send_mails
from accounts.payments.reconciliation import reconcile_payments
from accounts.privacy.cleanup import cleanup_task, erase_task

__all__ = ["cleanup_task", "erase_task", "reconcile_payments", "run_jobs", "send_mails", "send_reminders"]
