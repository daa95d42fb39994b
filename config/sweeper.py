"""`python -m config.sweeper`: `manage.py sweep --loop` with its metrics at METRICS_PORT."""

import os
import sys

import django
from django.core.management import call_command

from config import exporter


def main(arguments: list[str]) -> None:
    """Sweep until SIGTERM. More arguments are those of `manage.py sweep`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    exporter.start()
    call_command("sweep", "--loop", *arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
