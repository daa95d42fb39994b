"""Own cards in files: what comes back as it was, and hostile files, of which nothing is stored."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.base.errors import Refused
from accounts.users.models import User
from flashcards.models import Card, CardText
from flashcards.services import csv_file, own, own_csv
from flashcards.services.csv_file import MOST_BYTES, CsvRow
from flashcards.services.own import OwnDraft
from flashcards.services.own_csv import Imported
from tests.flashcards.decks import Deck

pytestmark = pytest.mark.django_db

FILE = b'front,back,tags,domain\r\nWhat is a?,It is a.,"x, y",1\r\n"What ""b""?","Two\nlines",,\r\n'
# What a spreadsheet may take for a formula: a sign in front, also in full width or behind apostrophes.
SIGNS = ("=", "+", "-", "@", "\t=", "\r=", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def take(user: User, data: bytes) -> Imported:
    return own_csv.take(user, "mls-c01", data, language="en")


def refusal(user: User, data: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        take(user, data)
    assert caught.value.status in (409, 422)
    return caught.value.extra.get("line", 0), str(caught.value)


def test_a_file_makes_cards(anna: User, deck: Deck) -> None:
    assert take(anna, FILE) == Imported(2, 0, 0)
    assert [one.draft for one in own.listed(anna, "mls-c01")] == [
        OwnDraft("What is a?", "It is a.", ("x", "y"), 1),
        OwnDraft('What "b"?', "Two\nlines"),
    ]


def test_the_same_file_again_changes_nothing(anna: User, deck: Deck) -> None:
    take(anna, FILE)
    before = list(Card.objects.order_by("pk").values())
    assert take(anna, FILE) == Imported(0, 0, 2)
    assert list(Card.objects.order_by("pk").values()) == before
    assert CardText.objects.filter(card__owner=anna).count() == 2


def test_a_changed_file_changes_the_cards_that_it_names(anna: User, deck: Deck) -> None:
    take(anna, b"id,front,back\n1,Old?,a\n2,Same?,b\n")
    assert take(anna, b"id,front,back\n1,New?,a\n2,Same?,b\n3,More?,c\n") == Imported(1, 1, 1)
    assert [one.draft.front for one in own.listed(anna, "mls-c01")] == ["New?", "Same?", "More?"]


def test_an_export_taken_again_changes_nothing(anna: User, bela: User, deck: Deck) -> None:
    take(anna, FILE + b"id?,that.,,\n")
    own.create(anna, "mls-c01", OwnDraft("=1+1", "'=also", ("-t",), 4), language="en")
    sent = own_csv.export(anna, "mls-c01")
    assert take(anna, sent) == Imported(0, 0, 4)
    assert take(bela, sent) == Imported(4, 0, 0)
    assert take(bela, own_csv.export(bela, "mls-c01")) == Imported(0, 0, 4)
    assert [one.draft for one in own.listed(bela, "mls-c01")] == [
        one.draft for one in own.listed(anna, "mls-c01")
    ]


def test_a_deleted_card_comes_back_with_its_file(anna: User, deck: Deck) -> None:
    take(anna, FILE)
    own.archive(anna, "mls-c01", own.listed(anna, "mls-c01")[0].id)
    assert take(anna, FILE) == Imported(0, 1, 1)
    assert len(own.listed(anna, "mls-c01")) == 2


@pytest.mark.parametrize("sign", SIGNS)
def test_no_cell_of_an_export_is_a_formula(sign: str) -> None:
    row = CsvRow("i", f"{sign}HYPERLINK()", f"{sign}1", (f"{sign}t",))
    text = csv_file.write([row]).decode("utf-8-sig")
    cells = list(csv.reader(StringIO(text, newline="")))[1]
    assert [cell[0] for cell in cells[1:4]] == ["'"] * 3


@given(front=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), signs=st.text("'=+-@"))
def test_reading_undoes_writing(front: str, signs: str) -> None:
    front = (signs + front).strip(" \r\n")
    if front:
        row = CsvRow("1", front, front, (), "2")
        assert tuple(csv_file.rows(csv_file.text_of(csv_file.write([row])))) == (row,)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_files_of_other_spreadsheets_are_read(separator: str, anna: User, deck: Deck) -> None:
    text = 'Front,Back\nMi ez?,"Őz; űr"\n'.replace(",", separator, 1).replace("?,", f"?{separator}")
    take(anna, b"\xef\xbb\xbf" + text.encode())
    (card,) = own.listed(anna, "mls-c01")
    assert card.draft == OwnDraft("Mi ez?", "Őz; űr")


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "column “front” is missing"),
        (b"front\na?\n", 1, "column “back” is missing"),
        (b"front,back,score\na?,b,1\n", 1, "column “score” isn't known. Possible columns: id, front"),
        (b"front,back,back\na?,b,c\n", 1, "column “back” appears twice"),
        (b"front,back\na?,b\nc?\n", 3, "There are 1 cells, but the first line has 2 columns."),
        (b'front,back\n"a\nb?",c\n\nd?,e,f\n', 5, "There are 3 cells"),
        (b'front,back\na?,b\n"c?,d\n', 3, "quotation mark is missing"),
        (b'front,back\na?,"b"c\n', 2, "quotation mark is missing or out of place"),
        ("front,back\na?,b\nő?,b\n".encode("iso-8859-2"), 3, "isn't in UTF-8"),
        ("front,back\na?,b\n".encode("utf-16"), 1, "isn't in UTF-8"),
        (b"front,back\na?,b\nc\x00?,d\n", 3, "can't be shown"),
        (b"PK\x03\x04\x14\x00", 1, "can't be shown"),
        (b"front,back\na?,b\n,d\n", 3, "A card needs a front and a back."),
        (b"front,back\na?,b\n" + b"c" * 4001 + b",d\n", 3, "The front has 4001 characters."),
        (b"front,back,domain\na?,b,1\nc?,d,one\n", 3, "This domain doesn't exist."),
        (b"front,back,domain\na?,b,1\nc?,d,9\n", 3, "This domain doesn't exist."),
        (b"front,back\na?,b\nc?,d\na?,e\n", 4, "already in line 2"),
        (b"id,front,back\n1,a?,b\n" + b"x" * 62 + b",c?,d\n", 3, "The id is longer than"),
        (b"front,back\na?,b\nc?,![x](figure:y)\n", 3, "can't show figures"),
        (b"front,back\n" + b"a?,b\n" * 501, 502, "at most 500 cards"),
        (b"front,back\na?," + b"b" * MOST_BYTES, 0, "larger than 256 KB"),
    ],
)
def test_a_hostile_file_is_refused_by_its_line_and_nothing_is_stored(
    data: bytes, line: int, words: str, anna: User, deck: Deck
) -> None:
    refused_line, sentence = refusal(anna, data)
    assert refused_line == line
    assert words in sentence
    assert sentence.startswith(f"Line {line}: ") == bool(line)
    assert not Card.objects.filter(owner=anna).exists()


def test_the_limit_of_cards_holds_for_files_too(
    anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "CARDS_MOST", 1)
    line, sentence = refusal(anna, FILE)
    assert (line, "at most 1 cards of your own" in sentence) == (3, True)
    assert not Card.objects.filter(owner=anna).exists()


def test_a_refusal_is_in_the_language_of_the_reader(anna: User, deck: Deck) -> None:
    with pytest.raises(Refused) as caught:
        take(anna, b"front,back\na?,b\nc?\n")
    with translation.override("hu"):
        assert str(caught.value).startswith("3. sor: ")


def test_a_name_of_another_person_is_not_theirs(anna: User, bela: User, deck: Deck) -> None:
    take(anna, b"id,front,back\n1,a?,b\n")
    assert take(bela, b"id,front,back\n1,c?,d\n") == Imported(1, 0, 0)
    assert own.listed(anna, "mls-c01")[0].draft.front == "a?"


def test_a_file_costs_as_many_statements_with_a_hundred_cards_as_with_three(
    anna: User, bela: User, deck: Deck
) -> None:
    def cost(user: User, count: int, back: str) -> int:
        rows = "".join(f"Front {number}?,{back}\n" for number in range(count))
        with CaptureQueriesContext(connection) as queries:
            take(user, f"front,back\n{rows}".encode())
        return len(queries)

    for back in ("New", "Changed"):
        assert cost(anna, 100, back) == cost(bela, 3, back)


def test_of_cards_changed_by_files_only_the_newest_texts_are_kept(
    anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "REVISIONS_MOST", 2)
    for number in range(4):
        take(anna, f"front,back\na?,{number}\nb?,{min(number, 1)}\n".encode())
    kept = CardText.objects.filter(card__owner=anna).order_by("card", "revision")
    assert list(kept.values_list("back", flat=True)) == ["2", "3", "0", "1"]
