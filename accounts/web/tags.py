"""Template filters and tags of the account pages: `{% load account_pages %}`."""

import json
from collections.abc import Mapping
from datetime import datetime

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.base import destinations, moments
from accounts.profile import selectors as profiles
from accounts.users import tokens
from accounts.users.models import User
from accounts.web import navigation

register = template.Library()


@register.filter
def has_api_tokens(user: object) -> bool:
    """Say whether this person has API tokens that work: who has none need not read of them. One query."""
    return isinstance(user, User) and tokens.valid_tokens(user).exists()


@register.filter
def time_zone(user: User) -> str:
    """Return a person's time zone, for `{% timezone %}` on pages whose views are not ours. One query."""
    return profiles.of(user).time_zone


@register.filter
def destination(path: str) -> str:
    """Return the name of the page at a path of this site, or "" when nobody names it."""
    return destinations.name_of(path)


@register.simple_tag(takes_context=True)
def goal(context: template.Context) -> str:
    """Return the name of the page that the person of this request is going to, or ""."""
    return destinations.name_of(navigation.next_path_of(context["request"]))


@register.simple_tag(takes_context=True)
def leading_on(context: template.Context, name: str) -> str:
    """Return the address of a page that leads on where the person of this request is going."""
    return navigation.leading_on(reverse(name), navigation.next_path_of(context["request"]))


@register.filter
def moment(at: datetime | None) -> str:
    """Show date, time and zone of a moment, in the reader's time zone, which the page has set."""
    return moments.in_full(timezone.localtime(at)) if at else ""


@register.filter
def unbroken(name: str) -> SafeString:
    """Keep a name on one line of a mail: a code such as MLS-C01 would break at its hyphen."""
    return format_html('<span style="white-space:nowrap">{}</span>', name)


@register.filter
def as_json(value: object) -> str:
    """Return what a script reads from an attribute, as JSON; the template escapes it."""
    return json.dumps(value, default=_as_dict)


def _as_dict(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
