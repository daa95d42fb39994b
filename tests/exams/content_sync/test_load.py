"""Loading the bank: twice changes nothing, a change makes exactly what it must, a fault stores nothing."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Model
from django.test import override_settings

from exams.assembly import selectors as forms
from exams.assembly import services as assembly
from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item, ItemText, ItemVersion, Option, OptionText
from exams.catalog import selectors
from exams.catalog.models import Certification
from exams.content.parts import Content, read_content
from exams.content.records import ExamRecord, Explanation, FormatError, TranslationRecord
from exams.content_sync.load import load
from exams.content_sync.operations import MoveOperation, Plan, RowOperation, VersionOperation
from exams.content_sync.parts import content_parts
from exams.content_sync.plan import item_draft
from exams.content_sync.stored import stored_bank
from tests.exams.content import builders
from tests.exams.content_sync import ground
from tests.factories import publish_log

pytestmark = pytest.mark.django_db

MODELS: tuple[type[Model], ...] = (
    Certification,
    Item,
    ItemVersion,
    Option,
    ItemText,
    OptionText,
    ExamForm,
    FormEdition,
    FormItem,
    Paper,
)


def rows() -> dict[str, list[dict[str, object]]]:
    """Return every row of the content, so that nothing can change unseen."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in MODELS}


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in MODELS}


def grown(before: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in counts().items() if count != before[name]}


def read_directory(directory: Path) -> Content:
    return read_content(directory, content_parts())


def load_files(
    directory: Path,
    *exams: ExamRecord,
    translations: tuple[TranslationRecord, ...] = (),
    dry_run: bool = False,
) -> Plan:
    builders.write_directory(directory, *exams, translations=translations)
    return load(read_directory(directory), dry_run=dry_run)


def begin_with(directory: Path, *exams: ExamRecord, translations: tuple[TranslationRecord, ...] = ()) -> None:
    """Write files that were loaded before what a test is about."""
    ground.loaded(builders.write_directory(directory, *exams, translations=translations))


def test_a_first_load_fills_catalog_bank_forms_and_papers(tmp_path: Path) -> None:
    load_files(tmp_path, builders.exam(1), builders.exam(2))
    assert counts() == {
        "Certification": 1,
        "Item": 40,
        "ItemVersion": 40,
        "Option": 2 * (16 * 4 + 2 * 5 + 2 * 6),
        "ItemText": 40,
        "OptionText": 2 * (16 * 4 + 2 * 5 + 2 * 6),
        "ExamForm": 2,
        "FormEdition": 2,
        "FormItem": 40,
        "Paper": 2,
    }
    edition = FormEdition.objects.get(form__number=1)
    assert (edition.minutes, edition.pass_mark, edition.weights) == (60, 750, {"1": 40, "2": 60})
    assert edition.published_at is not None
    placed = [
        (row.position, row.version.item.code, row.is_scored, row.domain_number) for row in edition.items.all()
    ]
    slots = builders.plan().slots
    assert placed == [(slot.number, slot.id, slot.scored, slot.domain) for slot in slots]


def test_keys_and_failure_codes_stand_where_the_file_has_them(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    for item in builders.exam().items:
        options = ItemVersion.objects.get(item__code=item.id).options.all()
        assert [(o.letter, o.is_key, o.failure) for o in options] == [
            (o.letter, o.correct, o.failure or "") for o in item.options
        ]


def test_the_catalog_speaks_both_languages(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam(), translations=(builders.translation(),))
    english, hungarian = (selectors.certification("mls-c01", language) for language in ("en", "hu"))
    assert english is not None
    assert hungarian is not None
    assert english.facts.languages == ("en", "hu")
    assert english.texts.summary == "English summary"
    assert hungarian.texts.retirement_note == "Magyar retirement_note"
    assert [domain.name for domain in english.domains] == ["Data", "Models"]
    assert [domain.name for domain in hungarian.domains] == ["Adatok", "Modellek"]
    assert hungarian.domains[0].tasks[0].title == "Gyűjtés"


def test_a_second_load_writes_no_row(tmp_path: Path) -> None:
    exams, texts = (builders.exam(1), builders.exam(2)), (builders.translation(),)
    begin_with(tmp_path, *exams, translations=texts)
    before = rows()
    plan = load_files(tmp_path, *exams, translations=texts)
    assert plan.is_empty
    assert list(map(str, plan.operations)) == []
    assert rows() == before


def test_a_changed_item_makes_one_version_one_edition_and_one_paper(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam(1), builders.exam(2))
    before, old = counts(), rows()
    changed = builders.with_option(builders.exam(1), 5, "A", text="A better wording of this")
    load_files(tmp_path, changed, builders.exam(2))
    assert grown(before) == {
        "ItemVersion": 1,
        "Option": 4,
        "ItemText": 1,
        "OptionText": 4,
        "FormEdition": 1,
        "FormItem": 20,
        "Paper": 1,
    }
    edition = FormEdition.objects.get(form__number=1, number=2)
    numbers = {row.version.item.code: row.version.number for row in edition.items.all()}
    assert numbers == {item.id: 1 for item in changed.items} | {"E1-Q05": 2}
    assert rows()["Paper"][: len(old["Paper"])] == old["Paper"]
    assert "A better wording" in str(Paper.objects.get(edition=edition).content)


def test_a_key_that_moves_makes_a_new_version(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    swapped = builders.with_option(builders.exam(), 1, "A", correct=False, failure="W1")
    swapped = builders.with_option(swapped, 1, "B", correct=True, failure=None)
    plan = load_files(tmp_path, swapped)
    assert [step.draft.code for step in plan.of(VersionOperation)] == ["E1-Q01"]


def test_a_translation_makes_texts_and_a_paper_in_its_language(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    before = counts()
    part = replace(builders.translation(), items=builders.translation().items[:3])
    load_files(tmp_path, builders.exam(), translations=(part,))
    assert grown(before) == {"ItemText": 3, "OptionText": 12, "Paper": 1}
    paper = Paper.objects.get(language="hu")
    assert [item["language"] for item in paper.content] == ["hu"] * 3 + ["en"] * 17
    assert Certification.objects.get().languages == ["en", "hu"]


def test_a_changed_translation_makes_one_revision_and_one_paper(tmp_path: Path) -> None:
    text = builders.translation()
    begin_with(tmp_path, builders.exam(), translations=(text,))
    before = counts()
    first = replace(text.items[0], explanation=Explanation("Más", "szöveg", "itt"))
    load_files(tmp_path, builders.exam(), translations=(replace(text, items=(first, *text.items[1:])),))
    assert grown(before) == {"ItemText": 1, "OptionText": 4, "Paper": 1}
    row = ItemText.objects.get(version__item__code="E1-Q01", language="hu", revision=2)
    assert row.why == "Más"
    assert Paper.objects.filter(language="hu", revision=2).count() == 1


def test_a_new_version_takes_its_translation_along(tmp_path: Path) -> None:
    text = builders.translation()
    begin_with(tmp_path, builders.exam(), translations=(text,))
    changed = builders.with_item(builders.exam(), 2, references=builders.exam().items[0].references * 2)
    load_files(tmp_path, changed, translations=(text,))
    version = ItemVersion.objects.get(item__code="E1-Q02", number=2)
    assert set(version.texts.values_list("language", "revision")) == {("en", 1), ("hu", 1)}
    papers = Paper.objects.filter(edition__number=2)
    assert {paper.language for paper in papers} == {"en", "hu"}
    assert all(item["language"] == "hu" for item in papers.get(language="hu").content)


def test_a_translation_file_that_went_missing_takes_no_paper_away(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam(), translations=(builders.translation(),))
    (tmp_path / "exams" / "exam-1.hu.yaml").unlink()
    assert load_files(tmp_path, builders.exam()).is_empty
    load_files(tmp_path, builders.with_option(builders.exam(), 5, "A", text="A better wording of this"))
    assert {paper.language for paper in Paper.objects.filter(edition__number=2)} == {"en", "hu"}


def test_a_changed_fact_of_the_catalog_changes_only_its_row(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    before = rows()
    path = tmp_path / "certification.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Magyar summary", "Új összefoglaló"), encoding="utf-8"
    )
    plan = load(read_directory(tmp_path))
    assert [step.path for step in plan.of(RowOperation)] == [("text", "hu")]
    after = rows()
    for (row,) in (before["Certification"], after["Certification"]):
        del row["log_id"]  # which load wrote it
    assert after == before
    page = selectors.certification("mls-c01", "hu")
    assert page is not None
    assert page.texts.summary == "Új összefoglaló"


def test_a_slot_that_covers_something_else_moves_the_item_without_a_new_version(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    before = counts()
    path = tmp_path / "blueprint.yaml"
    document = yaml.safe_load(path.read_text())
    document["coverage_items"].append({"id": "efs", "name": "Amazon EFS"})
    document["exams"][0]["slots"][0]["covers"] = ["efs"]
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    plan = load(read_directory(tmp_path))
    assert [step.draft.code for step in plan.of(MoveOperation)] == ["E1-Q01"]
    assert Item.objects.get(code="E1-Q01").coverage == ["efs"]
    assert grown(before) == {}


def test_a_dry_run_says_the_plan_and_writes_nothing(tmp_path: Path) -> None:
    plan = load_files(tmp_path, builders.exam(), translations=(builders.translation(),), dry_run=True)
    assert set(counts().values()) == {0}
    lines = list(map(str, plan.operations))
    assert "E1-Q01: new item" in lines
    assert "E1-Q01: new text in hu" in lines
    assert "exam 1: new form" in lines
    papers = lines.index("exam 1: new paper in en")
    assert lines[papers + 1] == "exam 1: new paper in hu"
    assert lines[-1] == "guide.yaml: kept as it is written"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: builders.with_option(e, 7, "A", correct=True), "E1-Q07: V02: 2 keys instead of 1"),
        (lambda e: replace(e, items=e.items[1:]), "V01: missing: E1-Q01"),
        (
            lambda e: builders.with_option(e, 7, "A", text=e.items[6].options[1].text),
            "E1-Q07: V17: 2 options read",
        ),
    ],
)
def test_an_unsound_exam_stores_nothing_at_all(tmp_path: Path, change: object, said: str) -> None:
    assert callable(change)
    with pytest.raises(FormatError) as caught:
        load_files(tmp_path, builders.exam(2), change(builders.exam(1)))
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert problem.place.file == "exams/exam-1.yaml"
    assert set(counts().values()) == {0}


def test_a_translation_of_other_options_stores_nothing(tmp_path: Path) -> None:
    text = builders.translation()
    short = replace(text.items[0], options=text.items[0].options[:3])
    with pytest.raises(FormatError) as caught:
        load_files(tmp_path, builders.exam(), translations=(replace(text, items=(short, *text.items[1:])),))
    assert "E1-Q01: T02" in str(caught.value)
    assert set(counts().values()) == {0}


def test_what_fails_in_the_last_step_takes_the_first_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CannotPublish("no")

    monkeypatch.setattr(assembly, "publish_edition", refuse)
    with pytest.raises(FormatError, match=r"exams/exam-1\.yaml:1: no"):
        load_files(tmp_path, builders.exam())
    assert set(counts().values()) == {0}


# --- manage.py load_bank ----------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("load_bank", *arguments, stdout=out, stderr=err)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_says_what_it_does_and_that_a_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam())
    code, out, _ = run("--dir", str(tmp_path))
    assert code == 0
    assert "E1-Q20: new item" in out
    assert "exam 1: new paper in en" in out
    assert run("--dir", str(tmp_path))[1].endswith("Nothing to change.\n")


def test_the_command_loads_one_exam_only(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1), builders.exam(2))
    assert run("--dir", str(tmp_path), "--only", "exam-2")[0] == 0
    assert list(ExamForm.objects.values_list("number", flat=True)) == [2]


def test_without_a_directory_the_command_loads_every_certification(tmp_path: Path) -> None:
    for code in ("mls-c01", "sap-c02"):
        directory = tmp_path / "fixtures" / code
        directory.mkdir(parents=True)
        builders.write_directory(directory, builders.exam())
        for path in directory.rglob("*.yaml"):
            text = path.read_text(encoding="utf-8").replace("MLS-C01", code.upper())
            path.write_text(text.replace("mls-c01", code), encoding="utf-8")
    with override_settings(BASE_DIR=tmp_path):
        assert run()[0] == 0
    codes = ExamForm.objects.values_list("certification__code", flat=True)
    assert sorted(codes) == ["mls-c01", "sap-c02"]


def test_an_unfinished_certification_is_loaded_only_where_it_is_named(tmp_path: Path) -> None:
    directory = tmp_path / "fixtures" / "mls-c01"
    directory.mkdir(parents=True)
    builders.write_directory(directory, builders.exam())
    (directory / "unfinished.md").write_text("Exam 2 is to come.")
    with override_settings(BASE_DIR=tmp_path), pytest.raises(CommandError, match="no certification in"):
        call_command("load_bank")
    assert ExamForm.objects.count() == 0
    assert run("--dir", str(directory))[0] == 0
    assert ExamForm.objects.count() == 1


def test_the_command_makes_a_dry_run(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam())
    code, out, _ = run("--dir", str(tmp_path), "--dry-run")
    assert (code, Item.objects.count()) == (0, 0)
    assert out.endswith("Dry run: nothing was stored.\n")


def test_the_command_ends_with_1_on_faulty_content(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam())
    path = tmp_path / "exams" / "exam-1.yaml"
    path.write_bytes(path.read_bytes().replace(b"  stem:", b"  stern:", 2))
    code, _, err = run("--dir", str(tmp_path))
    assert code == 1
    assert "exams/exam-1.yaml:3: E1-Q01: the key 'stem' is missing" in err
    assert err.endswith("Nothing was stored. Faults: 4.\n")


@pytest.mark.parametrize("arguments", [["--dir", "/nowhere"], ["--only", "exam-99"], ["--only", "../exam-1"]])
def test_the_command_ends_with_2_on_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2


# --- What is current: the last published ------------------------------------------------------------


def publish_out_of_order(code: str) -> tuple[ItemVersion, ItemVersion]:
    """Draft two versions of an item and publish the second first; return them by number."""
    item = Item.objects.get(code=code)
    slot = next(slot for slot in builders.plan().slots if slot.id == code)
    texts = ("The first of two drafts", "The second of two drafts")
    exams = [builders.with_option(builders.exam(), 5, "A", text=text) for text in texts]
    first, second = (
        bank.draft_version(item, item_draft(exam.items[4], slot, "en"), publish_log()) for exam in exams
    )
    bank.publish(second)
    bank.publish(first)
    return first, second


def test_the_version_that_was_published_last_is_the_current_one(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    first, second = publish_out_of_order("E1-Q05")
    assert first.number < second.number
    assert stored_bank("mls-c01").items["E1-Q05"].version_id == first.pk
    wanted = builders.with_option(builders.exam(), 5, "A", text="The first of two drafts")
    plan = load_files(tmp_path, wanted)
    assert plan.of(VersionOperation) == []
    edition = FormEdition.objects.get(form__number=1, number=2)
    assert edition.items.get(version__item__code="E1-Q05").version_id == first.pk


def test_the_edition_that_the_form_names_is_the_current_one(tmp_path: Path) -> None:
    begin_with(tmp_path, builders.exam())
    first = FormEdition.objects.get()
    load_files(tmp_path, builders.with_option(builders.exam(), 5, "A", text="Another text"))
    second = FormEdition.objects.get(number=2)
    assert [one.edition_id for one in forms.forms("mls-c01")] == [second.pk]
    ExamForm.objects.update(current=first)
    assert [one.edition_id for one in forms.forms("mls-c01")] == [first.pk]
    assert forms.current_edition(first.form_id) == first
    assert stored_bank("mls-c01").forms[1].digest == first.digest
