"""The admin's site: what several packages bring on accounts stands in one group."""

from typing import Any, Final

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

ACCOUNTS: Final = "accounts"
# Comes first: most of the work of staff.
EXAMS: Final = "exams"
# Packages whose models are about people and their access, too.
JOINED: Final = frozenset({"account", "auth", "axes", "mfa"})


class PasslineAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """Unfold's site with our groups."""

    # With what `DASHBOARD_CALLBACK` of the settings adds.
    index_template = "admin/start.html"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the groups of models; the page of one group is left as it is."""
        groups: list[dict[str, Any]] = super().get_app_list(request, app_label)
        own = next((group for group in groups if group["app_label"] == ACCOUNTS), None)
        if app_label or own is None:
            return groups
        joined = [group for group in groups if group["app_label"] in JOINED]
        models = [model for group in (own, *joined) for model in group["models"]]
        own["models"] = sorted(models, key=lambda model: str(model["name"]).lower())
        others = [group for group in groups if group not in joined]
        return sorted(others, key=lambda group: (group["app_label"] != EXAMS, group["app_label"]))
