"""What other systems find in the files that are written for them."""

import re
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from exams.content.exchange_formats import xml_tree
from exams.content.exchange_formats.limits import Deadline
from exams.content.exchange_formats.registry import FORMATS, read, write
from exams.content.exchange_formats.shape import Fault
from exams.content.exchange_formats.xml_tree import Element
from exams.content.records import FormatError, OptionRecord, WholeItem
from tests.exams.content.exchange_formats.builders import plain, whole

TAGS = [
    "id:E9-Q01",
    "source:their-7",
    "task:1.2",
    "difficulty:hard",
    "level:analyze",
    "covers:bars",
    "covers:axes",
    "failure:A=W1",
    "failure:C=W3",
    "failure:D=W4",
    "charts",
    "tag:task:not ours",
]


def multiple() -> WholeItem:
    """Return an item with two keys of three options."""
    options = tuple(OptionRecord(letter, f"{letter} ~", letter != "C", None, "") for letter in "ABC")
    item = plain(whole(), options=options)
    traits = replace(item.traits, kind="multiple", choose=2)
    return replace(item, record=replace(item.record, traits=traits))


def tree(data: bytes) -> Element:
    """Return XML that was written."""
    return xml_tree.parse(data, "file", Deadline())


def test_gift_has_id_and_tags_in_a_comment_and_all_signs_escaped() -> None:
    item = plain(whole(), stem="Is {a} = ~b~ #1: \\n?")
    lines = write("gift", [item]).data.decode().splitlines()
    assert lines[0].startswith("// [id:their-7] [tag:id:E9-Q01] [tag:source:their-7] [tag:task:1.2]")
    assert lines[1].startswith("::E9-Q01::[html]<p>Is \\{a\\} \\= \\~b\\~ \\#1\\: \\\\n?</p>")
    assert lines[2] == "\t~[html]Option A#[html]<p>Why A</p>"
    assert lines[3] == "\t=[html]Option B#[html]<p>Why B</p>"
    assert lines[-1] == "}"


def test_gift_gives_the_keys_of_multiple_choice_equal_weights() -> None:
    lines = write("gift", [multiple()]).data.decode().splitlines()
    assert [line.split("]")[0] for line in lines[2:5]] == ["\t~%50%[html", "\t~%50%[html", "\t~%-100%[html"]


def test_moodle_finds_name_id_feedback_and_tags() -> None:
    item = whole()
    root = tree(write("moodle", [item]).data)
    (question,) = root.elements("question")
    assert (question.text_at("name", "text"), question.text_at("idnumber")) == ("E9-Q01", "their-7")
    assert question.text_at("single") == "true"
    assert [element.attributes["fraction"] for element in question.elements("answer")] == [
        "0",
        "100",
        "0",
        "0",
    ]
    assert [element.text_at("feedback", "text") for element in question.elements("answer")][
        1
    ] == "<p>Why B</p>"
    assert '<div class="passline-principle"><p>Compare heights.</p></div>' in question.text_at(
        "generalfeedback", "text"
    )
    assert [tag.text_at("text") for tag in question.elements("tags") for tag in tag.elements("tag")] == TAGS
    (file,) = question.elements("questiontext")
    (drawing,) = file.elements("file")
    assert (drawing.attributes["path"], drawing.attributes["name"]) == ("/figures/", "two-bars.svg")
    assert 'src="@@PLUGINFILE@@/figures/two-bars.svg"' in question.text_at("questiontext", "text")


def files_of(name: str, data: bytes) -> list[bytes]:
    """Return the drawings that go along with questions."""
    if name == "moodle":
        return [b64decode(one.text) for one in tree(data).walk() if one.name == "file"]
    with ZipFile(BytesIO(data)) as archive:
        return [archive.read(one) for one in archive.namelist() if one.endswith(".svg")]


@pytest.mark.parametrize("name", ["moodle", "qti"])
def test_a_drawing_has_its_colors_in_the_file(name: str) -> None:
    (drawing,) = files_of(name, write(name, [whole()]).data)
    shapes = [one.attributes for one in tree(drawing).walk() if one.name == "rect"]
    assert len(shapes) == 2
    assert all(re.fullmatch("#[0-9a-f]{6}", shape.get("fill", "")) for shape in shapes)


def test_a_package_names_all_of_its_files_and_says_what_is_in_them() -> None:
    with ZipFile(BytesIO(write("qti", [whole(), multiple_of("E9-Q02")]).data)) as archive:
        names = archive.namelist()
        manifest, item = tree(archive.read("imsmanifest.xml")), tree(archive.read("items/q0001.xml"))
    assert names == ["imsmanifest.xml", "items/q0001.xml", "items/figures/two-bars.svg", "items/q0002.xml"]
    resources = [one for one in manifest.walk() if one.name == "resource"]
    assert [resource.attributes["type"] for resource in resources] == ["imsqti_item_xmlv2p2"] * 2
    assert [file.attributes["href"] for resource in resources for file in resource.elements("file")] == names[
        1:
    ]
    assert [one.all_text for one in resources[0].walk() if one.name == "keyword"] == TAGS
    assert item.space == "http://www.imsglobal.org/xsd/imsqti_v2p2"
    declared = item.first("responseDeclaration")
    assert declared is not None
    assert (declared.attributes["cardinality"], declared.text_at("correctResponse", "value")) == (
        "single",
        "B",
    )
    (interaction,) = [one for one in item.walk() if one.name == "choiceInteraction"]
    assert (interaction.attributes["maxChoices"], interaction.attributes["shuffle"]) == ("1", "false")
    assert interaction.text_at("prompt") == "Which bar is higher?"
    shown = [element.attributes["identifier"] for element in item.elements("modalFeedback")]
    assert shown == ["A", "B", "C", "D", "SOLUTION"]


def multiple_of(name: str) -> WholeItem:
    """Return an item with two keys and another id."""
    item = multiple()
    return replace(item, record=replace(item.record, id=name), source="")


def test_a_package_has_no_styles() -> None:
    text = "| a | b |\n| --- | --: |\n| 1 | 2 |"
    item = plain(whole())
    item = replace(item, record=replace(item.record, stem=text))
    with ZipFile(BytesIO(write("qti", [item]).data)) as archive:
        written = archive.read("items/q0001.xml").decode()
    assert 'class="align-right"' in written
    assert "style=" not in written


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.can_write])
@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\u202eb", "a\ud800b", "a\ufffeb"])
def test_what_no_file_may_hold_is_not_written(name: str, text: str) -> None:
    item = plain(whole())
    bad = replace(item, record=replace(item.record, ask=text))
    with pytest.raises(FormatError) as found:
        write(name, [item, bad])
    (problem,) = found.value.problems
    assert isinstance(problem, Fault)
    assert (problem.item, problem.code) == ("E9-Q01", "direction" if "\u202e" in text else "control")


@pytest.mark.parametrize("text", ["&nbsp;", "####", "[a]: https://example.com", "&#32;&#9;", "***"])
def test_markdown_that_shows_nothing_is_no_text(text: str) -> None:
    with pytest.raises(FormatError) as found:
        write("yaml", [plain(whole(), stem=text)])
    assert [problem.message for problem in found.value.problems] == ["The question has no text."]


def test_aiken_is_read_and_not_written() -> None:
    assert (FORMATS["aiken"].can_read, FORMATS["aiken"].can_write) == (True, False)
    with pytest.raises(KeyError):
        write("aiken", [whole()])


def test_aiken_is_read_with_its_lines() -> None:
    data = (
        "Which of these\nis a fruit?\na. Apple\nB) Stone *hard*\nANSWER: A\n\nNext?\nA. x\nB. y\nANSWER: C\n"
    )
    found = read("aiken", data.encode(), "quiz.txt")
    assert [str(problem) for problem in found.problems] == [
        "quiz.txt:7: 2: No option is correct.",
        "quiz.txt:10: “C” is not the letter of an option.",
    ]
    found = read("aiken", data.split("\n\n")[0].encode(), "quiz.txt")
    (item,) = found.items
    assert item.record.stem == "Which of these\\\nis a fruit?"
    assert [(option.text, option.correct) for option in item.record.options] == [
        ("Apple", True),
        ("Stone \\*hard\\*", False),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("A. x\nB. y\nANSWER: A\n", "Expected a question"),
        ("Q?\nA. x\nwords\nANSWER: A\n", "no line such as “ANSWER: A”"),
        ("Q?\nA. x\nB. y\n", "no line such as “ANSWER: A”"),
        ("Q?\n", "Expected a question"),
    ],
)
def test_a_fault_of_aiken_is_named_where_its_question_begins(data: str, words: str) -> None:
    problem = read("aiken", f"\n{data}".encode(), "quiz.txt").problems[0]
    assert (problem.place.line, words in problem.message) == (2, True)


def test_an_unknown_format_is_refused() -> None:
    (problem,) = read("docx", b"", "file").problems
    assert problem.message == "There is no format “docx” that can be read."


@pytest.mark.parametrize(("language", "words"), [("en", ["True", "False"]), ("hu", ["Igaz", "Hamis"])])
def test_a_file_that_names_no_language_is_read_in_the_one_that_is_asked_for(
    language: str, words: list[str]
) -> None:
    (item,) = read("gift", b"::Q::So?{T}", "quiz.gift", language=language).items
    assert (item.language, [option.text for option in item.record.options]) == (language, words)
