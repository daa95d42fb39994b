"""Whoever wrote a word of a draft never approves it, by whatever way they come: API, admin, bulk acts, edits.

Races are in test_draft_races. Each way is tried once more without the protection, and then it leads through.
"""

import base64
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import get_resolver, reverse
from rest_framework.test import APIClient

from accounts.jobs import runner
from accounts.users import tokens
from accounts.users.models import User
from exams.admin import bulk, drafts
from exams.authoring import services
from exams.authoring.models import Draft, State
from exams.bank.models import Item, ItemVersion
from tests import factories, roles
from tests.exams.admin.editing import at, fields, stored
from tests.exams.authoring import acts
from tests.exams.authoring.test_imports import GIFT
from tests.exams.authoring.test_services import with_stem
from tests.factories import Form

pytestmark = pytest.mark.django_db(transaction=True)

IMPORTS = "/api/v1/authoring/imports/"


@pytest.fixture
def root(db: None) -> User:
    """Somebody with every right but this one."""
    return factories.make_staff("admin")


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def written_by_form(form: Form, person: User) -> Draft:
    """Have somebody begin and write a draft in the admin."""
    client = browser(person)
    client.post(f"/admin/exams/item/{Item.objects.get(code='E1-Q01').pk}/edit/")
    draft = Draft.objects.get()
    client.post(at(draft), fields(draft, texts__en__stem="By hand. Which answer is right?"))
    return stored(draft)


def written_by_bulk(form: Form, person: User) -> Draft:
    """Have somebody tag a question that an author began to write."""
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    ids = str(Item.objects.get(code="E1-Q01").pk)
    browser(person).post("/admin/exams/item/many/tag/", {"ids": ids, "tags": "by bulk"})
    return stored(draft)


def written_by_api(form: Form, person: User) -> Draft:
    """Have a program of somebody import a question that nobody but them has written."""
    client = APIClient()
    issued = tokens.issue_with_expiry(person, "program", "authoring")
    client.credentials(HTTP_AUTHORIZATION=f"Token {issued.token_text}")
    content = base64.b64encode(GIFT.encode()).decode()
    body = {"certification": "mls-c01", "format": "gift", "name": "q.txt", "content": content}
    address = f"{IMPORTS}{client.post(IMPORTS, body).json()['id']}/"
    runner.run_due()
    client.post(f"{address}take/")
    runner.run_due()
    draft = Draft.objects.order_by("name")[0]
    # What a file cannot say breaks rules, so an author mends it: the importer wrote the draft all the same.
    whole = acts.begin(form.form.certification, "item", "E1-Q05").content
    return services.save(
        draft_id=draft.pk,
        revision=draft.revision,
        content={**whole, "source": draft.content["source"]},
        actor=acts.staff("authors"),
    )


def edited_after_approval(form: Form, person: User) -> Draft:
    """Have somebody change what somebody else approved."""
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    services.send_to_review(draft_id=draft.pk, revision=1, actor=acts.staff("authors"))
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=acts.staff("reviewers"))
    client = browser(person)
    client.post(at(draft), fields(draft, texts__en__stem="Quickly changed. Which answer is right?"))
    return stored(draft)


WAYS: dict[str, Callable[[Form, User], Draft]] = {
    "form": written_by_form,
    "bulk act": written_by_bulk,
    "API": written_by_api,
    "edit after the approval": edited_after_approval,
}


def tried(draft: Draft, person: User) -> tuple[int, str]:
    """Have somebody send a draft to review, approve and publish it; return the status of the approval."""
    client = browser(person)
    assert draft.state == State.DRAFT
    assert client.post(at(draft, "send"), {"revision": draft.revision}).status_code == 302
    reply = client.post(at(draft, "approve"), {"digest": stored(draft).digest})
    client.post(at(draft, "publish"), {"digest": stored(draft).digest, "reason": "because"})
    return reply.status_code, stored(draft).state


@pytest.mark.parametrize("way", list(WAYS))
def test_who_wrote_a_word_does_not_approve_it(form: Form, root: User, way: str) -> None:
    versions = ItemVersion.objects.count()
    draft = WAYS[way](form, root)
    assert tried(draft, root) == (403, State.REVIEW)
    assert ItemVersion.objects.count() == versions
    assert (
        "Somebody who did not write this draft"
        in browser(root).post(at(draft, "approve"), {"digest": stored(draft).digest}).content.decode()
    )


@pytest.mark.controls
@pytest.mark.parametrize("way", list(WAYS))
def test_without_the_question_who_wrote_it_one_person_publishes_alone(
    form: Form, root: User, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = WAYS[way](form, root)
    monkeypatch.setattr(services, "wrote", lambda draft, person: False)
    assert tried(draft, root) == (302, State.PUBLISHED)


def test_an_approval_ends_with_an_edit_before_anybody_publishes(form: Form, root: User) -> None:
    draft = edited_after_approval(form, acts.staff("authors"))
    for digest in (draft.digest, "0" * 64):
        reply = browser(root).post(at(draft, "publish"), {"digest": digest, "reason": "because"})
        assert reply.status_code == 409
    assert stored(draft).state == State.DRAFT


@pytest.mark.controls
def test_with_a_save_that_keeps_the_approval_an_edited_text_is_published(form: Form, root: User) -> None:
    draft = acts.begin(form.form.certification, "item", "E1-Q01")
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    slipped = {"content": with_stem(draft, "Slipped in. Which answer is right?"), "digest": "f" * 64}
    change = {**slipped, "approved_digest": "f" * 64, "revision": 2}
    with pytest.raises(IntegrityError):
        Draft.objects.filter(pk=draft.pk).update(**change)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exams_draft DISABLE TRIGGER guard_draft")
    try:
        Draft.objects.filter(pk=draft.pk).update(**change)
        reply = browser(root).post(at(draft, "publish"), {"digest": "f" * 64, "reason": "because"})
    finally:
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE exams_draft ENABLE TRIGGER guard_draft")
    assert (reply.status_code, stored(draft).state) == (302, State.PUBLISHED)


@pytest.mark.parametrize("act", ["approve_many", "publish_many"])
@pytest.mark.parametrize("way", list(WAYS))
def test_many_drafts_at_once_are_asked_each_who_wrote_it(form: Form, root: User, way: str, act: str) -> None:
    draft = WAYS[way](form, root)
    sent = {"ids": str(draft.pk), "digest": bulk._digest([stored(draft)]), "reason": "because"}
    browser(root).post(reverse(f"admin:exams_draft_{act}"), sent)
    assert stored(draft).state not in (State.APPROVED, State.PUBLISHED)


def test_no_other_address_approves_or_publishes() -> None:
    """Beside one draft and many there is none: questions and programs end at the review."""
    judging = {name for name in bulk.ACTS if "approve" in name or "publish" in name}
    assert judging == {"approve_many", "publish_many"}
    assert set(drafts.DraftAdmin.actions) == {"send_many", *judging}
    programs = {
        pattern.name
        for resolver in get_resolver().url_patterns
        for pattern in getattr(resolver, "url_patterns", [])
        if "authoring" in str(pattern.pattern)
    }
    assert not {name for name in programs if name and ("approve" in name or "publish" in name)}
