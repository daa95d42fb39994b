"""One email on mornings with work: for whoever chose it, once a day, true when it is sent, else silence."""

import datetime as dt
import re
import threading
from smtplib import SMTPRecipientsRefused
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.access.policy import Access
from accounts.base import personal_data
from accounts.outbox.encryption import Parameters
from accounts.outbox.models import Mail
from accounts.profile import selectors as profiles_of
from accounts.profile import services as profiles
from accounts.profile.models import Profile
from accounts.profile.reminders import ACCESS, STUDY, token
from accounts.users.models import User
from exams.attempts import grading, lifecycle
from exams.catalog.models import Certification
from exams.insights import exam_dates, study_mail
from exams.insights.dashboard import Here
from exams.insights.dashboard_hooks import Repetition
from exams.tasks import send_study_mails
from tests import factories, roles
from tests.accounts import selling
from tests.accounts.mails import delivered
from tests.exams.attempts.helpers import save
from tests.exams.web.test_pages import signed_in, sit
from tests.factories import Form
from tests.flows.crew import parallel
from tests.flows.dropped import dropped
from tests.hooked import register_only

pytestmark = pytest.mark.django_db
CODE = "mls-c01"
PAGE, DATE = f"/{CODE}/", f"/{CODE}/exam-date/"


def zone_at(hour: int) -> str:
    """Return a time zone in which it is this hour now."""
    ahead = (hour - dt.datetime.now(dt.UTC).hour) % 24
    return f"Etc/GMT-{ahead}" if ahead <= 14 else f"Etc/GMT+{24 - ahead}"


def choose(user: User, hour: int = 7, **more: object) -> dt.date:
    """Let a person choose these emails whose clock says this hour; return their day."""
    profiles.update(user, study_reminders=True, time_zone=zone_at(hour), **more)
    return timezone.localdate(timezone=ZoneInfo(zone_at(hour)))


def plan(user: User, days: int = 30, code: str = CODE) -> None:
    """Set the exam date, as on the page."""
    today = timezone.localdate(timezone=ZoneInfo(profiles_of.of(user).time_zone))
    exam_dates.set_to(user, code, today + dt.timedelta(days=days), today)


def sent() -> list[EmailMessage]:
    """Let the task of beat and then the sender run; return everything that was sent in this test."""
    send_study_mails()
    return delivered()


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many cards of each certification are due, to be changed by the test."""
    due: dict[str, int] = {}

    def repetition(user: User, code: str, access: Access) -> Repetition | None:
        count = due.get(code)
        if count is None:
            return None
        title = f"{count} cards are due"
        return Repetition(count, 4, "/cards/", "Flashcards", title, status="", button="", daily="")

    register_only(monkeypatch, "due_repetition", repetition)
    return due


@pytest.fixture
def planned(anna: User, form: Form, cards: dict[str, int]) -> User:
    """Somebody who chose the emails, has a date and so an exam to take today, and whose clock says seven."""
    Certification.objects.update(retired_on=None)
    choose(anna)
    plan(anna)
    return anna


# --- What it says -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        ("en", "MLS-C01 today: about 3 h", "Practice Exam 1, about 3 h"),
        ("hu", "MLS-C01 mára: kb. 3 óra", "1. gyakorló teszt, kb. 3 óra"),
    ],
)
def test_it_says_what_is_due_how_long_it_takes_and_leads_to_the_course(
    planned: User, language: str, subject: str, line: str
) -> None:
    profiles.update(planned, ui_language=language)
    (only,) = sent()
    assert only.subject == subject
    html = str(only.alternatives[0][0])  # type: ignore[attr-defined]
    prefix = "" if language == "en" else "/hu"
    for text in (str(only.body), html):
        assert line in text
        assert re.search(rf"https?://[^/\s]+{prefix}/mls-c01/today/[\s\"]", text)
        assert f"{prefix}/accounts/study-reminders/" in text


def test_it_names_no_question_and_no_key(planned: User, form: Form, cards: dict[str, int]) -> None:
    sit(planned, form, wrong=range(1, 9))
    cards[CODE] = 3
    (only,) = sent()
    lines = str(only.body).split("For today:\n")[1].split("\n\n")[0].splitlines()
    assert all(
        re.fullmatch(
            r"(Review your incorrect answers in exam \d|3 cards are due|Practice: .*|Practice Exam \d)"
            r", about .*",
            one,
        )
        for one in lines
    )


def test_all_courses_of_a_day_are_one_email_and_the_nearest_exam_is_first(
    planned: User, cards: dict[str, int]
) -> None:
    factories.make_certification("ab-01")
    Certification.objects.update(retired_on=None)
    plan(planned, days=9, code="ab-01")
    cards |= {"ab-01": 5, CODE: 0}
    (only,) = sent()
    assert only.subject == "AB-01 and MLS-C01 today: about 3 h 4 min"
    assert "AB-01: 5 cards are due, about 4 min\nMLS-C01: Practice Exam 1" in str(only.body)
    assert "/ab-01/today/\n" in str(only.body)


def test_its_link_leads_to_the_course_after_signing_in(anna: User, form: Form) -> None:
    path = f"/{CODE}/today/"
    assert Client().get(path).headers["Location"] == f"/accounts/login/?next={path}"
    assert signed_in(anna).get(path).headers["Location"] == f"/{CODE}/"


def test_without_a_date_only_cards_that_are_due_are_work(
    anna: User, form: Form, cards: dict[str, int]
) -> None:
    choose(anna)
    Certification.objects.update(retired_on=None)
    cards[CODE] = 0
    assert sent() == []
    cards[CODE] = 2
    assert [one.subject for one in sent()] == ["MLS-C01 today: about 4 min"]


# --- Who gets none ------------------------------------------------------------------------------------
def test_nobody_gets_it_who_did_not_choose_it(planned: User, bela: User) -> None:
    profiles.update(bela, time_zone=zone_at(7))
    plan(bela)
    assert [one.to for one in sent()] == [[planned.email]]


@pytest.mark.parametrize("hour", [0, 6, 9, 12, 23])
def test_it_comes_in_the_morning_of_its_reader_alone(planned: User, hour: int) -> None:
    profiles.update(planned, time_zone=zone_at(hour))
    assert sent() == []


def test_a_closed_account_and_an_unconfirmed_address_get_none(planned: User, bela: User) -> None:
    choose(bela)
    plan(bela)
    EmailAddress.objects.filter(user=planned).update(verified=False)
    User.objects.filter(pk=bela.pk).update(is_active=False)
    assert sent() == []


def test_an_address_that_a_mail_server_refused_gets_none(
    planned: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise SMTPRecipientsRefused({planned.email: (550, b"no such mailbox")})

    with monkeypatch.context() as refused:
        refused.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        sent()
    Mail.objects.update(dedupe_key="of yesterday")
    assert sent() == []
    Mail.objects.all().delete()
    assert len(sent()) == 1


def test_whoever_takes_an_exam_gets_none_until_it_is_over(planned: User, form: Form) -> None:
    attempt_id = factories.start(planned, form).attempt_id
    assert sent() == []
    lifecycle.submit(user=planned, attempt_id=attempt_id, lease=None)
    grading.grade(attempt_id)
    assert len(sent()) == 1


def test_access_that_ended_is_silent(planned: User, cards: dict[str, int]) -> None:
    selling.sell()
    cards[CODE] = 5
    selling.give(planned, days=(-30, -1))
    assert sent() == []


def test_a_retired_certification_without_a_date_and_an_exam_that_is_over_are_silent(
    anna: User, form: Form, cards: dict[str, int]
) -> None:
    day = choose(anna)
    cards[CODE] = 5
    assert sent() == []
    Certification.objects.update(retired_on=None)
    exam_dates.set_to(anna, CODE, day, day)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE exams_examdate SET day = day - 1")
    assert sent() == []


# --- Once a day ---------------------------------------------------------------------------------------
def test_it_comes_once_a_day_by_task_or_by_command(planned: User) -> None:
    call_command("send_study_mails")
    assert len(sent()) == 1
    profiles.update(planned, time_zone=zone_at(8))
    assert len(sent()) == 1
    assert Mail.objects.get().dedupe_key.startswith(f"study-{planned.pk}-20")


@pytest.fixture
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two workers go on together once both have seen that no email was written yet."""
    real, both = study_mail._parameters, threading.Barrier(2, timeout=20)

    def together(profile: Profile, here: Here) -> Parameters | None:
        both.wait()
        return real(profile, here)

    monkeypatch.setattr(study_mail, "_parameters", together)


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one(planned: User) -> None:
    assert sorted(parallel(2, study_mail.send_due)) == [0, 1]
    assert Mail.objects.count() == 1


@pytest.mark.controls
@pytest.mark.usefixtures("side_by_side")
@pytest.mark.django_db(transaction=True)
def test_without_the_unique_key_two_workers_at_once_send_two(planned: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'accounts_mail'::regclass AND contype = 'u'"
        )
        ((name,),) = cursor.fetchall()
    with dropped("accounts_mail", name, emptied=("accounts_mail",)):
        parallel(2, study_mail.send_due)
        assert Mail.objects.count() == 2


def test_figures_that_fail_for_one_person_keep_no_other_from_their_email(
    planned: User, bela: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(bela)
    plan(bela)
    real = study_mail._parameters
    monkeypatch.setattr(
        study_mail,
        "_parameters",
        lambda profile, here: 1 / 0 if profile.pk == planned.pk else real(profile, here),
    )
    study_mail.send_due()
    assert [mail.person for mail in Mail.objects.all()] == [bela]


# --- True when it is sent -----------------------------------------------------------------------------
def test_an_email_that_waits_is_not_sent_once_it_has_become_untrue(
    planned: User, form: Form, cards: dict[str, int]
) -> None:
    exam_dates.clear(planned, CODE)
    cards[CODE] = 5
    for change in (
        lambda: cards.update({CODE: 0}),
        lambda: profiles.update(planned, study_reminders=False),
        lambda: factories.start(planned, form),
    ):
        assert study_mail.send_due() == 1
        change()
        assert delivered() == []
        assert not Mail.objects.exists()
        cards[CODE] = 5
        profiles.update(planned, study_reminders=True)


def test_an_email_whose_number_of_cards_changed_is_written_anew(planned: User, cards: dict[str, int]) -> None:
    exam_dates.clear(planned, CODE)
    cards[CODE] = 5
    study_mail.send_due()
    cards[CODE] = 6
    assert delivered() == []
    (only,) = sent()
    assert "6 cards are due" in str(only.body)


# --- On and off ---------------------------------------------------------------------------------------
def test_it_is_offered_with_the_exam_date_and_off_until_chosen(anna: User, form: Form) -> None:
    Certification.objects.update(retired_on=None)
    client = signed_in(anna)
    day = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    field = '<input type="checkbox" name="study_mail" value="1">'
    assert field in client.get(PAGE).content.decode()
    client.post(DATE, {"day": day})
    assert not profiles_of.of(anna).study_reminders
    client.post(DATE, {"day": "1999-01-01", "study_mail": "1"})
    assert not profiles_of.of(anna).study_reminders
    client.post(DATE, {"day": day, "study_mail": "1"})
    assert profiles_of.of(anna).study_reminders
    assert field not in client.get(PAGE).content.decode()


def test_it_is_turned_on_and_off_in_the_profile(client: Client, anna: User) -> None:
    client.force_login(anna)
    values = {"ui_language": "en", "time_zone": "UTC", "accommodation": "none"}
    for chosen in ({"study_reminders": "on"}, {}):
        assert client.post("/accounts/profile/", values | chosen).status_code == 302
        assert profiles_of.of(anna).study_reminders is bool(chosen)


def test_one_press_turns_it_off_and_opening_the_link_does_not(planned: User, bela: User) -> None:
    choose(bela)
    (only,) = sent()
    headers = only.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.sub(r"https?://[^/]+", "", headers["List-Unsubscribe"].strip("<>"))
    program = Client(enforce_csrf_checks=True)
    assert "Turn off emails" in program.get(path).content.decode()
    assert profiles_of.of(planned).study_reminders
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    now = profiles_of.of(planned)
    assert (now.study_reminders, now.access_reminders) == (False, True)
    assert profiles_of.of(bela).study_reminders


def test_a_link_of_another_kind_of_email_turns_nothing_off(planned: User) -> None:
    for path, kind in (("study-reminders", ACCESS), ("reminders", STUDY)):
        assert Client().post(f"/accounts/{path}/{token(planned.pk, kind)}/").status_code == 404
    assert profiles_of.of(planned).study_reminders


@pytest.mark.parametrize("choice", [True, False])
def test_the_choice_is_in_the_archive(anna: User, choice: bool) -> None:
    profiles.update(anna, study_reminders=choice)
    profile = next(table for table in personal_data.files() if table.file == "profile")
    assert [line["study_reminders"] for line in profile.lines(anna, "en")] == [choice]


def test_cards_that_take_less_than_a_minute_or_a_pace_not_known_yet_are_said_without_a_time_of_nothing(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(anna)

    def repetition(user: User, code: str, access: Access) -> Repetition:
        return Repetition(2, 0, "/cards/", "Flashcards", "2 cards are due", status="", button="", daily="")

    register_only(monkeypatch, "due_repetition", repetition)
    Certification.objects.update(retired_on=None)
    (only,) = sent()
    assert "2 cards are due" in str(only.body)
    assert "0 s" not in only.subject
    assert "0 s" not in str(only.body)


def test_a_time_zone_that_no_longer_exists_keeps_no_other_from_their_email(planned: User, bela: User) -> None:
    choose(bela)
    Profile.objects.filter(user=bela).update(time_zone="US/Pacific-New")
    assert study_mail.send_due() == 1


def test_of_a_retired_certification_the_mail_plans_no_exam_that_the_home_does_not_plan(
    planned: User, form: Form
) -> None:
    """The home forgets a date of what can no longer be taken; the mail must not go on with it."""
    Certification.objects.update(retired_on=dt.date(2026, 3, 31))
    assert exam_dates.exam_date_unless_retired(planned, CODE) is None
    assert "Your plan" not in signed_in(planned).get(PAGE).content.decode()
    assert sent() == []


def test_an_exam_takes_as_long_as_its_first_page_says_with_extra_time(planned: User) -> None:
    Profile.objects.filter(user=planned).update(accommodation="percent_100")
    start = signed_in(planned).get(f"{PAGE}exams/1/").content.decode()
    assert "360 minutes" in start
    (only,) = sent()
    assert "Practice Exam 1, about 6 h" in str(only.body)


def test_an_exam_takes_as_long_as_its_edition_allows_whatever_the_real_one_takes_by_now(
    planned: User,
) -> None:
    Certification.objects.update(duration_minutes=130)
    start = signed_in(planned).get(f"{PAGE}exams/1/").content.decode()
    assert "180 minutes" in start
    (only,) = sent()
    assert "Practice Exam 1, about 3 h\n" in str(only.body)


def test_a_review_is_called_as_the_home_calls_it(planned: User, form: Form) -> None:
    """Nothing of it is incorrect: what was left blank is to be reviewed."""
    begun = factories.start(planned, form)
    for position in range(1, 7):
        save(begun.lease, position, position, *form.keys[position])
    lifecycle.submit(user=planned, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    home = signed_in(planned).get(PAGE).content.decode()
    assert "Review the questions you left unanswered in exam 1" in home
    (only,) = sent()
    assert "Review the questions you left unanswered in exam 1" in str(only.body)
