"""Time zones as people choose them: by region, with readable names; and as they read them after a time."""

from functools import lru_cache
from importlib import resources
from typing import Final

from babel.dates import get_timezone_location
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.profile.models import time_zones
from i18n import languages

UTC: Final = "UTC"
REGIONS: Final[dict[str, Promise]] = {
    "Europe": gettext_lazy("Europe"),
    "America": gettext_lazy("Americas"),
    "Asia": gettext_lazy("Asia"),
    "Africa": gettext_lazy("Africa"),
    "Australia": gettext_lazy("Australia"),
    "Atlantic": gettext_lazy("Atlantic Ocean"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific Ocean"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
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
    cities: dict[str, Choices] = {}
    for name in _inhabited():
        location = get_timezone_location(name, locale=language, return_city=True)
        city = ", ".join(reversed(location.split("/")))  # Argentina/Buenos Aires
        cities.setdefault(name.partition("/")[0], []).append((name, city))
    return {region: sorted(zones, key=lambda zone: zone[1].casefold()) for region, zones in cities.items()}


def choices(language: str, stored: str = "") -> list[tuple[str | Promise, str | Choices]]:
    """Return UTC, then cities by region, for a select; a stored zone of another name is offered as it is."""
    cities = _cities(language)
    offered = {UTC, *_inhabited()}
    first = [(UTC, UTC)] if not stored or stored in offered else [(UTC, UTC), (stored, stored)]
    return [*first, *((label, cities[region]) for region, label in REGIONS.items() if region in cities)]


def valid_or_default(name: str, language: str) -> str:
    """Return the zone that a browser named when it exists, else that of most readers of the language."""
    return name if name in time_zones() else languages.time_zone_of(language)
