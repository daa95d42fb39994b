"""Each rule is seen in the editor while one types: with its place, its reason, and nothing saved."""

from typing import Any, Final

import pytest
from django.test import Client

from exams.authoring import services
from exams.authoring.items import ItemKind
from exams.authoring.models import Draft
from exams.catalog.models import Certification
from tests import factories
from tests.exams.admin.editing import ask, at, fields, stored
from tests.exams.authoring import acts
from tests.exams.authoring.test_remarks import FOUND, STEM, content, publish, written

pytestmark = pytest.mark.django_db

# What the guide for writers forbids at all, and what no question can be published without; all else advises.
BLOCKING: Final = {
    *("options-of-type", "stem-ending", "negative-question", "option-phrases", "same-options"),
    *("references", "option-letters", "old-names"),
    *("missing-text", "known-task", "number-of-keys", "every-option-a-key", "keys-of-kind"),
}


@pytest.fixture
def certification(db: None) -> Certification:
    return factories.make_certification()


@pytest.fixture
def draft(certification: Certification) -> Draft:
    """A new question with nothing in it."""
    return services.open_draft(
        kind="item", certification=certification, name="E9-Q01", actor=acts.staff("authors")
    )


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    client.force_login(acts.staff("authors"))
    return client


def typed(desk: Client, draft: Draft, whole: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the page is told of a question that was typed into it and not saved."""
    form = fields(Draft(revision=1, content=ItemKind().validate(whole)))
    reply = ask(desk, draft, "remarks", {"fields": form})
    assert reply.status_code == 200
    assert stored(draft).revision == 1
    assert stored(draft).content == draft.content
    found: list[dict[str, Any]] = reply.json()["remarks"]
    return found


def test_a_question_by_the_guide_gets_no_remark(desk: Client, draft: Draft) -> None:
    assert typed(desk, draft, content()) == []


@pytest.mark.parametrize("case", list(FOUND))
def test_each_fault_is_told_with_place_and_reason_before_anything_is_saved(
    desk: Client, draft: Draft, case: str
) -> None:
    asked, field, rule, blocks = FOUND[case]
    found = [one for one in typed(desk, draft, asked()) if (one["field"], one["rule"]) == (field, rule)]
    assert found, case
    for one in found:
        assert one["label"] not in ("", field)
        assert one["sentence"][-1] in ".:?)”"
        assert one["blocks"] is blocks is (rule in BLOCKING)


def test_each_place_of_a_remark_is_on_the_page(desk: Client, draft: Draft) -> None:
    services.save(
        draft_id=draft.pk, revision=1, content=ItemKind().validate(content()), actor=acts.staff("authors")
    )
    page = desk.get(at(draft)).content.decode()
    for _asked, field, _rule, _blocks in FOUND.values():
        assert f'data-said="{field}"' in page, field
        assert f'id="{field}"' in page, field


def test_a_near_duplicate_and_a_key_that_is_given_away_are_told_before_anything_is_saved(
    desk: Client, draft: Draft, certification: Certification
) -> None:
    publish(certification, f"{STEM.replace('bakery', 'grocery')} Which step shortens it?", "Something else")
    publish(certification, "An airline has logs. Which engine reads them?", "Parquet files of 2 GB", "E1-Q02")
    publish(certification, "A bank reads what it will read the needed columns alone. Which?", "No", "E1-Q03")
    found = [(one["rule"], one["field"], one["blocks"]) for one in typed(desk, draft, content())]
    place = "texts.en.stem"
    assert sorted(found) == [
        ("key-in-stem", place, False),
        ("key-in-stem", place, False),
        ("similar-stems", place, False),
    ]
    sentences = " ".join(one["sentence"] for one in typed(desk, draft, content()))
    assert all(code in sentences for code in ("E1-Q01", "E1-Q02", "E1-Q03"))
    assert typed(desk, draft, written("stem", "Short.", options=content()["options"])) != []


def test_advice_keeps_nothing_from_review_and_what_the_guide_forbids_does(desk: Client, draft: Draft) -> None:
    author = acts.staff("authors")
    advised = written("stem", f"{STEM} It is optimised.", options=content()["options"])
    saved = services.save(draft_id=draft.pk, revision=1, content=advised, actor=author)
    assert any(not one["blocks"] for one in ask(desk, saved, "remarks", {}).json()["remarks"])
    assert desk.post(at(draft, "send"), {"revision": "2"}).status_code == 302
    forbidden = written("ask", "Which change does NOT fit?")
    services.save(draft_id=draft.pk, revision=2, content=forbidden, actor=author)
    reply = desk.post(at(draft, "send"), {"revision": "3"})
    assert reply.status_code == 422
    assert "“NOT” makes the question negative" in reply.content.decode()
