"""The steps of a new certification: each is done by what there is, and the first that is missing is next."""

import pytest

from accounts.access.models import EVERYTHING, Kind, Product
from exams.authoring import certifications, services
from exams.authoring.certifications import Step
from exams.authoring.models import Draft
from exams.catalog.models import Certification
from tests.accounts import selling
from tests.exams.authoring import acts, made, nothing

pytestmark = pytest.mark.django_db


def done(certification: Certification) -> list[Step]:
    found = certifications.standing(Certification.objects.get(pk=certification.pk))
    return [step for step in Step if found.is_done(step)]


def test_each_act_takes_its_step_and_the_next_one_follows() -> None:
    draft = made.begun()
    certification = draft.certification
    found = certifications.standing(certification)
    assert (done(certification), found.next_step) == ([], Step.FACTS)
    assert {one.field for one in found.blocks(Step.TOPICS)} == {"domains"}
    assert {one.field.split(".")[0] for one in found.blocks(Step.FACTS)} == {"facts", "texts"}

    acts.publish(draft, nothing.content())
    certification.refresh_from_db()
    assert done(certification) == [Step.FACTS, Step.TOPICS]

    made.with_questions(certification, 9)
    begun = acts.begin(certification, "item", nothing.code_of(10))
    found = certifications.standing(certification)
    assert (found.next_step, found.questions, found.questions_needed) == (Step.QUESTIONS, 9, 10)
    assert dict(found.drafts) == {"draft": 1}
    acts.publish(begun, made.question(10))
    assert certifications.standing(certification).next_step == Step.EXAM

    acts.begin(certification, "form", "exam-1")
    assert certifications.standing(certification).next_step == Step.EXAM
    exam = Draft.objects.get(kind="form")
    items = [{"code": nothing.code_of(number), "scored": True} for number in range(1, 11)]
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    exam = services.save(draft_id=exam.pk, revision=1, content={**exam.content, "items": items}, actor=author)
    assert certifications.standing(certification).next_step == Step.PROOF
    services.send_to_review(draft_id=exam.pk, revision=2, actor=author)
    services.approve(draft_id=exam.pk, digest=exam.digest, actor=reviewer)
    assert certifications.standing(certification).next_step == Step.PUBLISHED
    services.publish(draft_id=exam.pk, digest=exam.digest, actor=reviewer, reason="first")
    assert certifications.standing(certification).next_step == Step.SITE

    certifications.put_on_site(certification_id=certification.pk, actor=reviewer, reason="ready")
    certification.refresh_from_db()
    assert certifications.standing(certification).next_step is None
    selling.sell("bundle", Kind.BUNDLE, EVERYTHING, 12)
    assert certifications.standing(certification).next_step is None
    Product.objects.update(on_sale=False)
    assert certifications.standing(certification).next_step == Step.SALE


def test_the_steps_name_each_exam() -> None:
    certification = made.written()
    for number in (1, 2, 3):
        acts.begin(certification, "form", f"exam-{number}")
    found = certifications.standing(certification)
    assert [(one.number, one.questions, one.is_published) for one in found.exams] == [
        (number, 0, False) for number in (1, 2, 3)
    ]
