"""`manage.py sweeper`: `manage.py sweep --loop`, with its metrics at METRICS_PORT."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from config import metrics


class Command(BaseCommand):
    """Sweep until SIGTERM, and serve the metrics of it."""

    help = "Sweep until SIGTERM as `sweep --loop` does, and serve metrics at METRICS_PORT."

    def handle(self, *_: object, **__: Any) -> None:
        metrics.serve()
        call_command("sweep", "--loop")
