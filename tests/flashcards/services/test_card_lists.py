"""Cards from where learners have them: notes of Anki in plain text, and lists without a header."""

import pytest

from accounts.users.models import User
from flashcards.services import own
from flashcards.services.own import OwnDraft
from flashcards.services.own_csv import Imported
from tests.flashcards.decks import Deck
from tests.flashcards.services.test_own_csv import refusal, take

pytestmark = pytest.mark.django_db

ANKI = (
    "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
    "k}<9\tBasic\tAWS\tWhat is <b>S3</b>?\tObject storage&nbsp;for<br>files\taws storage::s3\n"
    'b2\tBasic\tAWS\t"What does ""WORM"" mean?"\t"<ul><li>Write once</li>\n<li>Read many</li></ul>"\t\n'
)
GAPS = b"".join(b"{{c%d::a}}" % number for number in range(1, 300)) + b"\n"


def drafts(user: User) -> list[OwnDraft]:
    return [one.draft for one in own.listed(user, "mls-c01")]


def test_notes_of_anki_are_cards_with_their_formatting_and_tags(anna: User, deck: Deck) -> None:
    assert take(anna, ANKI.encode()) == Imported(2, 0, 0)
    assert drafts(anna) == [
        OwnDraft("What is **S3**?", "Object storage\u00a0for\\\nfiles", ("aws", "storage::s3")),
        OwnDraft('What does "WORM" mean?', "- Write once\n- Read many"),
    ]


def test_notes_of_anki_that_were_edited_there_change_their_cards(anna: User, deck: Deck) -> None:
    take(anna, ANKI.encode())
    edited = ANKI.replace("What is <b>S3</b>?", "What is S3 for?")
    assert take(anna, edited.encode()) == Imported(0, 1, 1)
    assert drafts(anna)[0].front == "What is S3 for?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#separator:Semicolon\n#html:false\na *b*?;c\n", OwnDraft("a *b*?", "c")),
        ("#separator:tab\n#html:true\n#tags:mine\na?\tb\tmore\n", OwnDraft("a?", "b\n\nmore", ("mine",))),
        ('#separator:tab\n#html:true\na?\tb <img src="x.png">[sound:y.mp3]\n', OwnDraft("a?", "b")),
        ("#separator:tab\n#html:true\na?\t<script>alert(1)</script>5 &lt; 6\n", OwnDraft("a?", "5 < 6")),
        ("#html:true\r\na?\tb\r\n", OwnDraft("a?", "b")),
        ("#html:true\nWhat<br>is it?\tb<br>c\n", OwnDraft("What is it?", "b\\\nc")),
        ("S3\tObject storage, for files\n", OwnDraft("S3", "Object storage, for files")),
        ("S3, the first;Object storage, cheap\n", OwnDraft("S3, the first", "Object storage, cheap")),
        ("Term\tDefinition\nS3\tObject storage\n", OwnDraft("S3", "Object storage")),
        ("Question;Answer\nS3?;Object storage\n", OwnDraft("S3?", "Object storage")),
        ('"WORM" means\tWrite once, "read" many\n', OwnDraft('"WORM" means', 'Write once, "read" many')),
        ('Term;Answer\n"WORM" means;"Write"\n', OwnDraft('"WORM" means', "Write")),
        ('"Write;once\n', OwnDraft('"Write', "once")),
        ('"What ""is""?"\t"a\n\tb"\n', OwnDraft('What "is"?', "a\n\tb")),
        ('#separator:tab\n"WORM" means\t"a"b"\n', OwnDraft('"WORM" means', '"a"b"')),
    ],
)
def test_lists_of_other_programs_are_read(text: str, expected: OwnDraft, anna: User, deck: Deck) -> None:
    assert take(anna, text.encode()) == Imported(1, 0, 0)
    assert drafts(anna) == [expected]


CLOZE = (
    "#separator:tab\n#html:true\n#guid column:1\n"
    "g1\tThe class {{c1::<b>Glacier</b>::cold}} of {{c2::S3}}: {{c1::slow}}.\tSince 2012\n"
)


def test_a_cloze_note_of_anki_is_a_card_for_each_of_its_gaps(anna: User, deck: Deck) -> None:
    assert take(anna, CLOZE.encode()) == Imported(2, 0, 0)
    back = "The class **Glacier** of S3: slow.\n\nSince 2012"
    assert drafts(anna) == [
        OwnDraft(r"The class \[cold\] of S3: \[...\].", back),
        OwnDraft(r"The class **Glacier** of \[...\]: slow.", back),
    ]
    assert own.listed(anna, "mls-c01")[0].front_html == "The class [cold] of S3: [...]."
    assert take(anna, CLOZE.replace("slow", "in hours").encode()) == Imported(0, 2, 0)


@pytest.mark.parametrize(
    ("text", "front", "back"),
    [
        ("#html:false\n{{c1::S3}}: files\t\n", r"\[...\]: files", "S3: files"),
        (
            "#html:false\nStorage\t{{c3::S3}} keeps files\n",
            r"\[...\] keeps files",
            "S3 keeps files\n\nStorage",
        ),
        ("{{c1::std::vector}} grows\t\n", r"\[vector\] grows", "std grows"),
        ("front,back\n{{c1::S3}} is old.,Why?\n", r"\[...\] is old.", "S3 is old.\n\nWhy?"),
    ],
)
def test_the_gap_of_a_cloze_note_is_found_in_any_list(
    text: str, front: str, back: str, anna: User, deck: Deck
) -> None:
    assert take(anna, text.encode()) == Imported(1, 0, 0)
    assert drafts(anna) == [OwnDraft(front, back)]


def test_gaps_within_gaps_are_read(anna: User, deck: Deck) -> None:
    assert take(anna, b"#html:false\n{{c1::the {{c2::S3}} store}} it is\n") == Imported(2, 0, 0)
    assert [draft.front for draft in drafts(anna)] == [r"\[...\] it is", r"the \[...\] store it is"]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"PK\x03\x04\x14\x00\x00\x00collection.anki2" + b"\x00" * 300_000, 0, "Notes in Plain Text (.txt)"),
        (b"#separator:tab\n#html:true\na?\tb\n?\t\n", 4, "A card needs a front and a back."),
        (b"#separator:tab\n#html:true\na?\t" + b"<b>" * 60 + b"\n", 3, "formatting"),
        (b"#separator:tab\n#html:true\na?\t" + b"<i>b</i>" * 4_000 + b"\n", 3, "formatting"),
        (b"#separator:tab\n#html:true\n" + b"a?\tb\n" * 501, 503, "at most 500 cards"),
        (b'#separator:"\n#html:true\na?"b\n', 1, "a separator that can't be used"),
        (b"#separator:tabs\n#html:true\na?\tb\n", 1, "a separator that can't be used"),
        (b"#guid column:1\nk\n", 2, "A card needs a front and a back."),
        (b"#separator:tab\n#html:true\n#tags column:3\n", 0, "There are no cards in the file."),
        (b"front,back\n\n", 0, "There are no cards in the file."),
        (b"#separator:tab\na?\tb\n{{c1::S3 is old\tc\n", 3, "A gap isn't closed"),
        (b"#separator:tab\na?\tb\n" + b"{{c1::" * 9 + b"a" + b"}}" * 9 + b"\tc\n", 3, "A gap isn't closed"),
        (
            b"#html:true\n" + (b"".join(b"{{c%d::a}}" % n for n in range(1, 300)) + b"\n") * 2,
            3,
            "at most 500",
        ),
        (b"a?\tb\nc?\td\te\n", 2, "There are 3 cells"),
        (b"a?,b\nc?,d\n", 1, "The column “a?” isn't known."),
    ],
)
def test_what_cannot_be_read_of_them_is_refused_by_its_line(
    data: bytes, line: int, words: str, anna: User, deck: Deck
) -> None:
    refused_line, sentence = refusal(anna, data)
    assert (refused_line, words in sentence) == (line, True), sentence
    assert drafts(anna) == []
