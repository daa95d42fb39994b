"""Every mail as text and as HTML, in each language; with MAILS_DIR set they are written there for looking."""

import os
import re
from email.utils import parseaddr
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.test import Client, override_settings
from django.utils.html import strip_tags

from accounts.outbox import sender, services
from accounts.outbox.models import Mail
from accounts.profile import services as profile_services
from accounts.users.models import User
from exams.authoring import services as authoring
from exams.authoring.models import Draft
from i18n import languages
from tests import factories
from tests.accounts.conftest import PASSWORD
from tests.accounts.mails import delivered
from tests.exams.authoring.acts import staff
from tools.devstack.paths import PROJECT

pytestmark = pytest.mark.django_db

TO = "anna@example.org"
DRAFT_NEWS = "exams/email/draft_news"
SITE = settings.SITE_URL
KINDS = sorted(
    str(path.relative_to(PROJECT / "templates")).removesuffix("_subject.txt")
    for path in (PROJECT / "templates").glob("*/email/*_subject.txt")
)
PARAMETERS = {
    "address": "anna@example.org",
    "code": "402913",
    "code_minutes": 30,
    "goal": "MLS-C01 Practice Exam 1",
    "activate_url": f"{SITE}/accounts/confirm-email/1a2b3c:4d5e6f/",
    "login_url": f"{SITE}/accounts/login/?next=/mls-c01/exams/1/",
    "signup_url": f"{SITE}/accounts/signup/",
    "password_reset_url": f"{SITE}/accounts/password/reset/key/1-abc/",
    "download_url": f"{SITE}/accounts/jobs/6b1f6c1e-0d0b-4f2a-9a55-5d2f8f1f7c31/file/",
    "restore_url": f"{SITE}/accounts/privacy/restore/1a2b3c:4d5e6f/",
    "days": 7,
    "day": "2026-12-04 15:04",
    "from_email": "old@example.org",
    "to_email": "anna@example.org",
    "deleted_email": "old@example.org",
    "ip": "192.0.2.7",
    "user_agent": "Mozilla/5.0 <b>Firefox</b>",
    "certification": "mls-c01",
    "exam": 1,
    "question": 12,
    "is_corrected": True,
    "answer": "Option B is the key, as the page on Firehose says.",
    "titles": "AWS Certified Machine Learning - Specialty (MLS-C01)",
    "until": "2027-03-03 14:05 CET",
    "pricing_url": f"{SITE}/pricing/",
    "results_url": f"{SITE}/attempts/",
    "privacy_url": f"{SITE}/accounts/privacy/",
    "unsubscribe_url": f"{SITE}/accounts/reminders/12:abc/",
    "title": "MLS-C01",
    "courses": "MLS-C01",
    "course": "MLS-C01",
    "course_url": f"{SITE}/mls-c01/today/",
    "tasks": "MLS-C01: 12\nMLA-C02: 5",
    "duration": "24 min",
    "kind": "also",
    "cause": "second",
    "scores": "740 / 760",
    "attempt": "6b1f6c1e-0d0b-4f2a-9a55-5d2f8f1f7c31",
    "is_pass": True,
    "by": "bela@example.org",
    "text": "Why not <b>B</b>?",
    "amount": "€29.00",
    "paid_on": "2026-12-03",
    "ordered_at": "2026-12-03 14:02 CET",
    "consent_at": "2026-12-03 14:02 CET",
    "terms_of": "2026-11-27",
    "number": "8c0f1f0e-5d1b-4a6e-9b0e-0c7a3f1d2b44",
    "timestamp": "2026-11-26 15:04 CET",
    "removed": "1 app",
    "minutes": 15,
    "is_whole": True,
    "proposal": 12,
}
EVERY_MAIL = pytest.mark.parametrize("kind", KINDS)
EVERY_LANGUAGE = pytest.mark.parametrize("language", languages.CODES)


def news_of_a_draft(language: str) -> Mail:
    """Return a mail with every kind of news of a draft, as its author gets it."""
    author, reviewer = staff("authors"), staff("reviewers")
    if not Draft.objects.exists():
        form = factories.make_form()
        draft = authoring.open_draft(
            kind="item", certification=form.form.certification, name="E1-Q07", actor=author
        )
        content = {**draft.content, "tags": ["revised"]}
        draft = authoring.save(draft_id=draft.pk, revision=1, content=content, actor=author)
        act: dict[str, Any] = {"draft_id": draft.pk, "actor": reviewer}
        authoring.comment(**act, text="Why not <b>B</b>?")
        authoring.send_to_review(**act, revision=2)
        authoring.send_back(**act, text="Too long.")
        authoring.assign(**act, assignee=reviewer)
        authoring.send_to_review(**act, revision=2)
        authoring.approve(**act, digest=draft.digest)
        authoring.publish(**act, digest=draft.digest, reason="Reads better.")
        second = authoring.open_draft(
            kind="item", certification=form.form.certification, name="E1-Q08", actor=author
        )
        authoring.discard(draft_id=second.pk, actor=reviewer, reason="Asked twice.")
    mail = Mail.objects.get(person=author)
    mail.language = language
    return mail


def sent(kind: str, language: str, **changes: object) -> EmailMultiAlternatives:
    """Send a mail by the real sender; return what was sent."""
    if kind == DRAFT_NEWS:
        return sender.message_of(news_of_a_draft(language))
    services.post(kind, TO, {**PARAMETERS, **changes}, language=language)  # type: ignore[dict-item]
    message = delivered()[-1]
    assert isinstance(message, EmailMultiAlternatives)
    return message


def html_of(message: EmailMultiAlternatives) -> str:
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    return str(html)


def links(text: str) -> list[str]:
    return [unescape(link).rstrip(".") for link in re.findall(r"https?://[^\s\"<>]+", text)]


def keep(kind: str, language: str, message: EmailMultiAlternatives) -> None:
    """Write the mail to a folder, for looking at it in a browser."""
    if folder := os.environ.get("MAILS_DIR"):
        name = f"{kind.rpartition('/')[2]}.{language}"
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.html").write_text(html_of(message))
        (Path(folder) / f"{name}.txt").write_text(f"{message.subject}\n\n{message.body}\n")


@EVERY_LANGUAGE
@EVERY_MAIL
def test_every_mail_says_the_same_as_text_and_as_html(kind: str, language: str) -> None:
    message = sent(kind, language)
    keep(kind, language, message)
    html, text = html_of(message), str(message.body)
    assert f'<html lang="{language}">' in html
    assert html.count("<h1") == 1
    home = f"{SITE}/" if language == "en" else f"{SITE}/{language}/"
    assert set(links(text)) - {SITE} == set(links(html)) - {SITE, home}
    for fact in set(re.findall(r"402913|192\.0\.2\.7|MLS-C01 Practice Exam 1", text)):
        assert fact in html
    assert "<b>Firefox</b>" not in html


@EVERY_LANGUAGE
@EVERY_MAIL
def test_no_mail_asks_a_server_for_anything_or_carries_a_script(kind: str, language: str) -> None:
    html = html_of(sent(kind, language))
    assert not re.search(r"<(script|link|img|iframe|object)\b|@import|url\(", html)
    assert len(html.encode()) < 12 * 1024


@EVERY_MAIL
def test_every_mail_is_translated_whole(kind: str) -> None:
    english, hungarian = (sent(kind, language) for language in ("en", "hu"))
    assert english.subject != hungarian.subject

    def lines(message: EmailMultiAlternatives) -> set[str]:
        known = re.compile(r"https?:|^\d+$|^Passline|^$")
        plain = strip_tags(re.sub(r"<style>.*?</style>", "", html_of(message), flags=re.DOTALL))
        both = [*str(message.body).splitlines(), *unescape(plain).splitlines()]
        return {line.strip() for line in both if line.strip() and not known.search(line.strip())}

    by_people = {str(PARAMETERS["text"]), "Reads better.", "Too long.", "Asked twice."}
    same = (lines(english) & lines(hungarian)) - by_people
    assert {line for line in same if re.search("[a-z]{4}", line)} == set()


@EVERY_LANGUAGE
def test_every_news_of_a_draft_is_told_in_words_of_its_own(language: str) -> None:
    message = sent(DRAFT_NEWS, language)
    lines = [line for line in str(message.body).splitlines() if "reviewers@example.org" in line]
    # It was sent to review twice.
    assert (len(lines), len(set(lines))) == (8, 7)
    for line in lines:
        assert "E1-Q07" in line or "E1-Q08" in line
        assert line in unescape(html_of(message))
    for draft in Draft.objects.all():
        assert f"{SITE}/admin/exams/draft/{draft.pk}/change/" in str(message.body)


def test_what_somebody_wrote_about_a_draft_is_text_in_both_forms() -> None:
    message = sent(DRAFT_NEWS, "en")
    assert "Why not <b>B</b>?" in str(message.body)
    assert "Why not &lt;b&gt;B&lt;/b&gt;?" in html_of(message)


def test_a_mail_without_a_goal_says_nothing_of_one() -> None:
    message = sent("account/email/email_confirmation_signup", "en", goal="")
    assert "MLS-C01" not in str(message.body) + html_of(message)
    assert "to continue to" not in str(message.body) + html_of(message)


def test_a_mail_about_the_account_names_the_browser_as_its_owner_knows_it(anna: User) -> None:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    words = "four quiet harbors 55"
    changed = {"oldpassword": PASSWORD, "password1": words, "password2": words}
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    reply = client.post("/accounts/password/change/", changed, HTTP_USER_AGENT=agent)
    assert reply.status_code == 302
    (message,) = delivered()
    assert "Browser: Firefox on Linux\n" in str(message.body)


def test_a_mail_about_the_account_says_when_by_the_clock_of_its_owner(anna: User) -> None:
    profile_services.update(anna, time_zone="Asia/Tokyo")
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    words = "four quiet harbors 55"
    changed = {"oldpassword": PASSWORD, "password1": words, "password2": words}
    assert client.post("/accounts/password/change/", changed).status_code == 302
    (message,) = delivered()
    for text in (str(message.body), html_of(message)):  # type: ignore[arg-type]
        assert re.search(r"Time: .* JST", text)
        assert "UTC" not in text


@pytest.mark.parametrize("contact", ["help@passline.example", ""])
def test_a_mail_about_the_account_says_how_to_remove_what_is_not_yours_and_whom_to_ask(contact: str) -> None:
    with override_settings(CONTACT_EMAIL=contact):
        message = sent("mfa/email/webauthn_added", "en")
    for text in (str(message.body), html_of(message)):
        assert f"{SITE}/accounts/2fa/" in text
        assert f"{SITE}/accounts/email/" in text
        assert "If you can&#x27;t sign in" in text or "If you can't sign in" in text
        assert (contact or f"{SITE}/contact/") in text


@override_settings(CONTACT_EMAIL="help@passline.example")
def test_mails_name_the_contact_where_there_is_one_and_answers_go_there() -> None:
    message = sent("account/email/password_changed", "hu")
    assert message.reply_to == ["help@passline.example"]
    assert "help@passline.example" in str(message.body)
    assert "mailto:help@passline.example" in html_of(message)


@override_settings(CONTACT_EMAIL="")
def test_mails_name_no_contact_where_there_is_none() -> None:
    message = sent("account/email/password_changed", "en")
    assert message.reply_to == []
    assert "Questions?" not in str(message.body) + html_of(message)


@pytest.mark.parametrize(
    ("given", "name"),
    [("mail@passline.example", "Passline"), ("Exams <mail@passline.example>", "Exams")],
)
def test_the_sender_has_a_name(given: str, name: str) -> None:
    with override_settings(DEFAULT_FROM_EMAIL=given):
        assert parseaddr(sender.sender_address()) == (name, "mail@passline.example")


@EVERY_LANGUAGE
@pytest.mark.parametrize(
    "kind", ["account/email/email_confirmation", "account/email/email_confirmation_signup"]
)
def test_a_mail_after_the_last_code_speaks_of_the_link_alone(kind: str, language: str) -> None:
    message = sent(kind, language, code="")
    html = strip_tags(re.sub(r"<style>.*?</style>", "", html_of(message), flags=re.DOTALL))
    assert str(PARAMETERS["activate_url"]) in str(message.body)
    assert str(PARAMETERS["activate_url"]) in html_of(message)
    for text in (str(message.subject), str(message.body), html):
        assert not re.search(r"\bcode|kód", text, re.IGNORECASE)
        assert "402913" not in text
