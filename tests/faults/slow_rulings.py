"""The sweep, with rulings carried out in small batches and a pause before each commit: there it is killed."""

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
    from exams.attempts import grading
    from exams.corrections import notices, rescoring

    pause = float(os.environ["FAULTS_PAUSE"])

    def slowly(act: Any) -> Any:
        def acted(*parts: Any, **more: Any) -> Any:
            found = act(*parts, **more)
            time.sleep(pause)
            return found

        return acted

    rescoring.BATCH = 10  # type: ignore[misc]
    grading.rescore_by_ruling = slowly(grading.rescore_by_ruling)
    notices.notify = slowly(notices.notify)
    call_command("sweep", *options)


if __name__ == "__main__":
    main(sys.argv[1:])
