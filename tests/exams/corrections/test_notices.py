"""What rulings change is told: by mail, on result and review, in the public log, to who rules."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.outbox import sender
from accounts.outbox.encryption import decrypt
from accounts.outbox.models import Mail
from accounts.profile.models import Profile
from accounts.users.models import User
from exams.attempts.models import Attempt
from exams.corrections import changelog, queue
from exams.feedback import services
from tests import factories
from tests.exams.attempts import practice
from tests.exams.corrections.helpers import carry_out, rule, scores, sit, version_at
from tests.factories import Form

pytestmark = pytest.mark.django_db


def test_each_person_gets_one_mail_with_both_scores_and_no_answer(anna: User, form: Form) -> None:
    other = form.others[1][0]
    attempts = [sit(anna, form, {1: [other]}), sit(anna, form, {1: [other], 2: form.keys[2]})]
    rule(form, 1, "also", other)
    carry_out()
    mail = Mail.objects.get()
    told = decrypt(mail.sealed)
    assert mail.to_address == anna.email
    assert str(told["scores"]).splitlines() == [
        f"Practice Exam 1, question 1: {before} before, {now} now" for before, now in map(scores, attempts)
    ]
    assert (told["kind"], told["cause"]) == ("also", "second")


def test_a_mail_is_in_the_language_of_its_person(anna: User, form: Form, mailoutbox: list[Any]) -> None:
    Profile.objects.create(user=anna, ui_language="hu")
    attempt = sit(anna, form, {1: form.others[1][:1]})
    rule(form, 1, "also", form.others[1][0])
    carry_out()
    sender.send_due()
    (mail,) = mailoutbox
    before, now = scores(attempt)
    assert f"1. gyakorló teszt, 1. kérdés: előtte {before}, most {now}" in mail.body
    assert "Egy másik választ is elfogadunk." in mail.body
    assert reverse("exams:result", args=[attempt]) in mail.body


def test_result_and_review_say_what_was_corrected_and_the_review_names_the_answer(
    client: Client, anna: User, form: Form
) -> None:
    attempt = sit(anna, form, {**form.keys, 1: form.others[1][:1]})
    (before,) = scores(attempt)
    rule(form, 1, "also", form.others[1][0])
    carry_out()
    client.force_login(anna)
    result = client.get(reverse("exams:result", args=[attempt])).content.decode()
    said = "Question 1: Another answer is also accepted. More than one answer is correct."
    assert f"{said} Your score was {before} before." in result
    assert "Option A" not in result
    review = client.get(reverse("exams:review", args=[attempt])).content.decode()
    assert "Option A is also accepted." in review
    assert review.count("Corrected on") == 1


def test_what_is_ruled_is_told_at_the_next_look(client: Client, anna: User, form: Form) -> None:
    attempt = sit(anna, form, {1: form.keys[1]})
    drill = practice.draw(anna, form, number=8).attempt_id
    at = practice.positions_in(form, drill).index(1) + 1
    practice.close(anna, drill, at, show=True)
    client.force_login(anna)
    pages = [reverse("exams:review", args=[attempt]), f"{reverse('exams:drill', args=[drill])}?q={at}"]
    for page in pages:
        assert "is also accepted." not in client.get(page).content.decode()
    rule(form, 1, "also", form.others[1][0])
    for page in pages:
        assert "is also accepted." in client.get(page).content.decode()


@pytest.mark.parametrize(("kind", "words"), [("credit", "Every answer counts"), ("out", "no longer counts")])
def test_a_ruling_that_names_no_option_is_told_in_the_review_and_in_a_drill(
    client: Client, anna: User, form: Form, kind: str, words: str
) -> None:
    attempt = sit(anna, form, {1: form.keys[1]})
    drill = practice.draw(anna, form, number=8).attempt_id
    at = practice.positions_in(form, drill).index(1) + 1
    practice.close(anna, drill, at, show=True)
    rule(form, 1, kind, cause="unclear")
    client.force_login(anna)
    for page in (reverse("exams:review", args=[attempt]), f"{reverse('exams:drill', args=[drill])}?q={at}"):
        assert words in client.get(page).content.decode(), page


def test_while_an_exam_with_the_question_runs_nothing_names_the_answer(
    client: Client, anna: User, form: Form
) -> None:
    attempt = sit(anna, form, {1: form.others[1][:1]})
    factories.start(anna, form)
    rule(form, 1, "also", form.others[1][0])
    carry_out()
    client.force_login(anna)
    pages = [
        reverse("exams:result", args=[attempt]),
        reverse("exams:review", args=[attempt]),
        reverse("exams:corrections", args=["mls-c01"]),
    ]
    for page in pages:
        assert "Option A" not in client.get(page).content.decode(), page
    assert "Option" not in str(decrypt(Mail.objects.get().sealed))


def test_the_public_log_says_where_what_why_and_how_many_and_no_word_of_the_question(
    client: Client, anna: User, form: Form
) -> None:
    page = reverse("exams:corrections", args=["mls-c01"])
    assert "No corrections yet" in client.get(page).content.decode()
    sit(anna, form, {1: form.others[1][:1]})
    rule(form, 1, "also", form.others[1][0], actor=anna)
    # Not before it is carried out.
    assert not changelog.corrections("mls-c01")
    carry_out()
    html = client.get(page).content.decode()
    for said in ("Practice Exam 1, question 1", "1 score changed", "Another answer is also accepted."):
        assert said in html
    for secret in ("ferry", "E1-Q01", "Answer 0", "checked the docs", anna.email):
        assert secret not in html
    assert "1. gyakorló teszt, 1. kérdés" in client.get("/hu/mls-c01/corrections/").content.decode()


def test_reports_are_queued_by_version_with_reasons(anna: User, bela: User, form: Form) -> None:
    for user, position, reason in ((anna, 1, "key"), (bela, 1, "key"), (anna, 2, "typo")):
        known = Attempt.objects.filter(user=user).first()
        attempt = known.pk if known else sit(user, form, {1: form.others[1][:1]})
        services.report(user=user, attempt_id=attempt, position=position, reason=reason, text="It is wrong")
    version = version_at(form, 1)
    first, second = queue.reported()
    assert (first.version_id, first.open, first.reports, first.reasons) == (version, 2, 2, {"key": 2})
    assert (second.item, second.open) == ("E1-Q02", 1)
