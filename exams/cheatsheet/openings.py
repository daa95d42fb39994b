"""Whether a person has opened the sheet of a certification."""

from accounts.users.models import User
from exams.catalog.models import Certification
from exams.cheatsheet.models import SheetOpening


def has_opened(user: User, code: str) -> bool:
    """Say whether a person has opened the sheet. One statement."""
    return SheetOpening.objects.filter(user_id=user.pk, certification__code=code).exists()


def note(user: User, code: str) -> None:
    """Keep that a person opens the sheet. One statement, and two more the first time."""
    if not has_opened(user, code):
        opening = SheetOpening(user=user, certification=Certification.objects.get(code=code))
        # Two windows may open it at once.
        SheetOpening.objects.bulk_create([opening], ignore_conflicts=True)
