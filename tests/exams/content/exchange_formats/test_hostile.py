"""Files that attack whoever reads them are refused, each with its sentence, and nothing of them is read."""

import builtins
import os
import socket
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.gift_syntax import escape
from exams.content.exchange_formats.messages import FAULTS, LOSSES
from exams.content.exchange_formats.registry import FORMATS, read, write
from exams.content.exchange_formats.shape import Fault
from exams.content.records import OptionRecord
from tests.exams.content.exchange_formats import hostile
from tests.exams.content.exchange_formats.builders import codes, image, plain, whole

REFUSED: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("moodle", hostile.dtd, "dtd", "The file contains a DTD, which is not allowed."),
    ("moodle", hostile.billion_laughs, "dtd", "The file contains a DTD, which is not allowed."),
    ("moodle", hostile.external_entity, "dtd", "The file contains a DTD, which is not allowed."),
    ("moodle", hostile.undeclared_entity, "xml", "This is not well-formed XML: undefined entity."),
    ("moodle", hostile.xinclude, "xinclude", "The file contains an XInclude, which is not allowed."),
    ("moodle", hostile.deep, "depth", "Elements are nested more than 50 deep."),
    ("moodle", hostile.deep_html, "depth", "Elements are nested more than 50 deep."),
    ("moodle", hostile.many_nodes, "nodes", "The file has more than 100000 elements and attributes."),
    ("moodle", hostile.many_attributes, "nodes", "The file has more than 100000 elements and attributes."),
    (
        "moodle",
        hostile.wrong_encoding,
        "xml",
        "This is not well-formed XML: not well-formed (invalid token).",
    ),
    ("moodle", hostile.unknown_encoding, "encoding", "The text is not in UTF-8."),
    ("qti", hostile.dtd, "dtd", "The file contains a DTD, which is not allowed."),
    ("qti", hostile.small_zip_bomb, "zip_ratio", "bomb.xml unpacks to more than 100 times its size."),
    ("qti", hostile.zip_of_much, "zip_size", "The archive unpacks to more than 100 MB."),
    ("qti", hostile.lying_zip, "zip", "This is not a readable ZIP archive."),
    (
        "qti",
        hostile.zip_slip,
        "zip_path",
        "../../etc/cron.d/x would be unpacked outside of the archive's folder.",
    ),
    (
        "qti",
        hostile.absolute_zip,
        "zip_path",
        "C:\\Windows\\x.dll would be unpacked outside of the archive's folder.",
    ),
    (
        "qti",
        hostile.symlink_zip,
        "zip_link",
        "imsmanifest.xml is a link, which is not allowed in an archive.",
    ),
    (
        "qti",
        hostile.nested_zip,
        "zip_nested",
        "inner.xml is an archive within the archive, which is not allowed.",
    ),
    ("qti", hostile.encrypted_zip, "zip_encrypted", "imsmanifest.xml is encrypted."),
    (
        "qti",
        hostile.other_method_zip,
        "zip_method",
        "imsmanifest.xml is compressed by a method that is not allowed.",
    ),
    ("qti", hostile.twice_zip, "zip_twice", "imsmanifest.xml is in the archive twice."),
    ("qti", hostile.entries_zip, "zip_entries", "The archive has more than 2000 files."),
    ("qti", hostile.million_entries_zip, "zip_entries", "The archive has more than 2000 files."),
    ("qti", hostile.cut_zip, "zip", "This is not a readable ZIP archive."),
    ("qti", hostile.damaged_zip, "zip", "This is not a readable ZIP archive."),
    ("qti", hostile.no_manifest, "manifest", "There is no imsmanifest.xml in the archive."),
    (
        "xlsx",
        hostile.formula_workbook,
        "formula",
        "The cell B2 contains a formula. Put an apostrophe before it to make it text.",
    ),
    ("xlsx", hostile.macro_workbook, "macro", "The workbook contains macros, which are not allowed."),
    ("xlsx", hostile.dtd_workbook, "dtd", "The file contains a DTD, which is not allowed."),
    ("xlsx", hostile.large_workbook, "nodes", "The file has more than 500000 elements and attributes."),
    ("xlsx", hostile.small_zip_bomb, "zip_ratio", "bomb.xml unpacks to more than 100 times its size."),
    ("xlsx", hostile.encrypted_zip, "zip_encrypted", "imsmanifest.xml is encrypted."),
    ("xlsx", hostile.no_manifest, "zip", "This is not a readable ZIP archive."),
    (
        "yaml",
        hostile.yaml_aliases,
        "yaml_alias",
        "The file refers to its own parts with * or &, which is not allowed.",
    ),
    ("yaml", hostile.yaml_deep, "depth", "Elements are nested more than 50 deep."),
    ("yaml", hostile.yaml_many, "nodes", "The file has more than 200000 elements and attributes."),
]


@pytest.mark.parametrize(("name", "make", "code", "sentence"), REFUSED)
def test_a_hostile_file_is_refused_with_its_sentence(
    name: str, make: Callable[[], bytes], code: str, sentence: str
) -> None:
    found = read(name, make(), "hostile")
    assert (found.items, found.losses, found.pictures) == ((), (), ())
    (problem,) = found.problems
    assert isinstance(problem, Fault)
    assert (problem.code, problem.message) == (code, sentence)


def test_the_place_of_what_is_not_allowed_is_named() -> None:
    data = hostile.quiz("\n\n<a>\n<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='x'/></a>")
    (problem,) = read("moodle", data, "quiz.xml").problems
    assert str(problem.place) == "quiz.xml:4"


def test_yaml_makes_no_objects() -> None:
    found = read("yaml", hostile.yaml_object(), "bank.yaml")
    assert [problem.message for problem in found.problems] == [
        "expected a list, found a value of type tag:yaml.org,2002:python/object/apply:os.system"
    ]


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.can_read])
def test_a_file_that_is_too_large_is_not_looked_at(name: str) -> None:
    (problem,) = read(name, b"\x00" * (limits.FILE_SIZE + 1), "large").problems
    assert problem.message == "The file has more than 20 MB."


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.can_read])
@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xff\xfe\x00", b"PK\x03\x04", b"<", b"\x89PNG\r\n\x1a\n", b"{", b"\n"]
)
def test_what_is_no_file_of_a_format_is_refused(name: str, data: bytes) -> None:
    found = read(name, data, "file")
    assert found.items == ()
    assert found.problems or found.losses


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.can_write])
def test_reading_ends_when_its_time_is_up(name: str) -> None:
    data = write(name, [plain(whole())]).data
    assert read(name, data, "file").items
    (problem,) = read(name, data, "file", seconds=-1).problems
    assert isinstance(problem, Fault)
    assert problem.code == "time"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_no_cell_that_is_written_is_a_formula(sign: str) -> None:
    text = f"{sign}1+cmd|' /C calc'!A0"
    item = plain(whole(), options=hostile_options(text))
    data = write("csv", [item]).data.decode("utf-8-sig")
    assert f"\"'{text}" in data
    assert f'"{text}' not in data


def hostile_options(text: str) -> tuple[OptionRecord, ...]:
    """Return options that all say the same."""
    return tuple(replace(option, text=text) for option in whole().record.options)


def test_a_formula_in_csv_is_refused_and_text_behind_an_apostrophe_is_read() -> None:
    head = "id,stem,correct,option_a,option_b\n"
    refused = read("csv", f'{head}Q1,"=1+1",A,a,b\n'.encode(), "table.csv")
    assert [str(problem) for problem in refused.problems] == [
        "table.csv:2: The cell =1+1 contains a formula. Put an apostrophe before it to make it text."
    ]
    (item,) = read("csv", f"{head}Q1,'=1+1,A,+a,-b\n".encode(), "table.csv").items
    assert item.record.stem == "=1+1"
    assert [option.text for option in item.record.options] == ["+a", "-b"]


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_refused_with_their_place(sign: str) -> None:
    data = f"::Q::Which{sign}?{{=a ~b}}".encode()
    (problem,) = read("gift", data, "quiz.gift").problems
    assert str(problem) == f"quiz.gift:1: Q: “stem” contains the control character U+{ord(sign):04X}."


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f"])
def test_signs_that_turn_text_around_are_refused(sign: str) -> None:
    data = f"::Q::Which?{{=a{sign} ~b}}".encode()
    (problem,) = read("gift", data, "quiz.gift").problems
    assert problem.message == f"“option_a” contains U+{ord(sign):04X}, which changes the direction of text."


def test_a_very_long_text_is_refused() -> None:
    for length in (8_001, 300_000):
        (problem,) = read("gift", f"::Q::{'word ' * length}{{=a ~b}}".encode(), "quiz.gift").problems[:1]
        assert isinstance(problem, Fault)
        assert problem.code == "too_long"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("gift", b"::a::b{}\n\n" * 100_000, "questions"),
        ("gift", b"::a::b{\n\n" * 100_000, "brace"),
        ("aiken", b"a\nA. b\nB. c\nANSWER: A\n" * 6_000, "questions"),
        ("moodle", hostile.quiz("<question type='x'/>\n" * 12_000), "losses"),
        ("csv", b"id,stem,correct,option_a,option_b\n" + b"=,=,=,=,=\n" * 400_000, "formula"),
        ("csv", b"," * 19_000_000, "cells"),
        ("csv", b"id,stem,correct,option_a,option_b\n" + b"," * 19_000_000, "cells"),
    ],
)
def test_a_file_of_very_many_things_is_refused_soon(name: str, data: bytes, code: str) -> None:
    found = read(name, data, "file")
    assert (found.items, found.losses) == ((), ())
    assert len(found.problems) <= limits.PROBLEMS + 1
    assert isinstance(found.problems[-1], Fault)
    assert found.problems[-1].code == code


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 100_000, "*" * 100_000, "`" * 99_999, "*a_" * 50_000, "> " * 50_000, "\\(" * 60_000),
        *("$$" * 60_001, "<a " * 60_000, "<!--" * 40_000, "&" * 150_000, "![" * 60_000, "|" * 100_000),
        *("[" * 7_900, "*a_" * 2_600, "> " * 3_900, "`a" * 3_900, "<b>" * 40 + "[" * 7_000),
    ],
)
@pytest.mark.parametrize("kind", ["html", "markdown", "plain"])
def test_no_text_takes_long_to_read(text: str, kind: str) -> None:
    data = f"::Q::[{kind}]{escape(text)}{{=a ~b}}".encode()
    found = read("gift", data, "quiz.gift", seconds=5)
    assert "time" not in [one.code for one in found.problems if isinstance(one, Fault)]


def test_markdown_that_is_too_long_is_not_read_at_all() -> None:
    data = f"::Q::[markdown]Which?{{={escape('![' * 400_000)} ~b}}".encode()
    found = read("gift", data, "quiz.gift", seconds=2)
    assert [one.code for one in found.problems if isinstance(one, Fault)] == ["too_long", "no_option_text"]


def test_an_svg_with_a_script_is_left_out() -> None:
    text = "&lt;p&gt;Look: &lt;svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;/svg&gt;&lt;/p&gt;"
    found = read("moodle", hostile.asked(text), "quiz.xml")
    assert [item.record.stem for item in found.items] == ["Look:"]
    assert codes(found.losses) == ["image_svg"]
    assert "script" not in "".join(found.items[0].record.texts)


def test_an_image_in_the_address_is_read_and_one_elsewhere_is_not_fetched() -> None:
    address = "data:image/png;base64," + b64encode(image()).decode()
    text = f"&lt;img src='{address}' alt='red'&gt;&lt;img src='//example.com/a.png' alt='far'&gt; Which?"
    found = read("moodle", hostile.asked(text), "quiz.xml")
    (picture,) = found.pictures
    assert found.items[0].record.stem == f"![red](figure:{picture.name})\n\nfar Which?"
    assert codes(found.losses) == ["image_remote"]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("moodle", hostile.external_entity),
        ("moodle", hostile.xinclude),
        ("moodle", lambda: hostile.asked("&lt;img src='http://127.0.0.1:9/a.png'&gt; Which?")),
        ("moodle", lambda: hostile.asked("&lt;img src='file:///etc/passwd'&gt; Which?")),
        ("moodle", lambda: hostile.asked("&lt;link href='//127.0.0.1:9/a.css'&gt;Which?")),
        ("gift", lambda: b"::Q::[html]<img src\\='http\\://127.0.0.1\\:9/a.png'> Which?{=a ~b}"),
        ("gift", lambda: b"::Q::[markdown]![a](http\\://127.0.0.1\\:9/a.png) Which?{=a ~b}"),
        ("xlsx", hostile.formula_workbook),
        ("yaml", hostile.yaml_object),
    ],
)
def test_no_file_has_anything_fetched_or_run(
    name: str, make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, asked = make(), []
    for owner, act in (
        (socket.socket, "connect"),
        (socket, "getaddrinfo"),
        (os, "system"),
        (os, "posix_spawn"),
    ):
        monkeypatch.setattr(owner, act, lambda *given, **_: asked.append(given))
    monkeypatch.setattr(builtins, "open", lambda *given, **_: asked.append(given))
    found = read(name, data, "file")
    assert asked == []
    assert found.problems or found.losses
    # What watches would have seen it.
    socket.getaddrinfo("localhost", 9)
    assert asked


def test_code_of_calculated_questions_is_never_looked_at() -> None:
    data = hostile.quiz(
        "<question type='calculated'><answer fraction='100'><text>{system('id')}</text></answer></question>"
    )
    found = read("moodle", data, "quiz.xml")
    assert (found.items, codes(found.losses)) == ((), ["skipped_kind"])


def test_every_code_has_its_sentence_and_every_sentence_its_code() -> None:
    paths = [*Path("exams/content/exchange_formats").glob("*.py"), Path("exams/kinds/kinds.py")]
    source = "".join(path.read_text() for path in paths if path.name != "messages.py")
    unused = [code for code in (*LOSSES, *FAULTS) if f'"{code}"' not in source]
    assert unused == []
