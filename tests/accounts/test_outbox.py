"""The outbox: nobody waits for a mail server, and every mail that is still of use arrives."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.utils.translation import override

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.jobs import queue
from accounts.outbox import sender, services
from accounts.outbox.encryption import CannotDecrypt, decrypt, encrypt
from accounts.outbox.models import Mail
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.crowd import at_once
from tests.accounts.mails import delivered
from tests.accounts.mailserver import MailServer, mail_server
from tests.hooked import register_only
from tools.devstack.paths import PROJECT

pytestmark = pytest.mark.django_db

KIND = "account/email/password_reset_key"
LINK = "https://passline.example/accounts/password/reset/key/secret-link/"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def post(address: str = EMAIL, **options: object) -> Mail:
    services.post(KIND, address, {"password_reset_url": LINK}, **options)  # type: ignore[arg-type]
    return Mail.objects.latest("pk")


def later(seconds: float) -> None:
    """Let time pass: rows are moved, clocks never are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_mail SET not_before = not_before - make_interval(secs => %(s)s),"
            " not_after = not_after - make_interval(secs => %(s)s)",
            {"s": seconds},
        )


def whole_row(row: Mail) -> str:
    """Everything that the database holds about a mail, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM accounts_mail m WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def test_a_mail_server_that_is_down_at_sign_up_costs_nothing_but_time(
    client: Client, server: MailServer
) -> None:
    reply = client.post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD})
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/confirm-email/")
    page = client.get(reply["Location"]).content.decode()
    assert "Nothing after a few minutes?" in page
    assert sender.send_due() == sender.Report(failed=1)
    row = Mail.objects.get()
    assert (row.tries, row.sent_at, row.given_up_at) == (1, None, None)
    assert row.last_error.startswith("ConnectionRefusedError")
    server.up()
    assert sender.send_due() == sender.Report()  # it pauses before it tries again
    later(Mail.FIRST_PAUSE_SECONDS)
    assert sender.send_due() == sender.Report(sent=1)
    (message,) = server.to("new@example.org")
    text = message.get_body(("plain",))
    assert text
    found = re.search(r"https?://\S+(/accounts/confirm-email/\S+)", text.get_content())
    assert found
    assert Client().post(found[1], {"password": PASSWORD}).status_code == 302
    assert client.post("/accounts/login/", {"login": "new@example.org", "password": PASSWORD})[
        "Location"
    ].endswith("/")


def test_no_page_talks_to_a_mail_server(client: Client, anna: User, server: MailServer) -> None:
    server.up()
    client.post("/accounts/password/reset/", {"email": EMAIL})
    client.post("/accounts/signup/", {"email": EMAIL, "password1": PASSWORD})
    Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert server.received == []
    assert sender.send_due().sent == 3
    assert [str(one["To"]) for one in server.received] == [EMAIL, EMAIL, "nobody@example.org"]


@pytest.mark.django_db(transaction=True)
def test_of_many_senders_that_ask_at_the_same_moment_one_gets_the_mail() -> None:
    for _ in range(5):
        row = post()
        claimed = [one.pk for one in at_once(sender.claim) if one]
        row.refresh_from_db()
        assert (claimed, row.tries) == ([row.pk], 1)


def test_a_sender_that_only_slept_leaves_the_mail_to_whoever_took_it(monkeypatch: pytest.MonkeyPatch) -> None:
    row, other, message_of = post(), uuid.uuid4(), sender.message_of

    def slept(mail: Mail) -> EmailMultiAlternatives:
        Mail.objects.update(claim=other)
        return message_of(mail)

    monkeypatch.setattr(sender, "message_of", slept)
    assert sender.send_due() == sender.Report(sent=1, failed=1)
    row.refresh_from_db()
    assert (row.sent_at, row.last_error, row.claim) == (None, "", other)


def test_a_link_is_unreadable_while_it_waits_and_gone_once_it_was_sent() -> None:
    row = post()
    assert "secret-link" not in whole_row(row)
    assert decrypt(row.sealed)["password_reset_url"] == LINK
    assert LINK in str(delivered()[0].body)
    row.refresh_from_db()
    assert (row.sealed, row.sent_at is None) == ("", False)
    with pytest.raises(IntegrityError, match="mail_sent_is_empty"), transaction.atomic():
        Mail.objects.update(sealed="again")


def test_a_new_secret_key_still_opens_what_an_old_one_sealed() -> None:
    with override_settings(SECRET_KEY="an old one"):
        row = post()
    assert sender.send_due() == sender.Report(failed=1)
    row.refresh_from_db()
    assert row.last_error.startswith("CannotDecrypt")
    with pytest.raises(CannotDecrypt):
        decrypt(row.sealed)
    later(60)
    with override_settings(SECRET_KEY_FALLBACKS=["an old one"]):
        assert sender.send_due() == sender.Report(sent=1)


def test_an_error_never_shows_what_the_mail_says() -> None:
    row = post()
    Mail.objects.update(kind="no/such/template", sealed=encrypt({"password_reset_url": LINK}))
    sender.send_due()
    row.refresh_from_db()
    assert row.last_error.startswith("TemplateDoesNotExist")
    assert "secret-link" not in whole_row(row)


def test_a_mail_is_in_the_language_of_its_row_whatever_the_sender_speaks() -> None:
    post(language="hu")
    with override("en"):
        assert delivered()[0].subject != render_to_string(f"{KIND}_subject.txt").strip()
    with override("hu"):
        assert mail.outbox[0].subject == render_to_string(f"{KIND}_subject.txt").strip()


def test_the_same_key_is_one_mail_and_no_key_is_one_mail_each() -> None:
    assert services.post(KIND, EMAIL, {}, dedupe_key="score:1")
    assert not services.post(KIND, EMAIL, {}, dedupe_key="score:1")
    assert services.post(KIND, EMAIL, {})
    assert services.post(KIND, EMAIL, {})
    assert len(delivered()) == 3


def test_a_mail_for_later_waits() -> None:
    post(after=timedelta(hours=1))
    assert delivered() == []
    later(3601)
    assert len(delivered()) == 1


def test_pauses_grow_to_five_minutes_and_a_failure_never_ends_the_others(server: MailServer) -> None:
    server.refused["full@example.org"] = "452 mailbox full"
    server.up()
    post("full@example.org")
    pauses = []
    for _ in range(7):
        later(queue.LONGEST_PAUSE_SECONDS)
        sender.send_due()
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM not_before - statement_timestamp()) FROM accounts_mail")
            pauses.append(round(cursor.fetchone()[0]))
    assert pauses == [15, 30, 60, 120, 240, 300, 300]
    later(queue.LONGEST_PAUSE_SECONDS)
    post("good@example.org")
    assert sender.send_due() == sender.Report(sent=1, failed=1)
    assert "mailbox full" in Mail.objects.get(to_address="full@example.org").last_error


def test_a_server_that_is_down_is_asked_once_in_a_pass(server: MailServer) -> None:
    for _ in range(5):
        post()
    assert sender.send_due() == sender.Report(failed=1)
    assert sorted(Mail.objects.values_list("tries", flat=True)) == [0, 0, 0, 0, 1]


def test_an_address_that_is_refused_for_good_is_given_up_at_once(server: MailServer) -> None:
    server.refused["wrong@example.org"] = "550 no such user"
    server.up()
    row = post("wrong@example.org")
    assert sender.send_due() == sender.Report(failed=1)
    row.refresh_from_db()
    assert row.given_up_at
    assert "no such user" in row.last_error
    later(3600)
    assert sender.send_due() == sender.Report()


def test_a_mail_that_is_of_no_use_any_more_is_given_up_and_emptied() -> None:
    row = post(useful_for=timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))
    later(settings.PASSWORD_RESET_TIMEOUT)
    assert sender.send_due() == sender.Report(given_up=1)
    row.refresh_from_db()
    assert (row.sealed, row.given_up_at is None, mail.outbox) == ("", False, [])


def test_a_mail_that_kills_its_sender_again_and_again_is_given_up() -> None:
    row = post()
    Mail.objects.update(tries=Mail.MAX_TRIES)
    assert sender.send_due() == sender.Report(given_up=1)
    row.refresh_from_db()
    assert row.given_up_at


def test_a_reset_link_is_given_up_when_it_ends(client: Client, anna: User) -> None:
    client.post("/accounts/password/reset/", {"email": EMAIL})
    row = Mail.objects.get()
    assert (row.not_after - row.created_at).total_seconds() == settings.PASSWORD_RESET_TIMEOUT
    assert row.person == anna


def test_staff_send_again_what_was_given_up_and_it_is_recorded(anna: User, bela: User) -> None:
    row = post()

    def again() -> None:
        services.resend(mail_id=row.pk, actor=bela, reason="the address works again")

    assert refusal(again) == "not_resendable"
    Mail.objects.update(given_up_at=row.created_at, tries=9)
    again()
    assert len(delivered()) == 1
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject_type) == (bela, "resend", "accounts.mail")
    assert refusal(again) == "not_resendable"
    assert refusal(lambda: services.resend(mail_id=0, actor=bela, reason="once more")) == "not_found"


def test_mails_of_an_erased_person_are_gone(anna: User) -> None:
    post(person=anna)
    anna.delete()
    assert not Mail.objects.exists()


TEMPLATES = sorted(
    str(path.relative_to(PROJECT / "templates")).removesuffix("_subject.txt")
    for path in (PROJECT / "templates").glob("*/email/*_subject.txt")
)


def test_mails_of_a_month_ago_are_forgotten_and_what_waits_is_not() -> None:
    sent, given_up, waiting, young = (post() for _ in range(4))
    Mail.objects.filter(pk__in=[sent.pk, young.pk]).update(sent_at=Now(), sealed="")
    Mail.objects.filter(pk=given_up.pk).update(given_up_at=Now())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_mail SET created_at = created_at - interval '30 days' WHERE id <> %s", [young.pk]
        )
    assert services.forget_old() == 2
    assert set(Mail.objects.values_list("pk", flat=True)) == {waiting.pk, young.pk}


def variables_of(template: Path) -> set[str]:
    return set(re.findall(r"{{ (\w+) }}", template.read_text()))


# What news of drafts say is read when they are sent: see their own tests.
@pytest.mark.parametrize("kind", [kind for kind in TEMPLATES if kind != "exams/email/draft_news"])
@pytest.mark.parametrize("language", ["en", "hu"])
def test_every_mail_of_the_site_can_be_sent_by_another_process(
    kind: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_only(monkeypatch, "mail_checks")  # of access that nobody has here
    names = set(
        re.findall(
            r"{{ (\w+) }}", "".join(path.read_text() for path in Path("templates").glob("*/email/*.txt"))
        )
    )
    values: dict[str, str | int | bool | None] = {name: f"<{name}>" for name in sorted(names)}
    # Addresses are made of these, and take nothing else.
    values |= {
        "days": 14,
        "minutes": 5,
        "draft": 12,
        "proposal": 12,
        "code": "mls-c01",
        "attempt": "6b1f6c1e-0d0b-4f2a-9a55-5d2f8f1f7c31",
    }
    services.post(kind, EMAIL, values, language=language)
    (message,) = delivered()
    assert message.subject
    said = set(re.findall(r"{{ (\w+) }}", Path(f"templates/{kind}_message.txt").read_text()))
    assert {name for name in said if str(values[name]) not in str(message.body)} == set()
