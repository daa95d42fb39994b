"""Drafting and publishing items: what is stored of a stem, and which version is current."""

from dataclasses import replace

import pytest

from exams.bank import services
from exams.bank.drafts import ItemDraft
from exams.bank.models import Item
from exams.catalog.models import Certification
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def certification() -> Certification:
    return factories.make_certification()


def draft(stem: str) -> ItemDraft:
    made = factories.item_draft("E1-Q01", 1)
    return replace(made, text=replace(made.text, stem=stem))


@pytest.mark.parametrize(
    ("stem", "setting", "asked"),
    [
        ("A team trains. Which one fits?", "<p>A team trains.</p>", "Which one fits?"),
        ("It fails. Which tools, e.g. Glue, fit?", "<p>It fails.</p>", "Which tools, e.g. Glue, fit?"),
        ("It grew. What holds approx. 10 TB?", "<p>It grew.</p>", "What holds approx. 10 TB?"),
        (
            "It grew. Which, i.e. A or B, fits? (Select TWO.)",
            "<p>It grew.</p>",
            "Which, i.e. A or B, fits? (Select TWO.)",
        ),
        ("Daten wachsen. Änderte sich etwas?", "<p>Daten wachsen.</p>", "Änderte sich etwas?"),
        ("They know what they will. Which fits?", "<p>They know what they will.</p>", "Which fits?"),
        ("Only one sentence?", "", "Only one sentence?"),
    ],
)
def test_the_question_is_shown_as_it_is_measured(
    certification: Certification, stem: str, setting: str, asked: str
) -> None:
    made = draft(stem)
    version = services.draft_version(services.ensure_item(certification, made), made, factories.publish_log())
    text = version.texts.get()
    assert (text.stem_html, text.ask_html) == (setting, asked)


def test_a_question_of_its_own_is_shown_as_it_was_given(certification: Certification) -> None:
    made = draft("The log says:\n\n    error 7\n\nIt comes back.")
    made = replace(made, text=replace(made.text, ask="It has `two` sentences. Which one fits?"))
    text = services.draft_version(
        services.ensure_item(certification, made), made, factories.publish_log()
    ).texts.get()
    assert text.ask == "It has `two` sentences. Which one fits?"
    assert text.ask_html == "It has <code>two</code> sentences. Which one fits?"
    assert text.stem_html.endswith("<p>It comes back.</p>")


def test_a_text_without_a_question_of_its_own_keeps_the_digest_it_had() -> None:
    made = draft("A team trains. Which one fits?")
    assert made.text.digest() == "488ad325d5090d4f2941ae9d19666158eb052579ee7fe1843cf656165e5bb629"
    assert made.digest() == "9d879ef99d37e2f48ff890456625855f8e34ff8eb9ebf39a0f676285f7b3cf86"
    assert replace(made.text, ask="Which one?").digest() != made.text.digest()


def test_the_current_version_is_the_one_that_was_published_last(certification: Certification) -> None:
    made = draft("Which one fits?")
    item = services.ensure_item(certification, made)
    assert Item.objects.get(pk=item.pk).current is None
    first, second = (
        services.draft_version(item, made, factories.publish_log()),
        services.draft_version(item, made, factories.publish_log()),
    )
    services.draft_version(item, made, factories.publish_log())
    services.publish(second)
    services.publish(first)
    assert Item.objects.get(pk=item.pk).current == first
    assert list(services.current_versions(certification.code)) == [first]
