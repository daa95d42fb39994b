"""Metrics of workers, beat and sweep: each container serves its own at METRICS_PORT."""

import logging
import os

from django.conf import settings
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

log = logging.getLogger(__name__)


def start(**_: object) -> None:
    """Serve what this container's processes counted at METRICS_PORT; without the setting nothing happens.

    There is no token: the port is for the containers' own network and must not be published. A port that is
    taken is logged and costs the metrics, never the scores.
    """
    if not settings.METRICS_PORT or "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        start_http_server(settings.METRICS_PORT, registry=registry)
    except OSError:
        log.exception("metrics port %s cannot be used", settings.METRICS_PORT)
