"""The hourly task."""

from celery import shared_task

from accounts.payments import reconciliation


@shared_task(name="accounts.reconcile_payments")
def reconcile_payments() -> None:
    """Ask the gateways once, for the schedule."""
    reconciliation.reconcile()
