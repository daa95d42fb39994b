"""What Celery is told of its broker and of each task: how long it may take, who runs it, and when."""

from typing import Any, Final

from celery.schedules import crontab

from config import env

LIMITS: Final[dict[str, Any]] = {
    "accounts.run_jobs": {"soft_time_limit": 3600, "time_limit": 3660},
    "exams.send_study_mails": {"soft_time_limit": 1800, "time_limit": 1860},
    "accounts.reconcile_payments": {"soft_time_limit": 1800, "time_limit": 1860},
}
ROUTES: Final[dict[str, Any]] = {
    "accounts.send_mails": {"queue": "mail"},
    "accounts.run_jobs": {"queue": "slow"},
    "accounts.erase": {"queue": "slow"},
    "accounts.send_reminders": {"queue": "slow"},
    "accounts.reconcile_payments": {"queue": "slow"},
    "exams.count_answers": {"queue": "slow"},
    "exams.compute_statistics": {"queue": "slow"},
    "exams.refresh_freshness": {"queue": "slow"},
    "exams.send_study_mails": {"queue": "slow"},
}
BEAT: Final[dict[str, Any]] = {
    "cleanup": {"task": "accounts.cleanup", "schedule": crontab(hour="3", minute="17")},
    "reminders": {"task": "accounts.send_reminders", "schedule": crontab(minute="23")},
    "study_mails": {"task": "exams.send_study_mails", "schedule": crontab(minute="2-59/15")},
    "erase": {"task": "accounts.erase", "schedule": crontab(hour="3", minute="47")},
    "answers": {"task": "exams.count_answers", "schedule": crontab(minute="7")},
    "statistics": {"task": "exams.compute_statistics", "schedule": crontab(minute="53")},
    "freshness": {"task": "exams.refresh_freshness", "schedule": crontab(minute="41")},
    "sweep": {"task": "exams.sweep", "schedule": 10.0, "options": {"expires": 9}},
    "payments": {"task": "accounts.reconcile_payments", "schedule": crontab(minute="37")},
    "mails": {"task": "accounts.send_mails", "schedule": 10.0, "options": {"expires": 9}},
    "jobs": {"task": "accounts.run_jobs", "schedule": 30.0, "options": {"expires": 29}},
}

TRANSPORT: Final[dict[str, Any]] = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    # A producer gives up after 2 s; a worker waits in BRPOP and needs longer.
    "socket_timeout": 5 if env.flag("CELERY_WORKER", default=False) else 2,
    "max_retries": 1,
}

RETRIES: Final[dict[str, Any]] = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
