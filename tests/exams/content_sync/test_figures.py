"""Figures in the folder of a certification: who shows them, what is refused, and what a change loads."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from exams.bank.models import ItemImage, ItemText, ItemVersion
from exams.content.catalog import CatalogPart
from exams.content.exams import ExamsPart
from exams.content.exchange_formats.pictures import SUFFIXES, read_picture
from exams.content.parts import Content, read_content
from exams.content.records import ExamRecord, FormatError
from exams.content_sync.load import export, load
from exams.content_sync.operations import ImageOperation, TextOperation, VersionOperation
from tests.exams.content import builders
from tests.exams.content.exchange_formats.builders import image
from tools.items.measure import measure_content
from tools.items.parts import parts
from tools.items.readings_yaml import write_handout

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200">
<title>Error by epoch</title>
<desc>Line chart of the error in percent by epoch: 30 at epoch 1, 12.5 at epoch 2 and 8 at epoch 3.</desc>
<polyline class="s1" points="0,10 10,20 20,30"/>
</svg>
"""
NUMBERS = """\
kind: line
title: Error by epoch
description: >-
  Line chart of the error in percent by epoch: 30 at epoch 1, 12.5 at epoch 2 and 8 at epoch 3.
x: {label: Epoch, ticks: [1, 2, 3]}
y: {label: Error (%), ticks: [0, 20, 40]}
series:
- name: Error
  points: [[1, 30], [2, 12.5], [3, 8]]
"""


def showing(text: str, number: int = 1) -> ExamRecord:
    """Return an exam whose first stem shows something above its question."""
    exam = builders.exam(number)
    parts = exam.items[0].parts
    ask = f"{parts.ask} {parts.note}".strip()
    return builders.with_item(exam, 1, stem=f"{parts.setting}\n\n{text}", ask=ask)


def write(directory: Path, text: str = "![Errors](figure:errors)", svg: str = SVG, numbers: str = "") -> Path:
    (directory / "figures").mkdir(parents=True)
    builders.write_directory(directory, showing(text))
    (directory / "figures" / "errors.svg").write_text(svg)
    if numbers:
        (directory / "figures" / "errors.yaml").write_text(numbers)
    return directory


def read(directory: Path, only: str | None = None) -> Content:
    return read_content(directory, parts(), only)


def problems(directory: Path) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read(directory)
    return [str(problem) for problem in caught.value.problems]


def test_items_come_with_the_figures_that_they_show(tmp_path: Path) -> None:
    first, *others = read(write(tmp_path))[ExamsPart].exams[0].items
    assert [figure.name for figure in first.figures] == ["errors"]
    assert not any(item.figures for item in others)


def test_what_a_reader_sees_in_the_figure_is_part_of_the_wording(tmp_path: Path) -> None:
    (item, *_) = read(write(tmp_path))[ExamsPart].exams[0].items
    (figure,) = item.figures
    other = replace(item, figures=(replace(figure, svg=figure.svg.replace("20,30", "20,31")),))
    assert other.fingerprint != item.fingerprint
    told = replace(item.explanation, principle="![](figure:errors)")
    unseen = replace(item, stem="A setting.", explanation=told)
    assert unseen.fingerprint == replace(unseen, figures=()).fingerprint


@pytest.mark.parametrize(
    ("evil", "said"),
    [
        ("<script>alert(1)</script>", "<script> is not allowed"),
        ('<image href="https://evil.example/a.png"/>', "<image> is not allowed"),
        ('<a href="javascript:alert(1)"/>', "<a> is not allowed"),
        ('<polyline points="0,0" onclick="alert(1)"/>', "'onclick' of <polyline> is not allowed"),
    ],
)
def test_a_hostile_figure_is_refused_with_file_item_and_line(tmp_path: Path, evil: str, said: str) -> None:
    found = problems(write(tmp_path, svg=SVG.replace("<polyline", f"{evil}\n<polyline")))
    assert f"figures/errors.svg:4: E1-Q01: {said}" in found


def test_a_path_of_a_megabyte_is_refused_with_file_item_and_line(tmp_path: Path) -> None:
    svg = SVG.replace("<polyline", f'<path class="s1" d="M{"1 1 " * 260_000}"/>\n<polyline')
    (found,) = problems(write(tmp_path, svg=svg))
    assert found.startswith("figures/errors.svg:1: E1-Q01: the figure has 1,040,")


def line_of(directory: Path, text: str) -> int:
    lines = (directory / "exams" / "exam-1.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n".join(["| " + "x | " * 100, "| " + "--- | " * 100, *["| " + "x | " * 100] * 99]), "characters"),
        ("\n".join(["| a | b |", "| --- | --- |", *["| 1 | 2 |"] * 31]), "a table has 31 rows"),
        ("![x](javascript:alert(1))", ""),
        ("![x](https://evil.example/a.png)", "an image leads to 'https://evil.example/a.png'"),
        ("```html\n<script>\n```", "code is marked 'html'"),
    ],
)
def test_hostile_markdown_is_refused_with_file_item_and_line(tmp_path: Path, text: str, said: str) -> None:
    directory = write(tmp_path, f"{text}\n\n![Errors](figure:errors)")
    if not said:  # no image at all: the parser refuses the address, and the text is shown as it is
        assert read(directory)
        return
    found = problems(directory)
    stem = line_of(directory, "  stem:")
    assert any(line.startswith(f"exams/exam-1.yaml:{stem}: E1-Q01: ") and said in line for line in found), (
        found
    )


def test_a_missing_and_an_unused_figure_are_refused(tmp_path: Path) -> None:
    directory = write(tmp_path, "![Errors](figure:others)", numbers=NUMBERS)
    (directory / "figures" / "lost.yaml").write_text(NUMBERS)
    item = line_of(directory, "- id: E1-Q01")
    assert problems(directory) == [
        f"exams/exam-1.yaml:{item}: E1-Q01: there is no figures/others.svg",
        "figures/errors.svg: no item shows this figure",
        "figures/lost.yaml: has not been drawn: there is no .svg beside it",
    ]


def test_a_figure_of_an_exam_that_was_passed_over_is_not_called_unused(tmp_path: Path) -> None:
    directory = write(tmp_path)
    builders.write_directory(directory, showing("![Errors](figure:errors)"), builders.exam(2))
    assert read(directory, "exam-2")


def breaches(directory: Path) -> list[str]:
    report = measure_content(read(directory))
    return [str(breach) for breach in report.breaches if breach.rule.startswith("G")]


def test_a_description_names_every_number_of_the_chart(tmp_path: Path) -> None:
    assert breaches(write(tmp_path / "good", numbers=NUMBERS)) == []
    silent = SVG.replace("12.5 at epoch 2", "less at epoch 2")
    found = breaches(write(tmp_path / "silent", svg=silent, numbers=NUMBERS.replace("12.5 at", "less at")))
    assert [re.sub(r"^.*?G", "G", line) for line in found] == [
        "G01: not described: 12.5 (limit: every number) [described-numbers]"
    ]


def test_a_chart_says_what_its_numbers_say(tmp_path: Path) -> None:
    found = breaches(write(tmp_path, numbers=NUMBERS.replace("title: Error", "title: Mistakes")))
    assert len(found) == 1
    assert "G02: title or description differ" in found[0]


def test_a_figure_is_described_in_more_than_a_few_words(tmp_path: Path) -> None:
    found = breaches(write(tmp_path, svg=re.sub(r"<desc>.*</desc>", "<desc>A line.</desc>", SVG)))
    assert "G03: described in 2 words" in found[0]


@pytest.mark.django_db
def test_a_figure_is_stored_with_the_text_and_a_new_drawing_is_a_new_version(tmp_path: Path) -> None:
    directory = write(tmp_path)
    load(read(directory))
    text = ItemText.objects.get(version__item__code="E1-Q01")
    assert list(text.figures) == ["errors"]
    assert 'aria-describedby="E1-Q01-en1-s-1d"' in text.stem_html
    assert text.ask_html.endswith("?")
    assert load(read(directory)).is_empty
    (directory / "figures" / "errors.svg").write_text(SVG.replace("20,30", "20,31"))
    plan = load(read(directory))
    assert [step.draft.code for step in plan.of(VersionOperation)] == ["E1-Q01"]
    assert plan.of(TextOperation) == []
    assert ItemVersion.objects.filter(item__code="E1-Q01").count() == 2


@pytest.mark.django_db
def test_the_same_drawing_written_otherwise_changes_nothing(tmp_path: Path) -> None:
    directory = write(tmp_path)
    load(read(directory))
    (directory / "figures" / "errors.svg").write_text(
        SVG.replace("\n<", "\n  <").replace("0,10 10", "0,10\n10")
    )
    assert load(read(directory)).is_empty


def test_a_reader_without_keys_is_told_what_the_figure_of_the_question_shows(tmp_path: Path) -> None:
    (item, *_) = read(write(tmp_path))[ExamsPart].exams[0].items
    (row,) = yaml.safe_load(write_handout("exam", [(item, 1)]))["readings"]
    assert list(row["figures"]) == ["errors"]
    assert "12.5 at epoch 2" in row["figures"]["errors"]
    told = replace(item.explanation, why_correct="![](figure:errors)")
    (row,) = yaml.safe_load(write_handout("exam", [(replace(item, stem="x", explanation=told), 1)]))[
        "readings"
    ]
    assert "figures" not in row


# --- Images of pixels --------------------------------------------------------------------------------
def with_image(directory: Path, kind: str = "PNG", words: str = "A red field") -> Path:
    """Write an exam that shows an image; its file is called by its content."""
    (directory / "figures").mkdir(parents=True)
    picture = read_picture(image(kind, (40, 30)))
    builders.write_directory(directory, showing(f"![{words}](figure:{picture.name})"))
    (directory / "figures" / f"{picture.name}{SUFFIXES[picture.media_type]}").write_bytes(picture.data)
    return directory


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_image_goes_from_files_to_the_bank_and_back_and_changes_nothing(tmp_path: Path, kind: str) -> None:
    directory = with_image(tmp_path / "files", kind)
    (file,) = (directory / "figures").iterdir()
    plan = load(read(directory))
    assert [str(step) for step in plan.of(ImageOperation)] == [f"{file.stem}: new image"]
    assert bytes(ItemImage.objects.get().content) == file.read_bytes()
    assert load(read(directory)).is_empty
    written = export(read(directory)[CatalogPart].certification.code)
    assert written[f"figures/{file.name}"] == file.read_bytes()
    for name, content in written.items():
        target = tmp_path / "written" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    assert load(read(tmp_path / "written")).is_empty


@pytest.mark.django_db
def test_a_dry_run_names_an_image_and_stores_none(tmp_path: Path) -> None:
    plan = load(read(with_image(tmp_path)), dry_run=True)
    assert len(plan.of(ImageOperation)) == 1
    assert not ItemImage.objects.exists()


def test_an_image_is_there_is_shown_and_says_what_it_shows(tmp_path: Path) -> None:
    silent = with_image(tmp_path / "silent", words="")
    (found,) = problems(silent)
    assert "E1-Q01: the image image-" in found
    assert found.endswith("has no description in its brackets")
    gone = with_image(tmp_path / "gone")
    (file,) = (gone / "figures").iterdir()
    file.unlink()
    (found,) = problems(gone)
    assert found.endswith(f"E1-Q01: there is no figures/{file.stem}.png, .jpg or .webp")
    unused = with_image(tmp_path / "unused")
    other = read_picture(image("PNG", (41, 30)))
    (unused / "figures" / f"{other.name}.png").write_bytes(other.data)
    assert problems(unused) == [f"figures/{other.name}.png: no item shows this image"]


def test_a_file_that_is_not_called_by_its_content_is_refused_with_its_right_name(tmp_path: Path) -> None:
    directory = with_image(tmp_path)
    (file,) = (directory / "figures").iterdir()
    file.rename(directory / "figures" / "diagram.png")
    assert f"figures/diagram.png: the image has to be called {file.name}: names are made of the content" in (
        problems(directory)
    )
