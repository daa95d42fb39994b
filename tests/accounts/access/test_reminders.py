"""Mails before access ends and after it did: once each, true when they are sent, in the reader's words."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override

from accounts.access import entitlements, reminders
from accounts.access.models import EVERYTHING, Entitlement, Source
from accounts.access.reminders import stage
from accounts.base import personal_data
from accounts.base.moments import in_full
from accounts.outbox.encryption import decrypt, encrypt
from accounts.outbox.models import Mail
from accounts.profile import selectors as profiles_of
from accounts.profile import services as profiles
from accounts.profile.reminders import ACCESS, token
from accounts.tasks import send_reminders
from accounts.users.models import User
from tests import factories, roles
from tests.accounts.access.shop import make_version, now, run
from tests.accounts.mails import delivered
from tests.flows.crew import parallel
from tests.flows.dropped import dropped

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BUDAPEST = ZoneInfo("Europe/Budapest")
NAME = "Machine Learning (MLS-C01)"


def sent() -> list[EmailMessage]:
    """Let the hourly task and then the sender run; return everything that was sent in this test."""
    send_reminders()
    return delivered()


def subjects() -> list[str]:
    return [str(one.subject) for one in sent()]


def pass_time(by: timedelta) -> None:
    """Let time pass for what was given, and for the mails that were written about it."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_entitlement DISABLE TRIGGER insert_only")
        cursor.execute(
            "UPDATE accounts_entitlement SET starts_at = starts_at - %s::interval,"
            " ends_at = ends_at - %s::interval",
            [f"{by.total_seconds()} s"] * 2,
        )
        cursor.execute("ALTER TABLE accounts_entitlement ENABLE TRIGGER insert_only")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    # The end is in the keys.
    for mail in Mail.objects.all():
        earlier = re.sub(
            r"\d{10,}", lambda end: str(int(end[0]) - by // timedelta(microseconds=1)), mail.dedupe_key
        )
        Mail.objects.filter(pk=mail.pk).update(dedupe_key=earlier)


# --- When ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (15 * DAY, None),
        (14 * DAY + HOUR, None),
        (14 * DAY - HOUR, 14),
        (3 * DAY + HOUR, 14),
        (3 * DAY - HOUR, 3),
        (DAY + HOUR, 3),
        (DAY - HOUR, 1),
        (timedelta(seconds=1), 1),
    ],
)
def test_the_reminder_of_the_fewest_days_is_due(left: timedelta, expected: int | None) -> None:
    until = datetime(2027, 2, 20, 14, 5, tzinfo=UTC)
    assert stage(until, until - left, BUDAPEST) == expected


@pytest.mark.parametrize(
    ("until", "first"),
    [
        # The day of 28 March 2027 has 23 hours in Budapest, that of 25 October 2026 has 25.
        ("2027-03-28T14:00+02:00", "2027-03-27T14:00+01:00"),
        ("2026-10-25T14:00+01:00", "2026-10-24T14:00+02:00"),
        # A time of the night before that the spring night itself does not have, or the autumn night twice.
        ("2027-03-29T02:30+02:00", "2027-03-28T03:30+02:00"),
        ("2026-10-26T02:30+01:00", "2026-10-25T02:30+02:00"),
    ],
)
def test_a_day_before_is_the_same_time_on_the_clock_over_a_change_of_the_clock(
    until: str, first: str
) -> None:
    end, begins = datetime.fromisoformat(until), datetime.fromisoformat(first)
    assert stage(end.astimezone(UTC), begins.astimezone(UTC), BUDAPEST) == 1
    assert stage(end.astimezone(UTC), begins.astimezone(UTC) - timedelta(seconds=1), BUDAPEST) == 3


def test_14_3_and_1_days_before_and_after_the_end_one_mail_each(anna: User) -> None:
    make_version()
    run(anna, -DAY, 15 * DAY)
    assert subjects() == []
    # Just below whole days: the mail says how many days of the calendar are left.
    for by in (DAY + HOUR, DAY, 10 * DAY, 2 * DAY):
        pass_time(by)
        sent()
        sent()
    pass_time(DAY)
    kinds = [one.kind for one in Mail.objects.order_by("pk")]
    sent()
    assert kinds == [reminders.ENDING] * 3
    assert [one.kind for one in Mail.objects.order_by("pk")] == [*kinds, reminders.ENDED]
    assert len(delivered()) == 4
    assert Mail.objects.filter(sent_at=None).count() == 0
    pass_time(DAY)
    assert len(sent()) == 4


def test_access_that_ended_long_ago_or_is_far_from_its_end_is_passed_over(anna: User) -> None:
    run(anna, -9 * DAY, -3 * DAY - HOUR)
    run(anna, -DAY, 30 * DAY, code="cert:other")
    assert sent() == []


@pytest.mark.parametrize(("left", "days"), [(DAY * 3 - HOUR, (2, 3)), (HOUR, (0, 1))])
def test_a_mail_counts_days_of_the_calendar_where_its_reader_lives(
    anna: User, left: timedelta, days: tuple[int, int]
) -> None:
    profiles.update(anna, time_zone="Pacific/Auckland")
    given = run(anna, -DAY, left)
    (notice,) = reminders.due()
    zone = ZoneInfo("Pacific/Auckland")
    expected = localtime(given.ends_at, zone).date() - localtime(now(), zone).date()
    assert notice.parameters["days"] == expected.days
    assert notice.parameters["days"] in days


# --- Whose access ends --------------------------------------------------------------------------------
def test_what_follows_without_a_gap_moves_the_end(anna: User) -> None:
    at = now()
    run(anna, -DAY, 2 * DAY, at=at)
    run(anna, 2 * DAY, 60 * DAY, at=at)
    assert sent() == []


def test_what_opens_everything_moves_the_end_of_each_code(anna: User) -> None:
    run(anna, -DAY, 2 * DAY)
    run(anna, -DAY, 60 * DAY, code=EVERYTHING)
    assert sent() == []


def test_what_begins_after_a_gap_is_not_forgotten_by_the_reminder_but_spares_the_last_mail(
    anna: User,
) -> None:
    at = now()
    run(anna, -9 * DAY, -HOUR, at=at)
    run(anna, DAY, 60 * DAY, at=at)
    assert sent() == []


def test_a_subscription_that_renews_is_not_announced_and_one_that_ended_is_told_a_day_later(
    anna: User,
) -> None:
    run(anna, -DAY, 2 * HOUR, source=Source.SUBSCRIPTION, code=EVERYTHING)
    assert sent() == []
    pass_time(4 * HOUR)
    assert sent() == []
    pass_time(DAY)
    assert subjects() == ["Your access has ended"]


def test_several_codes_that_end_together_are_one_mail(anna: User) -> None:
    at = now()
    for code in ("cert:a", "cert:b", "cert:c"):
        run(anna, -DAY, 2 * DAY, code=code, at=at)
    run(anna, -DAY, 2 * DAY + HOUR, code="cert:d", at=at)
    first, second = sent()
    assert "Your access to cert:a, cert:b and cert:c ends on" in str(first.body)
    assert "Your access to cert:d ends on" in str(second.body)


def test_everything_and_a_code_that_end_together_are_called_everything(anna: User) -> None:
    at = now()
    run(anna, -DAY, 2 * DAY, at=at)
    run(anna, -DAY, 2 * DAY, code=EVERYTHING, at=at)
    (only,) = sent()
    assert "Your access to all certifications ends" in str(only.body)


def test_who_may_not_get_mail_gets_none(anna: User, bela: User) -> None:
    for person in (anna, bela):
        run(person, -DAY, 2 * DAY)
    EmailAddress.objects.filter(user=anna).update(verified=False)
    User.objects.filter(pk=bela.pk).update(is_active=False)
    assert sent() == []


def test_an_entitlement_of_a_deleted_person_is_passed_over(anna: User) -> None:
    run(anna, -DAY, 2 * DAY)
    Entitlement.objects.update(user=None)
    assert sent() == []


# --- Once each ----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_task_run_twice_at_once_sends_once(anna: User) -> None:
    run(anna, -DAY, 2 * DAY)
    written = parallel(2, reminders.send_due)
    assert sorted(written) == [0, 1]
    assert Mail.objects.count() == 1


@pytest.mark.controls
@pytest.mark.django_db(transaction=True)
def test_without_the_unique_key_the_task_run_twice_sends_twice(anna: User) -> None:
    run(anna, -DAY, 2 * DAY)
    with dropped("accounts_mail", key_of_mails(), emptied=("accounts_mail",)):
        parallel(2, reminders.send_due)
        assert Mail.objects.count() == 2


def key_of_mails() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'accounts_mail'::regclass AND contype = 'u'"
        )
        ((name,),) = cursor.fetchall()
    return str(name)


# --- What became untrue while it waited ---------------------------------------------------------------
def test_a_mail_that_waits_while_access_is_prolonged_is_not_sent(anna: User) -> None:
    run(anna, -DAY, 2 * DAY)
    send_reminders()
    assert Mail.objects.count() == 1
    entitlements.give(anna, make_version(), Source.PURCHASE, "more")
    assert delivered() == []
    assert not Mail.objects.exists()
    assert sent() == []


def test_a_mail_that_waits_while_access_is_ended_is_not_sent(anna: User) -> None:
    given = run(anna, -DAY, 2 * DAY)
    send_reminders()
    entitlements.end([given], at=None, actor=None, reason="refund")
    assert delivered() == []
    assert sent() == []


def test_a_mail_that_waits_while_its_reader_opts_out_is_not_sent(anna: User) -> None:
    run(anna, -DAY, 2 * DAY)
    send_reminders()
    profiles.update(anna, access_reminders=False)
    assert delivered() == []


def test_a_mail_that_waited_over_midnight_is_written_anew(anna: User) -> None:
    run(anna, -DAY, 2 * DAY)
    send_reminders()
    before = decrypt(Mail.objects.get().sealed)
    Mail.objects.update(sealed=encrypt({**before, "days": 77}))
    assert delivered() == []
    (only,) = sent()
    assert "77" not in only.subject


def test_access_that_support_ends_later_is_announced_for_the_new_end(anna: User) -> None:
    given = run(anna, -DAY, 60 * DAY)
    ends = now() + 2 * DAY
    entitlements.end([given], at=ends, actor=None, reason="agreed by phone")
    (only,) = sent()
    with override("en"):
        assert in_full(localtime(ends, UTC)) in str(only.body)


# --- What it says -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "zone", "subject"),
    [
        ("en", "America/New_York", r"Your access ends in [23] days"),
        ("hu", "Europe/Budapest", r"[23] nap múlva lejár a hozzáférésed"),
    ],
)
def test_a_reminder_is_in_the_language_and_zone_of_its_reader(
    anna: User, language: str, zone: str, subject: str
) -> None:
    factories.make_certification()
    profiles.update(anna, ui_language=language, time_zone=zone)
    given = run(anna, -DAY, 3 * DAY - HOUR)
    (only,) = sent()
    assert re.fullmatch(subject, str(only.subject))
    with override(language):
        local = localtime(given.ends_at, ZoneInfo(zone))
        moment = in_full(local)
    assert moment.endswith(f" {local:%Z}")
    name = NAME if language == "en" else "Gépi tanulás (MLS-C01)"
    html = unescape(str(only.alternatives[0][0]))  # type: ignore[attr-defined]
    prefix = "" if language == "en" else "/hu"
    for text in (str(only.body), html):
        assert name in text
        assert moment in text
        assert f"{prefix}/pricing/" in text
        assert f"{prefix}/accounts/reminders/" in text


@pytest.mark.parametrize(("language", "prefix"), [("en", ""), ("hu", "/hu")])
def test_the_last_mail_leads_to_results_export_and_prices(anna: User, language: str, prefix: str) -> None:
    profiles.update(anna, ui_language=language)
    run(anna, -9 * DAY, -HOUR)
    (only,) = sent()
    assert only.subject == ("Your access has ended" if language == "en" else "Lejárt a hozzáférésed")
    for path in ("/attempts/", "/accounts/privacy/", "/pricing/"):
        assert re.search(rf"https?://[^/\s]+{prefix}{path}\s", str(only.body))


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2027-03-28T01:30+00:00", "Europe/Budapest", "March 28, 2027, 03:30 CEST"),
        ("2026-10-25T00:30+00:00", "Europe/Budapest", "October 25, 2026, 02:30 CEST"),
        ("2026-10-25T01:30+00:00", "Europe/Budapest", "October 25, 2026, 02:30 CET"),
        ("2026-12-31T23:30+00:00", "Asia/Kathmandu", "January 1, 2027, 05:15 UTC+5:45"),
    ],
)
def test_a_moment_is_said_with_date_time_and_zone(moment: str, zone: str, expected: str) -> None:
    with override("en"):
        assert in_full(localtime(datetime.fromisoformat(moment), ZoneInfo(zone))) == expected


# --- Opting out ---------------------------------------------------------------------------------------
def link_of(message: EmailMessage) -> str:
    """Return the path that the mail names to mail programs, which is also the one in its text."""
    headers = message.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>")
    assert address in str(message.body)
    return re.sub(r"https?://[^/]+", "", address)


def test_one_press_in_the_mail_program_turns_reminders_off_and_opening_the_link_does_not(
    anna: User, bela: User
) -> None:
    run(anna, -DAY, 2 * DAY)
    (only,) = sent()
    path, program = link_of(only), Client(enforce_csrf_checks=True)
    for _ in range(2):
        page = program.get(path)
        assert (page.status_code, "Turn off reminders" in page.content.decode()) == (200, True)
        assert profiles_of.of(anna).access_reminders
    reply = program.post(path, {"List-Unsubscribe": "One-Click"})
    assert (reply.status_code, reply.headers.get("Location")) == (200, None)
    assert not profiles_of.of(anna).access_reminders
    assert profiles_of.of(bela).access_reminders
    pass_time(DAY + 2 * HOUR)
    assert len(sent()) == 1
    assert "are off" in program.post(path).content.decode()


def test_the_page_behind_the_link_is_in_hungarian_for_who_reads_hungarian(anna: User) -> None:
    profiles.update(anna, ui_language="hu")
    run(anna, -DAY, 2 * DAY)
    path = link_of(sent()[0])
    assert path.startswith("/hu/accounts/reminders/")
    assert "Emlékeztetők kikapcsolása" in Client().get(path).content.decode()


def test_a_forged_link_changes_nothing(anna: User, bela: User) -> None:
    good = token(anna.pk, ACCESS)
    signature = good.partition(":")[2]
    for forged in (f"{bela.pk}:{signature}", f"{good}x", str(anna.pk), "none", f"{anna.pk}:"):
        for method in ("get", "post"):
            assert getattr(Client(), method)(f"/accounts/reminders/{forged}/").status_code == 404
    assert profiles_of.of(anna).access_reminders
    assert profiles_of.of(bela).access_reminders


def test_the_link_of_a_deleted_person_leads_nowhere(anna: User) -> None:
    path = f"/accounts/reminders/{token(anna.pk, ACCESS)}/"
    anna.delete()
    assert Client().post(path).status_code == 404


def test_reminders_are_turned_off_and_on_in_the_profile(client: Client, anna: User) -> None:
    client.force_login(anna)
    values = {"ui_language": "en", "time_zone": "UTC", "accommodation": "none"}
    run(anna, -DAY, 2 * DAY)
    assert client.post("/accounts/profile/", values).status_code == 302
    assert sent() == []
    assert client.post("/accounts/profile/", {**values, "access_reminders": "on"}).status_code == 302
    assert len(sent()) == 1


def test_a_profile_written_by_the_image_before_wants_reminders(anna: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_profile (user_id, ui_language, content_language, time_zone, single_keys,"
            " accommodation) VALUES (%s, 'en', '', 'UTC', true, 'none')",
            [anna.pk],
        )
    assert profiles_of.of(anna).access_reminders


# --- The command --------------------------------------------------------------------------------------
def command(*options: str) -> str:
    said = StringIO()
    call_command("send_reminders", *options, stdout=said)
    return said.getvalue()


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(anna: User) -> None:
    factories.make_certification()
    given = run(anna, -DAY, 2 * DAY)
    with override("en"):
        until = in_full(localtime(given.ends_at, UTC))
    expected = f"would send access_ending to anna@example.org: {NAME}, {until}\n1 reminders are due\n"
    assert command("--dry-run") == expected
    assert not Mail.objects.exists()
    assert command() == "1 reminders written\n"
    assert command("--dry-run") == "0 reminders are due\n"
    assert command() == "0 reminders written\n"


# --- The profile --------------------------------------------------------------------------------------
def test_the_profile_says_what_is_open_until_when_and_leads_to_the_prices(client: Client, anna: User) -> None:
    factories.make_certification()
    profiles.update(anna, time_zone="Europe/Budapest")
    client.force_login(anna)
    page = unescape(client.get("/accounts/profile/").content.decode())
    assert "You don't have paid access at the moment." in page
    at = now()
    run(anna, -9 * DAY, DAY, at=at)
    run(anna, DAY, 9 * DAY, at=at)
    run(anna, -9 * DAY, -DAY, code="cert:old")
    run(anna, -DAY, 20 * DAY, code="cert:sub", source=Source.SUBSCRIPTION, at=at)
    page = unescape(client.get("/accounts/profile/").content.decode())
    with override("en"):
        assert f"{NAME}: until {date_format(localtime(at + 9 * DAY, BUDAPEST))}" in page
        assert f"cert:sub: renews on {date_format(localtime(at + 20 * DAY, BUDAPEST))}" in page
    assert "cert:old" not in page
    assert 'href="/pricing/"' in page
    page = client.get("/hu/accounts/profile/").content.decode()
    assert "Gépi tanulás (MLS-C01), eddig: " in page
    assert 'href="/hu/pricing/"' in page


def test_the_archive_of_a_person_says_whether_they_get_reminders(anna: User) -> None:
    profile = next(table for table in personal_data.files() if table.file == "profile")
    for choice in (True, False):
        profiles.update(anna, access_reminders=choice)
        assert [line["access_reminders"] for line in profile.lines(anna, "en")] == [choice]
