"""Dates of checks and watched names go out with the bank and come back, and what was written here stays."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from exams.authoring import work_queue
from exams.bank.models import Item, ItemText
from exams.catalog.models import Certification
from exams.content.formats.freshness_yaml import read_checks, read_watched, write_checks, write_watched
from exams.content.parts import read_content
from exams.content.records import FormatError, WatchedNameRecord
from exams.content_sync.freshness import ChecksOperation, WatchOperation
from exams.content_sync.load import export, load
from exams.content_sync.operations import PaperOperation, Plan, RowOperation
from exams.content_sync.parts import content_parts
from exams.freshness import selectors
from exams.freshness.models import ItemCheck, ReviewTask, WatchedName
from tests import roles
from tests.exams.authoring import acts
from tests.exams.authoring.test_translations import translate
from tests.exams.content import builders
from tests.exams.content_sync import ground

pytestmark = pytest.mark.django_db

CODE = "E1-Q05"
PAGE = "https://docs.aws.amazon.com/s3/"
CHECKS = f"""checks:
- item: {CODE}
  checked_on: '2026-01-31'
  pages:
  - {PAGE}
  note: limits
- item: E9-Q99
  checked_on: '2026-01-31'
"""
WATCHED = f"""watched:
- name: Amazon Sumerian
  since: '2023-02-21'
  page: {PAGE}
- name: Old
  successor: New
  since: '2024-01-31'
  page: {PAGE}
"""
FACT_CHECK = f"""# The fact check

## Exam 1

| Item | Checked on | What decides | Page |
| --- | --- | --- | --- |
| E1-Q01 | 2025-11-24 | | [S3]({PAGE}) |
| {CODE} | 2025-11-24 | | [S3]({PAGE}) |
| {CODE} | 2025-11-24 | 7 of 9 | [Limits]({PAGE}limits) |
| E1-Q02 | 2025-11-24 | | general knowledge |

### Statements

| Item | Statement | Missing |
| --- | --- | --- |
| E1-Q03 | It is so. | a page |
"""


def load_files(directory: Path, *, overwrite: tuple[str, ...] = (), **files: str) -> Plan:
    write_files(directory, **files)
    return again(directory, overwrite=overwrite)


def begin_with(directory: Path, **files: str) -> None:
    """Write and load files before what a test is about: first the exam, then what is said of it."""
    write_files(directory)
    ground.loaded(directory)
    if files:
        write_files(directory, **files)
        again(directory)


def write_files(directory: Path, **files: str) -> None:
    directory.mkdir(exist_ok=True)
    builders.write_directory(directory, builders.exam())
    for name, text in files.items():
        (directory / name.replace("__", ".")).write_text(text)


def again(directory: Path, *, overwrite: tuple[str, ...] = ()) -> Plan:
    return load(read_content(directory, content_parts()), overwrite=overwrite)


def write(directory: Path) -> Path:
    for name, content in export("mls-c01").items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    return directory


def check_here() -> ItemCheck:
    item = Item.objects.get(code=CODE)
    seen = selectors.seen([item.pk])[item.pk]
    return work_queue.check(item_id=item.pk, seen=seen, page=PAGE, note="“ő”", actor=acts.staff("authors"))


def watch_here(name: str, successor: str = "") -> WatchedName:
    return work_queue.watch(
        certification_id=Certification.objects.get().pk,
        facts=WatchedNameRecord(name, successor, dt.date(2024, 1, 31), PAGE),
        actor=acts.staff("authors"),
    )


def test_the_fact_check_dates_what_a_page_or_general_knowledge_confirms(tmp_path: Path) -> None:
    load_files(tmp_path, CHECKED__md=FACT_CHECK)
    rows = ItemCheck.objects.order_by("item__code").values_list("item__code", "checked_on", "pages", "source")
    day = dt.date(2025, 11, 24)
    assert list(rows) == [
        ("E1-Q01", day, [PAGE], "factcheck"),
        ("E1-Q02", day, [], "factcheck"),
        (CODE, day, [PAGE, f"{PAGE}limits"], "factcheck"),
    ]
    assert again(tmp_path).is_empty


def test_checks_of_files_are_added_once_and_unknown_questions_passed_over(tmp_path: Path) -> None:
    plan = load_files(tmp_path, checks__yaml=CHECKS)
    assert [str(step) for step in plan.of(ChecksOperation)] == ["checks: 1 on 2026-01-31"]
    made = ItemCheck.objects.get()
    text = ItemText.objects.get(version__item__code=CODE, language="en")
    assert (made.item.code, made.text, made.note, made.source) == (CODE, text, "limits", "files")
    assert again(tmp_path).is_empty


def test_what_left_the_files_was_checked_all_the_same(tmp_path: Path) -> None:
    begin_with(tmp_path, checks__yaml=CHECKS)
    (tmp_path / "checks.yaml").unlink()
    assert again(tmp_path).is_empty
    assert ItemCheck.objects.count() == 1


def test_dates_and_names_survive_the_way_out_and_back(tmp_path: Path) -> None:
    begin_with(tmp_path / "in", CHECKED__md=FACT_CHECK, checks__yaml=CHECKS, watched__yaml=WATCHED)
    check_here()
    watch_here("Amazon Honeycode")
    out = write(tmp_path / "out")
    assert again(out).is_empty
    checks = read_checks((out / "checks.yaml").read_bytes(), "checks.yaml")
    assert [(one.item, one.note) for one in checks] == [(CODE, "limits"), (CODE, "“ő”")]
    names = read_watched((out / "watched.yaml").read_bytes(), "watched.yaml")
    assert [one.name for one in names] == ["Amazon Honeycode", "Amazon Sumerian", "Old"]
    with roles.as_owner():
        ReviewTask.objects.all().delete()
        WatchedName.objects.all().delete()
    assert len(again(out).of(WatchOperation)) == 3
    assert (
        write(tmp_path / "twice").joinpath("watched.yaml").read_bytes() == (out / "watched.yaml").read_bytes()
    )


def test_records_are_written_as_they_are_read() -> None:
    checks = read_checks(CHECKS.encode(), "checks.yaml")
    assert (len(checks), read_checks(write_checks(checks), "checks.yaml")) == (2, checks)
    names = read_watched(WATCHED.encode(), "watched.yaml")
    assert (len(names), read_watched(write_watched(names), "watched.yaml")) == (2, names)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("checks.yaml", CHECKS.replace("2026-01-31", "31 January"), "expected a date"),
        ("checks.yaml", CHECKS.replace(PAGE, "http://a.b"), "expected an https address"),
        ("checks.yaml", CHECKS.replace("limits", "x" * 501), "expected at most 500 characters"),
        ("watched.yaml", WATCHED.replace("name: Old", "name: Amazon Sumerian"), "appears twice"),
        ("watched.yaml", WATCHED.replace("name: Old", f"name: {'x' * 121}"), "at most 120"),
        ("watched.yaml", WATCHED.replace("  since: '2024-01-31'\n", ""), "'since' is missing"),
    ],
)
def test_files_with_faults_are_refused_with_their_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    builders.write_directory(tmp_path, builders.exam())
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=said):
        again(tmp_path)
    assert not Certification.objects.exists()


def test_a_name_of_the_files_opens_tasks_and_closes_them_when_it_leaves(tmp_path: Path) -> None:
    builders.write_directory(
        tmp_path, builders.with_option(builders.exam(), 5, "A", text="Amazon Sumerian x")
    )
    (tmp_path / "watched.yaml").write_text(WATCHED)
    again(tmp_path)
    assert ReviewTask.objects.get(closed_at=None).item.code == CODE
    (tmp_path / "watched.yaml").unlink()
    assert {str(step) for step in again(tmp_path).of(WatchOperation)} == {
        "watched/Amazon Sumerian: no longer watched",
        "watched/Old: no longer watched",
    }
    assert not ReviewTask.objects.filter(closed_at=None).exists()
    assert again(tmp_path).is_empty


def test_a_name_that_was_changed_or_let_go_here_is_left_alone_unless_it_is_taken(tmp_path: Path) -> None:
    begin_with(tmp_path, watched__yaml=WATCHED)
    for name, is_watched in (("Old", True), ("Amazon Sumerian", False)):
        row = WatchedName.objects.get(name=name)
        work_queue.change(
            watched_id=row.pk,
            revision=row.revision,
            facts=WatchedNameRecord(name, "Newer", dt.date(2024, 1, 31), PAGE),
            is_watched=is_watched,
            actor=acts.staff("authors"),
        )
    plan = again(tmp_path)
    assert (plan.is_empty, plan.skipped) == (True, ("watched/Amazon Sumerian", "watched/Old"))
    again(tmp_path, overwrite=("watched/Old",))
    row = WatchedName.objects.get(name="Old")
    assert (row.successor, row.is_ours, row.revision) == ("New", False, 3)
    assert not WatchedName.objects.get(name="Amazon Sumerian").is_watched


def test_one_exam_alone_says_nothing_of_checks_and_names(tmp_path: Path) -> None:
    begin_with(tmp_path, checks__yaml=CHECKS, watched__yaml=WATCHED)
    (tmp_path / "watched.yaml").unlink()
    plan = load(read_content(tmp_path, content_parts(), only="exam-1"))
    assert plan.is_empty


def test_a_translated_question_of_an_exam_that_is_not_offered_so_changes_nothing(tmp_path: Path) -> None:
    begin_with(tmp_path / "in")
    translate("E1-Q01")
    out = write(tmp_path / "out")
    assert (out / "exams" / "exam-1.hu.yaml").is_file()
    plan = again(out)
    assert (plan.is_empty, list(map(str, plan.operations))) == (True, [])
    assert Certification.objects.get().languages == ["en"]


def test_files_that_bring_a_translation_offer_its_language(tmp_path: Path) -> None:
    begin_with(tmp_path)
    part = replace(builders.translation(), items=builders.translation().items[:1])
    builders.write_directory(tmp_path, builders.exam(), translations=(part,))
    plan = again(tmp_path)
    assert [step.language for step in plan.of(PaperOperation)] == ["hu"]
    assert ("certification",) in [step.path for step in plan.of(RowOperation)]
    assert Certification.objects.get().languages == ["en", "hu"]
    assert again(tmp_path).is_empty
