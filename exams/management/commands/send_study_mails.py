"""`manage.py send_study_mails`: the emails of this morning, without Celery."""

from typing import Any

from django.core.management.base import BaseCommand

from exams.insights import study_mail


class Command(BaseCommand):
    """Writes an email to whoever chose one, has a morning now and something due; each once a day."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them down for the sender."""
        self.stdout.write(f"{study_mail.send_due()} emails written")
