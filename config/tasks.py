"""Housekeeping by the clock. Nothing a candidate does waits for it."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="config.clear_sessions")
def clear_sessions() -> None:
    """Delete sessions that have expired; a missed night is made up for by the next."""
    call_command("clearsessions")
