"""Template filters for moments: `{% load moments %}`, then `{{ attempt.deadline_at|until }}`."""

from datetime import datetime

from django import template
from django.utils import timezone

from accounts.access import refusals
from exams.presentation import formatting

register = template.Library()


@register.filter
def until(moment: datetime | None) -> str:
    """Show a deadline with its zone, and with "tomorrow" or the day when it is not today."""
    return formatting.until(moment, timezone.now()) if moment else ""


@register.filter
def exactly(moment: datetime | None) -> str:
    """Show a moment with date, time and zone: what is promised must be clear for years."""
    return refusals.moment(moment) if moment else ""
