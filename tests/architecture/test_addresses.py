"""Who may open what: every address of the site times every kind of person. A new address must be listed."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Group
from django.db.models.functions import Now
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.jobs.models import Job, JobFile, State
from accounts.users import tokens
from accounts.users.models import User
from exams.attempts import drills
from flashcards.services import own
from flashcards.services.own import OwnDraft
from tests import factories
from tests.exams.attempts.practice import draw
from tests.exams.cheatsheet.published import publish
from tests.flashcards import decks
from tests.payments import orders

pytestmark = pytest.mark.django_db

PEOPLE = ("nobody", "owner", "other", "author", "admin")
# What a GET answers to nobody, the owner of the attempt, another candidate, an author, an administrator.
# 302 of nobody leads to the sign-in page; 404 of an attempt is the same as for an absent one.
EVERYBODY = (200, 200, 200, 200, 200)
SIGNED_IN = (302, 200, 200, 200, 200)
OWN = (302, 200, 404, 404, 404)
OWN_API = (401, 200, 404, 404, 404)
POST_ONLY = (405, 405, 405, 405, 405)
MATRIX: dict[str, tuple[int, ...]] = {
    "health-live": EVERYBODY,
    "health-ready": EVERYBODY,
    "metrics": EVERYBODY,  # from this machine only: see the tests of metrics
    "robots": EVERYBODY,
    "sitemap": EVERYBODY,
    "favicon": (302, 302, 302, 302, 302),  # leads to the file
    "api-schema": EVERYBODY,
    "api-docs": EVERYBODY,
    "accounts_api:token": POST_ONLY,
    "accounts_api:tokens": (401, 200, 200, 200, 200),
    "accounts_api:revoke": (401, 405, 405, 405, 405),
    "accounts_api:access": (401, 200, 200, 200, 200),
    "accounts_api:redeem": (401, 405, 405, 405, 405),
    "api:certifications": EVERYBODY,
    "api:certification": EVERYBODY,
    "api:forms": EVERYBODY,
    "api:dashboard": (401, 200, 200, 200, 200),
    "api:exam_date": (401, 405, 405, 405, 405),
    "api:cheatsheet": EVERYBODY,
    "api:search": (422, 422, 422, 422, 422),  # nothing is asked for; see the tests of search
    "api:attempts": (401, 200, 200, 200, 200),
    "api:attempt": OWN_API,
    "api:clock": OWN_API,
    "api:practice": (401, 200, 200, 200, 200),
    "api:practice-open": (401, 405, 405, 405, 405),
    "api:practice-again": (401, 405, 405, 405, 405),
    "api:drills": (401, 200, 200, 200, 200),
    "api:drill": OWN_API,
    "api:drill-close": (401, 405, 405, 405, 405),
    "api:drill-finish": (401, 405, 405, 405, 405),
    "api:drill-hide": (401, 405, 405, 405, 405),
    "api:drill-review": (401, 409, 404, 404, 404),
    "api:answers": POST_ONLY,
    "api:lease": (401, 405, 405, 405, 405),
    "api:submit": (401, 405, 405, 405, 405),
    "api:cancel": (401, 405, 405, 405, 405),
    "api:result": (401, 409, 404, 404, 404),
    "api:review": (401, 409, 404, 404, 404),
    "flashcards_api:deck": EVERYBODY,
    "flashcards_api:due": (401, 200, 200, 200, 200),
    "flashcards_api:settings": (401, 200, 200, 200, 200),
    "flashcards_api:statistics": (401, 200, 200, 200, 200),
    "flashcards_api:anki": EVERYBODY,
    "flashcards_api:own": (401, 200, 200, 200, 200),
    "flashcards_api:own-csv": (401, 200, 200, 200, 200),
    "flashcards_api:own-card": OWN_API,
    "flashcards_api:cards": (401, 405, 405, 405, 405),
    "flashcards_api:reviews": (401, 405, 405, 405, 405),
    "flashcards_api:undo": (401, 405, 405, 405, 405),
    "api:note": (401, 405, 405, 405, 405),
    "api:bookmark": (401, 405, 405, 405, 405),
    "api:report": (401, 405, 405, 405, 405),
    "api:notes": (401, 200, 200, 200, 200),
    "api:bookmarks": (401, 200, 200, 200, 200),
    "api:reports": (401, 200, 200, 200, 200),
    "accounts:profile": SIGNED_IN,
    "accounts:sessions": SIGNED_IN,
    "accounts:language": POST_ONLY,
    "accounts:appearance": POST_ONLY,
    "accounts:reminders": (404, 404, 404, 404, 404),  # the link of a mail is signed
    "accounts:job_file": OWN,
    "payments:buy": SIGNED_IN,
    "payments:return": OWN,
    "payments:test_card": OWN,
    "payments:purchases": SIGNED_IN,
    "payments:cancel": (302, 302, 404, 404, 404),
    "payments:portal": (302, 405, 405, 405, 405),
    "stripe-webhook": POST_ONLY,
    "accounts:privacy": SIGNED_IN,
    "accounts:export": POST_ONLY,
    "accounts:delete": (302, 302, 302, 302, 302),  # asks for the password first
    "accounts:closed": EVERYBODY,
    "accounts:restore": (404, 404, 404, 404, 404),  # without a key that was sent; see its tests
    "account_login": (200, 302, 302, 302, 302),
    "account_logout": (302, 200, 200, 200, 200),
    "account_inactive": EVERYBODY,
    "account_signup": (200, 302, 302, 302, 302),
    "account_reauthenticate": (302, 200, 200, 200, 200),
    "account_email": SIGNED_IN,
    "account_email_verification_sent": (200, 302, 302, 302, 302),
    "account_change_password": SIGNED_IN,
    "account_set_password": (302, 302, 302, 302, 302),
    "account_reset_password": EVERYBODY,
    "account_confirm_login_code": (302, 302, 302, 302, 302),
    "account_confirm_email": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": (302, 302, 302, 302, 302),
    "mfa_reauthenticate": (302, 302, 302, 302, 302),
    "mfa_activate_totp": (302, 302, 302, 302, 302),
    "mfa_deactivate_totp": (302, 404, 404, 404, 404),
    "mfa_view_recovery_codes": (302, 404, 404, 404, 404),
    "mfa_generate_recovery_codes": (302, 302, 302, 302, 302),
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": (302, 302, 302, 302, 302),
    "mfa_reauthenticate_webauthn": (302, 302, 302, 302, 302),  # without a passkey: the password
    "mfa_remove_webauthn": (302, 302, 302, 302, 302),
    "mfa_edit_webauthn": (302, 302, 302, 302, 302),
    "mfa_login_webauthn": (302, 302, 302, 302, 302),
    "mfa_download_recovery_codes": (302, 404, 404, 404, 404),
    "legal:privacy": EVERYBODY,
    "legal:terms": EVERYBODY,
    "legal:refunds": EVERYBODY,
    "legal:imprint": EVERYBODY,
    "legal:contact": EVERYBODY,
    "legal:accessibility": EVERYBODY,
    "accounts_access:redeem": EVERYBODY,  # a visitor is asked to sign in
    "accounts_access:redeem_code": EVERYBODY,
    "exams:score": EVERYBODY,
    "exams:catalogue": EVERYBODY,
    "exams:pricing": EVERYBODY,
    "exams:landing": EVERYBODY,
    "exams:cut": EVERYBODY,
    "exams:sample": EVERYBODY,
    "exams:cheatsheet": EVERYBODY,
    "exams:cheatsheet_pdf": EVERYBODY,
    "exams:own_cheatsheet": SIGNED_IN,
    "exams:own_cheatsheet_pdf": (302, 302, 302, 302, 302),  # leads to the page until it is asked for
    "exams:search": EVERYBODY,
    "exams:start": EVERYBODY,
    "flashcards:deck": EVERYBODY,
    "flashcards:study": SIGNED_IN,
    "flashcards:settings": SIGNED_IN,
    "flashcards:statistics": SIGNED_IN,
    "flashcards:anki": EVERYBODY,
    "flashcards:own": SIGNED_IN,
    "flashcards:own-new": SIGNED_IN,
    "flashcards:own-import": SIGNED_IN,
    "flashcards:own-csv": SIGNED_IN,
    "flashcards:card": OWN,
    "flashcards:own-delete": (302, 405, 405, 405, 405),
    "flashcards:from_question": (302, 405, 405, 405, 405),
    "exams:practice": SIGNED_IN,
    "exams:practice-again": (405, 405, 405, 405, 405),
    "exams:drill": OWN,
    "exams:drill-question": (302, 302, 404, 404, 404),  # one with feedback at once has its own page
    "exams:drill-submit": (302, 302, 404, 404, 404),
    "exams:drill-finish": (405, 405, 405, 405, 405),
    "exams:drill-hide": (405, 405, 405, 405, 405),
    "exams:drill-result": (302, 302, 404, 404, 404),
    "exams:attempts": SIGNED_IN,
    "exams:dashboard": SIGNED_IN,
    "exams:my_dashboard": (302, 302, 302, 302, 302),  # leads to the one of a certification
    "exams:taking": OWN,
    "exams:score_report": (302, 302, 404, 404, 404),
    "exams:answers_csv": (302, 302, 404, 404, 404),
    "exams:answers_json": (302, 302, 404, 404, 404),
    "exams:paper": OWN,
    "exams:question": OWN,
    "exams:submit": OWN,
    "exams:cancel": (302, 302, 404, 404, 404),
    "exams:result": (302, 302, 404, 404, 404),
    "exams:review": (302, 302, 404, 404, 404),
    "exams:own": (302, 302, 404, 404, 404),
    "exams:bookmark": (302, 302, 404, 404, 404),
    "exams:note": (302, 302, 404, 404, 404),
    "exams:report": (302, 302, 404, 404, 404),
    "exams:reports": SIGNED_IN,
}
VALUES: dict[str, Any] = {
    "code": "mls-c01",
    "number": 1,
    "position": 1,
    "language": "hu",
    "token_id": 1,
    "token": "absent",
    "card_id": 1,
    "review_id": 1,
    "key": "absent",
    "uidb36": "zz",
    "pk": 1,
    "slug": "absent",
    "checkout_id": uuid4(),
    "session_id": uuid4(),
}
API = ("api:", "accounts_api:", "flashcards_api:")
PAGES = ("exams:", "flashcards:")


def _walk(patterns: list[Any], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner)
        elif pattern.name:  # the admin has nameless ones, which only redirect
            yield f"{space}{pattern.name}", pattern


ADDRESSES = dict(_walk(get_resolver().url_patterns))
ADMIN = sorted(name for name in ADDRESSES if name.startswith("admin:"))


@pytest.fixture
def values(anna: User, form: factories.Form) -> dict[str, Any]:
    """What stands in the addresses: the running attempt of Anna among it, and a job of hers with its file."""
    factories.make_sample(form.form.certification)
    publish(form.form.certification)
    decks.make_deck(form.form.certification)
    job = Job.objects.create(kind="export", owner=anna, state=State.DONE, finished_at=Now())
    JobFile.objects.create(job=job, name="answers.zip", media_type="application/zip", content=b"PK")
    orders.make_product("other", ["cert:other"])
    checkout = orders.checkout_of(orders.order(anna, "other"))
    card_id = own.create(anna, "mls-c01", OwnDraft("What is it?", "That."), language="en")
    return {
        **VALUES,
        "card_id": card_id,
        "slug": "other",
        "checkout_id": checkout.pk,
        "session_id": checkout.session.session_id.removeprefix("test_"),
        "drill_id": drill_of_another_exam(anna, form),
        "attempt_id": factories.start(anna, form).attempt_id,
        "job_id": job.pk,
    }


def drill_of_another_exam(user: User, form: factories.Form, mark: str = "") -> UUID:
    """Start a drill with feedback at once of an exam that is not the one that runs."""
    other = factories.make_form(form.form.certification, number=2, mark=mark)
    drills.open_for_practice(user=user, certification=form.form.certification, number=2)
    return draw(user, other).attempt_id


@pytest.fixture
def people(anna: User, bela: User) -> dict[str, User | None]:
    """One of each kind."""
    author = factories.make_user("author@example.org")
    author.is_staff = True
    author.save()
    author.groups.add(Group.objects.get(name="authors"))
    admin = factories.make_user("root@example.org")
    admin.is_staff = admin.is_superuser = True
    admin.save()
    return {"nobody": None, "owner": anna, "other": bela, "author": author, "admin": admin}


def _client(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


# Whose part of the address that varies stands in what includes them.
INCLUDED: dict[str, tuple[str, ...]] = {"mfa_remove_webauthn": ("pk",), "mfa_edit_webauthn": ("pk",)}


def parts_of(name: str) -> list[str]:
    """Return the names of the parts of an address that vary."""
    return [*ADDRESSES[name].pattern.regex.groupindex, *INCLUDED.get(name, ())]


def _address(name: str, values: dict[str, Any]) -> str:
    return reverse(name, kwargs={key: values[key] for key in parts_of(name)})


def test_every_address_is_listed_and_no_other() -> None:
    assert set(MATRIX) | set(ADMIN) == set(ADDRESSES)


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_everybody_gets_what_the_matrix_says(
    name: str, people: dict[str, User | None], values: dict[str, Any]
) -> None:
    path = _address(name, values)
    found = tuple(_client(people[who]).get(path).status_code for who in PEOPLE)
    assert found == MATRIX[name], path


@pytest.mark.parametrize(
    "name", [name for name, row in MATRIX.items() if row[0] == 302 and name.startswith(PAGES)]
)
def test_nobody_is_led_to_the_log_in(name: str, values: dict[str, Any]) -> None:
    reply = _client(None).get(_address(name, values))
    assert reply.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", [name for name in MATRIX if name.startswith(API)])
def test_staff_cannot_use_the_api_by_token(
    name: str, people: dict[str, User | None], values: dict[str, Any]
) -> None:
    if getattr(ADDRESSES[name].callback, "cls").authentication_classes == ():  # noqa: B009
        return  # asks for no token and reads none
    assert people["admin"]
    headers = {"Authorization": f"Token {tokens.issue(people['admin'])}"}
    reply = _client(None).get(_address(name, values), headers=headers)
    assert reply.status_code == 403
    assert reply.json()["code"] == "mfa_required"


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_is_closed_to_candidates(
    name: str, people: dict[str, User | None], values: dict[str, Any]
) -> None:
    wanted = ADDRESSES[name].pattern.regex.groupindex
    anything = {"object_id": "1", "app_label": "exams", "content_type_id": 1, "url": "x", "id": "1"}
    path = reverse(name, kwargs={key: anything[key] for key in wanted})
    for who in ("nobody", "other"):
        reply = _client(people[who]).get(path)
        assert reply.status_code in {302, 403, 404, 405}, (who, path)


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_no_reply_can_be_framed(name: str, people: dict[str, User | None], values: dict[str, Any]) -> None:
    path = _address(name, values)
    client = _client(people["owner"])
    for reply in (client.get(path), client.post(path, {}, content_type="application/json")):
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/no/such/page/", "/api/v1/nothing/"])
def test_no_other_reply_can_be_framed(path: str, people: dict[str, User | None]) -> None:
    for who in PEOPLE:
        reply = _client(people[who]).get(path)
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_a_page_for_somebody_is_never_kept(
    name: str, people: dict[str, User | None], values: dict[str, Any]
) -> None:
    if (
        name in {"exams:cut", "api-schema", "api-docs", "robots", "sitemap", "favicon"}
        or MATRIX[name][1] == 405
    ):
        return  # the same for everybody
    reply = _client(people["owner"]).get(_address(name, values))
    assert "no-store" in reply.headers.get("Cache-Control", ""), name


def test_the_form_of_the_admin_takes_no_password(people: dict[str, User | None]) -> None:
    """It would let staff in by a password alone, past the second factor."""
    sent = {"username": "root@example.org", "password": factories.PASSWORD}
    for who, status in (("nobody", 302), ("other", 403), ("author", 302)):
        client = _client(people[who])
        before = client.session.get("_auth_user_id")
        assert client.post("/admin/login/", sent).status_code == status
        assert client.session.get("_auth_user_id") == before
