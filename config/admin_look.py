"""How the admin looks: the product's mark and colors in the frame of django-unfold."""

from typing import Any

from django.templatetags.static import static

from config.admin_colors import COLORS
from config.admin_menu import MENU

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Passline",
    "SITE_HEADER": "Passline",
    "SITE_ICON": {
        "light": lambda request: static("img/mark-on-light.svg"),
        "dark": lambda request: static("img/mark-on-dark.svg"),
    },
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")},
    ],
    "STYLES": [lambda request: static("css/admin.css")],
    # Unfold fetches parts of its own pages with htmx, too.
    "SCRIPTS": [lambda request: static("js/parts.js")],
    "DASHBOARD_CALLBACK": "accounts.admin.panels.start_page",
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": MENU, "show_all_applications": True},
    "COMMAND": {"search_callback": "exams.admin.search.find_questions"},
    "BORDER_RADIUS": "6px",
    "COLORS": COLORS,
}
