"""Withdrawing a question and going back to an earlier version: the pointer moves, versions stay."""

import pytest
from django.test import Client

from accounts.audit import services as audit
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly.models import ExamForm
from exams.authoring import services, withdrawal
from exams.bank import services as bank
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import Certification
from exams.publication.models import PublishLog
from tests import factories
from tests.exams.authoring.refusals import refused
from tests.factories import Form

pytestmark = pytest.mark.django_db

CODE = "E1-Q01"


@pytest.fixture
def reviewer() -> User:
    return factories.make_staff("reviewers")


def item() -> Item:
    return Item.objects.get(code=CODE)


def test_a_withdrawn_question_has_no_current_version_and_its_versions_stay(
    form: Form, reviewer: User
) -> None:
    versions = ItemVersion.objects.count()
    withdrawal.withdraw(item_id=item().pk, actor=reviewer, reason="The service was closed.")
    assert item().current is None
    assert ItemVersion.objects.count() == versions
    entry = audit.of(item()).get()
    assert (entry.action, entry.reason, entry.before) == (
        "withdraw",
        "The service was closed.",
        {"version": 1},
    )
    log = PublishLog.objects.get(pk=entry.after["log"])
    assert (log.source, log.actor, log.reason) == (
        PublishLog.Source.PERSON,
        reviewer,
        "The service was closed.",
    )
    with refused("withdrawn_already"):
        withdrawal.withdraw(item_id=item().pk, actor=reviewer, reason="Again.")


def test_going_back_gives_the_exam_a_new_edition_of_the_old_version(form: Form, reviewer: User) -> None:
    first = item().current
    second = factories.publish_again(CODE)
    assert item().current == second
    assert first
    withdrawal.restore(
        item_id=item().pk, version_id=first.pk, actor=reviewer, reason="The old one was right."
    )
    assert item().current == first
    edition = ExamForm.objects.get(pk=form.form.pk).current
    assert edition is not None
    assert edition.number == 3
    assert edition.items.get(position=1).version == first
    assert edition.papers.count() == 2
    entry = audit.of(item()).get()
    assert (entry.before, entry.after["version"]) == ({"version": 2}, 1)
    assert edition.log_id == entry.after["log"]


def test_a_draft_begun_before_a_return_is_compared_before_it_is_published(form: Form, reviewer: User) -> None:
    first = item().current
    assert first
    factories.publish_again(CODE)
    author = factories.make_staff("authors")
    draft = services.open_draft(kind="item", certification=form.form.certification, name=CODE, actor=author)
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    withdrawal.restore(item_id=item().pk, version_id=first.pk, actor=reviewer, reason="Back.")
    with refused("outdated"):
        services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="")


def test_only_a_published_version_of_the_same_question_is_gone_back_to(form: Form, reviewer: User) -> None:
    other = Item.objects.exclude(code=CODE).first()
    assert other
    assert other.current_id
    with refused("not_found"):
        withdrawal.restore(item_id=item().pk, version_id=other.current_id, actor=reviewer, reason="No.")
    current = item().current_id
    assert current
    with refused("current_already"):
        withdrawal.restore(item_id=item().pk, version_id=current, actor=reviewer, reason="No.")


@pytest.mark.parametrize("role", ["authors", "translators", "support", "finance"])
def test_only_reviewers_withdraw_and_go_back(form: Form, role: str) -> None:
    person = factories.make_staff(role)
    current = item().current_id
    assert current
    with refused("not_allowed"):
        withdrawal.withdraw(item_id=item().pk, actor=person, reason="No.")
    with refused("not_allowed"):
        withdrawal.restore(item_id=item().pk, version_id=current, actor=person, reason="No.")
    assert item().current_id == current


def test_the_free_sample_has_no_withdrawn_question_and_shows_the_newest_of_the_others(
    client: Client, form: Form, reviewer: User
) -> None:
    certification = form.form.certification
    factories.make_sample(certification)
    first = placed(certification)
    withdrawn, other = Item.objects.get(code="S01"), Item.objects.get(code="S02")
    withdrawal.withdraw(item_id=withdrawn.pk, actor=reviewer, reason="The service was closed.")
    newer = factories.publish_again("S02")
    samples.renew(certification)
    others = {code: version for code, version in first.items() if code != "S01"}
    assert placed(certification) == {**others, "S02": newer.pk}
    for number in range(1, 10):
        assert client.get(f"/mls-c01/sample/?a={'.'.join('-' * number)}&q={number}").status_code == 200
    # Each comes back where it was, whichever of them it is.
    withdrawal.restore(item_id=other.pk, version_id=first["S02"], actor=reviewer, reason="Clearer.")
    assert placed(certification) == others
    withdrawal.undo(item_id=withdrawn.pk, actor=reviewer, reason="It is back.")
    assert placed(certification) == first


def placed(certification: Certification) -> dict[str, int]:
    """Return the versions of the free sample by the codes of their items."""
    return dict(samples.positions(certification.code))


def test_a_draft_is_compared_with_a_return_also_where_one_act_published_both_versions(
    form: Form, reviewer: User
) -> None:
    # What was published before there was a log has one entry, however many versions of a question it is.
    first = item().current
    assert first
    log = first.texts.get(language="hu").log
    bank.publish(bank.draft_version(item(), factories.item_draft(CODE, 1, mark="again"), log))
    author = factories.make_staff("authors")
    draft = services.open_draft(kind="item", certification=form.form.certification, name=CODE, actor=author)
    assert draft.base == log
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    withdrawal.restore(item_id=item().pk, version_id=first.pk, actor=reviewer, reason="Back.")
    with refused("outdated"):
        services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="")
    assert item().current == first
