"""The start page of the admin: what happened today, to whom it may be told, and how little is read for it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.admin import panels
from accounts.jobs.models import Job
from accounts.jobs.models import State as JobState
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.payments import services as payments
from accounts.payments import test_card as card
from accounts.payments.models import Purchase
from accounts.users.models import User
from exams.attempts import lifecycle
from exams.attempts.models import Attempt
from exams.authoring import services as authoring
from exams.authoring import withdrawal
from exams.bank.models import Item
from exams.feedback import services
from tests import factories, roles
from tests.exams.attempts.practice import draw, finish_exam
from tests.payments import orders

pytestmark = pytest.mark.django_db

EXAMS = {"Exams started today", "Exams scored today", "Waiting for a score"}
MAILS = {"Emails waiting", "Failed emails"}
SALES = {"Sales today, EUR", "Sales today, HUF"}
FLAGGED = {"Flagged by statistics"}
DRAFTS = {"Assigned to you", "Your drafts", "Waiting for review"}
REPORTS = {"Open problem reports"}
WITHDRAWN = {"Withdrawals to confirm"}
PROPOSALS = {"Waiting for your confirmation"}
SEEN = {
    "authors": DRAFTS | REPORTS | FLAGGED,
    "reviewers": DRAFTS | REPORTS | FLAGGED | PROPOSALS | WITHDRAWN,
    "translators": DRAFTS,
    "support": EXAMS | MAILS | SALES,
    "finance": SALES | {"Failed refunds", "Refunds asked for"},
    "admin": EXAMS
    | MAILS
    | SALES
    | DRAFTS
    | REPORTS
    | FLAGGED
    | PROPOSALS
    | WITHDRAWN
    | {"Failed refunds", "Failed jobs", "Refunds asked for"},
}


@pytest.fixture
def a_day(anna: User, bela: User, form: factories.Form) -> None:
    """A day with something of everything."""
    orders.make_products()
    for person, currency in ((anna, "EUR"), (bela, "EUR"), (bela, "HUF")):
        opened = orders.order(person, currency=currency)
        card.pay(opened.session_id)
        payments.refresh(orders.checkout_of(opened))
    finish_exam(anna, form)
    waiting = factories.start(bela, form).attempt_id
    lifecycle.submit(user=bela, attempt_id=waiting, lease=None)
    Job.objects.create(kind="export", state=JobState.FAILED, finished_at=Now())
    Mail.objects.update(sent_at=Now(), sealed="")
    outbox.post("late", anna.email, {}, person=anna)
    outbox.post("lost", anna.email, {}, person=anna)
    Mail.objects.filter(kind="lost").update(given_up_at=Now())


def open_by(role: str) -> tuple[Client, str]:
    """Open the start page as somebody with this role."""
    client = Client()
    client.force_login(factories.make_staff(role))
    return client, client.get("/admin/").content.decode()


def figures_of(page: str) -> dict[str, str]:
    """The numbers of the page by their labels."""
    found = re.findall(r'class="label">([^<]+)</span>\s*<strong>([^<]*)</strong>', page)
    return {label: value.replace("\xa0", " ") for label, value in found}


def rows_of(reply: Any) -> int:
    """Return how many rows a list or the work queue has."""
    context = reply.context
    return int(context["cl"].result_count if "cl" in context else context["found"].total)


@pytest.mark.parametrize("role", SEEN)
def test_each_role_is_told_what_it_may_see(a_day: None, role: str) -> None:
    assert set(figures_of(open_by(role)[1])) == SEEN[role]


def test_the_numbers_are_those_of_the_day(a_day: None) -> None:
    assert figures_of(open_by("admin")[1]) == {
        "Exams started today": "2",
        "Exams scored today": "1",
        "Waiting for a score": "1",
        "Sales today, EUR": "€58.00",
        "Sales today, HUF": "9,900 Ft",
        "Failed refunds": "0",
        "Refunds asked for": "0",
        "Failed jobs": "1",
        "Emails waiting": "1",
        "Failed emails": "1",
        **dict.fromkeys(DRAFTS | REPORTS | FLAGGED | PROPOSALS | WITHDRAWN, "0"),
    }


def test_what_was_yesterday_is_not_counted(a_day: None) -> None:
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE exams_attempt SET started_at = started_at - interval '1 day'")
        cursor.execute("UPDATE exams_score SET created_at = created_at - interval '1 day'")
        cursor.execute("UPDATE accounts_purchase SET paid_at = paid_at - interval '1 day'")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    found = figures_of(open_by("admin")[1])
    assert (found["Exams started today"], found["Exams scored today"]) == ("0", "0")
    assert found["Sales today"] == "0"
    assert found["Waiting for a score"] == "1"


def test_each_number_leads_to_its_rows(a_day: None, anna: User, form: factories.Form) -> None:
    draw(anna, form)
    client, page = open_by("admin")
    links = re.findall(r'<a href="(/admin/[a-z]+/[a-z/]+/\?[^"]+)">\s*<span class="label">([^<]+)', page)
    assert len(links) == len(figures_of(page))
    wanted = {"Exams started today": 2, "Sales today, EUR": 3, "Sales today, HUF": 3, "Failed refunds": 0}
    wanted |= {"Refunds asked for": 0}
    wanted |= dict.fromkeys(DRAFTS | REPORTS | FLAGGED | PROPOSALS | WITHDRAWN, 0)
    for address, label in links:
        reply = client.get(address.replace("&amp;", "&"))
        assert reply.status_code == 200, (label, address)
        assert rows_of(reply) == wanted.get(label, 1), label


def test_a_reviewer_is_told_how_many_withdrawals_wait_and_led_to_them(form: factories.Form) -> None:
    withdrawal.withdraw(
        item_id=Item.objects.get(code="E1-Q01").pk, actor=factories.make_staff("admin"), reason="It leaked."
    )
    client, page = open_by("reviewers")
    assert figures_of(page)["Withdrawals to confirm"] == "1"
    assert rows_of(client.get("/admin/exams/itemcheck/queue/?reason=withdrawn")) == 1


def test_authors_see_what_waits_for_them_and_are_led_to_it(form: factories.Form, anna: User) -> None:
    author, reviewer = factories.make_staff("authors"), factories.make_staff("reviewers")
    first, second, third = (
        authoring.open_draft(kind="item", certification=form.form.certification, name=code, actor=author)
        for code in ("E1-Q01", "E1-Q02", "E1-Q03")
    )
    authoring.send_to_review(draft_id=first.pk, revision=1, actor=author, assignee=reviewer)
    authoring.assign(draft_id=second.pk, actor=author, assignee=author)
    authoring.assign(draft_id=third.pk, actor=author, assignee=author)
    authoring.discard(draft_id=third.pk, actor=author, reason="Not needed.")
    attempt = finish_exam(anna, form)
    services.report(user=anna, attempt_id=attempt, position=1, reason="key", text="B is right, too.")
    client = Client()
    client.force_login(author)
    page = client.get("/admin/").content.decode()
    assert figures_of(page) == {
        "Assigned to you": "1",
        "Your drafts": "2",
        "Waiting for review": "1",
        "Open problem reports": "1",
        "Flagged by statistics": "0",
    }
    links = dict(re.findall(r'<a href="([^"]+)">\s*<span class="label">([^<]+)', page))
    for address, label in links.items():
        reply = client.get(address.replace("&amp;", "&"))
        assert rows_of(reply) == int(figures_of(page)[label]), label


INDEXED: dict[str, Any] = {
    "exams_attempt": "attempt_newest",
    "exams_score": "score_newest",
    "accounts_purchase": "purchase_newest",
    "accounts_job": "job_failed_newest",
}


@pytest.mark.parametrize("table", INDEXED)
def test_no_number_reads_a_whole_table(a_day: None, table: str) -> None:
    staff = factories.make_staff("admin")
    with CaptureQueriesContext(connection) as asked:
        panels.figures_for(staff)
    # Attempts that wait, and refunds that failed, are few and read as such.
    few = ("state IN (1, 2, 3)", "accounts_refundfailure")
    plain = [one["sql"].replace('"', "") for one in asked]
    [sql] = [one for one in plain if f"{table} " in one + " " and not any(name in one for name in few)]
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # Of few rows an index of each person's attempts may seem as good; of many it never is.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX attempt_of_user")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert INDEXED[table] in plan


def test_a_day_without_sales_says_so() -> None:
    assert not Purchase.objects.exists()
    assert not Attempt.objects.exists()
    assert figures_of(open_by("finance")[1]) == {
        "Sales today": "0",
        "Failed refunds": "0",
        "Refunds asked for": "0",
    }
