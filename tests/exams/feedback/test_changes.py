"""What changed since a question was answered: a newer version, a corrected text, and what of it differs."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from exams.bank import services as bank
from exams.bank.drafts import ItemDraft, TextDraft
from exams.bank.models import Item, ItemVersion
from exams.feedback import selectors
from exams.feedback.selectors import Part
from tests import factories
from tests.factories import Form, publish_log

pytestmark = pytest.mark.django_db

CODE = "E1-Q01"


def draft() -> ItemDraft:
    return factories.item_draft(CODE, 1, keys=(False, True, False, False))


def publish(changed: ItemDraft) -> ItemVersion:
    """Publish another version of question 1 and forget what this process has read."""
    version = bank.draft_version(Item.objects.get(code=CODE), changed, publish_log())
    bank.publish(version)
    return version


def parts(form: Form, language: str = "en") -> dict[int, tuple[Part, ...]]:
    return {at: one.parts for at, one in selectors.changes_of(form.papers[language].pk).items()}


def test_what_reads_as_on_the_paper_is_no_change(form: Form) -> None:
    assert parts(form) == parts(form, "hu") == {}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda text: replace(text, stem=text.stem.replace("ferry", "railway")), (Part.QUESTION,)),
        (lambda text: replace(text, why="Another reason."), (Part.EXPLANATION,)),
        (
            lambda text: replace(text, options=tuple((words, f"{why} More.") for words, why in text.options)),
            (Part.EXPLANATION,),
        ),
        (
            lambda text: replace(text, options=tuple((f"{words}!", why) for words, why in text.options)),
            (Part.OPTIONS,),
        ),
    ],
)
def test_each_part_that_differs_is_named(
    form: Form, change: Callable[[TextDraft], TextDraft], found: object
) -> None:
    publish(replace(draft(), text=change(draft().text)))
    assert parts(form) == {1: found}


def test_another_key_is_named_and_a_moved_one_is_not(form: Form) -> None:
    publish(replace(draft(), keys=(True, False, False, False)))
    assert parts(form) == {1: (Part.KEY,)}
    one, two, *rest = draft().text.options
    publish(
        replace(
            draft(), keys=(True, False, False, False), text=replace(draft().text, options=(two, one, *rest))
        )
    )
    assert parts(form) == {}


def test_a_draft_changes_nothing_until_it_is_published(form: Form) -> None:
    changed = replace(draft(), text=replace(draft().text, why="Another reason."))
    version = bank.draft_version(Item.objects.get(code=CODE), changed, publish_log())
    assert parts(form) == {}
    bank.publish(version)
    assert parts(form) == {1: (Part.EXPLANATION,)}


def test_a_corrected_translation_changes_the_paper_of_its_language_alone(form: Form) -> None:
    version = ItemVersion.objects.get(item__code=CODE)
    bank.add_text(version, replace(factories.hungarian(draft()), why="Ez tényleg helyes."), publish_log())
    assert parts(form) == {}
    assert parts(form, "hu") == {1: (Part.EXPLANATION,)}
    assert "tényleg" in selectors.changes_of(form.papers["hu"].pk)[1].text.why_html


def test_a_new_version_without_a_translation_is_shown_in_the_original(form: Form) -> None:
    publish(replace(draft(), text=replace(draft().text, why="Another reason.")))
    assert parts(form, "hu") == {1: (Part.EXPLANATION,)}, "compared with the original before"
    found = selectors.changes_of(form.papers["hu"].pk)[1]
    assert found.text.language == "en"
    assert "Another reason." in found.text.why_html
