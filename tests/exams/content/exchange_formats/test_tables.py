"""Tables of items: columns, translations, what spreadsheets do to cells, and faults with their rows."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from exams.content.exchange_formats.registry import read, write
from exams.content.exchange_formats.table import COLUMNS
from exams.content.records import Reference, WholeItem
from tests.exams.content.exchange_formats import hostile
from tests.exams.content.exchange_formats.builders import whole

HEAD = "id,stem,correct,option_a,option_b,option_c\n"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def only(data: bytes, name: str = "csv") -> WholeItem:
    """Return the one item of a table."""
    found = read(name, data, "table")
    assert not found.problems, list(map(str, found.problems))
    (item,) = found.items
    return item


def said(data: bytes, name: str = "csv") -> list[str]:
    """Return why a table is refused."""
    found = read(name, data, "table")
    return list(map(str, found.problems))


def test_a_table_needs_few_columns_in_any_order() -> None:
    item = only(b"Option_B,correct,ID,stem,option_a\nRed,b,Q1,Which?,Blue\n")
    record = item.record
    assert (record.id, record.stem, record.keys, item.language) == ("Q1", "Which?", ("B",), "en")
    assert (item.traits.kind, item.traits.choose) == ("single", 1)


@pytest.mark.parametrize("correct", ["A C", "a,c", "A;C", "AC", " a  c "])
def test_several_keys_make_multiple_choice(correct: str) -> None:
    item = only(f'{HEAD}Q1,Which?,"{correct}",1,2,3\n'.encode())
    assert (item.traits.kind, item.record.keys) == ("multiple", ("A", "C"))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_spreadsheets_of_other_languages_separate_otherwise(separator: str) -> None:
    rows = [HEAD.strip().split(","), ["Q1", "Which, of these?", "A", "1", "2", "3"]]
    data = "\r\n".join(separator.join(row) for row in rows).encode("utf-8-sig")
    assert only(data).record.stem == "Which, of these?"


def test_lists_in_a_cell_may_hold_their_own_separator() -> None:
    item = whole()
    item = WholeItem(item.record, "en", {}, ("a;b", "c\\", "d, e", "\\;"), "")
    for name in ("csv", "xlsx"):
        assert only(write(name, [item]).data, name).tags == item.tags


def test_references_are_a_title_and_an_address_on_a_line() -> None:
    data = 'id,stem,correct,option_a,option_b,references\nQ1,s,A,a,b,"One <https://example.com/1>\nTwo <https://example.com/2>"\n'
    assert only(data.encode()).record.references == (
        Reference("One", "https://example.com/1"),
        Reference("Two", "https://example.com/2"),
    )


def test_a_translation_is_a_row_below_its_question() -> None:
    head = "id,language,stem,correct,option_a,option_b\n"
    item = only(f"{head}Q1,en,Which?,A,a,b\nQ1,hu,Melyik?,,á,bé\n".encode())
    assert [option.text for option in item.texts["hu"].options] == ["á", "bé"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("Q1,s,D,1,2,3", "table:2: Q1: “D” is not the letter of an option."),
        (
            "Q1,s,,1,2,3",
            "table:2: Q1: The translation comes before its question, or the question is missing.",
        ),
        ("Q1,,A,1,2,3", "table:2: Q1: The question has no text."),
        ("Q1,s,A,1,,3", "table:2: Q1: The option B is missing, and a later one is there."),
        ("Q1,s,A B C,1,2,3", "table:2: Q1: All options are correct."),
        (",s,A,1,2,3", "table:2: The question has no id."),
        (
            "Q1,s,A,1,2,3\nQ1,t,B,1,2,3",
            "table:3: Q1: There are two rows of this question in the language “en”.",
        ),
        ("Q1,s,A,1,2", "table:2: The row has 5 cells instead of 6."),
        ('Q1,"s,A,1,2,3', "table:2: The quotation marks of this row do not match."),
        (f"{'Q' * 41},s,A,1,2,3", f"table:2: {'Q' * 41}: The id has more than 40 characters."),
    ],
)
def test_a_fault_of_a_row_is_named_with_its_row(rows: str, expected: str) -> None:
    assert said(f"{HEAD}{rows}\n".encode()) == [expected]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("id,stem", "table:1: The first row must name the columns; correct, option_a, option_b is missing."),
        ("id,id,stem", "table:1: The column “id” appears twice."),
        ("id,points", f"table:1: There is no column “points”. Possible are: {', '.join(COLUMNS)}."),
    ],
)
def test_a_fault_of_the_head_is_named(head: str, expected: str) -> None:
    assert said(f"{head}\n".encode()) == [expected]


def test_every_fault_is_named() -> None:
    assert said(f"{HEAD}Q1,s,A,1,2,3\nQ2,,A,1,2,3\nQ3,s,Z,1,2,3\n".encode()) == [
        "table:3: Q2: The question has no text.",
        "table:4: Q3: “Z” is not the letter of an option.",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (0.5, "0.5"),
        (True, "true"),
        (date(2026, 3, 31), "2026-03-31"),
        ("007", "007"),
        ("1.10", "1.10"),
    ],
)
def test_numbers_that_are_text_stay_text_and_others_are_read_as_shown(
    value: str | float | bool | date, text: str
) -> None:
    data = hostile.workbook(("Q1", "s", "A", value, "other"))
    assert only(data, "xlsx").record.options[0].text == text


def test_a_workbook_as_excel_writes_it_is_read() -> None:
    """With shared strings, rich text, escaped signs, and without empty cells at the end of rows."""
    strings = ["id", "stem", "correct", "option_a", "option_b", "Q1", "A", "yes", "no"]
    shared = "".join(f"<si><t>{string}</t></si>" for string in strings)
    shared += "<si><r><t>First </t></r><r><rPr><b/></rPr><t>line_x000D_&#10;_x005F_x0041_</t></r></si>"

    def row(number: int, cells: Sequence[int]) -> str:
        inner = "".join(
            f'<c r="{"ABCDE"[at]}{number}" t="s"><v>{one}</v></c>' for at, one in enumerate(cells)
        )
        return f'<row r="{number}">{inner}</row>'

    sheet = (
        f"<worksheet {SPACE}><sheetData>{row(1, range(5))}{row(2, (5, 9, 6, 7, 8))}</sheetData></worksheet>"
    )
    types = (
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )

    def change(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            return sheet.encode()
        return data.replace(b"</Types>", types.encode())

    data = hostile.changed(
        hostile.workbook(), change, **{"xl/sharedStrings.xml": f"<sst {SPACE}>{shared}</sst>".encode()}
    )
    assert only(data, "xlsx").record.stem == "First line\n_x0041_"


def test_only_the_first_sheet_is_read_and_the_others_are_told() -> None:
    data = hostile.workbook(("Q1", "s", "A", "a", "b"))
    book = load_workbook(BytesIO(data))
    book.create_sheet("Notes").append(["words"])
    out = BytesIO()
    book.save(out)
    found = read("xlsx", out.getvalue(), "table")
    assert [str(loss) for loss in found.losses] == [
        "table: The worksheet “Notes” is left out: only the first one is read."
    ]
    assert len(found.items) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_says_its_encoding_or_is_utf_8(encoding: str) -> None:
    assert only(f"{HEAD}Q1,Őű?,A,1,2,3\r\n".encode(encoding)).record.stem == "Őű?"


@pytest.mark.parametrize("name", ["csv", "gift", "aiken"])
def test_text_of_another_encoding_is_refused_with_its_line(name: str) -> None:
    (problem,) = read(name, "first\nŐű".encode("cp1250"), "file").problems
    assert str(problem).startswith("file:2: The text is not in UTF-8.")
    assert ("In Excel, choose File, Save As" in str(problem)) == (name == "csv")


def test_a_cell_with_an_error_is_refused() -> None:
    assert said(hostile.workbook(("Q1", "#REF!", "A", "a", "b")), "xlsx") == [
        "table:2: The cell B2 shows the error #REF!."
    ]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exams.content.exchange_formats.limits.ROWS", 2)
    rows = "".join(f"Q{n},s,A,1,2,3\n" for n in range(3))
    assert said(f"{HEAD}{rows}".encode()) == ["table:4: There are more than 2 rows."]
