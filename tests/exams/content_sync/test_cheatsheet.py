"""Loading the cheat sheet: an edition for each language, in one transaction; a second load does nothing."""

import shutil
from pathlib import Path

import pytest

from accounts.jobs import runner
from accounts.jobs.models import Job
from exams.cheatsheet import files, selectors
from exams.cheatsheet.models import SheetBlock, SheetEdition, SheetFile
from exams.content.parts import read_content
from exams.content.records import FormatError
from exams.content_sync.load import load
from exams.content_sync.operations import Plan
from exams.content_sync.parts import content_parts
from tests.exams.cheatsheet import builders as sheets
from tests.exams.cheatsheet.published import REAL
from tests.exams.content import builders
from tests.exams.content_sync import ground

pytestmark = pytest.mark.django_db
FILE = "cheatsheet/en/1-overview.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the small certification with its small sheet; it is loaded, but the sheet is not."""
    builders.write_directory(tmp_path, builders.exam(1))
    ground.loaded(tmp_path)
    return sheets.write(tmp_path)


def put(folder: Path) -> Plan:
    return load(read_content(folder, content_parts()))


def said(plan: Plan) -> list[str]:
    return [line for line in map(str, plan.operations) if line.startswith("cheat sheet")]


def change(folder: Path, old: str, new: str) -> None:
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_load_publishes_the_sheet(folder: Path) -> None:
    assert said(put(folder)) == ["cheat sheet in en: new edition of 2 blocks"]
    head = selectors.current("mls-c01", "en")
    assert head is not None
    intro, services = selectors.blocks(head.edition_id)
    assert (services.number, services.title, services.covers) == ("1.2", "Services", ("s3",))
    assert services.source.startswith("| Service | Role |\n| --- | --- |\n| Amazon S3 |")
    assert services.source.endswith("1. **First:** look.")
    assert '<td data-label="Role">Keeps objects | files</td>' in services.html
    assert "<h4>More</h4>" in services.html
    assert '<p class="tip">' in services.html
    assert intro.html.startswith("<p>w00 w01")


def test_a_second_load_changes_nothing(folder: Path) -> None:
    put(folder)
    assert put(folder).is_empty
    assert (SheetEdition.objects.count(), Job.objects.count()) == (1, 1)


def test_a_load_has_the_pdf_made(folder: Path) -> None:
    put(folder)
    head = selectors.current("mls-c01", "en")
    assert head is not None
    assert runner.run_due() == 1
    assert files.file(head) is not None


def test_a_changed_block_makes_one_new_edition_and_its_file(folder: Path) -> None:
    put(folder)
    runner.run_due()
    change(folder, "look.", "look twice.")
    assert said(put(folder)) == ["cheat sheet in en: new edition of 2 blocks"]
    assert runner.run_due() == 1
    assert (SheetEdition.objects.count(), SheetBlock.objects.count(), SheetFile.objects.count()) == (2, 4, 2)


def test_a_translation_is_an_edition_of_its_own(folder: Path) -> None:
    put(folder)
    (folder / "cheatsheet" / "hu").mkdir()
    text = (folder / FILE).read_text().replace("# Exam overview", "# A vizsga").replace("look.", "nézd.")
    (folder / "cheatsheet" / "hu" / "1-a-vizsga.md").write_text(text)
    assert said(put(folder)) == ["cheat sheet in hu: new edition of 2 blocks"]
    head = selectors.current("mls-c01", "hu")
    assert head is not None
    assert head.language == "hu"
    assert selectors.sections(head.edition_id)[0].title == "A vizsga"


def test_a_sheet_whose_files_are_gone_is_taken_down_once_and_may_come_back(folder: Path) -> None:
    put(folder)
    text = (folder / FILE).read_text()
    (folder / FILE).unlink()
    assert said(put(folder)) == ["cheat sheet in en: taken down"]
    assert selectors.current("mls-c01", "en") is None
    (folder / "cheatsheet" / "outline.yaml").unlink()
    assert (
        put(folder).summary == "1 catalog rows, 1 files kept as they are"
    )  # the page announces none any more
    assert put(folder).is_empty
    sheets.write_outline(folder)
    (folder / FILE).write_text(text)
    assert said(put(folder)) == ["cheat sheet in en: new edition of 2 blocks"]
    assert selectors.current("mls-c01", "en") is not None


def test_a_certification_without_a_sheet_has_none(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1))
    assert said(put(tmp_path)) == []
    assert selectors.current("mls-c01", "en") is None
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("## 1.2 Services", "## 1.1 Services", "S02: missing: 1.2"),
        ("# Exam overview", "# Another", "section 'Another'"),
        ("covers: s3", "covers: s4", "unknown coverage id 's4'"),
        ("1. **First:** look.", "![A chart](figure:chart)", "a cheat sheet shows no figures"),
        ("1. **First:** look.", "![x](https://example.org/x.png)", "an image leads to"),
        ("1. **First:** look.", "- " * 6 + "deep", "lists are nested too deep"),
        ("| Amazon S3 |", "| Amazon S3 | x |", "a row of a table has 3 cells"),
        ("| Amazon S3 |", "| EFS | Files |\n" * 60 + "| Amazon S3 |", "a table has 61 rows; at most 60"),
    ],
)
def test_what_is_unsound_is_named_and_nothing_is_stored(
    folder: Path, old: str, new: str, problem: str
) -> None:
    change(folder, old, new)
    with pytest.raises(FormatError) as error:
        put(folder)
    assert any(problem in str(one) and "cheatsheet/en" in str(one) for one in error.value.problems)
    assert not SheetEdition.objects.exists()


def test_the_real_sheet_can_be_loaded(tmp_path: Path) -> None:
    """As far as no exam is needed: its own files, beside the small certification that teaches as much."""
    builders.write_directory(tmp_path, builders.exam(1))
    shutil.copytree(REAL.parent, tmp_path / "cheatsheet")
    with pytest.raises(FormatError) as error:
        put(tmp_path)
    # The small certification lists two coverage ids of the 310: nothing else is wrong.
    assert all("unknown coverage id" in str(problem) for problem in error.value.problems)


def test_sections_without_an_outline_are_refused(folder: Path) -> None:
    (folder / "cheatsheet" / "outline.yaml").unlink()
    with pytest.raises(FormatError, match="the cheat sheet has no outline"):
        put(folder)
