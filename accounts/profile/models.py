"""What a person prefers, and the extra time they may have. One row per person."""

import zoneinfo
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.base import tables
from i18n import languages


def check_language(code: str) -> None:
    """Refuse a language that the site does not have."""
    if code not in languages.CODES:
        raise ValidationError(_("This language isn't available."), code="language")


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Return the known time zones by name, in order."""
    return tuple(sorted(zoneinfo.available_timezones()))


def check_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist."""
    if name not in time_zones():
        raise ValidationError(_("Unknown time zone."), code="time_zone")


class Accommodation(models.TextChoices):
    """Extra time, as the vendors grant it."""

    NONE = "none", _("None")
    ESL = "esl", _("Extra minutes, because the exam isn't in your first language")
    PERCENT_25 = "percent_25", _("25% more time")
    PERCENT_50 = "percent_50", _("50% more time")
    PERCENT_100 = "percent_100", _("Double time")


class Profile(models.Model):
    """Preferences of a person. A missing row means the defaults."""

    table_class = tables.ROWS

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="profile",
        verbose_name=_("user"),
    )
    ui_language = models.CharField(
        _("language of the site"), max_length=10, default=languages.DEFAULT, validators=[check_language]
    )
    content_language = models.CharField(
        _("language of the questions"), max_length=10, blank=True, default="", validators=[check_language]
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[check_time_zone])
    single_keys = models.BooleanField(_("keyboard shortcuts"), default=True)
    access_reminders = models.BooleanField(_("reminders before access ends"), default=True, db_default=True)
    study_reminders = models.BooleanField(_("emails on mornings with work"), default=False, db_default=False)
    accommodation = models.CharField(
        _("extra time"), max_length=12, choices=Accommodation, default=Accommodation.NONE
    )

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.user)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone, by which moments are told."""
        return zoneinfo.ZoneInfo(self.time_zone)
