"""Gatherer: Celery finds only this file of the package. Nobody imports it."""

from exams.attempts.grading import score_attempt
from exams.attempts.sweeps import sweep_task
from exams.feedback.response_distribution import count_answers
from exams.freshness.jobs import refresh_freshness
from exams.insights.study_mail import send_study_mails
from exams.statistics.jobs import compute_statistics

__all__ = [
    "compute_statistics",
    "count_answers",
    "refresh_freshness",
    "score_attempt",
    "send_study_mails",
    "sweep_task",
]
