"""A new part of a certification's folder is a class and one line of the settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from exams.catalog.models import Certification
from exams.content.parts import read_content
from exams.content_sync.load import load
from exams.content_sync.parts import content_parts
from tests.exams.content import builders
from tests.tools.items.commands import run

PLANTED = "tests.exams.content_sync.planted.LevelPart"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a certification that has the new part."""
    builders.write_directory(tmp_path, builders.exam())
    (tmp_path / "level.yaml").write_text("level: Wizard\n")
    return tmp_path


@pytest.fixture
def _planted() -> Iterator[None]:
    """List the part behind the others."""
    with override_settings(CONTENT_PARTS=[*settings.CONTENT_PARTS, PLANTED]):
        yield


def test_the_parts_are_read_in_the_order_of_the_settings() -> None:
    names = [part.name for part in content_parts()]
    assert names[:2] == ["guide", "catalog"]
    assert names[-4:] == ["flashcards", "checks", "watched", "files"]
    assert len(names) == len(set(names)) == 12


@pytest.mark.usefixtures("_planted")
def test_a_new_part_is_read_with_the_others(folder: Path) -> None:
    code, text = run("--dir", folder, "check")
    assert code == 0, text


@pytest.mark.usefixtures("_planted")
def test_a_new_part_may_refuse_what_does_not_fit(folder: Path) -> None:
    (folder / "level.yaml").write_text("level: Specialty\n")
    code, text = run("--dir", folder, "check")
    assert code == 1
    assert "blueprint.yaml:1: 'Specialty' is the level of the blueprint" in text


@pytest.mark.django_db
@pytest.mark.usefixtures("_planted")
def test_a_new_part_is_planned_and_stored_behind_those_it_stands_on(folder: Path) -> None:
    plan = load(read_content(folder, content_parts()))
    assert str(plan.operations[-1]) == "level: Wizard"
    assert plan.summary.endswith("1 levels")
    certification = Certification.objects.get()
    assert (certification.level, certification.planned) == ("Wizard", {"level": 1})


def test_without_its_part_the_file_is_a_fault_and_not_passed_over(folder: Path) -> None:
    code, text = run("--dir", folder, "check")
    assert code == 1
    assert "level.yaml: no part of a certification has a file of this name" in text


@pytest.mark.usefixtures("_planted")
def test_a_certification_may_do_without_the_part(folder: Path) -> None:
    (folder / "level.yaml").unlink()
    assert run("--dir", folder, "check")[0] == 0
