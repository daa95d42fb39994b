"""The sweep, with imports that pause before each draft: there it is killed.

As a Celery application it is the site's own, with the same pauses.
"""

import os
import sys
import time
from typing import Any

import django
from celery.signals import worker_process_init
from django.core.management import call_command

from config.celery import app

__all__ = ["app"]


@worker_process_init.connect
def slow_down(**_: object) -> None:
    """Have each draft of an import wait."""
    # Models exist only now.
    from exams.authoring import services

    pause, save = float(os.environ["FAULTS_PAUSE"]), services.save

    def slowly(**given: Any) -> Any:
        time.sleep(pause)
        return save(**given)

    services.save = slowly


def main(options: list[str]) -> None:
    """Sweep."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    slow_down()
    call_command("sweep", *options)


if __name__ == "__main__":
    main(sys.argv[1:])
