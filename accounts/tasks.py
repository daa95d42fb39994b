"""Gatherer: Celery finds only this file of the package. Nobody imports it."""

from accounts.privacy.cleanup import cleanup_task

__all__ = ["cleanup_task"]
