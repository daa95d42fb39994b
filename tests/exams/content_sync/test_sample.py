"""Loading the free sample: its items into the bank, their places beside it, all in the one transaction."""

from dataclasses import replace
from pathlib import Path

import pytest

from exams.assembly import sample as samples
from exams.assembly.models import FormItem, SampleItem
from exams.bank.models import Item, ItemVersion
from exams.content.formats.exam_yaml import write_sample, write_translation
from exams.content.parts import read_content
from exams.content.records import FormatError, SampleRecord, TranslationRecord
from exams.content_sync.load import load
from exams.content_sync.operations import Plan, SampleOperation
from exams.content_sync.parts import content_parts
from tests.exams.content import builders
from tests.exams.content_sync import ground

pytestmark = pytest.mark.django_db


def put(directory: Path, sample: SampleRecord | None, *translations: TranslationRecord) -> Plan:
    """Load the small certification with this sample."""
    write(directory, sample, *translations)
    return load(read_content(directory, content_parts()))


def put_before(directory: Path, sample: SampleRecord) -> None:
    """Write a sample that was loaded before what a test is about."""
    write(directory, sample)
    ground.loaded(directory)


def write(directory: Path, sample: SampleRecord | None, *translations: TranslationRecord) -> None:
    builders.write_directory(directory, builders.exam(1))
    file = directory / "sample.yaml"
    file.unlink(missing_ok=True)
    if sample:
        file.write_bytes(write_sample(sample))
    for text in translations:
        (directory / f"sample.{text.language}.yaml").write_bytes(write_translation(text))


def placed() -> list[str]:
    return [row.version.item.code for row in SampleItem.objects.order_by("position")]


def test_a_load_puts_the_items_into_the_bank_and_names_their_order(tmp_path: Path) -> None:
    put(tmp_path, builders.sample())
    names = [item.id for item in builders.sample().items]
    assert placed() == names
    versions = ItemVersion.objects.filter(item__code__in=names)
    assert all(version.published_at for version in versions)
    assert Item.objects.get(code="S01").task.code == "1.1"
    found = samples.get("mls-c01", "en")
    assert found is not None
    assert [question.text.keys for question in found.questions] == [
        "".join(item.keys) for item in builders.sample().items
    ]


def test_no_exam_holds_an_item_of_the_sample(tmp_path: Path) -> None:
    put_before(tmp_path, builders.sample())
    assert not FormItem.objects.filter(version__item__code__startswith="S").exists()


def test_a_second_load_changes_nothing(tmp_path: Path) -> None:
    put_before(tmp_path, builders.sample())
    assert put(tmp_path, builders.sample()).is_empty


def test_a_changed_item_is_shown_in_its_new_version(tmp_path: Path) -> None:
    sample = builders.sample()
    put_before(tmp_path, sample)
    before = samples.positions("mls-c01")
    first = replace(sample.items[0], ask="Which of these is the most suitable other choice?")
    plan = put(tmp_path, replace(sample, items=(first, *sample.items[1:])))
    assert [str(step) for step in plan.operations] == ["S01: new version", "sample: 10 items"]
    after = samples.positions("mls-c01")
    assert (before[0] != after[0], before[1:] == after[1:]) == (True, True)


def test_another_order_makes_no_version(tmp_path: Path) -> None:
    sample = builders.sample()
    put_before(tmp_path, sample)
    plan = put(tmp_path, replace(sample, items=(sample.items[1], sample.items[0], *sample.items[2:])))
    assert [type(step) for step in plan.operations] == [SampleOperation]
    assert placed()[:2] == ["S02", "S01"]


def test_a_sample_whose_file_is_gone_is_taken_down_and_its_items_stay(tmp_path: Path) -> None:
    put_before(tmp_path, builders.sample())
    plan = put(tmp_path, None)
    assert [str(step) for step in plan.operations] == ["sample: taken down"]
    assert placed() == []
    assert Item.objects.filter(code="S01").exists()


def test_a_translation_is_shown_in_its_language(tmp_path: Path) -> None:
    sample = builders.sample()
    texts = tuple(builders.item_text(item) for item in sample.items)
    translation = TranslationRecord("sample", "hu", texts)
    put_before(tmp_path, sample)
    plan = put(tmp_path, sample, replace(translation, place=sample.place))
    assert len(plan.operations) == 10
    found = samples.get("mls-c01", "hu")
    assert found is not None
    assert found.languages == ("hu",)


def test_an_id_of_an_exam_stores_nothing_at_all(tmp_path: Path) -> None:
    sample = builders.sample()
    stolen = replace(sample.items[0], id="E1-Q01")
    with pytest.raises(FormatError, match=r"sample.yaml:\d+: E1-Q01: .*is in an exam too"):
        put(tmp_path, replace(sample, items=(stolen, *sample.items[1:])))
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"task": "9.9"}, "S01: unknown task '9.9'"),
        ({"covers": ("mars",)}, "S01: unknown coverage id 'mars'"),
    ],
)
def test_what_no_other_file_knows_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    sample = builders.sample()
    traits = sample.items[0].traits
    assert traits is not None
    first = replace(sample.items[0], traits=replace(traits, **change))  # type: ignore[arg-type]
    with pytest.raises(FormatError) as error:
        put(tmp_path, replace(sample, items=(first, *sample.items[1:])))
    assert any(said in str(problem) for problem in error.value.problems)


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("exam-1", "hu", "the file of the sample says that it is 'exam-1'"),
        ("sample", "en", "'en' is the original language"),
        ("sample", "xx", "'xx' is not a known language"),
    ],
)
def test_a_translation_is_of_the_sample_and_into_another_known_language(
    tmp_path: Path, name: str, language: str, said: str
) -> None:
    texts = tuple(builders.item_text(item) for item in builders.sample().items)
    with pytest.raises(FormatError, match=said):
        put(tmp_path, builders.sample(), TranslationRecord(name, language, texts))
