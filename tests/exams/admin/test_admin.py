"""The admin of the exams: everything can be found and read, history cannot be edited, acts are audited."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.db.models.functions import Now
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.assembly.models import ExamForm, FormEdition, Paper
from exams.attempts import grading, lifecycle
from exams.attempts.models import Attempt, Score, State
from exams.bank import services as bank
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import Certification, Domain, TaskStatement
from tests import factories
from tests.exams.attempts.helpers import claimed_ago, deadline_of, save
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

LISTS = [
    "certification",
    "domain",
    "taskstatement",
    "item",
    "itemversion",
    "examform",
    "formedition",
    "paper",
    "attempt",
]
PAGES: dict[str, Any] = {
    "certification": Certification,
    "domain": Domain,
    "taskstatement": TaskStatement,
    "item": Item,
    "itemversion": ItemVersion,
    "examform": ExamForm,
    "formedition": FormEdition,
    "paper": Paper,
    "attempt": Attempt,
}
OF_CANDIDATES = {"attempt"}


@pytest.fixture
def admin_site(client: Client, db: None) -> Client:
    """The admin as somebody with every right sees it."""
    client.force_login(User.objects.create_superuser("root@example.org", factories.PASSWORD))
    return client


@pytest.fixture
def author(db: None) -> Client:
    """The admin as an author sees it."""
    user = User.objects.create_user("author@example.org", factories.PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="authors"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def attempt(anna: User, form: factories.Form) -> UUID:
    """A running attempt of Anna with one answer."""
    started = factories.start(anna, form)
    save(started.lease, 1, 1, *form.keys[1])
    return started.attempt_id


@pytest.mark.parametrize("model", LISTS)
def test_every_list_opens(admin_site: Client, attempt: UUID, model: str) -> None:
    assert admin_site.get(f"/admin/exams/{model}/").status_code == 200
    assert admin_site.get(f"/admin/exams/{model}/?q=E1-Q01").status_code in {200, 302}


@pytest.mark.parametrize("model", LISTS)
def test_every_page_opens(admin_site: Client, attempt: UUID, model: str) -> None:
    row = PAGES[model].objects.first()
    assert row
    assert admin_site.get(f"/admin/exams/{model}/{row.pk}/change/").status_code == 200


@pytest.mark.parametrize("model", LISTS)
def test_nothing_is_added_or_deleted_by_hand(admin_site: Client, attempt: UUID, model: str) -> None:
    row = PAGES[model].objects.first()
    assert row
    assert admin_site.get(f"/admin/exams/{model}/add/").status_code == 403
    assert admin_site.post(f"/admin/exams/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert PAGES[model].objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", LISTS)
def test_what_is_published_or_happened_cannot_be_posted_to(
    admin_site: Client, attempt: UUID, model: str
) -> None:
    row = PAGES[model].objects.first()
    assert row
    before = PAGES[model].objects.filter(pk=row.pk).values().get()
    assert admin_site.post(f"/admin/exams/{model}/{row.pk}/change/", {"state": 4}).status_code == 403
    assert PAGES[model].objects.filter(pk=row.pk).values().get() == before


def test_items_are_found_by_domain_difficulty_and_words(admin_site: Client, form: factories.Form) -> None:
    def codes(query: str) -> list[str]:
        reply = admin_site.get(f"/admin/exams/item/?{query}")
        return [item.code for item in reply.context["cl"].result_list]

    assert codes("task__domain__number=4") == ["E1-Q08"]
    assert codes("difficulty=hard") == []
    assert len(codes("difficulty=medium")) == 8
    assert codes("kind=multiple") == ["E1-Q03"]
    assert codes("q=item+E1-Q05") == ["E1-Q05"]


def test_a_version_shows_keys_and_reasons_in_every_language(admin_site: Client, form: factories.Form) -> None:
    version = ItemVersion.objects.get(item__code="E1-Q01")
    page = admin_site.get(f"/admin/exams/itemversion/{version.pk}/change/").content.decode()
    assert "Reason 1 of E1-Q01" in page
    assert "Egy komptársaság" in page
    assert "(key)" in page


def test_an_attempt_is_found_by_address_and_by_id(admin_site: Client, attempt: UUID) -> None:
    for query in ("anna@example.org", str(attempt)):
        reply = admin_site.get("/admin/exams/attempt/", {"q": query})
        assert [row.pk for row in reply.context["cl"].result_list] == [attempt]
    reply = admin_site.get("/admin/exams/attempt/", {"q": "bela@example.org"})
    assert not reply.context["cl"].result_list


def test_an_attempt_shows_answers_refused_ones_and_scores(
    admin_site: Client, attempt: UUID, anna: User
) -> None:
    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    lifecycle.settle(user=anna, attempt_id=attempt)
    page = squeezed(admin_site.get(f"/admin/exams/attempt/{attempt}/change/"))
    assert "<td>1</td><td>B</td>" in page
    assert "No refused answers." in page
    assert f"<td>{Score.objects.get().scaled}</td>" in page


def test_an_extension_needs_a_reason_and_is_audited(admin_site: Client, attempt: UUID) -> None:
    before = deadline_of(Attempt.objects.get())
    path = f"/admin/exams/attempt/{attempt}/extend/"
    assert admin_site.get(path).status_code == 200
    sent = {"minutes": 10, "expected_deadline": before.isoformat()}
    assert admin_site.post(path, {**sent, "reason": ""}).status_code == 422
    assert Attempt.objects.get().deadline_at == before
    assert admin_site.post(path, {**sent, "reason": "Power cut in the hall"}).status_code == 302
    assert (deadline_of(Attempt.objects.get()) - before).total_seconds() == 600
    audit = AuditEntry.objects.get()
    assert (audit.action, audit.reason) == ("extend", "Power cut in the hall")
    assert audit.actor and audit.actor.email == "root@example.org"


def test_a_refused_act_says_why_and_changes_nothing(admin_site: Client, attempt: UUID, anna: User) -> None:
    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    reply = admin_site.post(f"/admin/exams/attempt/{attempt}/void/", {"reason": "By mistake"}, follow=True)
    assert "The exam has ended." in reply.content.decode()
    assert admin_site.get(f"/admin/exams/attempt/{attempt}/release/").status_code == 200
    assert not AuditEntry.objects.exists()


def scored_by_older_rules(attempt: UUID, anna: User) -> None:
    """Give an attempt the score that rules before today's would have given it."""
    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    older = {"share": "0", "scored": 7, "band": [100, 400], "chance": 0.0, "domains": [], "right": "0" * 8}
    row = {"scoring_revision": 0, "raw": 0, "scaled": 100, "passed": False, "result": older}
    Score.objects.create(attempt_id=attempt, revision=1, created_at=Now(), **row)
    Attempt.objects.filter(pk=attempt).update(state=State.SCORED)


def test_a_rescore_by_newer_rules_makes_a_new_score_with_reason_and_actor(
    admin_site: Client, attempt: UUID, anna: User
) -> None:
    scored_by_older_rules(attempt, anna)
    path = f"/admin/exams/attempt/{attempt}/rescore/"
    assert path in admin_site.get(f"/admin/exams/attempt/{attempt}/change/").content.decode()
    admin_site.post(path, {"reason": "Rules of domain weights"})
    scores = list(Score.objects.order_by("revision").values_list("revision", "reason", "actor__email"))
    assert scores == [(1, "", None), (2, "Rules of domain weights", "root@example.org")]


def test_a_rescore_that_would_change_nothing_is_not_offered_and_the_page_says_why(
    admin_site: Client, attempt: UUID, anna: User
) -> None:
    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    lifecycle.settle(user=anna, attempt_id=attempt)
    path = f"/admin/exams/attempt/{attempt}/rescore/"
    page = admin_site.get(f"/admin/exams/attempt/{attempt}/change/").content.decode()
    assert path not in page
    assert "Rescoring would give the same score" in page
    assert admin_site.post(path, {"reason": "Do it anyway"}).status_code in (302, 403)
    assert Score.objects.count() == 1


@pytest.fixture
def failing(attempt: UUID, anna: User, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """An attempt whose scoring failed five times, the last time just now."""

    def fail(*_: object) -> None:
        raise RuntimeError("no weights for domain 4")

    lifecycle.submit(user=anna, attempt_id=attempt, lease=None)
    with monkeypatch.context() as patched:
        patched.setattr(grading, "compute", fail)
        for _ in range(5):
            claimed_ago(attempt, 30)
            grading.try_to_grade(attempt)
    return attempt


def test_staff_see_what_waits_for_a_score_why_and_until_when(
    admin_site: Client, failing: UUID, bela: User, form: factories.Form
) -> None:
    running = factories.start(bela, form).attempt_id
    listed = {
        choice: [
            row.pk
            for row in admin_site.get("/admin/exams/attempt/", {"waits": choice}).context["cl"].result_list
        ]
        for choice in ("score", "failing", "set-aside")
    }
    assert listed == {"score": [failing], "failing": [failing], "set-aside": [failing]}
    assert running not in listed["score"]
    for path in ("", f"{failing}/change/"):
        page = admin_site.get(f"/admin/exams/attempt/{path}").content.decode()
        assert "RuntimeError: no weights for domain 4" in page
        assert "next try" in page.lower()
    page = admin_site.get(f"/admin/exams/attempt/{failing}/change/").content.decode()
    assert f"/admin/exams/attempt/{failing}/release/" in page


def test_a_release_by_staff_is_audited_and_the_attempt_is_scored_at_the_next_pass(
    admin_site: Client, failing: UUID
) -> None:
    admin_site.post(f"/admin/exams/attempt/{failing}/release/", {"reason": "Weights are there again"})
    audit = AuditEntry.objects.get()
    assert (audit.action, audit.reason) == ("release", "Weights are there again")
    assert audit.before["score_error"] == "RuntimeError: no weights for domain 4"
    assert grading.try_to_grade(failing)


def test_a_void_takes_the_attempt_out(admin_site: Client, attempt: UUID) -> None:
    admin_site.post(f"/admin/exams/attempt/{attempt}/void/", {"reason": "Started by support"})
    assert Attempt.objects.get().state == State.VOIDED


@pytest.mark.parametrize("model", LISTS)
def test_authors_see_content_and_nothing_of_candidates(author: Client, attempt: UUID, model: str) -> None:
    wanted = 403 if model in OF_CANDIDATES else 200
    assert author.get(f"/admin/exams/{model}/").status_code == wanted


@pytest.mark.parametrize("act", ["extend", "void", "rescore"])
def test_authors_cannot_act_on_attempts(author: Client, attempt: UUID, act: str) -> None:
    reply = author.post(f"/admin/exams/attempt/{attempt}/{act}/", {"reason": "I want to", "minutes": 5})
    assert reply.status_code == 403
    assert not AuditEntry.objects.exists()


def test_the_admin_has_its_own_policy_and_candidates_keep_the_strict_one(
    admin_site: Client, form: factories.Form
) -> None:
    assert "unsafe-eval" in admin_site.get("/admin/").headers["Content-Security-Policy"]
    strict = admin_site.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in strict


def test_the_list_of_items_speaks_of_the_version_that_was_published_last(
    admin_site: Client, form: factories.Form
) -> None:
    item = Item.objects.get(code="E1-Q01")
    made = factories.item_draft("E1-Q01", 1)
    hard, easy = (
        bank.draft_version(item, replace(made, difficulty=level), factories.publish_log())
        for level in ("hard", "easy")
    )
    bank.publish(easy)
    bank.publish(hard)
    link = f"/admin/exams/item/{item.pk}/change/"
    listed = {
        level: admin_site.get(f"/admin/exams/item/?difficulty={level}").content.decode()
        for level in ("hard", "easy")
    }
    assert link in listed["hard"]
    assert link not in listed["easy"]
