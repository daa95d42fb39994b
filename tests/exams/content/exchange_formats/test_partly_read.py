"""The good questions of a file are read, the others told with their places; none at all is a failure."""

from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.registry import FORMATS, read, write
from exams.content.exchange_formats.shape import Fault, Parsed
from tests.exams.content.exchange_formats import hostile
from tests.exams.content.exchange_formats.builders import codes, image, plain, whole

PNG = b64encode(image()).decode()
QTI = "http://www.imsglobal.org/xsd/imsqti_v2p2"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"


def qti_item(name: str = "i", *, key: str = "A", stem: str = "Which?", doctype: str = "") -> str:
    """Return an item of QTI 2.2."""
    correct = f"<correctResponse><value>{key}</value></correctResponse>" if key else ""
    return (
        f'<?xml version="1.0"?>{doctype}<assessmentItem xmlns="{QTI}" identifier="{name}" title="">'
        f'<responseDeclaration identifier="R" cardinality="single" baseType="identifier">{correct}'
        f"</responseDeclaration><itemBody><p>{stem}</p>"
        '<choiceInteraction responseIdentifier="R" maxChoices="1">'
        '<simpleChoice identifier="A">a</simpleChoice><simpleChoice identifier="B">b</simpleChoice>'
        "</choiceInteraction></itemBody></assessmentItem>"
    )


def package(resources: str, **files: str) -> bytes:
    """Return a package with these resources and files of XML."""
    packed = BytesIO()
    manifest = f'<manifest xmlns="{PACKAGE}"><resources>{resources}</resources></manifest>'
    with ZipFile(packed, "w") as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for name, text in files.items():
            archive.writestr(f"{name}.xml", text)
    return packed.getvalue()


def resource(name: str, kind: str = "imsqti_item_xmlv2p2") -> str:
    return f'<resource identifier="r-{name}" type="{kind}" href="{name}.xml"/>'


def faults(parsed: Parsed) -> list[str]:
    return [problem.code if isinstance(problem, Fault) else problem.message for problem in parsed.problems]


def ids(parsed: Parsed) -> list[str]:
    return [item.record.id for item in parsed.items]


GOOD_AND_BAD = {
    "gift": b"::One::Which?{=a ~b}\n\n::Two::Which?{=a ~b\n\n::Three::Which?{=a ~b}\n",
    "aiken": b"One?\nA. a\nB. b\nANSWER: A\n\nTwo?\nA. a\nB. b\nANSWER: F\n\nThree?\nA. a\nB. b\nANSWER: B\n",
    "moodle": hostile.quiz(
        "".join(
            f"<question type='multichoice'><name><text>{name}</text></name>"
            "<questiontext><text>Which?</text></questiontext><single>true</single>"
            f"<answer fraction='{weight}'><text>a</text></answer>"
            "<answer fraction='0'><text>b</text></answer></question>"
            for name, weight in (("One", "100"), ("Two", "all"), ("Three", "100"))
        )
    ),
    "qti": package(
        resource("one") + resource("two") + resource("three"),
        one=qti_item("One"),
        two=qti_item("Two", key="Z"),
        three=qti_item("Three"),
    ),
    "csv": b"id,stem,correct,option_a,option_b\nOne,W?,A,a,b\nTwo,W?,C,a,b\nThree,W?,A,a,b\n",
    "yaml": write(
        "yaml", [replace(plain(whole(id=name)), source="") for name in ("One", "Two", "Three")]
    ).data.replace(b"id: Two\n", b"id: Two\n  strange: 1\n"),
}


@pytest.mark.parametrize("name", GOOD_AND_BAD)
def test_the_good_questions_of_a_file_with_a_bad_one_are_read(name: str) -> None:
    found = read(name, GOOD_AND_BAD[name], "file")
    assert found.problems
    assert len(found.items) == 2
    assert [item.record.stem.rstrip("?") for item in found.items] != ["Two", "Two"]
    assert "Two" not in ids(found)


def test_a_question_with_a_bad_translation_is_not_read_without_it() -> None:
    head = "id,language,stem,correct,option_a,option_b\n"
    rows = "One,en,W?,A,a,b\nOne,hu,M?,,a,\nTwo,en,W?,A,a,b\nTwo,hu,M?,,a,b\n"
    rows += "Three,en,W?,A,a,b\nThree,hu,=1,,a,b\n"
    found = read("csv", f"{head}{rows}".encode(), "table.csv")
    assert (ids(found), faults(found)) == (["Two"], ["translated_options", "formula"])


def test_an_item_without_a_key_is_skipped_and_keeps_no_other_from_being_read() -> None:
    survey = package(resource("a") + resource("b"), a=qti_item("a", key=""), b=qti_item("b"))
    found = read("qti", survey, "survey.zip")
    assert (ids(found), faults(found), codes(found.losses)) == (["b"], [], ["skipped_no_answer"])


def test_items_of_one_identifier_are_known_by_those_of_the_manifest() -> None:
    twice = package(resource("a") + resource("b"), a=qti_item("same"), b=qti_item("same", stem="And?"))
    found = read("qti", twice, "twice.zip")
    assert ([item.source for item in found.items], faults(found)) == (["same", "r-b"], [])


def test_items_that_only_a_test_names_are_read_once() -> None:
    tested = (
        f'<assessmentTest xmlns="{QTI}" identifier="t"><testPart><assessmentSection>'
        '<assessmentItemRef identifier="one" href="a.xml"/><assessmentItemRef identifier="two" href="b.xml"/>'
        '<assessmentItemRef identifier="gone" href="c.xml"/>'
        "</assessmentSection></testPart></assessmentTest>"
    )
    test = '<resource type="imsqti_test_xmlv2p2" href="t.xml"><file href="t.xml"/></resource>'
    for listed in (test, test + resource("b")):
        found = read("qti", package(listed, t=tested, a=qti_item("a"), b=qti_item("b")), "test.zip")
        assert (sorted(ids(found)), faults(found)) == (["a", "b"], [])
        assert codes(found.losses) == ["skipped_missing"]


def test_a_broken_file_of_a_package_keeps_no_other_from_being_read() -> None:
    test = resource("t", "imsqti_test_xmlv2p2")
    broken = package(resource("a") + resource("b") + test, a="<broken", b=qti_item("b"), t="<broken")
    found = read("qti", broken, "broken.zip")
    assert (ids(found), faults(found)) == (["b"], ["xml", "xml"])


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (package(resource("q", "imsqti_xmlv1p2"), q="<questestinterop/>"), "QTI 1.2"),
        (package(resource("q", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment"), q="<x/>"), "QTI 1.2"),
        (package(resource("q", "imsqti_item_xmlv3p0"), q="<qti-assessment-item/>"), "QTI 3.0"),
    ],
)
def test_other_versions_of_qti_are_named_with_what_to_export_instead(data: bytes, version: str) -> None:
    found = read("qti", data, "file")
    (loss,) = found.losses
    assert f"{version} can't be read. Export as QTI 2.1 or 2.2, Moodle XML or GIFT instead." in str(loss)
    assert faults(found) == ["none_read"]


@pytest.mark.parametrize("chosen", ["qti", "moodle", "aiken"])
@pytest.mark.parametrize(
    ("data", "version"),
    [
        (b"<questestinterop><item/></questestinterop>", "QTI 1.2"),
        (
            b'<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="a"/>',
            "QTI 3.0",
        ),
    ],
)
def test_they_are_named_whatever_format_was_chosen(data: bytes, version: str, chosen: str) -> None:
    found = read(chosen, data, "file")
    (problem,) = found.problems
    assert problem.message.startswith(f"{version} can't be read.")
    assert (found.items, found.losses) == ((), ())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gift", b"::a::Just words.\n"),
        ("moodle", hostile.quiz("<question type='essay'><name><text>a</text></name></question>")),
        ("qti", b"<assessmentResult/>"),
    ],
)
def test_a_file_of_which_nothing_is_read_has_failed_and_says_what_was_skipped(name: str, data: bytes) -> None:
    found = read(name, data, "file")
    assert (found.items, faults(found)) == ((), ["none_read"])
    assert found.losses


AIKEN = b"Which?\nA. a\nB. b\nANSWER: A\n"


@pytest.mark.parametrize("chosen", [name for name, one in FORMATS.items() if one.can_read])
@pytest.mark.parametrize("real", [name for name, one in FORMATS.items() if one.can_read])
def test_a_file_of_another_format_is_called_by_its_name(chosen: str, real: str) -> None:
    data = AIKEN if real == "aiken" else write(real, [plain(whole())]).data
    found = read(chosen, data, "file")
    if chosen == real:
        assert found.items
        return
    (problem,) = found.problems
    assert problem.message == f"This looks like {FORMATS[real].label}. Choose that format."
    assert (found.items, found.losses) == ((), ())


def test_a_document_type_that_declares_nothing_is_read() -> None:
    data = qti_item("a", doctype="<!DOCTYPE assessmentItem>").encode()
    assert ids(read("qti", data, "item.xml")) == ["a"]


@pytest.mark.parametrize(
    "more", ["[]", " SYSTEM 'x.dtd'", " PUBLIC '-//X' 'x.dtd'", " [<!ENTITY x 'y'>]", " SYSTEM ''"]
)
def test_one_that_could_declare_something_is_refused(more: str) -> None:
    data = qti_item("a", doctype=f"<!DOCTYPE assessmentItem{more}>").encode()
    assert faults(read("qti", data, "item.xml")) == ["dtd"]


# --- Aiken -------------------------------------------------------------------------------------------
def test_aiken_options_need_no_space_after_their_letter() -> None:
    (item,) = read("aiken", b"Which?\nA.One\nB)Two\nANSWER: B\n", "quiz.txt").items
    assert [(option.text, option.correct) for option in item.record.options] == [
        ("One", False),
        ("Two", True),
    ]


@pytest.mark.parametrize("gap", ["", "\n"])
def test_aiken_without_an_answer_takes_no_other_question_with_it(gap: str) -> None:
    without = "Two,\nreally?\nA. a\nB. b\n"
    data = gap.join(["One?\nA. a\nB. b\nANSWER: A\n", without, "Three?\nA. c\nB. d\nANSWER: B\n", without])
    found = read("aiken", data.encode(), "quiz.txt")
    begins = [number for number, line in enumerate(data.split("\n"), 1) if line == "Two,"]
    assert [(one.place.line, fault) for one, fault in zip(found.problems, faults(found), strict=True)] == [
        (line, "no_answer_line") for line in begins
    ]
    assert [item.record.stem for item in found.items] == ["One?", "Three?"]
    assert [option.correct for option in found.items[1].record.options] == [False, True]


@pytest.mark.parametrize("letters", ["1", "A, B", ""])
def test_an_answer_of_aiken_that_is_no_letter_is_no_part_of_the_next_question(letters: str) -> None:
    found = read("aiken", f"One?\nA. a\nB. b\nANSWER: {letters}\n".encode() + AIKEN, "quiz.txt")
    assert [item.record.stem for item in found.items] == ["Which?"]
    assert "key_letter" in faults(found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (AIKEN * (limits.QUESTIONS + 1), "questions"),
        (b"word\n" * 4_000_000, "too_long"),
        (b"Q?\nA. " + b"x" * 19_000_000 + b"\nB. b\nANSWER: A\n", "too_long"),
    ],
)
def test_aiken_of_too_much_is_refused_at_once(data: bytes, code: str) -> None:
    found = read("aiken", data, "quiz.txt", seconds=2)
    assert (found.items, faults(found)) == ((), [code])


# --- Moodle ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "tags"),
    [
        ("$course$/top/Default for PXML", ()),
        ("$course$/top/MLS-C01 alapbeállítása", ()),
        ("$course$/top/Default for PXML/Storage", ("Storage",)),
        ("$course$/top/Storage", ("Storage",)),
    ],
)
def test_the_default_category_of_moodle_is_no_tag(path: str, tags: tuple[str, ...]) -> None:
    named = f"<category><text>{path}</text></category><info><text>x</text></info>"
    category = f"<question type='category'>{named}</question>"
    question = hostile.QUESTION.format(text="Which?")
    (item,) = read("moodle", hostile.quiz(category + question), "quiz.xml").items
    assert item.tags == tags
    (item,) = read("gift", f"$CATEGORY: {path}\n\n::Q::Which?{{=a ~b}}".encode(), "quiz.gift").items
    assert item.tags == tags


def test_texts_for_moodle_keep_the_spaces_between_inline_elements() -> None:
    item = plain(whole(), stem="`a` `b` **c** *d* and ]]> too")
    data = write("moodle", [item]).data
    assert b"<code>a</code> <code>b</code> <strong>c</strong>" in data
    assert read("moodle", data, "quiz.xml").items[0].record.stem == item.record.stem


def test_the_picture_of_an_old_moodle_question_is_read_or_its_loss_is_told() -> None:
    def asked(data: str) -> Parsed:
        old = f"<image>backup/red.png</image><image_base64>{data}</image_base64></question>"
        question = hostile.QUESTION.format(text="Which?").replace("</question>", old)
        return read("moodle", hostile.quiz(question), "quiz.xml")

    found = asked(PNG)
    (picture,) = found.pictures
    assert found.items[0].record.stem == f"Which?\n\n![](figure:{picture.name})"
    found = asked("not base64!")
    assert (codes(found.losses), found.items[0].record.stem) == (["image_broken"], "Which?")


def test_gift_tells_that_moodle_will_shuffle() -> None:
    written = write("gift", [plain(whole())])
    assert [str(loss) for loss in written.losses] == [
        "Moodle shuffles options that come from GIFT. Questions: 1."
    ]


def test_a_loss_without_a_place_begins_with_its_question() -> None:
    (loss, *_) = write("csv", [whole()]).losses
    assert str(loss).startswith("E9-Q01: The figure two-bars")
