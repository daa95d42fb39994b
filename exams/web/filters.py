"""Filters of templates for moments (`{% load moments %}`) and for codes in headings (`{% load codes %}`)."""

import re
from datetime import date, datetime
from typing import Final

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from exams.presentation import formatting

register = template.Library()


@register.filter
def until(moment: datetime | None) -> str:
    """Show a deadline with its zone, and with "tomorrow" or the day when it is not today."""
    return formatting.until(moment, timezone.now()) if moment else ""


@register.filter
def weekday(day: date) -> str:
    """Name a day of the week as shortly as calendars do."""
    return format_date(day, "EEE", get_language() or "en")


CODE: Final = re.compile(r"(?:\d+\. )?\b[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)+\b")


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep codes on one line, with the number before them: MLS-C01 would break at its hyphen."""
    unbroken_codes = CODE.sub(r'<span class="unbroken">\g<0></span>', conditional_escape(text))
    return mark_safe(unbroken_codes)  # noqa: S308  (escaped above)
