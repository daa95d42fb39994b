"""The hint that a mail waits."""

from celery import shared_task

from accounts.outbox import sender


@shared_task(name="accounts.send_mails", expires=30)
def send_mails() -> None:
    """Send what is due, by a worker."""
    sender.send_due()
