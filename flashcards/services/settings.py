"""How a person studies a certification: read with defaults, changed by one write."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import entitlements
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from flashcards.models import StudySettings

NEW_MOST: Final = 200
RETENTION_LEAST: Final = 0.7
RETENTION_MOST: Final = 0.97


@dataclass(frozen=True, slots=True)
class Settings:
    """New cards a day, the desired chance of recall, the day of the exam, and the one domain to study."""

    new_per_day: int = 10
    retention: float = 0.9
    exam_on: date | None = None
    domain: int | None = None


def of(user: User, code: str) -> Settings:
    """Return the settings of a person for a certification, or the defaults. Two statements."""
    row = StudySettings.objects.filter(user=user, certification__code=code).first()
    return _settings(row, exam_dates.exam_date(user, code))


def update(user: User, code: str, zone: ZoneInfo, **changes: Any) -> Settings:  # noqa: ANN401
    """Change settings, fields of `Settings` by name, and return all of them.

    The exam date is that of the whole site. Raises Refused: 404 for an unknown certification, 422 for a value
    that is not allowed; then nothing is stored. `zone` is the time zone of the person: an exam cannot be set
    into their past.
    """
    certification = Certification.objects.filter(code=code).first()
    if certification is None:
        raise Refused("not_found", 404, _("Certification not found."))
    _check(certification, changes)
    own = {name: value for name, value in changes.items() if name != "exam_on"}
    with transaction.atomic():
        if "exam_on" in changes:
            _set_exam(user, code, changes["exam_on"], zone)
        row, _made = StudySettings.objects.update_or_create(
            user=user, certification=certification, defaults=own
        )
    return _settings(row, exam_dates.exam_date(user, code))


def _set_exam(user: User, code: str, day: date | None, zone: ZoneInfo) -> None:
    # A form sends the stored day along, which may be over by now.
    if day != exam_dates.exam_date(user, code):
        exam_dates.set_to(user, code, day, entitlements.now().astimezone(zone).date())


def _settings(row: StudySettings | None, exam_on: date | None) -> Settings:
    if row is None:
        return Settings(exam_on=exam_on)
    return Settings(row.new_per_day, row.retention, exam_on, row.domain)


def _check(certification: Certification, changes: dict[str, Any]) -> None:
    number = changes.get("new_per_day", 0)
    if not 0 <= number <= NEW_MOST:
        raise Refused(
            "new_per_day",
            422,
            _("Choose between 0 and %(most)s new cards a day."),
            values={"most": NEW_MOST},
        )
    if not RETENTION_LEAST <= changes.get("retention", RETENTION_LEAST) <= RETENTION_MOST:
        raise Refused("retention", 422, _("Choose a share between 70% and 97%."))
    # A number that does not fit the column is no domain either, and no error of the database.
    domain = changes.get("domain")
    if (
        domain is not None
        and not certification.domains.filter(number=min(domain, 32767), is_current=True).exists()
    ):
        raise Refused("domain", 422, _("This domain doesn't exist."))
