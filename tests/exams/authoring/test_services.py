"""Drafts: saved without losing a word, reviewed by other eyes, published exactly as approved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import override_settings
from django.utils.translation import override

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox.models import Mail
from accounts.outbox.sender import message_of
from accounts.users.models import User
from exams.assembly.models import ExamForm, FormEdition, Paper
from exams.authoring import services
from exams.authoring.models import Draft, DraftSave, State
from exams.bank.models import Item, ItemText, ItemVersion
from exams.publication.models import PublishLog
from tests import factories
from tests.exams.authoring.refusals import refused
from tests.factories import Form

pytestmark = pytest.mark.django_db

CODE = "E1-Q01"


@pytest.fixture
def author() -> User:
    return factories.make_staff("authors")


@pytest.fixture
def reviewer() -> User:
    return factories.make_staff("reviewers")


def begin(form: Form, person: User, name: str = CODE) -> Draft:
    certification = form.form.certification
    return services.open_draft(kind="item", certification=certification, name=name, actor=person)


def with_stem(draft: Draft, stem: str, language: str = "en") -> dict[str, Any]:
    """Return the content of a draft with another stem."""
    text = {**draft.content["texts"][language], "stem": stem}
    return {**draft.content, "texts": {**draft.content["texts"], language: text}}


def save(draft: Draft, person: User, content: dict[str, Any], revision: int = 0) -> Draft:
    return services.save(
        draft_id=draft.pk, revision=revision or draft.revision, content=content, actor=person
    )


def approved(form: Form, author: User, reviewer: User, stem: str = "A better stem. Which one?") -> Draft:
    draft = begin(form, author)
    draft = save(draft, author, with_stem(draft, stem))
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author, assignee=reviewer)
    return services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)


def test_a_draft_begins_with_what_is_published_and_there_is_one_at_a_time(form: Form, author: User) -> None:
    draft = begin(form, author)
    version = Item.objects.get(code=CODE).current
    assert version is not None
    english = version.texts.get(language="en")
    assert draft.content["texts"]["en"]["stem"] == english.stem
    assert [one["key"] for one in draft.content["options"]] == [o.is_key for o in version.options.all()]
    assert begin(form, factories.make_staff("reviewers")) == draft


def test_what_was_not_changed_is_published_as_nothing_new(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author)
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    before = (ItemVersion.objects.count(), ItemText.objects.count(), FormEdition.objects.count())
    services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="")
    assert (ItemVersion.objects.count(), ItemText.objects.count(), FormEdition.objects.count()) == before


def test_a_stale_save_is_refused_and_tells_what_is_stored(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author)
    first = save(draft, author, with_stem(draft, "One."))
    with pytest.raises(Refused) as caught:
        save(draft, reviewer, with_stem(draft, "Other."), revision=1)
    assert (caught.value.code, caught.value.status) == ("stale_draft", 409)
    assert caught.value.extra == {"revision": 2, "content": first.content, "person": author.pk}
    assert Draft.objects.get(pk=draft.pk).content == first.content


def test_saving_the_same_words_twice_counts_once_whatever_was_seen(form: Form, author: User) -> None:
    draft = begin(form, author)
    first = save(draft, author, with_stem(draft, "One."))
    assert save(draft, author, with_stem(draft, "One."), revision=1).revision == first.revision == 2


def test_what_one_wrote_is_kept_when_another_goes_on(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author)
    first = save(draft, author, with_stem(draft, "One."))
    second = save(draft, author, with_stem(draft, "Two."), revision=first.revision)
    assert not DraftSave.objects.exists()
    save(draft, reviewer, with_stem(draft, "Three."), revision=second.revision)
    kept = DraftSave.objects.get()
    assert (kept.person, kept.content["texts"]["en"]["stem"]) == (author, "Two.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"extra": 1}, "extra"),
        ({"choose": "two"}, "choose"),
        ({"choose": True}, "choose"),
        ({"options": []}, "options"),
        ({"options": [{"key": 1, "failure": ""}] * 4}, "options.0.key"),
        ({"texts": {"xx": {}}}, "texts.xx"),
        ({"texts": {"en": {"stem": 7}}}, "texts.en.stem"),
        ({"covers": ["a" * 61]}, "covers.0"),
    ],
)
def test_content_that_no_editor_sends_is_refused_with_its_field(
    form: Form, author: User, change: dict[str, Any], field: str
) -> None:
    draft = begin(form, author)
    with pytest.raises(Refused) as caught:
        save(draft, author, {**draft.content, **change})
    refused = caught.value
    assert (refused.code, refused.status, refused.extra["field"]) == ("invalid_content", 422, field)
    assert refused.extra["sentence"].endswith(".")
    assert Draft.objects.get(pk=draft.pk).revision == 1


def test_what_is_wrong_with_content_is_said_in_the_language_of_who_reads_it(form: Form, author: User) -> None:
    draft = begin(form, author)
    texts = {**draft.content["texts"]["en"], "options": [{}, {"text": "a" * 20_001}]}
    with pytest.raises(Refused) as caught:
        save(draft, author, {**draft.content, "texts": {"en": texts}})
    assert str(caught.value) == ("Option B: Text (English): At most 20000 characters.")
    with override("hu"):
        assert str(caught.value) == "B válaszlehetőség: Szöveg (English): Legfeljebb 20000 karakter."


def test_publishing_makes_a_version_and_an_edition_by_one_entry_of_the_log(
    form: Form, author: User, reviewer: User
) -> None:
    draft = approved(form, author, reviewer)
    log = services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="clearer")
    version = Item.objects.get(code=CODE).current
    assert version is not None
    assert (version.number, version.log, version.texts.get(language="en").stem) == (
        2,
        log,
        "A better stem. Which one?",
    )
    assert (log.source, log.actor, log.reason) == (PublishLog.Source.PERSON, reviewer, "clearer")
    edition = ExamForm.objects.get(pk=form.form.pk).current
    assert edition is not None
    assert (edition.number, edition.log) == (2, log)
    assert edition.items.get(position=1).version == version
    assert set(edition.papers.values_list("language", flat=True)) == {"en", "hu"}
    draft.refresh_from_db()
    assert (draft.state, draft.log) == (State.PUBLISHED, log)
    assert begin(form, author) != draft


def test_a_translation_makes_a_text_and_papers_and_no_version(
    form: Form, author: User, reviewer: User
) -> None:
    draft = begin(form, author)
    draft = save(draft, author, with_stem(draft, "Jobb szöveg. Melyik?", "hu"))
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    before = (ItemVersion.objects.count(), FormEdition.objects.count())
    papers = Paper.objects.filter(edition=form.edition)
    log = services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="")
    assert (ItemVersion.objects.count(), FormEdition.objects.count()) == before
    assert ItemText.objects.get(log=log).language == "hu"
    assert papers.filter(language="hu").count() == 2
    assert papers.filter(language="en").count() == 1


def test_nobody_approves_what_they_wrote(form: Form, reviewer: User) -> None:
    author = factories.make_staff("admin")  # may do everything but this
    draft = begin(form, author)
    draft = save(draft, reviewer, with_stem(draft, "One. Which?"))
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    for person in (author, reviewer):
        with pytest.raises(Refused) as caught:
            services.approve(draft_id=draft.pk, digest=draft.digest, actor=person)
        assert caught.value.code == "own_draft"
    with override_settings(FOUR_EYES=False):
        services.approve(draft_id=draft.pk, digest=draft.digest, actor=author)


def test_a_save_takes_the_approval_back(form: Form, author: User, reviewer: User) -> None:
    draft = approved(form, author, reviewer)
    changed = save(draft, author, with_stem(draft, "Quickly changed. Which?"))
    assert (changed.state, changed.approver, changed.approved_digest) == (State.DRAFT, None, "")
    for digest in (draft.digest, changed.digest):
        with pytest.raises(Refused):
            services.publish(draft_id=draft.pk, digest=digest, actor=reviewer, reason="")
    assert Item.objects.get(code=CODE).current == form.edition.items.get(position=1).version


def test_an_approval_names_what_it_saw(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author)
    changed = save(draft, author, with_stem(draft, "One. Which?"))
    services.send_to_review(draft_id=draft.pk, revision=changed.revision, actor=author)
    with pytest.raises(Refused) as caught:
        services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    assert caught.value.code == "stale_draft"


def test_what_was_published_meanwhile_is_not_undone(form: Form, author: User, reviewer: User) -> None:
    draft = approved(form, author, reviewer)
    factories.publish_again(CODE)
    with pytest.raises(Refused) as caught:
        services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="")
    assert caught.value.code == "outdated"
    services.rebase(draft_id=draft.pk, revision=draft.revision, actor=author)
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="")


def test_what_breaks_a_rule_does_not_go_to_review(form: Form, author: User) -> None:
    draft = begin(form, author)
    options = [{"key": True, "failure": ""} for _ in draft.content["options"]]
    draft = save(draft, author, {**draft.content, "options": options})
    with pytest.raises(Refused) as caught:
        services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    assert caught.value.code == "blocked"
    assert {one["rule"] for one in caught.value.extra["remarks"]} == {"number-of-keys", "every-option-a-key"}


def test_a_new_item_is_begun_from_nothing(form: Form, author: User, reviewer: User) -> None:
    draft = begin(form, author, "NEW-1")
    assert draft.base is None
    words = dict.fromkeys(("stem", "ask", "why", "principle", "tip"), "Some words. Which one?")
    options = [{"text": f"Option {n}", "why": f"Because {n}"} for n in range(4)]
    content = {
        **draft.content,
        "task": "1.1",
        "references": [{"title": "Docs", "url": "https://docs.aws.amazon.com/s3/latest/userguide.html"}],
        "options": [{"key": n == 0, "failure": "" if n == 0 else "W1"} for n in range(4)],
        "texts": {"en": {**words, "options": options, "figures": []}},
    }
    draft = save(draft, author, content)
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="new")
    assert Item.objects.get(code="NEW-1").current is not None


def test_a_draft_given_back_says_why_and_its_author_gets_a_mail(
    form: Form, author: User, reviewer: User
) -> None:
    draft = begin(form, author)
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author, assignee=reviewer)
    services.send_back(draft_id=draft.pk, actor=reviewer, text="The key is the longest option.")
    assert Draft.objects.get(pk=draft.pk).state == State.DRAFT
    assert draft.comments.get().text == "The key is the longest option."
    assert set(Mail.objects.values_list("to_address", flat=True)) == {author.email, reviewer.email}
    actions = AuditEntry.objects.filter(subject_type="exams.draft").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["begin", "send", "send back"]
    told = message_of(Mail.objects.get(to_address=author.email)).body
    assert "sent E1-Q01 of MLS-C01 back. This has to change:" in told
    assert "The key is the longest option." in told


def test_an_author_is_told_who_discarded_their_draft_and_why(
    form: Form, author: User, reviewer: User
) -> None:
    draft = begin(form, author)
    services.discard(draft_id=draft.pk, actor=reviewer, reason="asked twice already")
    mail = Mail.objects.get()
    assert mail.to_address == author.email
    told = message_of(mail).body
    assert f"{reviewer.email} discarded the draft of E1-Q01 of MLS-C01." in told
    assert "asked twice already" in told


def test_a_discarded_draft_is_closed_for_good(form: Form, author: User) -> None:
    draft = begin(form, author)
    services.discard(draft_id=draft.pk, actor=author, reason="not needed")
    with pytest.raises(Refused) as caught:
        save(draft, author, with_stem(draft, "Too late."))
    assert caught.value.code == "draft_closed"
    assert begin(form, author) != draft


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE exams_draft SET state = 'published', approved_digest = digest",
        "UPDATE exams_draft SET state = 'approved', approved_digest = digest",
        "UPDATE exams_draft SET content = '{}'",
        "UPDATE exams_draft SET name = 'OTHER'",
        "DELETE FROM exams_draft",
    ],
)
def test_the_way_of_a_draft_cannot_be_cut_short_by_sql(form: Form, author: User, statement: str) -> None:
    begin(form, author)
    with (
        pytest.raises((IntegrityError, ProgrammingError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def leave(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def lose_the_role(person: User) -> None:
    person.groups.clear()


def be_erased(person: User) -> None:
    Draft.objects.filter(approver=person).update(approver=None)


@pytest.mark.parametrize("change", [leave, lose_the_role, be_erased])
def test_an_approval_counts_only_while_who_gave_it_may_give_one(
    form: Form, author: User, reviewer: User, change: Callable[[User], None]
) -> None:
    draft = approved(form, author, reviewer)
    other = factories.make_user("second@example.org")
    other.groups.add(Group.objects.get(name="reviewers"))
    change(reviewer)
    with refused("not_approved"):
        services.publish(draft_id=draft.pk, digest=draft.digest, actor=other, reason="better")
    services.send_back(draft_id=draft.pk, actor=other, text="Once more, please.")
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=other)
    services.publish(draft_id=draft.pk, digest=draft.digest, actor=other, reason="better")
