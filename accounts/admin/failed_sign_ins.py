"""Wrong passwords, as django-axes counts them: who deletes a row lets that account try again at once."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

LABELS = {
    "username": _("account"),
    "ip_address": _("IP address"),
    "user_agent": _("browser"),
    "path_info": _("page"),
    "attempt_time": _("last failure"),
    "failures_since_start": _("failures"),
}
AccessAttempt._meta.verbose_name = _("failed sign-in")
AccessAttempt._meta.verbose_name_plural = _("failed sign-ins")
for name, label in LABELS.items():
    AccessAttempt._meta.get_field(name).verbose_name = label


@admin.register(AccessAttempt)
class FailedSignInAdmin(ModelAdmin):  # type: ignore[misc]
    """Accounts and addresses with wrong passwords: looked at, and deleted by administrators."""

    list_display = ("username", "ip_address", "attempt_time", "failures_since_start")
    fields = tuple(LABELS)
    search_fields = ("username", "ip_address")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from signing in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """What was counted stays as it was."""
        return False
