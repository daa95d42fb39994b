"""Reports of problems in the admin: read by authors without knowing who reported, answered once, audited."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.feedback import services
from exams.feedback.models import ProblemReport, ReportState
from tests import factories
from tests.exams.feedback.helpers import browser, ended
from tests.factories import Form

pytestmark = pytest.mark.django_db

LIST = "/admin/exams/problemreport/"
ANSWER = {"state": "corrected", "answer": "Both are keys now.", "reason": "checked the page"}


@pytest.fixture
def report(anna: User, form: Form) -> ProblemReport:
    report_id, _ = services.report(
        user=anna, attempt_id=ended(anna, form), position=1, reason="key", text="B is right, too"
    )
    return ProblemReport.objects.get(pk=report_id)


@pytest.fixture
def author(db: None) -> Client:
    user = factories.make_user("author@example.org")
    user.is_staff = True
    user.save()
    user.groups.add(Group.objects.get(name="authors"))
    return browser(user)


@pytest.fixture
def root(db: None) -> Client:
    return browser(User.objects.create_superuser("root@example.org", factories.PASSWORD))


def page_of(report: ProblemReport, act: str = "change") -> str:
    return f"{LIST}{report.pk}/{act}/"


def test_an_author_reads_a_report_and_is_not_told_who_sent_it(author: Client, report: ProblemReport) -> None:
    for path in (LIST, f"{LIST}?q=E1-Q01", page_of(report), page_of(report, "answer")):
        reply = author.get(path)
        assert reply.status_code == 200, path
        html = reply.content.decode()
        assert "E1-Q01, version 1" in html
        assert "B is right, too" in html
        assert "anna@example.org" not in html
    assert author.get(f"{LIST}?q=anna").content.decode().count("E1-Q01, version 1") == 0


@pytest.mark.parametrize("lookup", ["user__id__exact", "user", "user__exact"])
def test_an_author_cannot_find_by_a_filter_which_reports_one_person_sent(
    author: Client, root: Client, report: ProblemReport, lookup: str
) -> None:
    filtered = f"{LIST}?{lookup}={report.user_id}"
    assert author.get(filtered).status_code == 400
    assert root.get(filtered).status_code == 200


def test_staff_who_may_see_people_see_who_sent_it(root: Client, report: ProblemReport) -> None:
    assert "anna@example.org" in root.get(page_of(report)).content.decode()


def test_an_author_answers_once_with_a_reason(author: Client, report: ProblemReport) -> None:
    assert f"{LIST}{report.pk}/answer/" in author.get(page_of(report)).content.decode()
    assert author.post(page_of(report, "answer"), ANSWER).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.answer) == (ReportState.CORRECTED, "Both are keys now.")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor and entry.actor.email, entry.reason) == (
        "answer",
        "author@example.org",
        "checked the page",
    )
    html = author.get(page_of(report)).content.decode()
    assert f"{LIST}{report.pk}/answer/" not in html
    assert "checked the page" in html
    assert author.post(page_of(report, "answer"), {**ANSWER, "answer": "No."}).status_code == 403
    report.refresh_from_db()
    assert report.answer == "Both are keys now."


@pytest.mark.parametrize("wrong", [{"reason": "no"}, {"answer": " "}, {"state": "open"}])
def test_an_answer_without_outcome_words_or_reason_changes_nothing(
    author: Client, report: ProblemReport, wrong: dict[str, str]
) -> None:
    assert author.post(page_of(report, "answer"), {**ANSWER, **wrong}).status_code == 422
    report.refresh_from_db()
    assert report.state == ReportState.OPEN
    assert not AuditEntry.objects.exists()


def test_nothing_is_added_edited_or_deleted_by_hand(root: Client, report: ProblemReport) -> None:
    assert root.get(f"{LIST}add/").status_code == 403
    assert root.post(page_of(report), {"state": "corrected"}).status_code == 403
    assert root.post(page_of(report, "delete"), {"post": "yes"}).status_code == 403
    report.refresh_from_db()
    assert report.state == ReportState.OPEN


def test_a_candidate_answers_nothing(anna: User, report: ProblemReport) -> None:
    assert browser(anna).post(page_of(report, "answer"), ANSWER).status_code in {302, 403}
    report.refresh_from_db()
    assert report.state == ReportState.OPEN


def test_what_waits_comes_first(
    author: Client,
    report: ProblemReport,
    bela: User,
    form: Form,
) -> None:
    attempt_id = ended(bela, form)
    for reason in ("key", "typo"):
        services.report(user=bela, attempt_id=attempt_id, position=2, reason=reason, text="more")
    services.answer(report_id=report.pk, actor=None, state="unchanged", answer="No.", reason="read it")
    html = author.get(LIST).content.decode()
    assert html.index("E1-Q02, version 1") < html.index("E1-Q01, version 1")
