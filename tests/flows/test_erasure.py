"""An account is deleted: whatever its person did is gone or nobody's, as the site's own role can see to."""

from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models.functions import Now
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.privacy import erasure, services
from accounts.privacy.models import ErasureRequest
from accounts.users import lockout
from accounts.users.models import User
from exams.attempts import grading, lifecycle
from exams.attempts.models import AnswerEvent, Attempt, Score, State
from exams.feedback import response_distribution
from exams.feedback.models import OptionCount
from flashcards.models import Review
from tests.exams.attempts.helpers import past_deadline, save
from tests.factories import Form, start
from tests.flows.lives import SECRET, have_account, learn, with_words
from tests.hooked import register_only

pytestmark = pytest.mark.django_db


def evidence() -> tuple[list[tuple[object, ...]], ...]:
    """Return what statistics are made of: answers, scores, ratings, and how often each option was chosen."""
    response_distribution.count()
    return (
        list(
            Attempt.objects.order_by("pk").values_list(
                "pk", "state", "answers_sha256", "started_at", "seen_ms"
            )
        ),
        list(AnswerEvent.objects.order_by("attempt_id", "lease_no", "seq").values_list()),
        list(Score.objects.order_by("pk").values_list("attempt_id", "raw", "scaled", "passed", "result")),
        list(Review.objects.order_by("pk").values_list("pk", "rating", "reviewed_at", "retention")),
        list(OptionCount.objects.order_by("pk").values_list("pk", "chosen", "answers")),
    )


def ask(user: User, *, is_due: bool = True) -> ErasureRequest:
    """Ask for the deletion, some days ago where it is due."""
    request = erasure.request_erasure(user, user.email, "en")
    if is_due:
        ErasureRequest.objects.filter(pk=request.pk).update(due_at=Now())
    return request


def test_an_erased_person_leaves_no_name_and_no_word_and_evidence_stays_to_the_last_digit(
    anna: User, bela: User, form: Form
) -> None:
    learn(anna, form)
    have_account(anna)
    learn(bela, form, "words of somebody else")
    client = Client()
    client.force_login(anna)
    LogEntry.objects.create(
        user=bela,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(anna.pk),
        object_repr=str(anna),
        action_flag=CHANGE,
    )
    named = {place for place, count in erasure.rows_naming(anna.pk).items() if count}
    assert {
        "exams_attempt.user_id",
        "exams_drawnpaper.owner_id",
        "exams_practiceopening.user_id",
        "exams_note.user_id",
        "exams_bookmark.user_id",
        "exams_problemreport.user_id",
        "exams_examdate.user_id",
        "flashcards_card.owner_id",
        "flashcards_review.user_id",
        "flashcards_cardstate.user_id",
        "flashcards_studysettings.user_id",
        "accounts_job.owner_id",
        "accounts_entitlement.user_id",
        "accounts_redemption.user_id",
        "accounts_auditentry.actor_id",
        "accounts_pendingconfirmation.user_id",
        "accounts_mail.person_id",
        "accounts_apitoken.user_id",
        "accounts_profile.user_id",
    } <= named
    assert {"accounts_user", "accounts_mail", "django_admin_log"} <= set(with_words(anna.email))
    assert {"exams_note", "exams_problemreport", "flashcards_cardtext"} <= set(with_words(SECRET))
    user_id, address, before = anna.pk, anna.email, evidence()
    ask(anna)
    assert erasure.erase_due() == 1
    assert {place for place, count in erasure.rows_naming(user_id).items() if count} == set()
    assert with_words(SECRET) == []
    assert with_words(address) == []
    assert list(services.sessions_of([user_id])) == []
    assert evidence() == before
    assert with_words("words of somebody else")
    assert with_words(bela.email)


def test_without_clearing_addresses_the_dump_would_name_the_person(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_account(anna)
    monkeypatch.setattr(erasure, "_forget_addresses", lambda person: None)
    ask(anna)
    assert erasure.erase_due() == 1
    assert with_words(anna.email) == ["accounts_mail"]


@pytest.mark.parametrize("device", [False, True])
def test_wrong_passwords_are_forgotten_with_the_person(anna: User, device: bool) -> None:
    """Tries from a browser that is known to the account have a counter of their own."""
    cookie = lockout.remember("", anna.email) if device else ""
    counter = lockout.counter_of(anna.email, cookie)
    AccessAttempt.objects.create(
        username=counter, ip_address="192.0.2.1", attempt_time=Now(), failures_since_start=1
    )
    address = anna.email
    assert with_words(address)
    ask(anna)
    erasure.erase_due()
    assert with_words(address) == []


def test_without_forgetting_sessions_they_would_outlive_the_person(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Client().force_login(anna)
    user_id = anna.pk
    monkeypatch.setattr(services, "forget_sessions", lambda person: 0)
    erasure.erase(anna, actor=None, reason="a test")
    assert len(list(services.sessions_of([user_id]))) == 1


def test_exams_are_counted_while_it_is_known_whose_they_are(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn(anna, form)
    assert not OptionCount.objects.exists()
    ask(anna)
    erasure.erase_due()
    counted = list(OptionCount.objects.order_by("pk").values_list("pk", "chosen", "answers"))
    assert len(counted) > 20


def test_without_the_hook_of_exams_their_answers_would_never_be_counted(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn(anna, form)
    register_only(monkeypatch, "before_erasure")
    ask(anna)
    erasure.erase_due()
    response_distribution.count()
    assert not OptionCount.objects.exists()


def test_a_person_is_erased_while_their_exam_runs_and_it_is_scored(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    ask(anna)
    erasure.erase_due()
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert (attempt.user_id, attempt.state) == (None, State.RUNNING)
    past_deadline(begun.attempt_id, 60)
    lifecycle.expire(begun.attempt_id)
    grading.grade(begun.attempt_id)
    assert Score.objects.get(attempt=attempt).raw == 1


def test_closing_takes_the_lease_from_a_running_exam(anna: User, form: Form) -> None:
    begun = start(anna, form)
    ask(anna, is_due=False)
    assert Attempt.objects.get(pk=begun.attempt_id).lease_no > 1


def test_a_page_says_before_which_exam_runs(anna: User, bela: User, form: Form) -> None:
    start(anna, form)
    (sentence,) = erasure.before_closing(anna)
    assert "MLS-C01 Practice Exam 1" in sentence
    assert sentence.endswith("You won't be able to continue it, and its clock keeps running.")
    assert erasure.before_closing(bela) == []


def test_nobody_is_erased_before_their_days_are_over(anna: User, settings: Settings) -> None:
    request = ask(anna, is_due=False)
    request.refresh_from_db()
    assert request.due_at - request.asked_at == timedelta(days=settings.ERASURE_DAYS)
    assert erasure.erase_due() == 0
    anna.refresh_from_db()
    assert not anna.is_active


def test_the_setting_says_how_many_days_there_are(anna: User, settings: Settings) -> None:
    settings.ERASURE_DAYS = 3
    request = ask(anna, is_due=False)
    assert request.due_at - request.asked_at == timedelta(days=3)


def test_who_asks_twice_gets_no_further_days(anna: User) -> None:
    first = ask(anna)
    assert erasure.request_erasure(anna, anna.email.upper(), "en").pk == first.pk
    assert erasure.erase_due() == 1


def test_a_person_who_comes_back_is_not_erased(anna: User, form: Form) -> None:
    learn(anna, form)
    request = ask(anna, is_due=False)
    assert erasure.restore(erasure.key_of(request)) == anna
    anna.refresh_from_db()
    assert anna.is_active
    assert erasure.erase_due() == 0
    assert with_words(SECRET)
    with pytest.raises(Refused):
        erasure.restore(erasure.key_of(request))


def test_who_was_closed_by_staff_meanwhile_does_not_come_back_by_the_link(anna: User, bela: User) -> None:
    request = ask(anna, is_due=False)
    assert services.close(User.objects.filter(pk__in=[anna.pk, bela.pk])) == 2
    assert services.close(User.objects.filter(pk__in=[anna.pk, bela.pk])) == 0
    with pytest.raises(Refused):
        erasure.restore(erasure.key_of(request))
    with pytest.raises(Refused):
        erasure.find(erasure.key_of(request))
    assert not User.objects.filter(is_active=True).exists()
    ErasureRequest.objects.update(due_at=Now())
    assert erasure.erase_due() == 1


def test_whose_account_staff_opened_again_is_not_erased(anna: User) -> None:
    ask(anna)
    User.objects.filter(pk=anna.pk).update(is_active=True)
    assert erasure.erase_due() == 0
    assert User.objects.filter(pk=anna.pk).exists()
    assert not ErasureRequest.objects.exists()


def test_nobody_comes_back_once_their_days_are_over(anna: User) -> None:
    request = ask(anna)
    with pytest.raises(Refused):
        erasure.restore(erasure.key_of(request))
    anna.refresh_from_db()
    assert not anna.is_active


def test_one_who_cannot_be_erased_keeps_nobody_else(
    anna: User, bela: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(user: User) -> None:
        if user.pk == anna.pk:
            raise RuntimeError("not today")

    register_only(monkeypatch, "before_erasure", fails)
    ask(anna)
    ask(bela)
    assert erasure.erase_due() == 1
    assert list(User.objects.values_list("email", flat=True)) == [anna.email]


def test_an_erasure_is_on_record_without_a_name(anna: User) -> None:
    user_id = anna.pk
    ask(anna)
    erasure.erase_due()
    acts = AuditEntry.objects.filter(subject_type="accounts.user", subject_id=str(user_id))
    assert list(acts.order_by("pk").values_list("action", flat=True)) == ["ask_erasure", "erase"]
    assert not acts.exclude(actor=None).exists()


def run(*words: str) -> str:
    said = StringIO()
    call_command("erase_person", *words, stdout=said)
    return said.getvalue()


def test_support_looks_first_what_names_a_person(anna: User, form: Form) -> None:
    learn(anna, form)
    said = run(anna.email, "--dry-run")
    assert "exams_attempt.user_id: 3\n" in said
    assert said.endswith(f"would erase person {anna.pk}\n")
    assert User.objects.filter(pk=anna.pk).exists()


def test_support_erases_at_once_and_says_why(anna: User) -> None:
    user_id = anna.pk
    run(anna.email.upper(), "--reason", "by letter")
    assert with_words("anna@") == []
    entry = AuditEntry.objects.get(action="erase")
    assert (entry.subject_id, entry.reason) == (str(user_id), "by letter")


@pytest.mark.parametrize(
    ("words", "code"), [(["anna@example.org"], 2), (["absent@example.org", "--dry-run"], 1)]
)
def test_support_erases_nobody_without_a_reason_or_an_account(
    anna: User, words: list[str], code: int
) -> None:
    with pytest.raises(CommandError) as refused:
        run(*words)
    assert refused.value.returncode == code
    assert User.objects.filter(pk=anna.pk).exists()
