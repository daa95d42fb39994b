"""The hint that a job waits."""

from celery import shared_task

from accounts.jobs import runner


# The row is the queue, so the hint is acknowledged at once: a long job must not come back after five minutes.
@shared_task(name="accounts.run_jobs", expires=60, acks_late=False)
def run_jobs() -> None:
    """Do what waits, by a worker."""
    runner.run_due()
