"""`python -m config.grants`: after a migration, say from which tables the app's role may delete."""

import os
from pathlib import Path
from typing import Final

import django
from django.db import connection

SCRIPT: Final = Path(__file__).with_name("sql") / "grants.sql"


def main() -> None:
    """Run the script as the owner of the tables, whom DATABASE_URL names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute(SCRIPT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
