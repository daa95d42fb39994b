"""The profile of a certification: in its draft, in its files, and in what is said of its questions."""

from typing import Any

import pytest

from exams.authoring import profiles, services
from exams.authoring.item_content import clean
from exams.authoring.items import ItemKind
from exams.authoring.kinds import ContentError
from exams.catalog.models import Certification
from exams.content.formats.blueprint_yaml import read_blueprint
from exams.content.records import FormatError
from exams.content_sync.load import export
from exams.kinds.profile import RULES
from tests.exams.authoring import acts, made, nothing

pytestmark = pytest.mark.django_db

BEAN: dict[str, Any] = {
    "options": {"single": "1 of 2, 1 of 4", "multiple": "2 of 4"},
    "endings": {"en": []},
    "negative": True,
    "blocking": ["V17"],
    "required": ["rationale"],
}


@pytest.fixture
def certification() -> Certification:
    return made.written()


def remarks(certification: Certification, name: str = "E1-Q01", **changed: Any) -> set[str]:
    content = clean(made.question(1) | changed)
    return {one.rule for one in ItemKind().remarks(certification, name, content) if one.blocks}


def bare() -> dict[str, Any]:
    """Return what a question without references, principle and tip has of its own."""
    text = made.question(1)["texts"]["en"] | {
        "principle": "",
        "tip": "",
        "ask": "Which lamp does NOT burn oil",
    }
    return {"references": [], "texts": {"en": text}}


def test_the_usual_profile_is_what_applied_before(certification: Certification) -> None:
    assert certification.profile == {}
    assert remarks(certification) == set()
    assert remarks(certification, **bare()) == {
        *("missing-text", "references", "negative-question", "stem-ending")
    }


def test_a_profile_does_without_what_it_does_not_require(certification: Certification) -> None:
    certification.profile = BEAN
    assert remarks(certification, **bare()) == set()


def test_options_are_those_of_the_kind_in_the_profile(certification: Certification) -> None:
    certification.profile = BEAN | {"blocking": ["V02"]}
    content = made.question(1)
    fewer = {
        "options": content["options"][:3],
        "texts": {"en": content["texts"]["en"] | {"options": content["texts"]["en"]["options"][:3]}},
    }
    (remark,) = (
        one
        for one in ItemKind().remarks(certification, "E1-Q01", clean(content | fewer))
        if one.rule == "options-of-type"
    )
    assert str(remark.sentence) == "3 options; a question of this type has 2, 4."
    certification.profile = {"options": {"multiple": "2 of 4"}}
    assert "unused-kind" in remarks(certification)


def test_the_draft_of_a_certification_writes_the_profile(certification: Certification) -> None:
    draft = acts.begin(certification, "catalogue", "catalogue")
    profile = profiles.content_of(BEAN)
    assert draft.content["profile"] == profiles.content_of({})
    assert profile["endings"]["en"] == ""
    acts.publish(draft, {"profile": profile})
    certification.refresh_from_db()
    assert certification.profile == BEAN
    assert profiles.content_of(certification.profile) == profile


def test_a_draft_that_says_nothing_of_a_profile_leaves_it(certification: Certification) -> None:
    Certification.objects.update(profile=BEAN)
    draft = acts.begin(certification, "catalogue", "catalogue")
    content = {name: value for name, value in draft.content.items() if name != "profile"}
    content["facts"] = content["facts"] | {"duration_minutes": 30}
    author = acts.staff("authors")
    draft = services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=author)
    assert "profile" not in draft.content
    acts.publish(draft, {})
    certification.refresh_from_db()
    assert (certification.duration_minutes, certification.profile) == (30, BEAN)


def test_files_carry_the_profile_where_it_is_not_the_usual(certification: Certification) -> None:
    usual = export(certification.code)["blueprint.yaml"]
    assert b"profile" not in usual
    Certification.objects.update(profile=BEAN)
    written = export(certification.code)["blueprint.yaml"]
    assert read_blueprint(written, "blueprint.yaml").facts.profile == BEAN
    with pytest.raises(FormatError, match="with its options"):
        read_blueprint(written.replace(b"2 of 4", b"2 of 2"), "blueprint.yaml")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"options": {"essay": "1 of 4"}}, "profile.options.essay"),
        ({"negative": "yes"}, "profile.negative"),
        ({"blocking": "V02"}, "profile.blocking"),
        ({"required": "tip"}, "profile.required"),
        ({"more": 1}, "profile.more"),
    ],
)
def test_what_is_no_profile_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ContentError) as refused:
        profiles.SHAPE.clean(change, "profile")
    assert refused.value.field == field


def test_a_profile_from_before_with_names_that_are_no_more_works_without_them(
    certification: Certification,
) -> None:
    older = {"blocking": ["V05", "V17", "V18"], "required": ["failure", "tip"]}
    now = {"blocking": ["V17"], "required": ["tip"]}
    certification.profile = older
    assert remarks(certification, **bare()) == {"missing-text"}
    draft = profiles.content_of({}) | older
    assert profiles.stored(draft) == now
    cleaned = profiles.SHAPE.clean(draft, "profile")
    assert {name: cleaned[name] for name in now} == now
    Certification.objects.update(profile=older)
    written = export(certification.code)["blueprint.yaml"]
    assert read_blueprint(written, "blueprint.yaml").facts.profile == now


def test_each_rule_that_may_block_has_a_name() -> None:
    assert tuple(profiles.RULES) == RULES


def test_options_that_cannot_be_read_block_the_draft() -> None:
    profile = profiles.content_of({})
    assert list(profiles.remarks(profile)) == []
    wrong = profile | {"options": {"single": "four", "multiple": "2 of 5"}}
    assert [one.field for one in profiles.remarks(wrong)] == ["profile.options.single"]
    none = profile | {"options": {"single": "", "multiple": ""}}
    assert [one.rule for one in profiles.remarks(none)] == ["no-kind"]


def test_a_number_of_keys_that_the_profile_does_not_name_blocks(certification: Certification) -> None:
    content = made.question(1)
    options = [{"key": place < 3, "failure": "" if place < 3 else "W1"} for place in range(4)]
    changed = {"kind": "multiple", "choose": 3, "options": options}
    certification.profile = {"options": {"single": "1 of 4", "multiple": "2 of 5"}}
    (remark,) = (
        one
        for one in ItemKind().remarks(certification, "E1-Q01", clean(content | changed))
        if one.rule == "options-of-type"
    )
    assert (remark.field, remark.blocks) == ("options", True)
    assert str(remark.sentence) == "This certification has no questions of this type with 3 correct options."


def test_a_kind_that_the_profile_dropped_blocks_only_what_is_new(certification: Certification) -> None:
    made.with_questions(certification, 1)
    certification.profile = {"options": {"multiple": "2 of 4"}}
    found = ItemKind().remarks(certification, nothing.code_of(1), clean(made.question(1)))
    assert [one.blocks for one in found if one.rule == "unused-kind"] == [False]
    assert not any(one.rule == "options-of-type" for one in found)
    assert "unused-kind" in remarks(certification, "E1-Q99")


def test_an_empty_line_of_endings_allows_any(certification: Certification) -> None:
    profile = profiles.content_of({}) | {"endings": {"en": "\n? (Select TWO.)\n", "hu": "?"}}
    content = profiles.SHAPE.clean(profile, "profile")
    stored = profiles.stored(content)
    assert stored["endings"]["en"] == ["", "? (Select TWO.)"]
    assert profiles.content_of(stored) == content
    certification.profile = stored
    text = made.question(1)["texts"]["en"] | {"ask": "Choose the lamp that burns oil."}
    assert "stem-ending" not in remarks(certification, texts={"en": text})
    Certification.objects.update(profile=stored)
    written = export(certification.code)["blueprint.yaml"]
    assert read_blueprint(written, "blueprint.yaml").facts.profile == stored
