"""Who may open what: every address and method of the site times every kind of person.

A new address must be listed, and so must a method of it that answers anything but 405.
"""

import re
from itertools import product

import pytest

from accounts.users import tokens
from tests import factories
from tests.architecture.cast import (
    ADDRESSES,
    OFFER,
    PEOPLE,
    STAFF,
    VALUES,
    Cast,
    outcome,
    parts_of,
    taken_back,
)
from tools.devstack import paths

__all__ = ["MATRIX", "VALUES", "parts_of"]

pytestmark = pytest.mark.django_db

type Row = tuple[int | str, ...]


def row(
    visitor: int | str, without: int | str, having: int | str, expired: int | str, other: int | str
) -> Row:
    """Return what is answered to each of `PEOPLE`: staff have bought nothing, and own nothing here."""
    return (visitor, without, having, expired, other, *[without] * len(STAFF))


def authors(visitor: int, writing: int, *, others: int = 403) -> Row:
    """Return what is answered where only those who write questions have anything: candidates own nothing."""
    staff = [writing if who in {"authors", "reviewers", "admin"} else others for who in STAFF]
    return (visitor, others, others, others, others, *staff)


# What a GET answers. 302 of a visitor leads to the sign-in page; 404 of an attempt is the same as for an
# absent one. Whoever has no access is offered what is locked; whoever had it still owns what they began.
EVERYBODY = row(200, 200, 200, 200, 200)
SIGNED_IN = row(302, 200, 200, 200, 200)
SIGNED_IN_API = row(401, 200, 200, 200, 200)
AWAY = row(302, 302, 302, 302, 302)
MOVED = row(301, 301, 301, 301, 301)
ABSENT = row(404, 404, 404, 404, 404)
OWN = row(302, 404, 200, 200, 404)
OWN_API = row(401, 404, 200, 200, 404)
OWN_AWAY = row(302, 404, 302, 302, 404)
OWN_NOT_YET = row(401, 404, 409, 409, 404)  # it has not ended
NONE_OF_MINE = row(302, 404, 404, 404, 404)
LOCKED = row(OFFER, OFFER, 200, OFFER, 200)
LOCKED_IN = row(302, OFFER, 200, OFFER, 200)
STARTED = row(302, OFFER, 200, 200, 200)  # own results stay readable
STARTED_SEEN = row(OFFER, OFFER, 200, 200, 200)  # leads on with the exam that runs
SIGN_IN_PAGES = row(200, 302, 302, 302, 302)
UNASKED = row(422, 422, 422, 422, 422)
POST_ONLY = row(405, 405, 405, 405, 405)
POST_ONLY_SIGNED_IN = row(302, 405, 405, 405, 405)
POST_ONLY_API = row(401, 405, 405, 405, 405)
MATRIX: dict[str, Row] = {
    "health_live": EVERYBODY,
    "health_ready": EVERYBODY,
    "metrics": EVERYBODY,  # from this machine only: see the tests of metrics
    "robots": EVERYBODY,
    "sitemap": EVERYBODY,
    "favicon": AWAY,  # leads to the file
    "service_worker": EVERYBODY,
    "image": EVERYBODY,  # whoever knows its digest: see exams.bank.services
    "api_schema": EVERYBODY,
    "api_docs": EVERYBODY,
    "accounts_api:token": POST_ONLY,
    "accounts_api:tokens": SIGNED_IN_API,
    "accounts_api:revoke": POST_ONLY_API,
    "accounts_api:access": SIGNED_IN_API,
    "accounts_api:redeem": POST_ONLY_API,
    "api:certifications": EVERYBODY,
    "api:certification": EVERYBODY,
    "api:forms": EVERYBODY,
    "api:dashboard": SIGNED_IN_API,
    "api:exam_date": POST_ONLY_API,
    "api:cheatsheet": EVERYBODY,
    "api:search": UNASKED,  # nothing is asked for; see the tests of search
    "api:attempts": SIGNED_IN_API,
    "api:attempt": OWN_API,
    "api:clock": OWN_API,
    "api:practice": SIGNED_IN_API,
    "api:practice_open": POST_ONLY_API,
    "api:practice_again": POST_ONLY_API,
    "api:drills": SIGNED_IN_API,
    "api:drill": OWN_API,
    "api:check": POST_ONLY_API,
    "api:drill_close": POST_ONLY_API,
    "api:drill_finish": POST_ONLY_API,
    "api:drill_hide": POST_ONLY_API,
    "api:drill_review": OWN_NOT_YET,
    "api:answers": POST_ONLY,
    "api:lease": POST_ONLY_API,
    "api:submit": POST_ONLY_API,
    "api:cancel": POST_ONLY_API,
    "api:result": OWN_NOT_YET,
    "api:review": OWN_NOT_YET,
    "flashcards_api:deck": EVERYBODY,
    "flashcards_api:due": SIGNED_IN_API,
    "flashcards_api:settings": SIGNED_IN_API,
    "flashcards_api:statistics": SIGNED_IN_API,
    "flashcards_api:anki": EVERYBODY,
    "flashcards_api:own_cards": SIGNED_IN_API,
    "flashcards_api:own_cards_csv": SIGNED_IN_API,
    "flashcards_api:own_card": OWN_API,
    "flashcards_api:cards": POST_ONLY_API,
    "flashcards_api:reviews": POST_ONLY_API,
    "flashcards_api:undo": POST_ONLY_API,
    "api:note": POST_ONLY_API,
    "api:bookmark": POST_ONLY_API,
    "api:report": POST_ONLY_API,
    "api:notes": SIGNED_IN_API,
    "api:bookmarks": SIGNED_IN_API,
    "api:reports": SIGNED_IN_API,
    "api:imports": POST_ONLY_API,
    "api:import": authors(401, 404),
    "api:import_take": POST_ONLY_API,
    "api:exports": POST_ONLY_API,
    "api:export": authors(401, 404),
    "api:export_file": authors(401, 404),
    "accounts:profile": SIGNED_IN,
    "accounts:confirm_device": AWAY,  # nothing is asked; see the tests of the limit
    "accounts:sessions": SIGNED_IN,
    "accounts:language": POST_ONLY,
    "accounts:appearance": POST_ONLY,
    "accounts:reminders": ABSENT,  # the link of a mail is signed
    "accounts:study_reminders": ABSENT,
    "accounts:job_file": OWN,
    "payments:buy": SIGNED_IN,
    "payments:return": OWN,
    "payments:test_card": OWN,
    "payments:purchases": SIGNED_IN,
    "payments:cancel": OWN_AWAY,  # nothing goes on that could be canceled
    "payments:resume": POST_ONLY_SIGNED_IN,
    "payments:ask_refund": OWN_AWAY,  # nothing was paid
    "payments:portal": POST_ONLY_SIGNED_IN,
    "stripe_webhook": POST_ONLY,
    "accounts:privacy": SIGNED_IN,
    "accounts:export": POST_ONLY,
    "accounts:delete": AWAY,  # asks for the password first
    "accounts:closed": EVERYBODY,
    "accounts:restore": ABSENT,  # without a key that was sent; see its tests
    "account_login": SIGN_IN_PAGES,
    "account_logout": SIGNED_IN,
    "account_inactive": EVERYBODY,
    "account_signup": SIGN_IN_PAGES,
    "account_reauthenticate": SIGNED_IN,
    "account_email": SIGNED_IN,
    "account_email_verification_sent": SIGN_IN_PAGES,
    "account_change_password": SIGNED_IN,
    "account_set_password": AWAY,
    "account_reset_password": EVERYBODY,
    "account_request_login_code": SIGN_IN_PAGES,
    "account_confirm_login_code": AWAY,  # nobody has asked for a code; see the tests of codes
    "account_confirm_email": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": AWAY,
    "mfa_reauthenticate": AWAY,
    "mfa_activate_totp": AWAY,
    "mfa_deactivate_totp": NONE_OF_MINE,
    "mfa_view_recovery_codes": NONE_OF_MINE,
    "mfa_generate_recovery_codes": AWAY,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": AWAY,
    "mfa_reauthenticate_webauthn": AWAY,  # without a passkey: the password
    "mfa_remove_webauthn": AWAY,
    "mfa_edit_webauthn": AWAY,
    "mfa_login_webauthn": AWAY,
    "mfa_download_recovery_codes": NONE_OF_MINE,
    "legal:privacy": EVERYBODY,
    "legal:terms": EVERYBODY,
    "legal:refunds": EVERYBODY,
    "legal:imprint": EVERYBODY,
    "legal:contact": EVERYBODY,
    "legal:accessibility": EVERYBODY,
    "accounts_access:redeem": EVERYBODY,  # a visitor is asked to sign in
    "accounts_access:redeem_code": EVERYBODY,
    "exams:how_scoring_works": EVERYBODY,
    "exams:catalog": row(OFFER, 200, 200, 200, 200),  # prices for visitors, the next step of others
    "exams:pricing": EVERYBODY,
    "exams:landing": STARTED_SEEN,
    "exams:about": LOCKED,
    "exams:exams": LOCKED,
    "exams:exam_date": AWAY,  # the form is on the home of the course
    "exams:pass_mark_css": EVERYBODY,
    "exams:corrections": EVERYBODY,
    "exams:sample": EVERYBODY,
    "exams:cheatsheet": EVERYBODY,
    "exams:cheatsheet_pdf": EVERYBODY,
    "exams:own_cheatsheet": LOCKED_IN,
    "exams:own_cheatsheet_pdf": AWAY,  # leads to the page until it is asked for
    "exams:search": EVERYBODY,
    "exams:start": LOCKED,
    "flashcards:deck": LOCKED,
    "flashcards:study": SIGNED_IN,
    "flashcards:settings": SIGNED_IN,
    "flashcards:statistics": SIGNED_IN,
    "flashcards:anki": EVERYBODY,
    "flashcards:own_cards": SIGNED_IN,
    "flashcards:own_card_new": SIGNED_IN,
    "flashcards:own_cards_import": SIGNED_IN,
    "flashcards:own_cards_csv": SIGNED_IN,
    "flashcards:own_card_edit": OWN,
    "flashcards:own_card_delete": POST_ONLY_SIGNED_IN,
    "flashcards:own_card_from_question": NONE_OF_MINE,  # no question is asked for
    "flashcards:suspend": POST_ONLY_SIGNED_IN,
    "flashcards:unsuspend": POST_ONLY_SIGNED_IN,
    "exams:practice": LOCKED,
    "exams:notebook": SIGNED_IN,
    "exams:practice_again": POST_ONLY,
    "exams:check": SIGNED_IN,
    "exams:drill": OWN,
    "exams:drill_question": OWN_AWAY,  # one with feedback at once has its own page
    "exams:drill_submit": OWN_AWAY,
    "exams:drill_finish": POST_ONLY,
    "exams:drill_hide": POST_ONLY,
    "exams:drill_result": OWN_AWAY,
    "exams:attempts": SIGNED_IN,
    "exams:dashboard": MOVED,
    "exams:my_course": AWAY,  # leads to the home of one
    "exams:today": AWAY,  # from a mail
    "exams:taking": OWN,
    "exams:score_report": OWN_AWAY,
    "exams:answers_csv": OWN_AWAY,
    "exams:answers_json": OWN_AWAY,
    "exams:paper": OWN,
    "exams:question": OWN,
    "exams:submit": OWN,
    "exams:cancel": OWN_AWAY,
    "exams:result": OWN_AWAY,
    "exams:review": OWN_AWAY,
    "exams:bookmark": OWN_AWAY,
    "exams:note": OWN_AWAY,
    "exams:report": OWN_AWAY,
    "exams:problem_reports": SIGNED_IN,
    "old_addresses:how_scoring_works": MOVED,
    "old_addresses:problem_reports": MOVED,
    "old_addresses:score_report": MOVED,
    "old_addresses:corrections": MOVED,
    "old_addresses:pass_mark_css": MOVED,
}
# What anything but a GET answers, with a body that would do it where that is easy (`BODIES`).
ACTS: dict[str, Row] = {
    "sitemap POST": EVERYBODY,  # a view of Django that takes any method
    "accounts_api:token POST": UNASKED,
    "accounts_api:revoke DELETE": row(401, 404, 404, 404, 404),
    "accounts_api:redeem POST": row(401, 422, 422, 422, 422),
    "api:exam_date PUT": row(401, 422, 422, 422, 422),
    "api:attempts POST": row(401, OFFER, 201, OFFER, 201),
    "api:practice_open POST": row(401, OFFER, 200, OFFER, 200),
    "api:practice_again POST": OWN_NOT_YET,
    "api:drills POST": row(401, OFFER, 201, OFFER, 409),  # who has finished no exam has nothing to draw from
    "api:check POST": row(401, 201, 201, 201, 201),  # an account is enough
    "api:drill_close POST": OWN_API,
    "api:drill_finish POST": OWN_API,
    "api:drill_hide POST": OWN_API,
    "api:answers POST": UNASKED,
    "api:lease POST": OWN_API,
    "api:submit POST": row(401, 404, 404, 404, 404),  # by the lease of a page
    "api:cancel POST": OWN_API,
    "flashcards_api:settings PATCH": SIGNED_IN_API,
    "flashcards_api:own_cards POST": row(401, 201, 201, 201, 201),
    "flashcards_api:own_cards_csv POST": row(401, 422, 422, 422, 422),
    "flashcards_api:own_card PUT": OWN_API,
    "flashcards_api:own_card DELETE": row(401, 404, 204, 204, 404),
    "flashcards_api:cards POST": OWN_NOT_YET,
    "flashcards_api:reviews POST": row(401, 422, 422, 422, 422),
    "flashcards_api:undo POST": row(401, 404, 404, 404, 404),
    "api:note PUT": OWN_NOT_YET,
    "api:note DELETE": OWN_NOT_YET,
    "api:bookmark PUT": OWN_NOT_YET,
    "api:bookmark DELETE": OWN_NOT_YET,
    "api:report POST": OWN_NOT_YET,
    "api:imports POST": authors(401, 202),
    "api:import_take POST": authors(401, 404),
    "api:exports POST": authors(401, 202),
    "accounts:profile POST": row(302, 422, 422, 422, 422),
    "accounts:sessions POST": AWAY,
    "accounts:language POST": AWAY,
    "accounts:appearance POST": AWAY,
    "accounts:reminders POST": ABSENT,
    "accounts:study_reminders POST": ABSENT,
    "payments:buy POST": row(302, 422, 422, 422, 422),
    "accounts:confirm_device POST": AWAY,
    "payments:test_card POST": OWN,  # declined
    "payments:cancel POST": OWN_AWAY,
    "payments:resume POST": OWN_AWAY,
    "payments:ask_refund POST": OWN_AWAY,
    "payments:portal POST": OWN_AWAY,
    "stripe_webhook POST": ABSENT,  # without a key of Stripe; see its tests
    "accounts:export POST": AWAY,
    "accounts:delete POST": AWAY,
    "accounts:restore POST": ABSENT,
    "account_login POST": SIGN_IN_PAGES,
    "account_logout POST": AWAY,
    "account_signup POST": SIGN_IN_PAGES,
    "account_reauthenticate POST": SIGNED_IN,
    "account_email POST": AWAY,
    "account_email_verification_sent POST": SIGN_IN_PAGES,
    "account_change_password POST": SIGNED_IN,
    "account_set_password POST": AWAY,
    "account_reset_password POST": EVERYBODY,
    "account_request_login_code POST": row(422, 302, 302, 302, 302),
    "account_confirm_login_code POST": AWAY,
    "account_confirm_email POST": EVERYBODY,
    "account_reset_password_from_key POST": EVERYBODY,
    "mfa_authenticate POST": AWAY,
    "mfa_reauthenticate POST": AWAY,
    "mfa_activate_totp POST": AWAY,
    "mfa_deactivate_totp POST": NONE_OF_MINE,
    "mfa_generate_recovery_codes POST": AWAY,
    "mfa_add_webauthn POST": AWAY,
    "mfa_reauthenticate_webauthn POST": AWAY,
    "mfa_remove_webauthn POST": AWAY,
    "mfa_edit_webauthn POST": AWAY,
    "mfa_login_webauthn POST": AWAY,
    "mfa_download_recovery_codes POST": NONE_OF_MINE,
    "accounts_access:redeem POST": row(200, 422, 422, 422, 422),
    "accounts_access:redeem_code POST": row(200, 422, 422, 422, 422),
    "exams:own_cheatsheet_pdf POST": AWAY,
    "exams:start POST": row(401, OFFER, 302, OFFER, 302),  # a visitor is asked to sign in where they are
    "flashcards:study POST": row(302, 422, 422, 422, 422),
    "flashcards:settings POST": SIGNED_IN,
    "flashcards:own_card_new POST": row(302, 422, 422, 422, 422),
    "flashcards:own_cards_import POST": row(302, 422, 422, 422, 422),
    "flashcards:own_card_edit POST": row(302, 404, 422, 422, 404),
    "flashcards:own_card_delete POST": OWN_AWAY,
    "flashcards:own_card_from_question POST": NONE_OF_MINE,
    "flashcards:suspend POST": OWN_AWAY,
    "flashcards:unsuspend POST": AWAY,  # what is not suspended is not to be resumed
    "exams:practice POST": row(
        302, OFFER, 302, OFFER, 409
    ),  # who has finished no exam has nothing to draw from
    "exams:check POST": AWAY,
    "exams:practice_again POST": row(302, 404, 409, 409, 404),
    "exams:drill POST": row(302, 404, 422, 422, 404),
    "exams:drill_question POST": OWN_AWAY,
    "exams:drill_submit POST": OWN_AWAY,
    "exams:drill_finish POST": OWN_AWAY,
    "exams:drill_hide POST": OWN_AWAY,
    "exams:exam_date POST": row(302, 422, 422, 422, 422),
    "exams:score_report POST": OWN_AWAY,
    "exams:question POST": OWN_AWAY,
    "exams:submit POST": OWN_AWAY,
    "exams:cancel POST": OWN_AWAY,
    "exams:bookmark POST": OWN_AWAY,
    "exams:note POST": row(302, 404, 409, 409, 404),
    "exams:report POST": row(302, 404, 409, 409, 404),
}
API = ("api:", "accounts_api:", "flashcards_api:")
PAGES = ("exams:", "flashcards:")
ADMIN = sorted(name for name in ADDRESSES if name.startswith("admin:"))
METHODS = ("POST", "PUT", "PATCH", "DELETE")
# Views of packages that take any method as one that they know.
EASYGOING = ("account_", "mfa_", "sitemap")


def test_every_address_is_listed_and_no_other() -> None:
    assert set(MATRIX) | set(ADMIN) == set(ADDRESSES)
    assert {name.split()[0] for name in ACTS} <= set(MATRIX)


# The same for everybody.
IMPERSONAL = {
    *(name for name, answers in MATRIX.items() if answers == MOVED),
    "exams:pass_mark_css",
    "api_schema",
    "api_docs",
    "robots",
    "sitemap",
    "favicon",
    "image",
    "service_worker",
}


@pytest.mark.parametrize("who", PEOPLE)
def test_each_kind_of_person_gets_what_the_matrix_says(cast: Cast, who: str) -> None:
    answered, expected = {}, {}
    for name, answers in MATRIX.items():
        with taken_back():
            reply = cast.ask(who, cast.address(name, who))
        answered[name], expected[name] = outcome(reply, name), answers[PEOPLE.index(who)]
        if who == "visitor" and name.startswith(PAGES) and reply.status_code == 302:
            assert reply.headers["Location"].startswith(("/accounts/login/", "/pricing/")), name
    assert answered == expected


def test_a_page_for_somebody_is_never_kept(cast: Cast) -> None:
    kept = []
    for name in set(MATRIX) - IMPERSONAL:
        with taken_back():
            reply = cast.ask("with", cast.address(name, "with"))
        if reply.status_code != 405 and "no-store" not in reply.headers.get("Cache-Control", ""):
            kept.append(name)
    assert not kept


@pytest.mark.parametrize("who", PEOPLE)
def test_each_kind_of_person_may_do_what_the_matrix_says(cast: Cast, who: str) -> None:
    answered, expected = {}, {}
    for act, answers in ACTS.items():
        name, method = act.split()
        with taken_back():
            body, is_json = cast.body(name), name.startswith(API)
            reply = cast.ask(who, cast.address(name, who), method, body, is_json)
            answered[act], expected[act] = outcome(reply, name), answers[PEOPLE.index(who)]
    assert answered == expected


@pytest.mark.parametrize("who", ["with", "admin"])
def test_a_method_that_is_not_listed_does_nothing(cast: Cast, who: str) -> None:
    place = PEOPLE.index(who)
    answered = {}
    for name, method in product(MATRIX, METHODS):
        if f"{name} {method}" in ACTS:
            continue
        with taken_back():
            status = outcome(cast.ask(who, cast.address(name, who), method), name)
        known = {answers[place] for answers in (MATRIX[name], ACTS.get(f"{name} POST", MATRIX[name]))}
        if status != 405 and not (name.startswith(EASYGOING) and status in known):
            answered[f"{name} {method}"] = status
    assert not answered


def test_staff_cannot_use_the_api_by_token(cast: Cast) -> None:
    admin = cast.people["admin"]
    assert admin
    headers = {"Authorization": f"Token {tokens.issue(admin)}"}
    by_token = [
        name
        for name in MATRIX
        # One without authentication classes asks for no token and reads none.
        if name.startswith(API) and getattr(ADDRESSES[name].callback, "cls").authentication_classes != ()  # noqa: B009
    ]
    assert len(by_token) > len(API)
    for name in by_token:
        reply = cast.browsers["visitor"].get(cast.address(name, "admin"), headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "mfa_required"), name


def test_the_manual_names_routes_and_methods_that_the_site_counts() -> None:
    manual = (paths.PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = manual.partition("| route (method) |")[2].partition("\n\n")[0]
    named = re.findall(r"`([\w:]+)`((?:, `[\w:]+`)*) \(([^)]+)", table)
    routes = [
        (route, method)
        for first, others, how in named
        for route, method in product(re.findall(r"[\w:]+", f"{first} {others}"), re.findall("GET|POST", how))
    ]
    assert {route for route, _ in routes} == set(re.findall(r"`([\w:]+)`", table))
    for name, method in routes:
        assert f"{name} POST" in ACTS if method == "POST" else 405 not in MATRIX[name], (name, method)


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/no/such/page/", "/api/v1/nothing/"])
def test_no_other_reply_can_be_framed(cast: Cast, path: str) -> None:
    for who in PEOPLE:
        reply = cast.ask(who, path)
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


def test_the_form_of_the_admin_takes_no_password(cast: Cast) -> None:
    """It would let staff in by a password alone, past the second factor."""
    sent = {"username": "admin@example.org", "password": factories.PASSWORD}
    for who, status in (("visitor", 302), ("other", 403), ("authors", 302)):
        client = cast.browsers[who]
        before = client.session.get("_auth_user_id")
        assert client.post("/admin/login/", sent).status_code == status
        assert client.session.get("_auth_user_id") == before
