"""The time of the database, which alone decides."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """Return the time of the database. One statement."""
    # As text: a time alone belongs to no table that the ORM could ask.
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
