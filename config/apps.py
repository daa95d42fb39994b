"""The project's own app: commands (backup, restore, sweeper), metrics of worker and beat, and the admin."""

from celery.signals import beat_init, worker_init
from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ProjectConfig(AppConfig):
    """No tables."""

    name = "config"
    # Django's card of the admin, below, says of itself that it is the default.
    default = True

    def ready(self) -> None:
        """Serve the metrics of a worker's or beat's container, where METRICS_PORT names a port."""
        # Not at the top: prometheus_client reads, when it is imported, an address that the settings write.
        from config import metrics

        worker_init.connect(metrics.serve)
        beat_init.connect(metrics.serve)


class PasslineAdminConfig(admin.AdminConfig):
    """The admin with the site of `config.admin_site`."""

    default = False
    default_site = "config.admin_site.PasslineAdminSite"
