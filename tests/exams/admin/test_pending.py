"""Pages of proposals, and attempts as support sees them: what is offered, what is told, what is refused."""

import re
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.test import Client, override_settings

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.attempts import lifecycle, staff
from exams.attempts.models import Attempt, State
from exams.authoring import services as authoring
from exams.bank.models import KeyRuling
from exams.catalog.models import Certification
from exams.corrections import services
from exams.publication.models import PendingAct
from tests import factories
from tests.exams.authoring import acts, made, nothing
from tests.exams.authoring.refusals import refused
from tests.exams.corrections.helpers import carry_out, sit, version_at
from tests.exams.feedback.helpers import browser
from tests.factories import Form

pytestmark = pytest.mark.django_db

PROPOSALS = "/admin/exams/pendingact/"
WHY = {"reason": "both are in the documentation"}


@pytest.fixture
def second(db: None) -> User:
    person = factories.make_user("second@example.org")
    person.is_staff = True
    person.save()
    person.groups.add(Group.objects.get(name="reviewers"))
    return person


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def at(act: PendingAct, page: str = "change") -> str:
    return f"{PROPOSALS}{act.pk}/{page}/"


def test_a_ruling_on_many_is_proposed_by_its_preview_and_confirmed_by_somebody_else(
    form: Form, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_ALONE", 1)
    for _ in range(2):
        sit(factories.make_user(), form, {1: form.others[1][:1]})
    mine, theirs = browser(factories.make_staff("reviewers")), browser(second)
    rule = f"/admin/exams/keyruling/rule/{version_at(form, 1)}/"
    chosen = {"kind": "also", "options": [form.others[1][0]], "cause": "second"}
    preview = mine.post(rule, chosen).headers["Location"]
    carry_out()
    page = text(mine, preview)
    assert "2 people have taken an exam with this question." in page
    assert "so a second person has to confirm the ruling" in page
    assert "Propose ruling" in page
    assert "Confirm ruling" not in page
    reply = mine.post(preview, WHY)
    act = PendingAct.objects.get()
    assert reply.headers["Location"] == at(act)
    assert not KeyRuling.objects.exists()
    # Its proposer may withdraw it, and nothing else.
    page = text(mine, at(act))
    assert (at(act, "withdraw") in page, at(act, "confirm") in page) == (True, False)
    mine.post(at(act, "confirm"), {"note": ""})
    assert not KeyRuling.objects.exists()
    assert "Waiting for your confirmation" in text(theirs, "/admin/")
    page = text(theirs, at(act, "confirm"))
    for said in (WHY["reason"], "reviewers@example.org", "E1-Q01", "More than one answer is correct.", "A"):
        assert said in page
    assert "Raised" in page
    assert theirs.post(at(act, "confirm"), {"note": ""}).headers["Location"] == at(act)
    assert KeyRuling.objects.get().log.reason == WHY["reason"]
    page = text(theirs, at(act))
    assert at(act, "confirm") not in page
    assert at(act, "decline") not in page
    assert "confirmed" in page
    ruled = text(theirs, f"/admin/exams/keyruling/{KeyRuling.objects.get().pk}/change/")
    assert "second@example.org" in ruled


def test_a_refused_confirmation_says_why_and_goes_on_waiting(second: User) -> None:
    certification = made.written()
    client = browser(acts.staff("reviewers"))
    put = f"/admin/exams/certification/{certification.pk}/put_on_site/"
    client.post(put, {"reason": "checked by two"})
    act = PendingAct.objects.get()
    steps = text(client, f"/admin/exams/certification/{certification.pk}/steps/")
    assert "Proposed by reviewers@example.org; somebody else has to confirm it." in steps
    assert at(act) in steps
    assert put not in steps
    Certification.objects.update(is_listed=True)
    reply = browser(second).post(at(act, "confirm"), {"note": ""}, follow=True)
    assert "This certification is on the site already." in reply.content.decode()
    assert PendingAct.objects.get().state == "waiting"
    assert browser(second).post(at(act, "decline"), {"reason": "no"}).status_code == 422
    browser(second).post(at(act, "decline"), {"reason": "It is there already"})
    assert PendingAct.objects.get().state == "declined"
    assert "It is there already" in text(client, at(act))


def test_the_only_reviewer_is_told_before_that_nobody_can_confirm(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_ALONE", 0)
    sit(factories.make_user(), form, {1: form.others[1][:1]})
    client = browser(factories.make_staff("reviewers"))
    rule = f"/admin/exams/keyruling/rule/{version_at(form, 1)}/"
    preview = client.post(rule, {"kind": "credit", "cause": "unclear"}).headers["Location"]
    carry_out()
    page = text(client, preview)
    assert "Nobody else can confirm the ruling, so it takes effect at once" in page
    assert "Confirm ruling" in page
    client.post(preview, WHY)
    assert KeyRuling.objects.exists()


def test_whoever_wrote_and_approved_a_new_exam_alone_does_not_publish_it_while_somebody_else_can(
    second: User,
) -> None:
    certification = made.written()
    made.with_questions(certification)
    head = factories.make_staff("admin")
    draft = authoring.open_draft(kind="form", certification=certification, name="exam-1", actor=head)
    items = [{"code": nothing.code_of(number), "scored": True} for number in range(1, 11)]
    draft = authoring.save(
        draft_id=draft.pk, revision=draft.revision, content={**draft.content, "items": items}, actor=head
    )
    authoring.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=head)
    with override_settings(FOUR_EYES=False):
        authoring.approve(draft_id=draft.pk, digest=draft.digest, actor=head)
    publish = partial(authoring.publish, draft_id=draft.pk, digest=draft.digest, actor=head, reason="ready")
    with refused("needs_second_person"):
        publish()
    User.objects.exclude(pk=head.pk).update(is_active=False)
    publish()
    entry = AuditEntry.objects.get(action="publish", subject_id=str(draft.pk), actor=head)
    assert entry.after["second_person"] == "nobody else has this right"


# --- Attempts as support sees them ------------------------------------------------------------------
@pytest.fixture
def helping(db: None) -> Client:
    return browser(factories.make_staff("support"))


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the form of an act."""
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', page))


def of(attempt: object, page: str = "change") -> str:
    return f"/admin/exams/attempt/{attempt}/{page}/"


def test_support_extends_and_voids_on_the_page_of_an_attempt_and_then_neither_is_offered(
    helping: Client, anna: User, form: Form
) -> None:
    attempt = factories.start(anna, form).attempt_id
    page = text(helping, of(attempt))
    assert of(attempt, "extend") in page
    assert of(attempt, "void") in page
    assert of(attempt, "release") not in page
    person = f"/admin/accounts/user/{anna.pk}/person/"
    assert f"{of(attempt, 'extend')}?back=person" in text(helping, person)
    assert helping.post(of(attempt, "extend"), {"minutes": 15, "reason": ""}).status_code == 422
    for minutes in (15, 46):
        sent = hidden(text(helping, of(attempt, "extend"))) | {"minutes": minutes, "reason": "Power cut"}
        reply = helping.post(of(attempt, "extend"), sent, follow=True)
    assert staff.extra_minutes(Attempt.objects.get()) == 15
    assert "Support can give an attempt 60 extra minutes in all; 45 are left." in reply.content.decode()
    form_page = text(helping, of(attempt, "void"))
    assert "The candidate reads it in the email about this." in form_page
    helping.post(of(attempt, "void"), {"reason": "Power cut in the hall"})
    assert Attempt.objects.get().state == State.VOIDED
    for client in (helping, browser(factories.make_staff("admin"))):
        for page in (text(client, of(attempt)), text(client, person)):
            assert of(attempt, "extend") not in page
            assert of(attempt, "void") not in page


def test_of_two_pages_that_extend_an_attempt_the_second_one_pressed_adds_nothing(
    helping: Client, anna: User, form: Form
) -> None:
    attempt = factories.start(anna, form).attempt_id
    first, second = (hidden(text(helping, of(attempt, "extend"))) for _ in range(2))
    typed = {"minutes": 15, "reason": "Power cut in the hall"}
    assert helping.post(of(attempt, "extend"), first | typed).status_code == 302
    reply = helping.post(of(attempt, "extend"), second | typed)
    assert reply.status_code == 409
    page = reply.content.decode()
    assert "so no time was added" in page
    assert "<dt>Extra minutes so far</dt><dd>15</dd>" in page
    assert 'value="15"' in page
    assert "Power cut in the hall</textarea>" in page
    assert staff.extra_minutes(Attempt.objects.get()) == 15
    assert AuditEntry.objects.count() == 1
    # Who has read it may press once more.
    assert helping.post(of(attempt, "extend"), hidden(page) | typed).status_code == 302
    assert staff.extra_minutes(Attempt.objects.get()) == 30
    assert helping.post(of(attempt, "extend"), typed).status_code == 422


def test_of_two_pages_that_void_an_attempt_the_second_one_pressed_does_nothing(
    helping: Client, anna: User, form: Form
) -> None:
    attempt = factories.start(anna, form).attempt_id
    for _ in range(2):
        helping.post(of(attempt, "void"), {"reason": "Power cut in the hall"})
    assert AuditEntry.objects.count() == 1


def test_a_submitted_attempt_is_offered_neither_and_an_expired_one_an_extension(
    helping: Client, anna: User, bela: User, form: Form
) -> None:
    done = factories.start(anna, form).attempt_id
    lifecycle.submit(user=anna, attempt_id=done, lease=None)
    page = text(helping, of(done))
    assert (of(done, "extend") in page, of(done, "void") in page) == (False, False)
    reply = helping.get(of(done, "void"), follow=True)
    assert "The exam has ended." in reply.content.decode()


def test_support_is_offered_nothing_on_its_own_attempt_and_on_that_of_a_colleague(
    helping: Client, form: Form
) -> None:
    for email, said in (
        ("support@example.org", "This is your own account."),
        ("authors@example.org", "Only an administrator can do this"),
    ):
        person = User.objects.filter(email=email).first() or factories.make_staff("authors")
        attempt = factories.start(person, form).attempt_id
        for page in (of(attempt), f"/admin/accounts/user/{person.pk}/person/"):
            assert of(attempt, "extend") not in text(helping, page)
        reply = helping.post(of(attempt, "extend"), {"minutes": 5, "reason": "For myself"}, follow=True)
        assert said in reply.content.decode()
    assert not AuditEntry.objects.exists()
