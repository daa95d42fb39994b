"""Reports of problems: once while they wait, answered once; the answer reaches the person."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox.models import Mail
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.feedback import selectors, services
from exams.feedback.models import ProblemReport, ReportState
from tests.accounts.mails import delivered
from tests.exams.feedback.helpers import ended, taking
from tests.factories import Form

pytestmark = pytest.mark.django_db


def send(
    user: User, attempt_id: object, reason: str = "key", text: str = "B is right, too"
) -> tuple[int, bool]:
    return services.report(user=user, attempt_id=attempt_id, position=1, reason=reason, text=text)  # type: ignore[arg-type]


def refusal(user: User, attempt_id: object, reason: str, text: str = "") -> tuple[str, int]:
    with pytest.raises(Refused) as refused:
        send(user, attempt_id, reason, text)
    return refused.value.code, refused.value.status


def reply(report_id: int, answer: str = "Both are keys now.", state: str = "corrected") -> None:
    services.answer(report_id=report_id, actor=None, state=state, answer=answer, reason="checked the page")


def test_a_report_keeps_who_said_what_of_which_version(anna: User, form: Form) -> None:
    attempt_id = ended(anna, form)
    with override("hu"):
        report_id, is_new = send(anna, attempt_id)
    stored = ProblemReport.objects.get()
    assert (stored.pk, is_new) == (report_id, True)
    assert (stored.user, stored.attempt_id, stored.position) == (anna, attempt_id, 1)
    assert (stored.version.item.code, stored.reason, stored.text) == ("E1-Q01", "key", "B is right, too")
    assert (stored.language, stored.state, stored.answer, stored.answered_at) == ("hu", "open", "", None)


def test_a_report_pressed_twice_is_stored_once(anna: User, form: Form) -> None:
    attempt_id = ended(anna, form)
    first, _ = send(anna, attempt_id)
    assert send(anna, attempt_id) == (first, False)
    assert refusal(anna, attempt_id, "key", "And another thing") == ("already_reported", 409)
    assert send(anna, attempt_id, "typo", "")[1]
    reply(first)
    assert send(anna, attempt_id)[1], "an answered report may be followed by another one"
    assert ProblemReport.objects.count() == 3


def test_bad_reports_store_nothing(anna: User, bela: User, form: Form) -> None:
    attempt_id = ended(anna, form)
    assert refusal(anna, attempt_id, "rude") == ("unknown_reason", 422)
    assert refusal(anna, attempt_id, "") == ("unknown_reason", 422)
    assert refusal(anna, attempt_id, "other", "  ") == ("missing_text", 422)
    assert refusal(anna, attempt_id, "key", "x" * 2001) == ("too_long", 422)
    assert refusal(bela, attempt_id, "key") == ("not_found", 404)
    assert refusal(anna, taking(bela, form), "key") == ("not_found", 404)
    taking(anna, form)
    assert refusal(anna, attempt_id, "key") == ("exam_running", 409)
    assert not ProblemReport.objects.exists()


def test_a_day_takes_a_limited_number_of_reports(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = ended(anna, form)
    monkeypatch.setattr(services, "PER_DAY", 2)
    send(anna, attempt_id, "key")
    send(anna, attempt_id, "typo")
    assert refusal(anna, attempt_id, "unclear") == ("too_many_reports", 429)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE exams_problemreport SET created_at = created_at - interval '25 hours'")
    assert send(anna, attempt_id, "unclear")[1]


@pytest.mark.parametrize(
    "change",
    [
        "state = 'corrected'",
        "answer = 'Yes.'",
        "state = 'corrected', answered_at = statement_timestamp()",
        "reason = 'rude'",
        "text = repeat('x', 2001)",
    ],
)
def test_the_database_refuses_half_an_answer(anna: User, form: Form, change: str) -> None:
    send(anna, ended(anna, form))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE exams_problemreport SET {change}")


def test_the_database_keeps_one_open_report_of_a_reason(anna: User, form: Form) -> None:
    send(anna, ended(anna, form))
    again = ProblemReport.objects.get()
    again.pk = None
    with pytest.raises(IntegrityError, match="report_open_once"), transaction.atomic():
        again.save(force_insert=True)


def test_an_answer_is_given_once_audited_and_shown(anna: User, form: Form) -> None:
    report_id, _ = send(anna, ended(anna, form))
    reply(report_id, answer=" Both are keys now.\r\nThank you. ")
    stored = ProblemReport.objects.get()
    assert (stored.state, stored.answer) == (ReportState.CORRECTED, "Both are keys now.\nThank you.")
    assert stored.answered_at
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.reason, entry.after["state"]) == ("answer", "checked the page", "corrected")
    with pytest.raises(Refused) as refused:
        reply(report_id, state="unchanged")
    assert (refused.value.code, refused.value.status) == ("report_answered", 409)
    (own,) = selectors.own_reports(anna)
    assert (own.report.answer, own.held, own.form_number) == ("Both are keys now.\nThank you.", False, 1)
    assert AuditEntry.objects.count() == Mail.objects.filter(kind=services.ANSWERED_MAIL).count() == 1


def test_an_answer_needs_an_outcome_and_words(anna: User, form: Form) -> None:
    report_id, _ = send(anna, ended(anna, form))
    for state, answer, code in (
        ("open", "Yes.", "unknown_state"),
        ("maybe", "Yes.", "unknown_state"),
        ("corrected", "  ", "missing_text"),
        ("corrected", "x" * 4001, "too_long"),
    ):
        with pytest.raises(Refused) as refused:
            reply(report_id, answer, state)
        assert (refused.value.code, refused.value.status) == (code, 422)
    with pytest.raises(Refused) as refused:
        reply(report_id + 1)
    assert refused.value.status == 404
    assert not AuditEntry.objects.exists()
    assert ProblemReport.objects.get().state == ReportState.OPEN


def test_the_answer_is_mailed_in_the_language_of_the_person(anna: User, form: Form) -> None:
    profiles.update(anna, ui_language="hu")
    report_id, _ = send(anna, ended(anna, form))
    reply(report_id)
    message = delivered()[-1]
    assert message.to == ["anna@example.org"]
    assert message.subject == "Válaszoltunk a hibabejelentésedre"
    assert "A válaszunk: Both are keys now." in message.body
    assert "/hu/problem-reports/" in message.body


def test_who_chose_no_language_is_answered_in_that_of_the_report(anna: User, form: Form) -> None:
    attempt_id = ended(anna, form)
    with override("hu"):
        report_id, _ = send(anna, attempt_id)
    reply(report_id)
    assert delivered()[-1].subject == "Válaszoltunk a hibabejelentésedre"


def test_a_mail_holds_no_answer_while_the_question_is_in_an_exam_being_taken(anna: User, form: Form) -> None:
    report_id, _ = send(anna, ended(anna, form))
    taking(anna, form)
    reply(report_id, answer="The key is C")
    body = str(delivered()[-1].body)
    assert "The key is C" not in body
    assert "you can read our answer once that exam has ended" in body
    (own,) = selectors.own_reports(anna)
    assert (own.held, own.report.text, own.report.answer) == (True, "", "")


def test_a_closed_account_gets_no_mail(anna: User, form: Form) -> None:
    report_id, _ = send(anna, ended(anna, form))
    User.objects.filter(pk=anna.pk).update(is_active=False)
    reply(report_id)
    assert not Mail.objects.filter(kind=services.ANSWERED_MAIL).exists()


def test_what_a_person_said_goes_with_their_account(anna: User, form: Form) -> None:
    send(anna, ended(anna, form))
    anna.delete()
    assert not ProblemReport.objects.exists()
