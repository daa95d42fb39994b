"""What no page of the admin sends and a program may: it is refused, and never a failure of ours."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from exams.authoring.models import Draft, DraftComment
from exams.bank.models import Item
from tests import factories
from tests.exams.admin.editing import CODE, ask, at, fields, stored
from tests.exams.authoring import acts
from tests.factories import Form

pytestmark = pytest.mark.django_db

TWO = "\u00b2"
"""A digit to Python, and no number."""


@pytest.mark.parametrize("name", ["edit", "versions", "preview"])
def test_an_address_with_a_digit_that_is_no_number_is_absent(draft: Draft, desk: Client, name: str) -> None:
    assert desk.get(at(draft, name).replace(str(draft.pk), TWO)).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/admin/exams/item/²/versions/",
        "/admin/exams/examform/²/export/",
        "/admin/exams/itemversion/²/change/",
        "/admin/exams/keyruling/²/change/",
    ],
)
def test_an_address_of_a_thing_with_such_a_digit_is_absent(form: Form, desk: Client, address: str) -> None:
    assert desk.get(address).status_code in (302, 404)


@pytest.mark.parametrize("address", ["/admin/exams/item/²/edit/", "/admin/exams/examform/²/edit/"])
def test_a_draft_of_a_thing_with_such_a_digit_is_not_begun(form: Form, desk: Client, address: str) -> None:
    assert desk.post(address).status_code == 404


def test_a_revision_with_such_a_digit_is_a_stale_one(draft: Draft, desk: Client) -> None:
    assert desk.post(at(draft), fields(draft, revision=TWO, texts__en__stem="New.")).status_code == 409


def test_such_a_revision_of_an_exam_is_a_stale_one(form: Form, desk: Client) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-1")
    assert desk.post(at(draft), {"revision": TWO, "minutes": "99"}).status_code == 409
    assert desk.post(at(draft, "draw"), {"revision": TWO}).status_code < 500


def test_half_a_character_is_refused_at_its_field(draft: Draft, desk: Client) -> None:
    body = {"revision": 1, "fields": {"texts.en.stem": "broken \ud83d here"}}
    for name in ("save", "remarks", "preview"):
        reply = ask(desk, draft, name, body)
        assert reply.status_code == 422, name
    assert ask(desk, draft, "save", body).json()["field"] == "texts.en.stem"
    assert stored(draft).revision == 1


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"fields": ' * 5_000, "1e999", '{"revision": NaN}', '{"revision": 1e400}', "\xff"],
)
def test_a_body_that_is_no_object_of_ours_is_refused(draft: Draft, desk: Client, body: str) -> None:
    for name in ("save", "remarks", "preview"):
        data = body.encode("latin-1")
        reply = desk.post(at(draft, name), data, content_type="application/json")
        assert reply.status_code < 500, (name, reply.status_code)
    assert stored(draft).revision == 1


def test_a_comment_with_a_character_that_no_text_may_hold_is_stored_without_it(
    draft: Draft, desk: Client
) -> None:
    reply = desk.post(at(draft, "comment"), {"text": "Shorter\0, please.", "place": "texts.en\0.stem"})
    assert reply.status_code == 302
    comment = DraftComment.objects.get()
    assert (comment.text, comment.place) == ("Shorter, please.", "texts.en.stem")


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b", "q=%ED%A0%80", "a=%00&b=%00", "view=%00&language=%00"])
def test_a_query_with_such_a_character_finds_nothing(form: Form, desk: Client, query: str) -> None:
    exam, item = (
        acts.begin(form.form.certification, kind, name) for kind, name in (("form", "exam-1"), ("item", CODE))
    )
    for draft, name in ((exam, "edit"), (exam, "versions"), (exam, "draw"), (exam, "proof")):
        assert desk.get(f"{at(draft, name)}?{query}").status_code < 500, name
    for name in ("edit", "versions", "preview"):
        assert desk.get(f"{at(item, name)}?{query}").status_code < 500, name
    for model in ("item", "itemversion", "draft", "examform", "importfile"):
        address = reverse(f"admin:exams_{model}_changelist")
        assert desk.get(f"{address}?{query}").status_code < 500, model


def test_a_text_that_is_too_long_for_any_page_is_not_rendered_for_one(draft: Draft, desk: Client) -> None:
    reply = ask(desk, draft, "preview", {"fields": {"texts.en.stem": "![" * 4_001}})
    assert reply.status_code == 422
    assert "At most 8000" in reply.content.decode()


def test_acts_with_odd_values_change_nothing(draft: Draft, desk: Client) -> None:
    desk.force_login(acts.staff("reviewers"))
    for name in ("send", "approve", "publish", "rebase", "discard", "assign", "send_back"):
        values = {"revision": "9" * 400, "digest": "\0", "assignee": TWO, "reason": "\0\0\0\0", "text": "\0"}
        reply = desk.post(at(draft, name), values)
        assert 400 <= reply.status_code < 500, name
    assert stored(draft).state == "draft"


def test_ids_of_many_questions_that_are_none_are_left_out(form: Form, desk: Client) -> None:
    for ids in ("\0", TWO, "1" * 30, "-1", ",,,", json.dumps([1]), "999999999999999999"):
        reply = desk.post(reverse("admin:exams_item_tag"), {"ids": ids, "tags": "new"})
        assert reply.status_code < 500, ids
    assert not Draft.objects.exists()
    assert Item.objects.filter(tags=[]).count() == 8


def test_support_meets_no_editor(draft: Draft, client: Client) -> None:
    client.force_login(factories.make_staff("support"))
    for name in ("edit", "versions", "preview"):
        assert client.get(at(draft, name)).status_code == 403
