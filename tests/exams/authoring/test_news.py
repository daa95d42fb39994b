"""News of drafts: one mail a person and hour, with all that others did; none where nothing is left to say."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client

from accounts.outbox import sender
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.outbox.sender import message_of
from accounts.users.models import User
from exams.authoring import news, services
from exams.authoring.models import Draft
from tests import factories
from tests.exams.authoring.test_services import begin, save
from tests.factories import Form

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return factories.make_staff("authors")


@pytest.fixture
def reviewer() -> User:
    return factories.make_staff("reviewers")


def reviewed(form: Form, author: User, reviewer: User, code: str) -> Draft:
    """Have a draft sent to review, approved and published."""
    draft = begin(form, author, code)
    draft = save(draft, author, {**draft.content, "tags": ["revised"]})
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author, assignee=reviewer)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="Reads better.")
    return draft


def due() -> None:
    """Let the hour of all mails that wait be over."""
    Mail.objects.update(not_before=F("created_at"))


def test_many_drafts_reviewed_in_an_hour_make_one_mail_for_each_person(
    form: Form, author: User, reviewer: User
) -> None:
    for code in ("E1-Q01", "E1-Q02"):
        reviewed(form, author, reviewer, code)
    assert sorted(Mail.objects.values_list("to_address", flat=True)) == [author.email, reviewer.email]
    body = str(message_of(Mail.objects.get(to_address=author.email)).body)
    for code in ("E1-Q01", "E1-Q02"):
        assert f"{reviewer.email} approved {code} of MLS-C01." in body
        assert f"{reviewer.email} published {code} of MLS-C01." in body
    assert body.count("Reads better.") == 2
    assert body.count("/change/") == 2
    assert "4 pieces of news" in message_of(Mail.objects.get(to_address=author.email)).subject


def test_the_mail_waits_for_the_end_of_the_hour(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author)
    services.comment(draft_id=draft.pk, actor=reviewer, text="Why B?")
    waiting = Mail.objects.get()
    hour = waiting.created_at.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    assert abs(waiting.not_before - hour - news.MARGIN) < dt.timedelta(seconds=1)
    sender.send_due()
    assert mail.outbox == []
    due()
    sender.send_due()
    (message,) = mail.outbox
    assert f"{reviewer.email} commented on E1-Q01 of MLS-C01." in str(message.body)
    assert "Why B?" in str(message.body)


def test_a_piece_of_news_alone_is_the_subject(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author)
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author, assignee=reviewer)
    assert message_of(Mail.objects.get()).subject == "MLS-C01 E1-Q01: waits for review"


def test_nobody_hears_of_what_they_did_themselves(form: Form, author: User) -> None:
    draft = begin(form, author)
    services.comment(draft_id=draft.pk, actor=author, text="To do: the tip.")
    services.assign(draft_id=draft.pk, actor=author, assignee=author)
    assert not Mail.objects.exists()


def test_a_mail_that_has_nothing_to_say_any_more_is_not_sent(
    form: Form, author: User, reviewer: User
) -> None:
    draft = begin(form, author)
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author, assignee=reviewer)
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author, assignee=None)
    due()
    sender.send_due()
    assert mail.outbox == []
    assert not Mail.objects.filter(to_address=reviewer.email).exists()


def test_news_of_another_hour_are_not_told_again(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author)
    services.comment(draft_id=draft.pk, actor=reviewer, text="Why B?")
    since = Mail.objects.get().created_at.replace(minute=0, second=0, microsecond=0)
    assert [one.text for one in news.of(author.pk, since)] == ["Why B?"]
    assert news.of(author.pk, since - news.HOUR) == []
    assert news.of(author.pk, since + news.HOUR) == []


def test_a_mail_speaks_the_language_of_its_reader(
    form: Form, author: User, reviewer: User, client: Client
) -> None:
    draft = begin(form, author)
    services.comment(draft_id=draft.pk, actor=reviewer, text="Why B?")
    waiting = Mail.objects.get()
    waiting.language = "hu"
    message = message_of(waiting)
    assert "Why B?" in str(message.body)
    assert "commented" not in str(message.body)


def mail_of_before(draft: int, person: User) -> Mail:
    """Return a mail that waits as the version before wrote it down: one for each piece of news."""
    outbox.post(
        news.MAIL,
        person.email,
        {
            "draft": draft,
            "name": "E1-Q01",
            "certification": "MLS-C01",
            "news": "back",
            "text": "B is right as well.",
            "by": "reviewers@example.org",
        },
        person=person,
        language="en",
        dedupe_key=f"draft-back-17-{person.pk}",
    )
    return Mail.objects.get(dedupe_key__startswith="draft-back-")


def test_a_mail_that_waited_during_the_upgrade_is_sent(form: Form, author: User) -> None:
    draft = begin(form, author)
    mail_of_before(draft.pk, author)
    sender.send_due()
    (message,) = mail.outbox
    assert message.subject == "MLS-C01 E1-Q01: sent back"
    for body in (str(message.body), str(message.alternatives[0][0])):  # type: ignore[attr-defined]
        assert "reviewers@example.org sent E1-Q01 of MLS-C01 back. This has to change:" in body
        assert "B is right as well." in body
        assert f"/admin/exams/draft/{draft.pk}/change/" in body


def leave(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def lose_role(person: User) -> None:
    person.groups.clear()


def lose_admin(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=False)


@pytest.mark.parametrize("end", [leave, lose_role, lose_admin])
def test_who_no_longer_works_here_when_the_hour_is_over_hears_nothing(
    form: Form, author: User, reviewer: User, end: Callable[[User], None]
) -> None:
    draft = begin(form, author)
    services.comment(draft_id=draft.pk, actor=reviewer, text="The key is B.")
    mail_of_before(draft.pk, author)
    end(author)
    due()
    sender.send_due()
    assert mail.outbox == []
    assert not Mail.objects.exists()
