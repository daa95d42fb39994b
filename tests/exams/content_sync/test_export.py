"""The bank written as files and loaded again changes nothing: nothing is lost on the way."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F

from exams.assembly.models import FormEdition
from exams.authoring import withdrawal
from exams.bank import services as bank
from exams.bank.models import Item, ItemVersion
from exams.content.catalog import CatalogPart
from exams.content.formats.exam_yaml import write_sample
from exams.content.parts import Content, read_content
from exams.content_sync.files import StoredFilesPart
from exams.content_sync.load import export, load
from exams.content_sync.operations import Plan
from exams.content_sync.parts import content_parts
from exams.content_sync.plan import text_draft
from tests.exams.authoring import acts
from tests.exams.content import builders
from tests.exams.content_sync import ground
from tests.factories import publish_log

pytestmark = pytest.mark.django_db

REAL = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"


def write(directory: Path) -> Path:
    for name, content in export("mls-c01").items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    return directory


def load_from(directory: Path) -> Plan:
    return load(read_content(directory, content_parts()))


@pytest.fixture(scope="module")
def real() -> Content:
    """The content of the product."""
    return read_content(REAL, content_parts())


def test_the_content_of_the_product_reads_without_a_fault(real: Content) -> None:
    assert len(real[CatalogPart].blueprint.exams) == 6
    assert [text.language for text in real[CatalogPart].certification.texts] == ["en", "hu"]


def test_everything_of_the_product_survives_the_way_out_and_back(real: Content, tmp_path: Path) -> None:
    load(real)
    content = read_content(write(tmp_path), content_parts())
    assert list(map(str, load(content).operations)) == []
    # What is read is equal, so it is measured the same. Of files that are kept as written the load has told.
    read = {part.name: (record, content.get(type(part))) for part, record in real.entries()}
    del read[StoredFilesPart.name]
    assert [name for name, (before, after) in read.items() if before != after] == []
    names = {path.relative_to(REAL).as_posix() for path in REAL.rglob("*") if path.is_file()}
    # Readings are files, and stay where they are.
    names -= {path.relative_to(REAL).as_posix() for path in REAL.rglob("*.reading.yaml")}
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    # A section of the sheet is named by its title.
    assert {name for name in written ^ names if not name.endswith(".md")} == set()
    assert len(written) == len(names)


def test_a_translation_of_a_person_is_among_what_is_exported(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    builders.write_directory(tmp_path / "in", builders.exam(), translations=(builders.translation(),))
    ground.loaded(tmp_path / "in")
    version = ItemVersion.objects.get(item__code="E1-Q05")
    words = next(text for text in builders.translation().items if text.id == "E1-Q05")
    here = replace(text_draft(words, builders.exam().items[4], "hu"), why="Új indok.")
    bank.add_text(version, here, publish_log())
    written = write(tmp_path / "out")
    assert "Új indok." in (written / "exams" / "exam-1.hu.yaml").read_text("utf-8")
    assert load_from(written).is_empty


def test_the_command_writes_a_folder_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    builders.write_directory(tmp_path / "in", builders.exam())
    ground.loaded(tmp_path / "in")
    said = StringIO()
    call_command("export_bank", dir=tmp_path / "out", dry_run=True, stdout=said)
    assert not (tmp_path / "out").exists()
    call_command("export_bank", dir=tmp_path / "out", stdout=said)
    assert (tmp_path / "out" / "mls-c01" / "exams" / "exam-1.yaml").is_file()
    with pytest.raises(CommandError, match="not empty") as caught:
        call_command("export_bank", dir=tmp_path / "out", stdout=said)
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="no such certification"):
        call_command("export_bank", dir=tmp_path / "other", only="nothing", stdout=said)


def test_what_was_withdrawn_is_left_alone_by_files_and_stays_out_on_the_way_out_and_back(
    tmp_path: Path,
) -> None:
    files = tmp_path / "in"
    files.mkdir()
    builders.write_directory(files, builders.exam())
    (files / "sample.yaml").write_bytes(write_sample(builders.sample()))
    ground.loaded(files)
    reviewer = acts.staff("reviewers")
    items = Item.objects.filter(code__in=("E1-Q05", "S03"))
    withdrawal.withdraw_all(item_ids=[item.pk for item in items], actor=reviewer, reason="They leaked.")
    plan = load_from(files)
    assert (plan.is_empty, plan.skipped) == (True, ("E1-Q05", "exam-1", "S03"))
    edition = FormEdition.objects.get(form__current=F("pk"), form__number=1)
    assert edition.items.count() == len(builders.exam().items) - 1
    written = write(tmp_path / "out")
    assert "E1-Q05" not in (written / "exams" / "exam-1.yaml").read_text("utf-8")
    assert list(map(str, load_from(written).operations)) == ["blueprint.yaml: kept as it is written"]
    assert list(map(str, load_from(written).operations)) == []
