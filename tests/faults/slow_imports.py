"""The sweep, with imports that pause before each draft: there it is killed."""

import os
import sys
import time
from typing import Any

import django
from django.core.management import call_command


def main(options: list[str]) -> None:
    """Sweep."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # Models exist only now.
    from exams.authoring import services

    pause, save = float(os.environ["FAULTS_PAUSE"]), services.save

    def slowly(**given: Any) -> Any:
        time.sleep(pause)
        return save(**given)

    services.save = slowly
    call_command("sweep", *options)


if __name__ == "__main__":
    main(sys.argv[1:])
