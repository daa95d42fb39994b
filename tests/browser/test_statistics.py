"""The statistics in a browser: axe finds nothing in either theme, nothing scrolls sideways, sorting works."""

import os
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.assembly.models import FormEdition, FormItem, Paper
from exams.bank.models import Option
from exams.statistics import services
from tests import factories
from tests.browser.axe import ALL, COLORS, MENU, PHONE, Look, Rules, faults, visit
from tests.browser.house import House
from tests.browser.screenshots import FOLDER
from tests.browser.test_admin import window
from tests.exams.statistics import crowds
from tests.factories import Form
from tests.template import connected_to
from tools.devstack.gate import ALL_LOOKS

pytestmark = pytest.mark.browser

# Other tests look at the exams before it.
EXAM: Final = 6
FLAWED: Final = 2
LOOKS: Final[list[tuple[Look, Rules]]] = [
    ((390, "dark"), ALL),
    ((390, "light"), COLORS),
    ((1440, "light"), ALL),
    ((1440, "dark"), COLORS),
]


def real_form(number: int) -> Form:
    """Return one of the real exams as the helpers of tests take it."""
    edition = FormEdition.objects.filter(form__number=number, published_at__isnull=False).latest("pk")
    keys: dict[int, list[int]] = {}
    others: dict[int, list[int]] = {}
    for place in FormItem.objects.filter(edition=edition):
        for option in Option.objects.filter(version=place.version_id).order_by("order"):
            (keys if option.is_key else others).setdefault(place.position, []).append(option.pk)
    return Form(
        edition.form, edition, {"en": Paper.objects.get(edition=edition, language="en")}, keys, others
    )


@pytest.fixture(scope="module")
def pages(house: House, django_db_blocker: DjangoDbBlocker) -> tuple[str, dict[str, str]]:
    """The session of somebody with every right, and the pages of statistics by name."""
    with django_db_blocker.unblock(), connected_to(house.database):
        root, client = User.objects.create_superuser("measurer@example.org", factories.PASSWORD), Client()
        client.force_login(root)
        form, fresh = real_form(EXAM), real_form(EXAM - 1)
        crowds.crowd(form, 80, flaw=FLAWED)
        services.compute(form.edition.pk)
        crowds.crowd(fresh, 3)
        services.compute(fresh.edition.pk)
        flawed = form.edition.items.get(position=FLAWED).version
        trial = form.edition.items.filter(is_scored=False).order_by("position")[0].version
        return client.cookies[settings.SESSION_COOKIE_NAME].value, {
            "edition": f"/admin/exams/formedition/{form.edition.pk}/statistics/",
            "few": f"/admin/exams/formedition/{fresh.edition.pk}/statistics/",
            "item": f"/admin/exams/item/{flawed.item_id}/change/",
            "list": "/admin/exams/item/?flag=any",
            "decide": f"/admin/exams/itemversion/{trial.pk}/decide/",
        }


def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, house: House, pages: tuple[str, dict[str, str]]
) -> None:
    session, paths = pages
    with window(browser, house, session, PHONE) as page:
        for name, path in paths.items():
            visit(page, house.url + path)
            for folded in page.locator(".statistics details").all():
                folded.locator("summary").click()
            # What sorts is in sight on a wide or on a narrow screen alone: each in both themes.
            looks = LOOKS if name in ("edition", "list") else LOOKS[::2]
            for look, rules in looks if ALL_LOOKS in os.environ else looks[:1]:
                found = faults(page, [look], rules, MENU if name != "edition" else "")
                if folder := os.environ.get(FOLDER):
                    page.screenshot(path=Path(folder) / f"{name}-{look[0]}-{look[1]}.png", full_page=True)
                assert not found, (name, found)


def test_a_heading_sorts_and_turns_around(
    browser: Browser, house: House, pages: tuple[str, dict[str, str]]
) -> None:
    session, paths = pages
    with window(browser, house, session) as page:
        page.goto(house.url + paths["edition"])
        first = page.locator("[aria-labelledby=items] tbody tr").first.locator("td").first
        heading = page.get_by_role("columnheader", name="Discrimination")
        heading.get_by_role("link").click()
        expect(first).to_have_text(str(FLAWED))
        heading.get_by_role("link").click()
        expect(heading).to_have_attribute("aria-sort", "descending")
        expect(first).not_to_have_text(str(FLAWED))
