"""Gatherer: Celery finds only this file of the package. Nobody imports it."""

from exams.attempts.sweeps import sweep_task
from exams.attempts.tasks import score_attempt

__all__ = ["score_attempt", "sweep_task"]
