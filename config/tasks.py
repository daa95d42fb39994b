"""What Celery imports of this package: nightly housekeeping, and the metrics of worker and beat."""

from celery import shared_task
from celery.signals import beat_init, worker_init
from django.core.management import call_command

from config import exporter


@shared_task(name="config.clear_sessions")
def clear_sessions() -> None:
    """Delete sessions that have expired; a missed night is made up for by the next."""
    call_command("clearsessions")


# Here and not beside the application: prometheus_client must be imported after the settings.
@worker_init.connect
@beat_init.connect
def serve_metrics(**_: object) -> None:
    """Serve the metrics of this container, where METRICS_PORT names a port."""
    exporter.start()
