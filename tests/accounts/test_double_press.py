"""A second press of a button does nothing twice: every form of the account pages is sent once."""

import re

import pytest
from django.test import Client

from tools.devstack.paths import PROJECT

FOLDERS = ("account", "accounts", "mfa")
PAGES = sorted(
    path
    for folder in FOLDERS
    for path in (PROJECT / "templates" / folder).rglob("*.html")
    if path.parent.name != "email"
)


def forms_in(page: str) -> list[str]:
    """Return the opening tags of the forms that change something."""
    plain = re.sub(r"{%.*?%}", "", page)
    return re.findall(r'<form\b[^>]*method="post"[^>]*>', plain)


def is_sent_once(form: str) -> bool:
    """The script of passkeys holds a second press itself: a form that was canceled can be sent again."""
    return "data-once" in form or "data-passkey" in form


def test_every_form_of_the_account_pages_is_sent_once() -> None:
    found = {path: forms_in(path.read_text()) for path in PAGES}
    assert sum(map(len, found.values())) > 20
    assert [path.name for path, forms in found.items() if not all(map(is_sent_once, forms))] == []


@pytest.mark.django_db
def test_the_page_of_signing_out_has_the_script_that_holds_a_second_press(signed_in: Client) -> None:
    page = signed_in.get("/accounts/logout/").content.decode()
    assert re.search(r"js/account(\.\w+)?\.js", page)
    assert re.search(r"js/unsent(\.\w+)?\.js", page)
