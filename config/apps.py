"""The project's own app: its commands (backup, restore, sweeper) and the metrics of worker and beat."""

from celery.signals import beat_init, worker_init
from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """No tables."""

    name = "config"

    def ready(self) -> None:
        """Serve the metrics of a worker's or beat's container, where METRICS_PORT names a port."""
        # Not at the top: prometheus_client reads, when it is imported, an address that the settings write.
        from config import exporter

        worker_init.connect(exporter.start)
        beat_init.connect(exporter.start)
