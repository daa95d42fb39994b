"""What leaves the files leaves the site, unless something published still refers to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from exams.catalog import selectors
from exams.catalog.models import CertificationText, Domain, DomainText, TaskStatement
from exams.content.parts import read_content
from exams.content_sync.load import load
from exams.content_sync.operations import Plan
from exams.content_sync.parts import content_parts
from tests import snapshot
from tests.exams.content import builders

pytestmark = pytest.mark.django_db

type Change = Callable[[dict[str, Any]], object]


def rewrite(path: Path, change: Change) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")


def load_folder(folder: Path, *, dry_run: bool = False) -> Plan:
    return load(read_content(folder, content_parts()), dry_run=dry_run)


def topics() -> list[tuple[int, int, list[str]]]:
    """Return what the page of the certification lists: number, weight and tasks of each domain."""
    page = selectors.certification("mls-c01", "hu")
    assert page is not None
    return [(one.number, one.weight_percent, [task.code for task in one.tasks]) for one in page.domains]


def add_task(blueprint: dict[str, Any], code: str = "2.9", domain: int = 2) -> None:
    task = {"id": code, "domain": domain, "title": "Soon gone", "covers": "Little"}
    blueprint["task_statements"].append(task)


def name_task(certification: dict[str, Any], code: str = "2.9") -> None:
    certification["texts"]["hu"]["tasks"][code] = {"title": "Nemsokára elmegy", "covers": "Kevés"}


def add_domain(blueprint: dict[str, Any]) -> None:
    blueprint["domains"][1]["weight_percent"] = 50
    blueprint["domains"].append({"id": 3, "name": "Operations", "weight_percent": 10})
    add_task(blueprint, "3.1", 3)


def name_domain(certification: dict[str, Any]) -> None:
    certification["texts"]["hu"]["domains"][3] = "Üzemeltetés"
    name_task(certification, "3.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a certification of one exam, which is loaded."""
    builders.write_directory(tmp_path, builders.exam())
    snapshot.first("one exam of files", lambda: load_folder(tmp_path))
    return tmp_path


def with_and_without(folder: Path, blueprint: Change, certification: Change) -> None:
    """Load the folder with a change, and put the files back as they were."""
    paths = (folder / "blueprint.yaml", folder / "certification.yaml")
    before = [path.read_bytes() for path in paths]
    for path, change in zip(paths, (blueprint, certification), strict=True):
        rewrite(path, change)
    load_folder(folder)
    for path, data in zip(paths, before, strict=True):
        path.write_bytes(data)


def test_a_task_that_leaves_the_blueprint_leaves_the_site(folder: Path) -> None:
    with_and_without(folder, add_task, name_task)
    assert topics() == [(1, 40, ["1.1"]), (2, 60, ["2.1", "2.9"])]
    plan = load_folder(folder, dry_run=True)
    assert list(map(str, plan.operations)) == [
        "blueprint.yaml: kept as it is written",
        "catalog: remove task text 2.9 hu",
        "catalog: remove task text 2.9 en",
        "catalog: remove task 2.9",
    ]
    assert TaskStatement.objects.filter(code="2.9").exists()  # a dry run removes nothing
    load_folder(folder)
    assert topics() == [(1, 40, ["1.1"]), (2, 60, ["2.1"])]
    assert not TaskStatement.objects.filter(code="2.9").exists()
    assert load_folder(folder).is_empty


def test_a_domain_goes_with_its_tasks_and_texts(folder: Path) -> None:
    with_and_without(folder, add_domain, name_domain)
    assert [number for number, *_ in topics()] == [1, 2, 3]
    load_folder(folder)
    assert topics() == [(1, 40, ["1.1"]), (2, 60, ["2.1"])]
    assert not Domain.objects.filter(number=3).exists()
    assert not DomainText.objects.filter(domain__number=3).exists()
    assert load_folder(folder).is_empty


def test_a_language_that_leaves_the_texts_leaves_the_page(folder: Path) -> None:
    rewrite(folder / "certification.yaml", lambda document: document["texts"].pop("hu"))
    plan = load_folder(folder)
    assert "catalog: remove text hu" in list(map(str, plan.operations))
    assert list(CertificationText.objects.values_list("language", flat=True)) == ["en"]
    page = selectors.certification("mls-c01", "hu")
    assert page is not None
    assert (page.texts.language, page.domains[0].name) == ("en", "Data")
    assert load_folder(folder).is_empty


def split_task(blueprint: dict[str, Any]) -> None:
    """Put a new task in the place of 2.1: every item of it moves."""
    blueprint["task_statements"][1]["id"] = "2.2"
    for slot in blueprint["exams"][0]["slots"]:
        slot["task"] = slot["task"].replace("2.1", "2.2")


def rename_task(certification: dict[str, Any]) -> None:
    tasks = certification["texts"]["hu"]["tasks"]
    tasks["2.2"] = tasks.pop("2.1")


def test_a_task_is_removed_in_the_load_that_moves_its_last_item(folder: Path) -> None:
    rewrite(folder / "blueprint.yaml", split_task)
    rewrite(folder / "certification.yaml", rename_task)
    load_folder(folder)
    assert topics() == [(1, 40, ["1.1"]), (2, 60, ["2.2"])]
    assert not TaskStatement.objects.filter(code="2.1").exists()
    assert load_folder(folder).is_empty


def move_out(folder: Path) -> None:
    """Take domain 2 out of the blueprint and its items out of the exam: the bank keeps them."""

    def blueprint(document: dict[str, Any]) -> None:
        del document["domains"][1], document["task_statements"][1]
        document["domains"][0]["weight_percent"] = 100
        (exam,) = document["exams"]
        exam["slots"] = [slot for slot in exam["slots"] if slot["domain"] == 1]

    def certification(document: dict[str, Any]) -> None:
        del document["texts"]["hu"]["domains"][2], document["texts"]["hu"]["tasks"]["2.1"]

    kept = {slot.id for slot in builders.plan().slots if slot.domain == 1}
    rewrite(folder / "blueprint.yaml", blueprint)
    rewrite(folder / "certification.yaml", certification)
    rewrite(
        folder / "exams" / "exam-1.yaml",
        lambda document: document.update(items=[row for row in document["items"] if row["id"] in kept]),
    )


def test_what_published_items_refer_to_stays_and_is_no_longer_current(folder: Path) -> None:
    move_out(folder)
    (folder / "exams" / "exam-1.reading.yaml").unlink()
    lines = list(map(str, load_folder(folder).operations))
    assert "catalog: domain 2 is no longer current" in lines
    assert "catalog: task 2.1 is no longer current" in lines
    assert topics() == [(1, 100, ["1.1"])]
    domain = Domain.objects.get(number=2)
    assert (domain.is_current, domain.tasks.get().is_current) == (False, False)
    assert domain.texts.count() == 2  # the results of old attempts name it
    assert load_folder(folder).is_empty


def test_what_comes_back_is_current_again(folder: Path) -> None:
    files = [path for path in folder.rglob("*.yaml") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    move_out(folder)
    (folder / "exams" / "exam-1.reading.yaml").unlink()
    load_folder(folder)
    for path, data in before.items():
        path.write_bytes(data)
    load_folder(folder)
    assert topics() == [(1, 40, ["1.1"]), (2, 60, ["2.1"])]
    assert load_folder(folder).is_empty


def test_a_domain_by_which_an_edition_was_scored_keeps_its_name_for_results(folder: Path) -> None:
    def blueprint(document: dict[str, Any]) -> None:
        del document["domains"][1], document["task_statements"][1]
        document["domains"][0]["weight_percent"] = 100
        for slot in document["exams"][0]["slots"]:
            slot.update(domain=1, task="1.1")

    def certification(document: dict[str, Any]) -> None:
        del document["texts"]["hu"]["domains"][2], document["texts"]["hu"]["tasks"]["2.1"]

    rewrite(folder / "blueprint.yaml", blueprint)
    rewrite(folder / "certification.yaml", certification)
    load_folder(folder)
    assert topics() == [(1, 100, ["1.1"])]
    assert not TaskStatement.objects.filter(code="2.1").exists()
    domain = Domain.objects.get(number=2)
    assert (domain.is_current, domain.texts.count()) == (False, 2)
    assert load_folder(folder).is_empty
