"""Time zones as people choose them: by region, with readable names."""

import re
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Final

from babel.dates import get_timezone_location
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.profile.models import time_zones
from i18n import languages

UTC: Final = "UTC"
REGIONS: Final[dict[str, Promise]] = {
    "Europe": _("Europe"),
    "America": _("Americas"),
    "Asia": _("Asia"),
    "Africa": _("Africa"),
    "Australia": _("Australia"),
    "Atlantic": _("Atlantic Ocean"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific Ocean"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
}

type Choices = list[tuple[str, str]]


@lru_cache(maxsize=1)
def _inhabited() -> tuple[str, ...]:
    """Return the zones of the tz database's list of countries, without its historical and technical names."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    names = {line.split("\t")[2] for line in table.splitlines() if line and not line.startswith("#")}
    return tuple(sorted(names & set(time_zones())))


@lru_cache(maxsize=len(languages.CODES))
def _cities(language: str) -> dict[str, Choices]:
    found: dict[str, Choices] = {}
    for name in _inhabited():
        place = get_timezone_location(name, locale=language, return_city=True)
        city = ", ".join(reversed(place.split("/")))  # Argentina/Buenos Aires
        found.setdefault(name.partition("/")[0], []).append((name, city))
    return {region: sorted(cities, key=lambda one: one[1].casefold()) for region, cities in found.items()}


def choices(language: str, stored: str = "") -> list[tuple[str | Promise, str | Choices]]:
    """Return UTC, then cities by region, for a select; a stored zone of another name is offered as it is."""
    cities = _cities(language)
    known = {UTC, *_inhabited()}
    first = [(UTC, UTC)] if not stored or stored in known else [(UTC, UTC), (stored, stored)]
    return [*first, *((label, cities[region]) for region, label in REGIONS.items() if region in cities)]


def valid_or_default(name: str, language: str) -> str:
    """Return the zone that a browser named when it exists, else that of most readers of the language."""
    return name if name in time_zones() else languages.time_zone_of(language)


def abbreviation(local: datetime) -> str:
    """Return the usual abbreviation of the moment's zone, or its distance from UTC where it has none."""
    name = local.tzname() or ""
    offset = re.fullmatch(r"([+-])0?(\d{1,2})(\d\d)?", name)
    if offset is None:
        return name
    sign, hours, minutes = offset.groups("00")
    return f"UTC{sign}{hours}" + (f":{minutes}" if minutes != "00" else "")


def moment(at: datetime) -> str:
    """Return date, time and zone of a moment in the active zone: February 27, 2027, 14:05 CET."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'DATETIME_FORMAT')} {abbreviation(local)}"
