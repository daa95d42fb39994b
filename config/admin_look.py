"""How the admin looks: the product's mark and colors in the frame of django-unfold."""

from typing import Any, Final

from django.templatetags.static import static

from config.admin_menu import MENU

# The tokens of the look, spread over the steps that the style sheet of unfold names.
COLORS: Final = {
    "base": {
        "50": "#f7f8f8",
        "100": "#f1f3f3",
        "200": "#d6dbdb",
        "300": "#c3cacb",
        "400": "#a8b3b5",
        "500": "#5c6669",
        "600": "#4a5457",
        "700": "#31393b",
        "800": "#262d2f",
        "900": "#1a1f21",
        "950": "#121617",
    },
    "primary": {
        "50": "#f0f7f9",
        "100": "#e3f0f4",
        "200": "#c5e0e8",
        "300": "#9fd2e2",
        "400": "#79c8e0",
        "500": "#5cb3cd",
        "600": "#0a5a73",
        "700": "#084a5e",
        "800": "#073c4d",
        "900": "#12323c",
        "950": "#0b222a",
    },
}

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
    "COMMAND": {"search_callback": "exams.admin.command_search.find"},
    "BORDER_RADIUS": "6px",
    "COLORS": COLORS,
}
