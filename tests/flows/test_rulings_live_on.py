"""A ruling on a question outlives the next version: what the answers of the next candidate count for.

A ruling is made, a typo is mended by a draft, approved and published; then somebody takes the new edition.
"""

from typing import Any

import pytest

from accounts.audit import services as audit
from accounts.outbox.models import Mail
from exams.attempts.models import Score
from exams.authoring import services
from exams.authoring.models import Draft, State
from exams.bank.models import Item, ItemVersion, KeyRuling
from exams.corrections import changelog
from exams.corrections.models import RulingRun
from tests import factories
from tests.exams.authoring import acts
from tests.exams.authoring.refusals import refused
from tests.exams.corrections.helpers import carry_out, rule, sit
from tests.factories import Form

pytestmark = pytest.mark.django_db

# Its key is B.
CODE = "E1-Q01"


def ruled(form: Form, kind: str) -> KeyRuling:
    """Rule on question 1, on option A where the ruling names one, and bring the scores to it."""
    options = form.others[1][:1] if kind in ("also", "replace") else []
    ruling = rule(form, 1, kind, *options)
    carry_out()
    return ruling


def begun(form: Form) -> Draft:
    return acts.begin(form.form.certification, "item", CODE)


def mended(draft: Draft, order: str = "ABCD", words: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a draft with a typo of the tip mended, its options in another order or reworded."""
    places = ["ABCDEF".index(letter) for letter in order]
    texts = {
        language: {**text, "tip": "A better tip.", "options": [text["options"][place] for place in places]}
        for language, text in draft.content["texts"].items()
    }
    for letter, said in (words or {}).items():
        place = order.index(letter)
        texts["en"]["options"][place] = {**texts["en"]["options"][place], "text": said}
    options = [draft.content["options"][place] for place in places]
    options = [
        option if option["key"] or option["failure"] else {**option, "failure": "W1"} for option in options
    ]
    return {"options": options, "texts": texts}


def newest(form: Form) -> Form:
    form.form.refresh_from_db()
    assert form.form.current
    return Form(form.form, form.form.current, {}, {}, {})


def counts(form: Form, letter: str) -> str:
    """Let somebody take the newest edition; say what a letter of question 1 counts for, "-" if it is out."""
    edition = newest(form)
    version = edition.edition.items.get(position=1).version
    chosen = [option.pk for option in version.options.all() if option.letter == letter]
    attempt = sit(factories.make_user(), edition, {1: chosen})
    score = Score.objects.get(attempt=attempt)
    return "-" if 1 in score.result.get("out", ()) else score.result["right"][0]


def outcomes_of(ruling: KeyRuling) -> list[tuple[str, int, int]]:
    """Return what the record says became of a ruling."""
    acts_on = audit.of(ruling).filter(action__in=["answer", "carry over", "lift"])
    return [(one.action, one.before["version"], one.after["version"]) for one in acts_on]


@pytest.mark.parametrize(
    ("kind", "choice", "counted"),
    [
        ("also", "answer", "010"),
        ("also", "carry over", "110"),
        ("credit", "answer", "010"),
        ("credit", "carry over", "111"),
        ("out", "answer", "010"),
        ("out", "carry over", "---"),
        ("replace", "", "100"),
    ],
)
def test_the_next_candidate_is_scored_as_the_publisher_chose(
    form: Form, kind: str, choice: str, counted: str
) -> None:
    ruling = ruled(form, kind)
    draft = begun(form)
    said = {"seen_ruling": ruling.pk, "choice": choice} if choice else {}
    acts.publish(draft, mended(draft), **said)
    assert newest(form).edition.number == 2
    assert "".join(counts(form, letter) for letter in "ABC") == counted
    assert outcomes_of(ruling) == [(choice or "answer", 1, 2)]


@pytest.mark.parametrize("kind", ["also", "credit", "out"])
def test_nothing_is_published_before_the_publisher_chose(form: Form, kind: str) -> None:
    ruling = ruled(form, kind)
    draft = begun(form)
    acts.approve(draft, mended(draft))
    for said in (
        {},
        {"seen_ruling": ruling.pk},
        {"choice": "answer"},
        {"seen_ruling": ruling.pk, "choice": "lift"},
    ):
        with refused("ruling_undecided"):
            acts.publish_approved(draft, **said)
    assert ItemVersion.objects.filter(item__code=CODE).count() == 1
    assert Draft.objects.get(pk=draft.pk).state == State.APPROVED


def test_a_carried_ruling_is_one_correction_for_everybody_and_writes_no_mail(form: Form) -> None:
    ruling = ruled(form, "credit")
    draft = begun(form)
    acts.publish(draft, mended(draft), seen_ruling=ruling.pk, choice="carry over")
    carried = KeyRuling.objects.get(carried_from=ruling)
    run = RulingRun.objects.get(pk=carried.pk)
    assert (run.examined, run.finished_at is not None) == (0, True)
    assert [correction.id for correction in changelog.corrections("mls-c01")] == [ruling.pk]
    carry_out()
    assert not Mail.objects.filter(kind="exams/email/score_corrected").exists()
    # The version after it follows the carried one.
    draft = begun(form)
    with refused("ruling_undecided"):
        acts.publish(draft, {**mended(draft), "difficulty": "hard"})


def test_a_draft_with_another_key_waits_until_a_reviewer_lifts_the_ruling(form: Form) -> None:
    ruling = ruled(form, "replace")
    draft = begun(form)
    assert [one["key"] for one in draft.content["options"]] == [True, False, False, False]
    content = mended(draft)
    old_key = [{"key": place == 1, "failure": "" if place == 1 else "W1"} for place in range(4)]
    with refused("blocked"):
        acts.publish(draft, {**content, "options": old_key})
    author, reviewer = acts.staff("authors"), acts.staff("reviewers")
    with refused("not_allowed"):
        services.lift_ruling(draft_id=draft.pk, ruling_id=ruling.pk, actor=author, reason="I know better")
    services.lift_ruling(draft_id=draft.pk, ruling_id=ruling.pk, actor=reviewer, reason="B after all: page 3")
    acts.publish(Draft.objects.get(pk=draft.pk), {"options": old_key})
    assert "".join(counts(form, letter) for letter in "ABC") == "010"
    assert outcomes_of(ruling) == [("lift", 1, 2)]


def test_who_wrote_in_a_draft_does_not_lift_the_ruling_for_it(form: Form) -> None:
    ruling = ruled(form, "replace")
    draft = begun(form)
    reviewer = acts.staff("reviewers")
    services.save(
        draft_id=draft.pk, revision=1, content={**draft.content, "difficulty": "hard"}, actor=reviewer
    )
    with refused("own_draft"):
        services.lift_ruling(draft_id=draft.pk, ruling_id=ruling.pk, actor=reviewer, reason="I know better")


def test_a_ruling_after_the_approval_is_not_undone_by_the_publication(form: Form) -> None:
    draft = begun(form)
    acts.approve(draft, mended(draft))
    first = ruled(form, "replace")
    with refused("key_differs"):
        acts.publish_approved(draft)
    second = ruled(form, "credit")
    with refused("ruled_meanwhile"):
        acts.publish_approved(draft, seen_ruling=first.pk, choice="answer")
    acts.publish_approved(draft, seen_ruling=second.pk, choice="carry over")
    assert counts(form, "C") == "1"


def test_a_ruling_that_set_the_published_key_back_binds_nobody(form: Form) -> None:
    ruled(form, "credit")
    rule(form, 1, "replace", *form.keys[1], cause="wrong")
    draft = begun(form)
    acts.publish(draft, mended(draft))
    assert (counts(form, "A"), counts(form, "B")) == ("0", "1")


def test_texts_in_another_language_leave_a_ruling_in_force_and_ask_nothing(form: Form) -> None:
    ruled(form, "also")
    draft = begun(form)
    hungarian = {**draft.content["texts"]["hu"], "tip": "Egy jobb tipp."}
    acts.publish(draft, {"texts": {**draft.content["texts"], "hu": hungarian}})
    assert ItemVersion.objects.filter(item__code=CODE).count() == 1
    assert counts(form, "A") == "1"


@pytest.mark.parametrize(
    ("order", "words", "accepted"),
    [
        ("BCAD", {}, "C"),  # moved
        ("ABCD", {"A": "An answer in other words"}, "A"),  # reworded in its place
        ("ADCB", {"D": "Something else"}, "A"),  # others moved
    ],
)
def test_an_accepted_option_is_found_where_it_was_moved_or_reworded(
    form: Form, order: str, words: dict[str, str], accepted: str
) -> None:
    ruling = ruled(form, "also")
    draft = begun(form)
    acts.publish(draft, mended(draft, order, words), seen_ruling=ruling.pk, choice="carry over")
    key = "ABCD"[order.index("B")]
    assert {letter for letter in "ABCD" if counts(form, letter) == "1"} == {key, accepted}


def test_a_ruling_on_an_option_that_is_gone_cannot_be_carried_over(form: Form) -> None:
    ruling = ruled(form, "also")
    draft = begun(form)
    # Moved and reworded at once, nobody can tell that it is the same.
    acts.approve(draft, mended(draft, "BCAD", {"A": "An answer in other words"}))
    with refused("nothing_to_carry"):
        acts.publish_approved(draft, seen_ruling=ruling.pk, choice="carry over")
    acts.publish_approved(draft, seen_ruling=ruling.pk, choice="answer")


def test_a_withdrawn_question_that_comes_back_by_a_draft_keeps_its_ruling(form: Form) -> None:
    ruled(form, "replace")
    draft = begun(form)
    item = Item.objects.get(code=CODE)
    Item.objects.filter(pk=item.pk).update(current=None)
    draft = services.rebase(draft_id=draft.pk, revision=draft.revision, actor=acts.staff("authors"))
    old_key = [{"key": place == 1, "failure": "" if place == 1 else "W1"} for place in range(4)]
    with refused("blocked"):
        acts.publish(draft, {**mended(draft), "options": old_key})
