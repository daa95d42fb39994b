"""Moments as people read them: with date, time and zone."""

import re
from datetime import datetime

from django.utils.formats import date_format


def zone_name(local: datetime) -> str:
    """Return the usual abbreviation of the moment's zone, or its distance from UTC where it has none."""
    name = local.tzname() or ""
    offset = re.fullmatch(r"([+-])0?(\d{1,2})(\d\d)?", name)
    if offset is None:
        return name
    sign, hours, minutes = offset.groups("00")
    return f"UTC{sign}{hours}" + (f":{minutes}" if minutes != "00" else "")


def in_full(local: datetime) -> str:
    """Return date, time and zone in the active language: "March 3, 2027, 14:05 CET"."""
    return f"{date_format(local, 'DATETIME_FORMAT')} {zone_name(local)}"
