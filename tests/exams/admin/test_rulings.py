"""Rulings in the admin: what waits, a ruling tried and confirmed with a reason, who may."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.jobs.models import Job
from accounts.users.models import User
from exams.bank.models import KeyRuling
from exams.corrections import impact
from exams.feedback import services
from exams.statistics.models import ItemStatistics
from tests import factories
from tests.exams.corrections.helpers import carry_out, rule, sit, version_at
from tests.exams.feedback.helpers import browser
from tests.factories import Form

pytestmark = pytest.mark.django_db

RULINGS = "/admin/exams/keyruling/"
REASON = {"reason": "both are in the documentation"}


@pytest.fixture
def reviewer(db: None) -> Client:
    return browser(factories.make_staff("reviewers"))


def form_of(form: Form) -> str:
    return f"{RULINGS}rule/{version_at(form, 1)}/"


def also(form: Form) -> dict[str, object]:
    return {"kind": "also", "options": [form.others[1][0]], "cause": "second"}


def test_a_reviewer_tries_a_ruling_and_makes_it_with_a_reason(
    reviewer: Client, anna: User, form: Form
) -> None:
    attempt = sit(anna, form, {1: form.others[1][:1]})
    services.report(user=anna, attempt_id=attempt, position=1, reason="key", text="A is right, too")
    queue = reviewer.get(f"{RULINGS}queue/").content.decode()
    assert form_of(form) in queue
    assert anna.email not in queue
    preview = reviewer.post(form_of(form), also(form)).headers["Location"]
    waiting = reviewer.get(preview)
    assert waiting.headers["Refresh"] == "2"
    # Nothing is ruled before it was measured.
    assert reviewer.post(preview, REASON).status_code == 200
    assert not KeyRuling.objects.exists()
    carry_out()
    measured = reviewer.get(preview)
    assert "Refresh" not in measured.headers
    assert "+111 … +120" in measured.content.decode() or "+1" in measured.content.decode()
    assert reviewer.post(preview, {"reason": "no"}).status_code == 422
    made = reviewer.post(preview, REASON).headers["Location"]
    assert reviewer.get(made).headers["Refresh"] == "2"
    carry_out()
    done = reviewer.get(made)
    assert "Refresh" not in done.headers
    assert REASON["reason"] in done.content.decode()
    assert KeyRuling.objects.get().log.reason == REASON["reason"]
    assert (
        f"{RULINGS}{KeyRuling.objects.get().pk}/change/" in reviewer.get(f"{RULINGS}queue/").content.decode()
    )


def test_what_cannot_be_ruled_is_said_at_its_field_and_nothing_is_tried(reviewer: Client, form: Form) -> None:
    for wrong, said in (
        ({"options": []}, "Choose options of this question."),
        ({"options": [form.others[2][0]]}, "Select a valid choice"),
        ({"kind": "credit"}, "This ruling takes no options."),
        ({"cause": ""}, "This field is required."),
    ):
        reply = reviewer.post(form_of(form), {**also(form), **wrong})
        assert reply.status_code == 422, wrong
        assert said in reply.content.decode(), wrong
    assert not Job.objects.filter(kind=impact.KIND).exists()
    assert reviewer.get(f"{RULINGS}rule/999999/").status_code == 404


def test_no_cause_is_chosen_before_and_one_that_does_not_fit_is_refused(reviewer: Client, form: Form) -> None:
    shown = reviewer.get(form_of(form)).content.decode()
    causes = shown[shown.index('name="cause"') : shown.index("</select>", shown.index('name="cause"'))]
    assert '<option value="" selected' in causes
    for kind, cause, fitting in (
        ("replace", "second", "The answer marked as correct was wrong. The question was out of date."),
        ("also", "wrong", "More than one answer is correct. The question was unclear."),
    ):
        reply = reviewer.post(form_of(form), {**also(form), "kind": kind, "cause": cause})
        assert reply.status_code == 422
        assert f"Choose one of these: {fitting}" in reply.content.decode()
    assert not Job.objects.filter(kind=impact.KIND).exists()


def test_a_ruling_that_was_overtaken_is_previewed_again(reviewer: Client, form: Form) -> None:
    preview = reviewer.post(form_of(form), also(form)).headers["Location"]
    carry_out()
    rule(form, 2, "credit")
    assert reviewer.post(preview, REASON).headers["Location"] == form_of(form)
    assert "Preview your ruling again" in reviewer.get(form_of(form)).content.decode()
    assert KeyRuling.objects.count() == 1


def test_an_author_looks_and_does_not_rule(reviewer: Client, form: Form) -> None:
    author = browser(factories.make_staff("authors"))
    made = rule(form, 1, "credit")
    for page in (RULINGS, f"{RULINGS}queue/", f"{RULINGS}{made.pk}/change/"):
        assert author.get(page).status_code == 200, page
    version = f"/admin/exams/itemversion/{version_at(form, 1)}/change/"
    assert "Rule on the key" not in author.get(version).content.decode()
    assert "Rule on the key" in reviewer.get(version).content.decode()
    preview = reviewer.post(form_of(form), also(form)).headers["Location"]
    for page in (form_of(form), preview):
        for reply in (author.get(page), author.post(page, {**also(form), **REASON})):
            assert reply.status_code == 403, page
    # Nor does another reviewer by somebody else's preview.
    other = factories.make_user("second@example.org")
    other.is_staff = True
    other.save()
    other.groups.add(Group.objects.get(name="reviewers"))
    assert browser(other).get(preview).status_code == 404
    assert KeyRuling.objects.count() == 1


def test_the_queue_shows_what_is_measured_of_a_question_once_there_is_enough(
    reviewer: Client, form: Form, anna: User
) -> None:
    attempt = sit(anna, form, {1: form.others[1][:1]})
    services.report(user=anna, attempt_id=attempt, position=1, reason="key", text="")
    version = version_at(form, 1)
    measured = ItemStatistics(
        version_id=version, n=29, facility=0.4, discrimination=-0.25, flags=["negative"], figures={}
    )
    measured.save()
    assert "Answered correctly: 40%" not in reviewer.get(f"{RULINGS}queue/").content.decode()
    ItemStatistics.objects.update(n=30)
    page = reviewer.get(f"{RULINGS}queue/").content.decode()
    assert "Answered correctly: 40%" in page
    assert "Discrimination: -0.25" in page
    assert "Flags: Negative discrimination" in page
