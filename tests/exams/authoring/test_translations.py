"""Translations: what is missing or older than its original, and how an approved one reaches the exams."""

from typing import Any

import pytest

from accounts.base.errors import Refused
from exams.assembly.models import ExamForm, FormEdition, Paper
from exams.attempts.models import Attempt
from exams.authoring import missing_translations, services, withdrawal, work_queue
from exams.authoring.missing_translations import Asked, MissingTranslation, Reason
from exams.authoring.models import Draft
from exams.bank.models import Item, ItemText, ItemVersion
from exams.catalog.models import Certification, CertificationText, TaskStatementText
from exams.freshness import selectors
from exams.publication.models import PublishLog
from tests import factories
from tests.exams.authoring import acts
from tests.exams.cheatsheet import published
from tests.factories import Form

pytestmark = pytest.mark.django_db

CODE = "E1-Q01"


@pytest.fixture
def english() -> Form:
    """An exam of which nothing is translated."""
    return factories.make_form(languages=("en",))


def hungarian(content: Any, code: str = CODE, **changed: str) -> dict[str, Any]:
    """Return content with a Hungarian text of all that its English one has."""
    note = " (Válassz KETTŐT.)" if content["choose"] == 2 else ""
    text = {
        "stem": f"Egy komptársaság kérdése: {code}. Melyik válasz helyes?{note}",
        "ask": "",
        "why": "Ez a helyes.",
        "principle": "Egy elv.",
        "tip": "Egy tipp.",
        "options": [
            {"text": f"Válasz {number}: {code}", "why": f"Indok {number}."}
            for number, _option in enumerate(content["options"])
        ],
        "figures": [],
    }
    return {**content, "texts": {**content["texts"], "hu": text | changed}}


def translate(code: str = CODE, **changed: str) -> PublishLog:
    """Have a translator write the Hungarian text of a question, and a reviewer publish it."""
    item = Item.objects.select_related("certification").get(code=code)
    translator, reviewer = acts.staff("translators"), acts.staff("reviewers")
    draft = services.open_draft(kind="item", certification=item.certification, name=code, actor=translator)
    draft = services.save(
        draft_id=draft.pk,
        revision=draft.revision,
        content=hungarian(draft.content, code, **changed),
        actor=translator,
    )
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=translator)
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=reviewer)
    return services.publish(draft_id=draft.pk, digest=draft.digest, actor=reviewer, reason="hu")


def reword(code: str = CODE, **words: str) -> None:
    """Publish other English words of a question."""
    draft = acts.begin(Certification.objects.get(code="mls-c01"), "item", code)
    text = {**draft.content["texts"]["en"], **words}
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": text}})


def missing(lack: Reason | None = None) -> list[str]:
    """Return the questions with a gap."""
    rows = missing_translations.of_items(Certification.objects.get(code="mls-c01"), ["hu"])
    return [gap.name for gap in rows if lack is None or gap.lack == lack]


def counts() -> tuple[int, int]:
    return ItemVersion.objects.count(), FormEdition.objects.count()


# --- An approved translation -------------------------------------------------------------------------
def test_an_approved_translation_is_a_text_and_a_paper_and_no_version(form: Form) -> None:
    before = counts()
    old = ItemText.objects.get(version__item__code=CODE, language="hu")
    log = translate(stem="Új szöveg. Melyik válasz helyes?")
    assert counts() == before
    text = ItemText.objects.filter(version__item__code=CODE, language="hu").latest("revision")
    assert (text.revision, text.version, text.log) == (old.revision + 1, old.version, log)
    paper = Paper.objects.filter(edition=form.edition, language="hu").latest("revision")
    assert paper.revision == form.papers["hu"].revision + 1
    assert "Új szöveg." in paper.content[0]["stem"]
    assert Paper.objects.filter(edition=form.edition, language="en").count() == 1


def test_who_takes_the_exam_meanwhile_keeps_the_text_they_began_with(form: Form) -> None:
    person = factories.make_user("cili@example.org")
    begun = factories.start(person, form, "hu")
    translate(stem="Új szöveg. Melyik válasz helyes?")
    attempt = Attempt.objects.get(pk=begun.attempt_id)
    assert attempt.paper == form.papers["hu"]
    later = factories.start(factories.make_user("dora@example.org"), form, "hu")
    paper = Attempt.objects.get(pk=later.attempt_id).paper
    assert paper is not None
    assert paper.revision == form.papers["hu"].revision + 1


def test_a_first_translation_alone_offers_no_exam_in_its_language(english: Form) -> None:
    Certification.objects.update(languages=["en"])
    translate()
    assert ItemText.objects.filter(language="hu").count() == 1
    assert set(english.edition.papers.values_list("language", flat=True)) == {"en"}
    assert Certification.objects.get().languages == ["en"]


def test_the_last_translation_of_an_exam_offers_it_in_that_language(english: Form) -> None:
    Certification.objects.update(languages=["en"])
    before = counts()
    for position in range(1, 9):
        translate(f"E1-Q{position:02d}")
    assert counts() == before
    paper = english.edition.papers.get(language="hu")
    assert {question["language"] for question in paper.content} == {"hu"}
    assert Certification.objects.get().languages == ["en", "hu"]
    person = factories.make_user("cili@example.org")
    begun = factories.start(person, english, "hu")
    assert Attempt.objects.get(pk=begun.attempt_id).paper == paper


def test_a_translator_changes_nothing_but_translations(form: Form) -> None:
    translator = acts.staff("translators")
    draft = services.open_draft(
        kind="item", certification=form.form.certification, name=CODE, actor=translator
    )
    text = {**draft.content["texts"]["en"], "stem": "Mine. Which?"}
    for change, field in (
        ({"texts": {**draft.content["texts"], "en": text}}, "texts.en"),
        ({"task": "2.1"}, "task"),
    ):
        with pytest.raises(Refused) as caught:
            services.save(
                draft_id=draft.pk, revision=1, content={**draft.content, **change}, actor=translator
            )
        assert (caught.value.code, caught.value.status, caught.value.extra) == (
            "only_translations",
            403,
            {"field": field},
        )
    assert Draft.objects.get().revision == 1


# --- What is missing or older ------------------------------------------------------------------------
def test_what_was_never_translated_is_missing_until_it_is(english: Form) -> None:
    assert missing() == [f"E1-Q{position:02d}" for position in range(1, 9)]
    translate()
    assert CODE not in missing()
    assert missing(Reason.OLDER) == []


def test_a_translation_is_older_once_the_original_says_something_else(form: Form) -> None:
    assert missing() == []
    reword(why="It is right for another reason.")
    (gap,) = missing_translations.of_items(form.form.certification, ["hu"])
    assert (gap.name, gap.lack, gap.before, gap.now) == (CODE, Reason.OLDER, 1, 2)
    assert gap.since == Item.objects.get(code=CODE).current.log.at  # type: ignore[union-attr]
    translate(why="Más okból helyes.")
    assert missing() == []


def test_an_option_that_was_reworded_makes_its_translation_older_too(form: Form) -> None:
    draft = acts.begin(form.form.certification, "item", CODE)
    text = draft.content["texts"]["en"]
    first, *others = text["options"]
    options = [{**first, "why": "Another reason."}, *others]
    acts.publish(draft, {"texts": {**draft.content["texts"], "en": {**text, "options": options}}})
    assert missing() == [CODE]


def test_a_version_with_the_same_words_leaves_its_translation_up_to_date(form: Form) -> None:
    acts.publish(acts.begin(form.form.certification, "item", CODE), {"difficulty": "hard"})
    assert Item.objects.get(code=CODE).current.number == 2  # type: ignore[union-attr]
    assert missing() == []


def test_an_original_and_its_translation_changed_together_fit(form: Form) -> None:
    draft = acts.begin(form.form.certification, "item", CODE)
    text = {**draft.content["texts"]["en"], "why": "It is right for another reason."}
    content = hungarian(draft.content, why="Más okból helyes.")
    acts.publish(draft, {"texts": {**content["texts"], "en": text}})
    assert missing() == []


def test_words_that_came_back_are_as_new_as_their_return(form: Form) -> None:
    old = ItemText.objects.get(version__item__code=CODE, language="en").why
    reword(why="It is right for another reason.")
    translate(why="Más okból helyes.")
    assert missing() == []
    reword(why=old)
    assert missing() == [CODE]


def test_a_question_that_was_set_back_has_the_translation_of_that_version(form: Form) -> None:
    item = Item.objects.get(code=CODE)
    first = item.current_id
    assert first
    reword(why="It is right for another reason.")
    assert missing() == [CODE]
    withdrawal.restore(
        item_id=item.pk, version_id=first, actor=acts.staff("reviewers"), reason="it was right"
    )
    assert missing() == []


def test_a_withdrawn_question_needs_no_translation(english: Form) -> None:
    item = Item.objects.get(code=CODE)
    withdrawal.withdraw(item_id=item.pk, actor=acts.staff("reviewers"), reason="it is old")
    assert CODE not in missing()


def compare(code: str = CODE, seen: str = "", role: str = "translators", language: str = "hu") -> None:
    item = Item.objects.get(code=code)
    token = seen or selectors.seen([item.pk], language)[item.pk]
    work_queue.compare(item_id=item.pk, language=language, seen=token, actor=acts.staff(role))


def test_a_translation_that_still_fits_is_up_to_date_until_the_original_changes_again(form: Form) -> None:
    reword(why="It is right for another reason.")
    before = counts()
    compare()
    assert (missing(), counts()) == ([], before)
    reword(why="It is right for a third reason.")
    assert missing() == [CODE]


def test_nobody_says_of_words_that_they_did_not_see_that_they_still_fit(form: Form) -> None:
    item = Item.objects.get(code=CODE)
    seen = selectors.seen([item.pk], "hu")[item.pk]
    reword(why="It is right for another reason.")
    with pytest.raises(Refused) as caught:
        compare(seen=seen)
    assert (caught.value.code, caught.value.status) == ("stale_check", 409)
    assert missing() == [CODE]


@pytest.mark.parametrize("language", ["en", "xx", ""])
def test_only_a_translation_that_is_there_can_still_fit(form: Form, language: str) -> None:
    with pytest.raises(Refused) as caught:
        compare(language=language)
    assert caught.value.code == "no_translation"


# --- The queue ---------------------------------------------------------------------------------------
def names(asked: Asked, person_id: int = 0) -> list[tuple[str, str]]:
    return [(row.gap.kind, row.gap.name) for row in missing_translations.queue(asked, person_id).rows]


def test_the_queue_has_what_is_older_in_front_and_knows_who_works_on_it(form: Form) -> None:
    other = factories.make_form(form.form.certification, number=2, languages=("en",))
    reword("E1-Q05", why="It is right for another reason.")
    translator = acts.staff("translators")
    services.open_draft(kind="item", certification=other.form.certification, name="E2-Q03", actor=translator)
    queue = missing_translations.queue(Asked(kind="item"), translator.pk)
    assert [row.gap.name for row in queue.rows[:2]] == ["E1-Q05", "E2-Q01"]
    assert (queue.total, queue.counts["item"], queue.rows[0].days) == (9, 9, 0)
    assert {row.gap.name: row.person for row in queue.rows if row.person} == {"E2-Q03": translator.email}
    assert names(Asked(is_mine=True), translator.pk) == [("item", "E2-Q03")]
    assert names(Asked(lack="older")) == [("item", "E1-Q05")]
    assert names(Asked(language="en")) == []
    assert names(Asked(certification="clf-c02")) == []
    assert names(Asked(kind="item", page=2)) == []


def test_a_sheet_is_missing_then_older_then_neither(form: Form) -> None:
    certification = form.form.certification
    assert missing_translations.of_sheets(certification, ["hu"]) == []
    published.publish(certification)
    assert [one.lack for one in missing_translations.of_sheets(certification, ["hu"])] == [Reason.MISSING]
    published.publish(certification, published.small("hu", intro="Bevezető."))
    assert missing_translations.of_sheets(certification, ["hu"]) == []
    published.publish(certification, published.small(intro="Another introduction."))
    (gap,) = missing_translations.of_sheets(certification, ["hu"])
    assert (gap.name, gap.lack) == ("cheatsheet/hu", Reason.OLDER)


def test_a_certification_tells_how_many_of_its_texts_a_language_lacks(form: Form) -> None:
    certification = form.form.certification
    assert missing_translations.of_catalog(certification, ["hu"]) == []
    TaskStatementText.objects.filter(language="hu", task__code__in=["1.1", "2.1"]).delete()
    CertificationText.objects.filter(language="hu").update(summary="")
    (gap,) = missing_translations.of_catalog(certification, ["hu"])
    assert gap == MissingTranslation(
        "catalogue", "catalogue", "mls-c01", "hu", Reason.MISSING, None, "3 texts"
    )


def test_the_exam_keeps_its_edition_when_its_texts_are_translated(form: Form) -> None:
    translate(stem="Új szöveg. Melyik válasz helyes?")
    assert ExamForm.objects.get(pk=form.form.pk).current == form.edition
