"""Forms as drafts: put together by hand or drawn, reviewed, published as an edition of their own."""

from collections.abc import Mapping
from typing import Any

import pytest

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import sample as samples
from exams.assembly.drawing import FormPlan, draw
from exams.assembly.models import ExamForm
from exams.assembly.selectors import current_edition
from exams.authoring import forms, services
from exams.authoring.models import Draft
from exams.bank.models import Item
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.refusals import refused
from tests.exams.corrections.helpers import rule
from tests.factories import Form

pytestmark = pytest.mark.django_db


def begin(form: Form, name: str = "exam-1") -> Draft:
    return acts.begin(form.form.certification, "form", name)


def rules_of(form: Form, content: Mapping[str, Any]) -> set[tuple[str, str]]:
    found = forms.FormKind().remarks(form.form.certification, "exam-1", content)
    return {(one.field, one.rule) for one in found if one.blocks}


def test_a_draft_of_an_exam_has_its_items_with_their_marks(form: Form) -> None:
    draft = begin(form)
    assert [one["code"] for one in draft.content["items"]] == [f"E1-Q{n:02d}" for n in range(1, 9)]
    assert [one["scored"] for one in draft.content["items"]] == [True] * 7 + [False]
    assert draft.content["minutes"] == form.edition.minutes


def test_another_order_is_another_edition_and_who_sits_the_exam_keeps_theirs(form: Form, anna: User) -> None:
    begun = factories.start(anna, form)
    draft = begin(form)
    items = draft.content["items"]
    log = acts.publish(draft, {"items": [*items[1:], items[0]]})
    edition = current_edition(form.form.pk)
    assert edition is not None
    assert (edition.number, edition.log) == (2, log)
    assert edition.items.get(position=8).version.item.code == "E1-Q01"
    assert set(edition.papers.values_list("language", flat=True)) == {"en", "hu"}
    running = form.form.attempts.get(pk=begun.attempt_id)
    assert running.edition_id == form.edition.pk


def test_an_unchanged_exam_gets_no_edition(form: Form) -> None:
    acts.publish(begin(form), {})
    assert form.form.editions.count() == 1


def test_a_new_exam_is_drawn_from_the_bank_and_can_be_sat(form: Form, anna: User) -> None:
    certification = form.form.certification
    plan = FormPlan(scored={1: 1, 3: 2}, unscored={4: 1})
    found = draw(forms.candidates(certification), plan, seed=1)
    items = [{"code": one.code, "scored": one.is_scored} for one in found]
    acts.publish(begin(form, "exam-2"), {"items": items})
    made = ExamForm.objects.get(number=2)
    edition = current_edition(made.pk)
    assert edition is not None
    placed = edition.items.order_by("position")
    assert [row.version.item.code for row in placed] == [one.code for one in found]
    assert [row.is_scored for row in placed] == [one.is_scored for one in found]


def test_who_holds_an_item_counts_its_forms_and_the_sample_is_in_none(form: Form) -> None:
    factories.make_form(form.form.certification, number=2, domains=(1,), unscored=(), multiple=())
    factories.make_sample(form.form.certification)
    found = {one.code: one.used for one in forms.candidates(form.form.certification)}
    assert found == {f"E1-Q{n:02d}": 1 for n in range(1, 9)} | {"E2-Q01": 1}


@pytest.mark.parametrize("name", ["exam-0", "exam-1000", "exam-", "exam-x", "form-1", "1"])
def test_a_name_that_no_exam_has_is_refused(form: Form, name: str) -> None:
    with pytest.raises(Refused) as caught:
        begin(form, name)
    assert (caught.value.code, caught.value.status) == ("invalid_content", 422)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"items": []}, {("items", "no-scored-item")}),
        ({"pass_mark": 1001}, {("pass_mark", "scale-in-order")}),
        ({"items": [{"code": "E9-Q99", "scored": True}]}, {("items.0", "not-published")}),
        (
            {"items": [{"code": "E1-Q01", "scored": True}] * 2},
            {("items.0", "twice"), ("items.1", "twice")},
        ),
        ({"weights": {"4": 100}, "items": [{"code": "E1-Q01", "scored": True}]}, {("items.0", "no-weight")}),
    ],
)
def test_what_keeps_an_exam_from_publication_is_named_at_its_place(
    form: Form, change: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    draft = begin(form)
    assert rules_of(form, {**draft.content, **change}) == expected


def test_items_that_ask_alike_do_not_meet_in_one_exam(form: Form) -> None:
    Item.objects.filter(code__in=("E1-Q01", "E1-Q02")).update(twins="one question")
    assert rules_of(form, begin(form).content) == {("items.0", "twins"), ("items.1", "twins")}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"weights": {"x": 1}}, "weights.x"),
        ({"items": [{"code": "E1-Q01"}]}, "items.0.scored"),
        ({"items": {}}, "items"),
        ({"other": 1}, "other"),
    ],
)
def test_content_of_another_shape_is_refused_with_its_field(
    form: Form, change: dict[str, Any], field: str
) -> None:
    draft = begin(form)
    with pytest.raises(Refused) as caught:
        services.save(
            draft_id=draft.pk, revision=1, content={**draft.content, **change}, actor=acts.staff("authors")
        )
    assert caught.value.extra["field"] == field


def test_what_anybody_may_try_is_put_into_no_exam(form: Form) -> None:
    factories.make_sample(form.form.certification)
    draft = begin(form)
    items = [*draft.content["items"], {"code": "S01", "scored": True}]
    assert rules_of(form, {**draft.content, "items": items}) == {("items.8", "in-sample")}
    with refused("blocked"):
        acts.publish(draft, {"items": items})


def test_what_became_part_of_the_sample_after_the_approval_is_not_published_in_an_exam(form: Form) -> None:
    draft = begin(form)
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    services.send_to_review(draft_id=draft.pk, revision=1, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    samples.place(form.form.certification, [form.edition.items.get(position=1).version])
    with refused("cannot_publish"):
        services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="better")


def taken_out(form: Form, position: int) -> None:
    rule(form, position, "out", cause="unclear")


def test_an_exam_needs_a_question_that_counts_after_what_was_ruled_in_each_domain(form: Form) -> None:
    taken_out(form, 1)
    draft = begin(form)
    items = [one for one in draft.content["items"] if one["code"] != "E1-Q02"]
    assert rules_of(form, {**draft.content, "items": items}) == {("items.0", "out-of-score")}
    with refused("blocked"):
        acts.publish(draft, {"items": items})
    assert rules_of(form, draft.content) == set()


def test_an_exam_whose_every_question_was_ruled_out_meanwhile_is_not_published(form: Form) -> None:
    draft = acts.begin(form.form.certification, "form", "exam-2")
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    content = {**draft.content, "items": [{"code": "E1-Q01", "scored": True}]}
    draft = services.save(draft_id=draft.pk, revision=1, content=content, actor=author)
    services.send_to_review(draft_id=draft.pk, revision=2, actor=author)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    taken_out(form, 1)
    with refused("cannot_publish"):
        services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="better")
    assert not ExamForm.objects.filter(number=2, current__isnull=False).exists()
