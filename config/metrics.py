"""Prometheus: what the site counted, over all its processes, for who may read it."""

import ipaddress
import logging
import os
from collections.abc import Iterable
from functools import cache
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts.jobs import services as jobs
from accounts.outbox import services as outbox
from exams.attempts import metrics as exams

logger = logging.getLogger(__name__)

REQUESTS: Final = Counter(
    "passline_requests_total", "Requests answered, by route.", ["method", "route", "status"]
)
SECONDS: Final = Histogram(
    "passline_request_seconds",
    "Time to answer, in seconds, by route.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
REQUESTS_REFUSED: Final = Counter(
    "passline_requests_refused_total", "Requests that got no database connection, by reason.", ["reason"]
)
MULTIPROC_DIR: Final = "PROMETHEUS_MULTIPROC_DIR"
METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def observe(method: str | None, route: str, status: int, seconds: float) -> None:
    """Count one request that Django answered."""
    _requests(method if method in METHODS else "other", route, status).inc()
    _seconds(route).observe(seconds)


# To find a child by its labels takes longer than to count. Routes, methods and statuses are few.
@cache
def _requests(method: str | None, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, status)


@cache
def _seconds(route: str) -> Histogram:
    return SECONDS.labels(route)


class Waiting(Collector):
    """Gauges read from the database at the moment of the scrape; absent when it cannot be reached."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return how many attempts, mails and jobs wait or failed, and for how long they have waited."""
        try:
            attempts, mails, failed = exams.read_backlog(), outbox.backlog(), jobs.count_failed()
        except DatabaseError:
            return
        for name, text, value in (
            ("attempts_unscored", "Attempts that ended and have no score.", attempts.unscored),
            ("attempts_oldest_unscored_seconds", "Age of the oldest of them.", attempts.oldest_unscored_s),
            (
                "attempts_oldest_unfinished_seconds",
                "Age of the oldest expired attempt.",
                attempts.oldest_unfinished_s,
            ),
            ("attempts_quarantined", "Attempts whose scoring failed five times.", attempts.quarantined),
            ("attempts_running", "Attempts that are being taken.", attempts.running),
            ("mails_waiting_seconds", "Age of the oldest mail that is due.", mails.oldest_waiting_s),
            ("mails_dead", "Mails that were given up within the last day.", mails.given_up),
            ("jobs_failed", "Jobs that failed for good within the last day.", failed),
        ):
            yield GaugeMetricFamily(f"passline_{name}", text, value=value)


def _may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and constant_time_compare(sent, token):
        return True
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    try:
        return not forwarded and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _all_processes() -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the metrics of all processes to this machine, or to who sends METRICS_TOKEN as a bearer token."""
    if not _may_read(request):
        raise PermissionDenied
    text = generate_latest(_all_processes() if MULTIPROC_DIR in os.environ else REGISTRY)
    waiting = CollectorRegistry()
    waiting.register(Waiting())
    return HttpResponse(text + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)


def serve(**_: object) -> None:
    """Serve what this container's processes counted at METRICS_PORT; without the setting nothing happens.

    There is no token: the port is for the containers' own network and must not be published. A port that is
    taken is logged and costs the metrics, never the scores.
    """
    if not settings.METRICS_PORT or MULTIPROC_DIR not in os.environ:
        return
    try:
        start_http_server(settings.METRICS_PORT, registry=_all_processes())
    except OSError:
        logger.exception("metrics port %s cannot be used", settings.METRICS_PORT)
