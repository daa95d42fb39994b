"""The page of a person, for who helps them: access, payments, attempts, emails, and what was done."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from accounts.access import support
from accounts.admin.panels import Act, Panel, Row, panels_for
from accounts.base.errors import Refused, Text
from accounts.privacy import second_factor
from accounts.profile import selectors as profiles
from accounts.users.models import User

type Staff = User | AnonymousUser | AbstractBaseUser

SHOWN: Final = 10
PAGE: Final = 50
# The database reads all rows before a page to find it.
PAGES_MAX: Final = 1000
BACK: Final = {"back": "person"}
"""Added to the address of an act that was begun here: it leads back here."""


def url_of(person_id: int) -> str:
    """Return the URL of the page of a person."""
    return reverse("admin:accounts_user_person", args=[person_id])


def page_of(name: str, key: object, act: str = "change") -> str:
    """Return the page of a row of a model of accounts, or of an act on it."""
    return reverse(f"admin:accounts_{name}_{act}", args=[key])


def act_page(name: str, key: object, act: str) -> str:
    """Return the page of an act on a row that was begun on the page of a person."""
    return f"{page_of(name, key, act)}?{urlencode(BACK)}"


def find(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return the first people whose address holds what was typed, for the search by Ctrl+K. One statement."""
    typed = term.replace("\0", " ").strip()
    if not typed or not request.user.has_perm("accounts.view_user"):
        return []
    rows = User.objects.filter(email__icontains=typed).order_by("email").values_list("pk", "email")[:SHOWN]
    return [
        SearchResult(title=email, description=_("Person"), link=url_of(pk), icon="person")
        for pk, email in rows
    ]


def show(request: HttpRequest, person: User, context: dict[str, Any]) -> HttpResponse:
    """Show the newest rows of every panel that the reader may see."""
    staff = _staff(request)
    panels = [_read(panel, person, staff, 0, SHOWN) for panel in panels_for(staff)]
    values = {
        "title": person.email,
        "facts": _facts(person, staff),
        "acts": _acts(person, staff),
        "panels": panels,
    }
    return TemplateResponse(request, "admin/accounts/person.html", {**context, **values})


def show_panel(request: HttpRequest, person: User, key: str, context: dict[str, Any]) -> HttpResponse:
    """Show one panel, a page at a time. Raises Http404 for one that is unknown or not for the reader."""
    staff = _staff(request)
    panel = next((panel for panel in panels_for(staff) if panel.key == key), None)
    number = request.GET.get("page", "1")
    # Not by `int` alone, which takes spaces, signs, and digits of other scripts.
    if panel is None or not re.fullmatch(r"[1-9]\d{0,3}", number, re.ASCII) or int(number) > PAGES_MAX:
        raise Http404
    page = int(number)
    content = _read(panel, person, staff, (page - 1) * PAGE, PAGE)
    values = {
        "title": f"{person.email}: {panel.title}",
        "back": url_of(person.pk),
        "panels": [content | {"more": ""}],
        "newer": f"?{urlencode({'page': page - 1})}" if page > 1 else "",
        "older": f"?{urlencode({'page': page + 1})}" if content["more"] and page < PAGES_MAX else "",
    }
    return TemplateResponse(request, "admin/accounts/person.html", {**context, **values})


def _staff(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _read(panel: Panel, person: User, staff: User, start: int, count: int) -> dict[str, Any]:
    """Return a panel with its rows; one more than is shown says whether there are more."""
    rows: Sequence[Row] = panel.rows(person, staff, slice(start, start + count + 1))
    more = reverse("admin:accounts_user_panel", args=[person.pk, panel.key]) if len(rows) > count else ""
    rows_shown = [
        {"cells": list(zip(panel.columns, row.cells, strict=True)), "url": row.url, "acts": row.acts}
        for row in rows[:count]
    ]
    return {"panel": panel, "rows": rows_shown, "more": more, "has_acts": any(row.acts for row in rows)}


def _facts(person: User, staff: User) -> list[tuple[str, object]]:
    verified = EmailAddress.objects.filter(user=person, email__iexact=person.email, verified=True).exists()
    roles = [str(group) for group in person.groups.order_by("name")]
    unverified = _("%(email)s (not confirmed)") % {"email": person.email}
    if person.is_superuser:
        roles.insert(0, _("administrator"))
    # It may tell of health: nobody else of the staff sees it.
    sees_extra = staff.has_perm(support.EXTRA_TIME_PERMISSION)
    extra = [(_("Extra time"), profiles.of(person).get_accommodation_display())] if sees_extra else []
    return [
        (_("Email address"), person.email if verified else unverified),
        (_("Account"), _("Open") if person.is_active else _("Closed")),
        (_("Joined"), person.date_joined),
        (_("Last sign-in"), person.last_login or _("Never")),
        (_("Two-step sign-in"), _("On") if is_mfa_enabled(person) else _("Off")),
        *([(_("Staff roles"), ", ".join(roles) or _("None"))] if person.is_staff else []),
        *extra,
    ]


def extra_time_obstacle(person: User, staff: Staff) -> Text:
    """Return why this member of staff cannot set the extra time of a person, "" when they can."""
    return _refusal(support.check_extra_time, person, staff)


def removal_obstacle(person: User, staff: Staff) -> Text:
    """Return why this member of staff cannot remove the second factor of a person, "" when they can."""
    if refusal := _refusal(second_factor.check, person, staff):
        return refusal
    return "" if second_factor.kinds_of(person) else second_factor.NONE


def _refusal(check: Callable[[User, User], None], person: User, staff: Staff) -> Text:
    if not isinstance(staff, User):
        return support.OF_STAFF
    try:
        check(staff, person)
    except Refused as refused:
        return refused.detail
    return ""


def _acts(person: User, staff: User) -> list[Act]:
    acts = []
    if staff.has_perm("accounts.add_entitlement") and person.pk != staff.pk:
        query = urlencode({"user": person.email, **BACK})
        acts.append(Act(_("Grant access"), f"{reverse('admin:accounts_entitlement_grant')}?{query}"))
    if staff.has_perm("accounts.remove_second_factor") and not removal_obstacle(person, staff):
        page = act_page("user", person.pk, "remove_second_factor")
        acts.append(Act(_("Remove the second factor"), page))
    if staff.has_perm(support.EXTRA_TIME_PERMISSION) and not extra_time_obstacle(person, staff):
        acts.append(Act(_("Set extra time"), act_page("user", person.pk, "set_extra_time")))
    if staff.has_perm("accounts.change_user"):
        acts.append(Act(_("Edit account"), reverse("admin:accounts_user_change", args=[person.pk])))
    return acts
