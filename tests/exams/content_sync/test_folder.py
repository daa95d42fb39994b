"""A directory of content files, and the command that measures it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from exams.content.exams import ExamsPart
from exams.content.parts import Content, read_content
from exams.content.records import FormatError
from exams.content_sync.parts import content_parts
from tests.exams.content import builders
from tests.tools.items.commands import run
from tools.items.__main__ import UsageError
from tools.items.parts import parts
from tools.items.readings import ReadingsPart


def read_directory(directory: Path, only: str | None = None) -> Content:
    return read_content(directory, content_parts(), only)


def problems(directory: Path) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read_directory(directory)
    return [str(problem) for problem in caught.value.problems]


def rewrite(path: Path, **changes: Any) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(document | changes, sort_keys=False), encoding="utf-8")


def test_a_directory_reads_exams_translations_and_readings(tmp_path: Path) -> None:
    builders.write_directory(
        tmp_path, builders.exam(1), builders.exam(2), translations=(builders.translation(),)
    )
    files = read_directory(tmp_path)
    assert files[ExamsPart].exams == (builders.exam(1), builders.exam(2))
    assert files[ExamsPart].translations == (builders.translation(),)
    read = read_content(tmp_path, parts())[ReadingsPart]
    assert set(read.by_exam) == {"mls-c01-exam-1", "mls-c01-exam-2"}
    only = read_directory(tmp_path, "exam-2")
    assert (only[ExamsPart].exams, only[ExamsPart].translations) == ((builders.exam(2),), ())


def test_faults_of_several_files_are_named_together(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1), builders.exam(2))
    for name in ("exam-1", "exam-2"):
        path = tmp_path / "exams" / f"{name}.yaml"
        path.write_bytes(path.read_bytes().replace(b"correct: true", b"correct: maybe", 1))
    (tmp_path / "certification.yaml").unlink()
    found = problems(tmp_path)
    assert found[0] == "certification.yaml: cannot be read: No such file or directory"
    assert [line.split(":")[0] for line in found[1:]] == ["exams/exam-1.yaml", "exams/exam-2.yaml"]


def test_files_that_claim_another_exam_or_language_are_refused(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1), translations=(builders.translation(),))
    exams = tmp_path / "exams"
    rewrite(exams / "exam-1.yaml", exam="mls-c01-exam-2")
    rewrite(exams / "exam-1.hu.yaml", language="de")
    (exams / "exam-one.yaml").write_text("exam: x\nitems: []\n")
    found = problems(tmp_path)
    assert "exams/exam-1.yaml:1: the file of exam-1 says that it is 'mls-c01-exam-2'" in found
    assert any("named for 'hu' and says that it is in 'de'" in line for line in found)
    assert any(line.startswith("exams/exam-one.yaml: no part of a certification has") for line in found)


@pytest.mark.parametrize(
    ("language", "said"), [("de", "'de' is not a known language"), ("en", "'en' is the original language")]
)
def test_a_translation_is_into_another_known_language(tmp_path: Path, language: str, said: str) -> None:
    text = replace(builders.translation(), language=language)
    builders.write_directory(tmp_path, builders.exam(1), translations=(text,))
    (found,) = problems(tmp_path)
    assert found.startswith(f"exams/exam-1.{language}.yaml:1: {said}")


def test_an_item_may_stand_in_one_exam_only(tmp_path: Path) -> None:
    twice = replace(builders.exam(2), items=(builders.exam(1).items[0], *builders.exam(2).items[1:]))
    builders.write_directory(tmp_path, builders.exam(1), twice)
    (found,) = problems(tmp_path)
    assert found.startswith("exams/exam-2.yaml:3: E1-Q01: is in exams/exam-1.yaml:3 too")


def test_a_blueprint_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1))
    path = tmp_path / "blueprint.yaml"
    document = yaml.safe_load(path.read_text())
    document["domains"][0]["weight_percent"] = 41
    document["exams"][0]["slots"][0]["covers"] = ["s4"]
    document["exams"][0]["slots"][1]["task"] = "2.1"
    document["exams"][0]["slots"][2]["id"] = "E1-Q02"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    text = "\n".join(problems(tmp_path))
    assert "E1-Q01: unknown coverage id 's4'" in text
    assert "E1-Q02: task '2.1' is not a task of domain 1" in text
    assert "E1-Q02: the slot appears twice" in text
    assert "do not add up to 100 %" in text


def test_a_certification_names_every_domain_and_task_in_its_other_languages(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1))
    document = builders.certification_document()
    del document["texts"]["hu"]["domains"][2]
    document["texts"]["hu"]["tasks"]["9.9"] = {"title": "t", "covers": "c"}
    document["texts"]["xx"] = document["texts"]["en"]
    document["code"] = "mls-c02"
    (tmp_path / "certification.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    text = "\n".join(problems(tmp_path))
    assert "hu: domain 2 has no text" in text
    assert "hu: task 9.9 does not belong here" in text
    assert "xx: not a known language" in text
    assert "the code is 'mls-c02'" in text


# --- python -m tools.items check --------------------------------------------------------------------


def test_good_content_is_measured_without_a_database(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1), translations=(builders.translation(),))
    code, text = run("--dir", tmp_path, "check")
    assert code == 0
    assert "exams/exam-1.yaml" in text
    assert "exams/exam-1.hu.yaml" in text
    assert "single keys at A" in text
    assert text.endswith("Files measured: 3. Breaches: 0.\n")


def test_a_breach_ends_with_1_and_names_its_place(tmp_path: Path) -> None:
    bad = builders.with_option(builders.exam(1), 3, "A", text="It is always right, x")
    builders.write_directory(tmp_path, bad)
    code, text = run("--dir", tmp_path, "check")
    assert code == 1
    assert "E1-Q03: V16: 'always' in the option at A (limit: no such phrase)" in text
    assert "BREACH exams/exam-1.yaml:" in text


def test_a_fault_ends_with_1_too(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.exam(1))
    (tmp_path / "exams" / "exam-1.yaml").write_text("exam: ]")
    code, text = run("--dir", tmp_path, "check")
    assert code == 1
    assert "BREACH exams/exam-1.yaml:1: not valid YAML" in text


def test_json_holds_figures_and_breaches(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.with_item(builders.exam(1), 1, references=()))
    code, text = run("--dir", tmp_path, "check", "--json")
    said = json.loads(text)
    assert code == 1
    assert said["problems"] == []
    assert [(breach["rule"], breach["item"]) for breach in said["breaches"]] == [("V24", "E1-Q01")]
    (table,) = [table for table in said["tables"] if table["title"] == "exams/exam-1.yaml"]
    assert table["figures"][0]["rule"] == "V01"


def test_a_directory_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere is not a directory"):
        run("--dir", tmp_path / "nowhere", "check")
