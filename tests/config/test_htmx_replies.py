"""Whatever htmx asks, the reply says that it is ours: pages put nothing else into themselves."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.users.models import User
from config import server
from config.middleware import HTMX_MARK
from tests.exams.feedback.helpers import HX, act_of, browser, ended
from tests.exams.web.test_pages import review_of
from tests.factories import Form

pytestmark = pytest.mark.django_db

type Asked = tuple[Client, UUID]


def a_note(asked: Asked, **sent: Any) -> Any:
    client, attempt_id = asked
    return client.post(act_of("note", attempt_id, 2), sent, headers=HX)


def a_part(asked: Asked) -> Any:
    return asked[0].get(review_of(asked[1]), headers={**HX, "HX-Target": "pane"})


def an_unknown_host(asked: Asked) -> Any:
    return asked[0].get("/", headers={**HX, "Host": "elsewhere.example"})


def a_failure(asked: Asked) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exams.feedback.services.write_note", None)
        return a_note(asked, text="x")


def a_body_that_was_not_read(asked: Asked) -> Any:
    environ: Any = {server.REFUSED: server.TOO_LARGE}
    return asked[0].post("/", headers=HX, **environ)


REPLIES: dict[str, tuple[int, Callable[[Asked], Any]]] = {
    "a part of a page": (200, a_part),
    "a note that was saved": (200, lambda asked: a_note(asked, text="Mind the gap")),
    "a refusal shown in its place": (422, lambda asked: a_note(asked, text="x" * 10_001)),
    "a way to sign in": (204, lambda asked: a_note((Client(), asked[1]), text="x")),
    "a redirect": (301, lambda asked: asked[0].get("/pricing", headers=HX)),
    "a public page": (200, lambda asked: asked[0].get("/pricing/", headers=HX)),
    "no page": (404, lambda asked: asked[0].get("/nothing/", headers=HX)),
    "no token": (403, lambda asked: a_note((Client(enforce_csrf_checks=True), asked[1]), text="x")),
    "another host": (400, an_unknown_host),
    "a failure of ours": (500, a_failure),
    "a body that was not read": (413, a_body_that_was_not_read),
    "the admin": (302, lambda asked: asked[0].get("/admin/search/", headers=HX)),
}


@pytest.fixture
def asked(anna: User, form: Form) -> Asked:
    """Anna's browser and an exam that she has ended."""
    return browser(anna), ended(anna, form)


@pytest.mark.parametrize("name", REPLIES)
def test_every_reply_to_htmx_is_marked_as_ours(asked: Asked, name: str) -> None:
    status, ask = REPLIES[name]
    reply = ask(asked)
    assert (reply.status_code, reply.get(HTMX_MARK)) == (status, "1")


def test_what_htmx_did_not_ask_for_has_no_mark(asked: Asked) -> None:
    for address in ("/", "/pricing/", "/health/live", f"/attempts/{asked[1]}/review/"):
        assert not asked[0].get(address).has_header(HTMX_MARK)
