"""Two people at one draft at once: four eyes and what was approved hold, whoever is first.

Each protection is taken away once and is then missed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.users.models import User
from exams.authoring import services
from exams.authoring.models import Draft, DraftEditor, State
from exams.bank.models import ItemVersion
from exams.publication import services as publication
from exams.publication.models import PublishLog
from tests import factories, roles
from tests.exams.authoring.test_services import begin, save, with_stem
from tests.factories import Form
from tests.flows.crew import Crew

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]

# Questions of the form with one key.
NUMBERS = (1, 2, 4, 5, 6, 7, 8)
PAUSE = 0.05


@pytest.fixture
def author() -> User:
    return factories.make_staff("authors")


@pytest.fixture
def reviewer() -> User:
    return factories.make_staff("reviewers")


def in_review(form: Form, author: User, number: int) -> Draft:
    """Return a draft of its own in review."""
    draft = begin(form, author, f"E1-Q0{number}")
    draft = save(draft, author, with_stem(draft, f"Stem {number}. Which answer is right?"))
    return services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)


def reviewers(count: int) -> list[User]:
    """Return so many others who may comment."""
    people = [factories.make_user(f"reviewer{number}@example.org") for number in range(count)]
    Group.objects.get(name="reviewers").user_set.set(people)
    return people


def comments(draft: Draft, person: User) -> Callable[[], Any]:
    return partial(services.comment, draft_id=draft.pk, actor=person, text="Why B?")


def stored(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)


def code(outcome: object) -> str:
    return outcome.code if isinstance(outcome, Refused) else type(outcome).__name__


def save_against_approve(crew: Crew, draft: Draft, author: User, reviewer: User) -> list[Any]:
    """Have the author save another text while a reviewer approves what stands."""
    changed = with_stem(draft, "Changed behind the approval. Which answer is right?")
    return crew.together(
        [
            lambda: save(draft, author, changed),
            lambda: services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer),
        ]
    )


def approved_unseen(draft: Draft) -> bool:
    """Tell whether a draft counts as approved whose text is not the one that the reviewer saw."""
    after = stored(draft)
    return after.state == State.APPROVED and after.digest != draft.digest


def test_a_save_and_an_approval_at_once_leave_no_text_approved_that_nobody_saw(
    form: Form, author: User, reviewer: User
) -> None:
    with Crew(2) as crew:
        for number in NUMBERS:
            draft = in_review(form, author, number)
            saved, approval = save_against_approve(crew, draft, author, reviewer)
            assert code(saved) == "Draft"
            assert code(approval) in {"Draft", "not_in_review"}
            assert not approved_unseen(draft)
            assert stored(draft).state == State.DRAFT


def test_of_two_publications_at_once_one_is_made(form: Form, author: User, reviewer: User) -> None:
    with Crew(2) as crew:
        for number in NUMBERS:
            draft = in_review(form, author, number)
            services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
            publish = publishing(draft, reviewer)
            logs = PublishLog.objects.count()
            assert sorted(code(one) for one in crew.together([publish, publish])) == [
                "PublishLog",
                "draft_closed",
            ]
            assert PublishLog.objects.count() == logs + 1
            assert ItemVersion.objects.filter(item__code=draft.name).count() == 2


def publishing(draft: Draft, actor: User) -> Callable[[], PublishLog]:
    return lambda: services.publish(draft_id=draft.pk, digest=draft.digest, actor=actor, reason="better")


def test_whoever_writes_while_they_approve_has_not_approved_what_they_wrote(
    form: Form, author: User, reviewer: User
) -> None:
    with Crew(2) as crew:
        for number in NUMBERS:
            draft = in_review(form, author, number)
            save_against_approve(crew, draft, reviewer, reviewer)
            after = stored(draft)
            assert not (after.state == State.APPROVED and services.wrote(after, reviewer))


# --- Without the protection --------------------------------------------------------------------------
@contextmanager
def guard_without_digests() -> Iterator[None]:
    """Take away what the database checks of an approval: the trigger and the digest."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exams_draft DISABLE TRIGGER guard_draft")
        cursor.execute("ALTER TABLE exams_draft DROP CONSTRAINT draft_approved_by_digest")
    try:
        yield
    finally:
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE exams_draft CASCADE")
            cursor.execute(
                "ALTER TABLE exams_draft ADD CONSTRAINT draft_approved_by_digest"
                " CHECK (state NOT IN ('approved', 'published') OR approved_digest = digest)"
            )
            cursor.execute("ALTER TABLE exams_draft ENABLE TRIGGER guard_draft")


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the row of a draft as it stands, and take a while, as a slow machine would."""

    def careless(draft_id: int) -> Draft:
        draft = Draft.objects.select_related("certification", "base").get(pk=draft_id)
        time.sleep(PAUSE)
        return draft

    monkeypatch.setattr(services, "_locked", careless)


@pytest.mark.controls
def test_without_the_row_lock_the_database_alone_keeps_an_approval_to_what_it_saw(
    form: Form, author: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked(monkeypatch)
    with Crew(2) as crew:
        for number in NUMBERS:
            draft = in_review(form, author, number)
            found = save_against_approve(crew, draft, author, reviewer)
            assert not approved_unseen(draft), [code(one) for one in found]


@pytest.mark.controls
def test_without_lock_and_check_a_text_is_approved_that_nobody_saw(
    form: Form, author: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked(monkeypatch)
    with guard_without_digests(), Crew(2) as crew:
        seen = []
        for number in NUMBERS:
            draft = in_review(form, author, number)
            save_against_approve(crew, draft, author, reviewer)
            seen.append(approved_unseen(draft))
        assert any(seen)


@pytest.mark.controls
def test_without_the_locks_two_publications_both_go_through(
    form: Form, author: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked(monkeypatch)
    monkeypatch.setattr(publication, "wait_for_others", lambda: None)
    monkeypatch.setattr(f"{__name__}.PAUSE", 0.5)
    draft = in_review(form, author, 1)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exams_draft DISABLE TRIGGER guard_draft")
    try:
        logs = PublishLog.objects.count()
        with Crew(2) as crew:
            publish = publishing(draft, reviewer)
            found = crew.together([publish, publish])
        assert PublishLog.objects.count() == logs + 2, [code(one) for one in found]
    finally:
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE exams_draft ENABLE TRIGGER guard_draft")


@pytest.mark.controls
def test_without_the_row_of_who_saved_a_writer_approves_their_own_text(
    form: Form, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = factories.make_staff("admin")
    draft = begin(form, author)
    draft = save(draft, root, with_stem(draft, "By root. Which answer is right?"))
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    with pytest.raises(Refused):
        services.approve(draft_id=draft.pk, digest=draft.digest, actor=root)
    DraftEditor.objects.filter(person=root).delete()
    assert services.approve(draft_id=draft.pk, digest=draft.digest, actor=root).state == State.APPROVED


# --- Other ways in -----------------------------------------------------------------------------------
def test_an_edit_after_the_approval_needs_another_approval(form: Form, author: User, reviewer: User) -> None:
    draft = in_review(form, author, 1)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    changed = save(draft, author, with_stem(draft, "Quickly changed. Which answer is right?"))
    services.send_to_review(draft_id=draft.pk, revision=changed.revision, actor=author)
    for digest in (draft.digest, changed.digest):
        with pytest.raises(Refused):
            services.publish(draft_id=draft.pk, digest=digest, actor=reviewer, reason="better")
    assert not ItemVersion.objects.filter(item__code=draft.name, number=2).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.APPROVED},
        {"state": State.PUBLISHED},
        {"state": State.APPROVED, "approved_digest": "0" * 64},
    ],
)
def test_an_update_of_many_drafts_at_once_approves_none(
    form: Form, author: User, change: dict[str, Any]
) -> None:
    draft = begin(form, author)
    rows: QuerySet[Draft] = Draft.objects.filter(pk=draft.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**change)
    assert stored(draft).state == State.DRAFT


def test_news_to_the_same_two_people_the_other_way_round_do_not_wait_for_each_other(
    form: Form, author: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = reviewers(2)
    drafts = [begin(form, author, f"E1-Q0{number}") for number in NUMBERS[:2]]
    Draft.objects.filter(pk=drafts[0].pk).update(assignee=reviewer)
    Draft.objects.filter(pk=drafts[1].pk).update(author=reviewer, assignee=author)
    post = outbox.post

    def slowly(*args: Any, **kwargs: Any) -> bool:
        made = post(*args, **kwargs)
        time.sleep(PAUSE)
        return made

    monkeypatch.setattr(outbox, "post", slowly)
    with Crew(2) as crew:
        for _round in range(3):
            Mail.objects.all().delete()
            outcomes = crew.together([comments(*pair) for pair in zip(drafts, others, strict=True)])
            assert [type(outcome).__name__ for outcome in outcomes] == ["DraftComment"] * 2
            assert set(Mail.objects.values_list("person", flat=True)) == {author.pk, reviewer.pk}


def test_the_first_news_of_an_hour_by_many_at_once_all_go_through(
    form: Form, author: User, reviewer: User
) -> None:
    drafts = [begin(form, author, f"E1-Q0{number}") for number in NUMBERS]
    for place, draft in enumerate(drafts):
        pair = {"author": author, "assignee": reviewer}
        if place % 2:
            pair = {"author": reviewer, "assignee": author}
        Draft.objects.filter(pk=draft.pk).update(**pair)
    people = reviewers(20)
    with Crew(len(people)) as crew:
        outcomes = crew.together(
            [comments(drafts[n % len(drafts)], person) for n, person in enumerate(people)]
        )
    assert {type(outcome).__name__ for outcome in outcomes} == {"DraftComment"}
    assert Mail.objects.count() == 2
