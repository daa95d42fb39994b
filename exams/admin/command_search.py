"""The search by Ctrl+K on every page of the admin: lines of the menu, people and questions."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from unfold.dataclasses import SearchResult

from accounts.admin import person
from exams.admin import search


def find(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return what the reader may see, beside the lists that the admin itself finds by their names."""
    return [*_lines(request, term), *person.find(request, term), *search.find_questions(request, term)]


def _lines(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    """Yield the lines of the menu whose title holds what was typed, without those found as lists."""
    found = {
        model["admin_url"]
        for app in admin.site.get_app_list(request)
        for model in app["models"]
        if term in str(model["name"]).lower() or term in str(app["name"]).lower()
    }
    for group in settings.UNFOLD["SIDEBAR"]["navigation"]:
        for item in group["items"]:
            title, address = str(item["title"]), _address(request, item)
            if term in title.lower() and address not in found and item["permission"](request):
                yield SearchResult(
                    title=title, description=str(group["title"]), link=address, icon=item["icon"]
                )


def _address(request: HttpRequest, item: dict[str, Any]) -> str:
    link = item["link"]
    return str(link(request) if callable(link) else link)
