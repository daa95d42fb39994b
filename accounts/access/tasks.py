"""The hourly look at whose access ends."""

from celery import shared_task

from accounts.access import reminders


@shared_task(name="accounts.send_reminders", expires=1800)
def send_reminders() -> None:
    """Write the mails that are due, by a worker."""
    reminders.send_due()
