"""Which role may look at and do what in the admin: every address of it times every kind of person.

A new address must be listed. Candidates and visitors are led away from all of it.
"""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from django.template.response import SimpleTemplateResponse
from django.urls import reverse

from config import errors, urls
from tests.architecture.admin_rows import address
from tests.architecture.cast import ADDRESSES, CANDIDATES, STAFF, Cast, taken_back

pytestmark = pytest.mark.django_db

ALL: Final = frozenset(STAFF)
ADMIN: Final = frozenset({"admin"})
CONTENT: Final = frozenset({"authors", "reviewers", "admin"})
READERS: Final = CONTENT | {"translators"}
DRAFTERS: Final = READERS
EDITORS: Final = CONTENT
JUDGES: Final = frozenset({"reviewers", "admin"})
WRITERS: Final = frozenset({"authors", "admin"})
RULERS: Final = frozenset({"reviewers", "admin"})
HELP: Final = frozenset({"support", "admin"})
MONEY: Final = frozenset({"finance", "admin"})
PEOPLE: Final = HELP | MONEY
NOBODY: Final = frozenset[str]()

type Roles = frozenset[str]


def model(
    see: Roles, *, change: Roles = NOBODY, add: Roles = NOBODY, delete: Roles = NOBODY, **acts: Roles
) -> Mapping[str, Roles]:
    """Return who may do what with a model: its own acts and pages by their names."""
    return {"see": see, "change": change, "add": add, "delete": delete, **acts}


MODELS: dict[str, Mapping[str, Roles]] = {
    # People and what they may open: support. Money: finance. Each sees what the other does.
    "accounts_user": model(
        PEOPLE,
        change=ADMIN,
        add=ADMIN,
        person=PEOPLE,
        panel=PEOPLE,
        remove_second_factor=HELP,
        set_extra_time=HELP,
    ),
    "accounts_entitlement": model(PEOPLE, grant=HELP, extend=HELP, end_now=HELP),
    "accounts_voucherbatch": model(PEOPLE, add=HELP),
    "accounts_product": model(PEOPLE, change=MONEY, add=MONEY, publish_version=MONEY),
    "accounts_purchase": model(PEOPLE, refund=MONEY, decline_refund=MONEY, cancel_subscription=PEOPLE),
    "accounts_mail": model(HELP, resend=HELP),
    "accounts_auditentry": model(HELP),
    "accounts_job": model(ADMIN, retry=ADMIN, own=ALL),
    "accounts_profile": model(ADMIN, change=ADMIN),
    "accounts_apitoken": model(ADMIN),
    "account_emailaddress": model(ADMIN, change=ADMIN, add=ADMIN, delete=ADMIN),
    "auth_group": model(ADMIN, change=ADMIN, add=ADMIN, delete=ADMIN),
    "mfa_authenticator": model(ADMIN, change=ADMIN, add=ADMIN, delete=ADMIN),
    "axes_accessattempt": model(ADMIN, delete=ADMIN),
    # Content: authors and reviewers. Of candidates they see nothing.
    "exams_certification": model(
        READERS, steps=READERS, edit=DRAFTERS, new_certification=EDITORS, put_on_site=JUDGES
    ),
    "exams_domain": model(CONTENT),
    "exams_taskstatement": model(CONTENT),
    "exams_examform": model(CONTENT, edit=EDITORS, new_exam=EDITORS, export=EDITORS),
    "exams_formedition": model(CONTENT, statistics=CONTENT),
    "exams_item": model(
        READERS,
        edit=DRAFTERS,
        new_question=EDITORS,
        compare=READERS,
        withdraw=JUDGES,
        restore=JUDGES,
        export=EDITORS,
        tag=EDITORS,
        send=DRAFTERS,
        withdraw_all=JUDGES,
        confirm=JUDGES,
        confirm_all=JUDGES,
        undo=JUDGES,
    ),
    "exams_draft": model(
        READERS,
        new_question=EDITORS,
        send_many=DRAFTERS,
        approve_many=JUDGES,
        publish_many=JUDGES,
        edit=READERS,
        save=DRAFTERS,
        image=DRAFTERS,
        remarks=READERS,
        touch=READERS,
        preview=READERS,
        versions=READERS,
        comment=READERS,
        send=DRAFTERS,
        assign=DRAFTERS,
        discard=DRAFTERS,
        rebase=EDITORS,
        send_back=JUDGES,
        approve=JUDGES,
        lift=JUDGES,
        publish=JUDGES,
        draw=EDITORS,
        proof=READERS,
    ),
    "exams_sheetedition": model(READERS, edit=DRAFTERS, new_sheet=DRAFTERS),
    "flashcards_card": model(READERS, edit=DRAFTERS, new_card=EDITORS, withdraw=JUDGES, restore=JUDGES),
    "exams_importfile": model(EDITORS, new_import=EDITORS, take=EDITORS, api_token=EDITORS),
    "exams_itemversion": model(READERS, decide=WRITERS),
    "exams_itemcheck": model(
        READERS,
        queue=READERS,
        work=READERS,
        check=EDITORS,
        assign=EDITORS,
        translations=READERS,
        untranslated=READERS,
        translate=DRAFTERS,
        compare=DRAFTERS,
    ),
    "exams_watchedname": model(READERS, new_name=EDITORS, change_name=EDITORS),
    "exams_paper": model(CONTENT),
    "exams_problemreport": model(CONTENT, answer_report=WRITERS, by_question=CONTENT),
    "exams_keyruling": model(CONTENT, queue=CONTENT, rule=RULERS, preview=RULERS),
    "exams_pendingact": model(JUDGES, confirm=JUDGES, decline=JUDGES, withdraw=JUDGES),
    "exams_attempt": model(HELP, extend=HELP, void=HELP, release=NOBODY, rescore=NOBODY),
}
# Pages that belong to no model: what is sent to whom of the staff, and that nobody else has them.
OTHERS: dict[str, Roles] = {
    "index": ALL,
    "app_list": ALL,
    "search": ALL,
    "autocomplete": NOBODY,  # no form asks by it
    "jsi18n": ALL,
    "view_on_site": ALL,
    "password_change_done": ALL,
    "auth_user_password_change": ADMIN,
}
# Lead away whoever asks: see the tests of signing in.
LEADING: Final = frozenset({"login", "logout", "password_change"})
GET_ONLY: Final = frozenset(
    {"jsi18n", "password_change_done", "exams_draft_versions", "exams_item_compare", "accounts_job_own"}
    | {"exams_certification_steps", "exams_itemcheck_queue", "exams_itemcheck_translations"}
)
# What scripts ask, and what has no page to lead a GET back to.
POST_ONLY: Final = frozenset(
    {f"exams_draft_{act}" for act in ("save", "image", "remarks", "touch")}
    | {f"exams_itemcheck_{act}" for act in ("check", "assign", "translate", "compare")}
)
SEEING: Final = ("changelist", "history")


def allowed(name: str, method: str) -> Roles:
    """Return who may ask for an address of the admin by a method."""
    short = name.removeprefix("admin:")
    if (short in GET_ONLY and method == "POST") or (short in POST_ONLY and method == "GET"):
        return NOBODY
    if short in OTHERS:
        return OTHERS[short]
    key = next(key for key in MODELS if short.startswith(f"{key}_"))
    roles, act = MODELS[key], short.removeprefix(f"{key}_")
    if act in SEEING or (act == "change" and method == "GET"):
        return roles["see"]
    return roles[act]


def listed() -> set[str]:
    """Return every address that the tables above name."""
    names = {*OTHERS, *LEADING}
    for key, roles in MODELS.items():
        names |= {f"{key}_{act}" for act in (*SEEING, *(act for act in roles if act != "see"))}
    return {f"admin:{name}" for name in names}


NAMES = sorted(name for name in ADDRESSES if name.startswith("admin:"))
ASKED = [name for name in NAMES if name.removeprefix("admin:") not in LEADING]


def test_every_address_of_the_admin_is_listed_and_no_other() -> None:
    assert listed() == set(NAMES)


def _refusal(request: Any, exception: Exception) -> Any:
    return errors.status_problem("forbidden", "", 403)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("role", STAFF)
def test_each_role_may_do_what_the_tables_say(
    cast: Cast, rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch, role: str, method: str
) -> None:
    # Pages are made where one is asked for: what a POST may do is decided before its page is.
    if method == "POST":
        monkeypatch.setattr(urls, "handler403", _refusal)
        if role != "admin":
            monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    may = set()
    for name in ASKED:
        with taken_back():
            reply = cast.ask(role, address(name, rows, role), method)
        assert reply.status_code < 500, name
        if reply.status_code not in {403, 405}:
            may.add(name)
    assert may == {name for name in ASKED if role in allowed(name, method)}


# What somebody has bought opens nothing here: every page for the owner of its row, the first for each.
@pytest.mark.parametrize("who", ["visitor", *CANDIDATES])
def test_the_admin_is_closed_to_candidates_and_visitors(cast: Cast, rows: dict[str, Any], who: str) -> None:
    for name in NAMES if who in {"visitor", "with"} else ["admin:index"]:
        for method in ("GET", "POST"):
            reply = cast.ask(who, address(name, rows), method)
            assert reply.status_code in {302, 403, 405}, (name, method)
            if reply.status_code == 302:
                assert reply.headers["Location"].startswith(("/accounts/", "/admin/login/", "/")), name


@pytest.mark.parametrize("role", STAFF)
def test_staff_without_a_second_factor_see_only_where_it_is_set_up(
    cast: Cast, rows: dict[str, Any], settings: Any, role: str
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    enrollment = reverse("mfa_activate_totp")
    # It is asked before any page is found: every page for one role, the first page for each.
    for name in ASKED if role == "admin" else ["admin:index"]:
        for method in ("GET", "POST"):
            reply = cast.ask(role, address(name, rows, role), method)
            assert (reply.status_code, reply.headers.get("Location")) == (302, enrollment), (name, method)
