"""What each role may do with a draft, asked of the services themselves, and what a translator may touch."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import rights, services
from exams.authoring.models import Draft, State
from tests import factories
from tests.exams.authoring.refusals import refused
from tests.exams.authoring.test_services import begin, save, with_stem
from tests.factories import Form

pytestmark = pytest.mark.django_db

ROLES: Final = ("authors", "reviewers", "translators", "support", "finance", "admin")
WRITING: Final = {"authors", "reviewers", "translators", "admin"}
JUDGING: Final = {"reviewers", "admin"}

type Act = Callable[[Draft, User], object]

ACTS: dict[str, tuple[Act, set[str]]] = {
    "open": (lambda draft, who: begin_of(draft, who), WRITING),
    "touch": (lambda draft, who: services.touch(draft_id=draft.pk, actor=who), WRITING),
    "save": (lambda draft, who: save(draft, who, with_stem(draft, "Szöveg. Melyik?", "hu")), WRITING),
    "comment": (lambda draft, who: services.comment(draft_id=draft.pk, actor=who, text="Why?"), WRITING),
    "assign": (lambda draft, who: services.assign(draft_id=draft.pk, actor=who, assignee=who), WRITING),
    "send": (
        lambda draft, who: services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=who),
        WRITING,
    ),
    "rebase": (
        lambda draft, who: services.rebase(draft_id=draft.pk, revision=draft.revision, actor=who),
        WRITING - {"translators"},
    ),
    "send back": (
        lambda draft, who: services.send_back(draft_id=draft.pk, actor=who, text="Mend it."),
        JUDGING,
    ),
    "approve": (
        lambda draft, who: services.approve(draft_id=draft.pk, digest=draft.digest, actor=who),
        JUDGING,
    ),
    "publish": (
        lambda draft, who: services.publish(draft_id=draft.pk, digest=draft.digest, actor=who, reason=""),
        JUDGING,
    ),
    "discard": (
        lambda draft, who: services.discard(draft_id=draft.pk, actor=who, reason="No."),
        JUDGING,
    ),
}
BEFORE: Final = {"send back": State.REVIEW, "approve": State.REVIEW, "publish": State.APPROVED}


def begin_of(draft: Draft, who: User) -> Draft:
    return services.open_draft(kind="item", certification=draft.certification, name="E1-Q02", actor=who)


def in_state(draft: Draft, state: State, author: User) -> Draft:
    if state != State.DRAFT:
        services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=author)
    if state == State.APPROVED:
        other = User.objects.create_superuser("other@example.org", factories.PASSWORD)
        services.approve(draft_id=draft.pk, digest=draft.digest, actor=other)
    return Draft.objects.get(pk=draft.pk)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", list(ACTS))
def test_each_role_may_do_with_a_draft_of_somebody_else_what_the_table_says(
    form: Form, name: str, role: str
) -> None:
    author = User.objects.create_superuser("first@example.org", factories.PASSWORD)
    draft = in_state(begin(form, author), BEFORE.get(name, State.DRAFT), author)
    act, allowed = ACTS[name]
    person = factories.make_staff(role)
    if role in allowed:
        act(draft, person)
        return
    with pytest.raises(Refused) as caught:
        act(draft, person)
    assert (caught.value.code, caught.value.status) in {("not_allowed", 403), ("not_yours", 403)}
    after = Draft.objects.get(pk=draft.pk)
    assert (after.state, after.digest, after.assignee_id) == (draft.state, draft.digest, draft.assignee_id)


def test_an_author_discards_what_they_began(form: Form) -> None:
    author = factories.make_staff("authors")
    draft = begin(form, author)
    assert services.discard(draft_id=draft.pk, actor=author, reason="Not needed.").state == State.DISCARDED


def test_a_translator_begins_no_new_question(form: Form) -> None:
    with refused("not_allowed"):
        begin(form, factories.make_staff("translators"), "NEW-1")
    assert not Draft.objects.exists()


CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "texts.en": lambda one: {**one, "texts": {**one["texts"], "en": {**one["texts"]["en"], "tip": "Other."}}},
    "options": lambda one: {**one, "options": [{**row, "key": not row["key"]} for row in one["options"]]},
    "choose": lambda one: {**one, "choose": 2},
    "task": lambda one: {**one, "task": "2.1"},
    "covers": lambda one: {**one, "covers": ["other"]},
    "references": lambda one: {**one, "references": []},
}


@pytest.mark.parametrize("field", list(CHANGES))
def test_a_translator_changes_nothing_but_texts_in_other_languages(form: Form, field: str) -> None:
    translator = factories.make_staff("translators")
    draft = begin(form, translator)
    with pytest.raises(Refused) as caught:
        save(draft, translator, CHANGES[field](draft.content))
    assert (caught.value.code, caught.value.status, caught.value.extra) == (
        "only_translations",
        403,
        {"field": field},
    )
    assert Draft.objects.get(pk=draft.pk).revision == 1


@pytest.mark.parametrize("field", list(CHANGES))
def test_without_the_comparison_a_translator_changes_the_rest(
    form: Form, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    monkeypatch.setattr(rights, "beyond_translations", lambda *contents: None)
    translator = factories.make_staff("translators")
    draft = begin(form, translator)
    assert save(draft, translator, CHANGES[field](draft.content)).revision == 2
