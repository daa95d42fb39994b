"""A ruling on the pages of a question, of its next version's draft, and of the ruling itself."""

import pytest
from django.test import Client

from accounts.users.models import User
from exams.authoring.models import Draft, State
from exams.bank.models import Item, ItemVersion, KeyRuling
from tests.exams.admin.editing import CODE, at, stored
from tests.exams.authoring import acts
from tests.exams.authoring.refusals import refused
from tests.exams.corrections.helpers import carry_out, rule
from tests.exams.feedback.helpers import browser
from tests.factories import Form
from tests.flows.test_rulings_live_on import mended

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(db: None) -> Client:
    return browser(acts.staff("reviewers"))


@pytest.fixture
def desk(db: None) -> Client:
    return browser(acts.staff("authors"))


def begun(form: Form) -> Draft:
    return acts.begin(form.form.certification, "item", CODE)


def page(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


def ruled(form: Form, kind: str) -> KeyRuling:
    ruling = rule(form, 1, kind, *(form.others[1][:1] if kind in ("also", "replace") else []))
    carry_out()
    return ruling


def test_author_and_reviewer_read_the_ruling_on_the_draft(form: Form, desk: Client, reviewer: Client) -> None:
    ruled(form, "replace")
    draft = begun(form)
    for client in (desk, reviewer):
        shown = page(client, at(draft))
        assert "There is a ruling on version 1" in shown
        assert f"Option A: “Answer 0 to {CODE}”" in shown
        assert "As long as the key differs from the ruling" in shown
        assert "Lift the ruling" not in shown
    acts_on = {"options": [{"key": place == 1, "failure": "W1"} for place in range(4)]}
    with refused("blocked"):
        acts.publish(draft, acts_on)
    assert "A ruling changed the key to A." in page(desk, at(draft))
    assert "Lift the ruling" not in page(desk, at(draft))
    assert "Lift the ruling" in page(reviewer, at(draft))


def test_a_reviewer_lifts_the_ruling_with_a_reason(form: Form, desk: Client, reviewer: Client) -> None:
    ruling = ruled(form, "replace")
    draft = begun(form)
    with refused("blocked"):
        acts.publish(draft, {"options": [{"key": place == 1, "failure": "W1"} for place in range(4)]})
    assert reviewer.post(at(draft, "lift"), {"ruling": ruling.pk, "reason": ""}).status_code == 422
    assert reviewer.post(at(draft, "lift"), {"ruling": ruling.pk + 1, "reason": "Page 3"}).status_code == 409
    assert stored(draft).lifted_ruling is None
    said = {"ruling": ruling.pk, "reason": "Page 3 says B after all."}
    assert reviewer.post(at(draft, "lift"), said).status_code == 302
    shown = page(desk, at(draft))
    assert "reviewers@example.org lifted the ruling for this draft: Page 3 says B after all." in shown
    assert "A ruling changed the key" not in shown


def test_who_publishes_chooses_and_nothing_is_chosen_before(form: Form, reviewer: Client) -> None:
    ruling = ruled(form, "also")
    draft = begun(form)
    acts.approve(draft, mended(draft))
    shown = page(reviewer, at(draft))
    assert "What happens to the ruling on version 1?" in shown
    assert "Carry it over to the new version: A is also accepted." in shown
    assert " checked" not in shown[shown.index('id="choice"') : shown.index("publish-reason")]
    sent = {"digest": stored(draft).digest, "reason": "a typo", "ruling": str(ruling.pk)}
    reply = reviewer.post(at(draft, "publish"), sent)
    assert reply.status_code == 422
    assert "Choose what happens to the ruling on version 1." in reply.content.decode()
    assert (stored(draft).state, ItemVersion.objects.filter(item__code=CODE).count()) == (State.APPROVED, 1)
    assert reviewer.post(at(draft, "publish"), {**sent, "choice": "carry over"}).status_code == 302
    item = Item.objects.get(code=CODE)
    shown = page(reviewer, f"/admin/exams/item/{item.pk}/change/")
    assert "Version 2 is scored by a ruling." in shown
    assert "Carried over from version 1." in shown
    assert "carried the ruling over to the next version (1 → 2)" in shown
    assert "ruled on version 1: Another answer is also accepted." in shown
    shown = page(reviewer, f"/admin/exams/keyruling/{ruling.pk}/change/")
    assert "Version 2: The ruling was carried over." in shown
    carried = KeyRuling.objects.get(carried_from=ruling)
    shown = page(reviewer, f"/admin/exams/keyruling/{carried.pk}/change/")
    assert "Carried over from version 1." in shown


def test_an_earlier_version_is_restored_once_it_is_said_to_answer_the_ruling(
    form: Form, reviewer: Client
) -> None:
    draft = begun(form)
    acts.publish(draft, mended(draft))
    form.form.refresh_from_db()
    assert form.form.current
    ruling = rule(Form(form.form, form.form.current, {}, {}, {}), 1, "credit")
    item = Item.objects.get(code=CODE)
    first = item.versions.get(number=1)
    restore = f"/admin/exams/item/{item.pk}/restore/"
    assert "The restored version answers the ruling on version 2: Every answer counts" in page(
        reviewer, restore
    )
    sent = {"version_id": first.pk, "reason": "the older one is clear"}
    said = reviewer.post(restore, sent, follow=True).content.decode()
    assert "There is a ruling on version 2, made after version 1 was published." in said
    item.refresh_from_db()
    assert item.current_id != first.pk
    reviewer.post(restore, {**sent, "answers": ruling.pk})
    item.refresh_from_db()
    assert item.current_id == first.pk
    # Back to the version that was ruled on, nothing is asked: its ruling is its own.
    reviewer.post(restore, {"version_id": ruling.version_id, "reason": "the newer one after all"})
    item.refresh_from_db()
    assert item.current_id == ruling.version_id


def test_a_page_of_a_translation_asks_nothing_of_the_ruling(form: Form, reviewer: Client) -> None:
    ruled(form, "credit")
    draft = begun(form)
    hungarian = {**draft.content["texts"]["hu"], "tip": "Egy jobb tipp."}
    acts.approve(draft, {"texts": {**draft.content["texts"], "hu": hungarian}})
    assert "What happens to the ruling" not in page(reviewer, at(draft))
    sent = {"digest": stored(draft).digest, "reason": "a typo", "ruling": "1"}
    assert reviewer.post(at(draft, "publish"), sent).status_code == 302


def test_candidates_and_visitors_see_no_page_of_it(form: Form, anna: User) -> None:
    ruling = ruled(form, "also")
    draft = begun(form)
    for client in (Client(), browser(anna)):
        assert client.post(at(draft, "lift"), {"ruling": ruling.pk, "reason": "mine"}).status_code == 302
        assert client.get(f"/admin/exams/keyruling/{ruling.pk}/change/").status_code == 302
    assert stored(draft).lifted_ruling is None
