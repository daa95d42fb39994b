import os
from typing import Any
import pytest
from playwright.sync_api import Browser
from django.test import Client
from django.conf import settings
from accounts.users.models import User
from tests.accounts.selling import sell
from tests.browser import axe
from tests.exams.attempts.practice import make_check, check, finish_check
from tests.factories import Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALL = frozenset(range(1, 21))

def test_shots(browser: Browser, live_server: Any, anna: User, bela: User, form: Form) -> None:
    make_check(form); sell()
    out = "/tmp/check_shots"; os.makedirs(out, exist_ok=True)
    first = check(anna, form); finish_check(anna, first, ALL - {6, 11, 15, 16, 19, 20})
    again = check(anna, form); finish_check(anna, again, ALL)
    few = check(bela, form); finish_check(bela, few, ALL, blank={3, 4})
    end = "/mls-c01/sample/?a=" + ".".join("-" * 10)
    for who in (anna, bela, None):
        client = Client()
        if who: client.force_login(who)
        for width in (390, 1440):
            for scheme in ("light", "dark"):
                ctx = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                if who:
                    ctx.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}])
                page = ctx.new_page()
                paths = {"landing": "/mls-c01/", "hulanding": "/hu/mls-c01/", "end": end}
                if who is anna: paths = {"landing": "/mls-c01/", "end": "/hu" + end, "result": f"/drills/{first.attempt_id}/result/", "huresult": f"/hu/drills/{first.attempt_id}/result/", "again": f"/drills/{again.attempt_id}/result/", "mine": "/attempts/", "practice": "/mls-c01/practice/"}
                if who is bela: paths = {"few": f"/drills/{few.attempt_id}/result/"}
                for name, path in paths.items():
                    page.goto(live_server.url + path)
                    if scheme == "light":
                        print(width, name, axe.violations(page) if hasattr(axe, "violations") else dir(axe))
                    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), (width, name)
                    page.screenshot(path=f"{out}/{'v' if not who else who.email[0]}-{name}-{width}-{scheme}.png", full_page=name.endswith("landing") or name=="mine", )
                ctx.close()
