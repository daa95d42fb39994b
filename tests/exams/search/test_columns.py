"""The columns of search: rows from before get their vectors, whoever writes a row, and no row is updated."""

import pytest
from django.core.management import call_command
from django.db import connection

from config import grants
from tests import factories, roles
from tests.exams.cheatsheet.published import HUNGARIAN, publish, small
from tests.flashcards import decks

TABLES = ("exams_itemtext", "exams_sheetblock", "flashcards_cardtext")
WORDS = {"exams_itemtext": "search_words", "exams_optiontext": "search_words || search_stems::text"}


def _vectors() -> dict[str, list[tuple[int, str, str]]]:
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT id, search_stems::text, search_plain::text FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
        for table, words in WORDS.items():
            cursor.execute(f"SELECT id, {words}, id::text AS key FROM {table} ORDER BY id")
            found[f"{table}, for authors"] = cursor.fetchall()
    return found


@pytest.mark.django_db(transaction=True)
def test_rows_from_before_get_the_vectors_that_new_rows_get() -> None:
    form = factories.make_form()
    publish(form.form.certification)
    publish(form.form.certification, small("hu", intro=HUNGARIAN))
    decks.make_deck(form.form.certification)
    before = _vectors()
    assert all(stems and plain for rows in before.values() for _, stems, plain in rows)
    with roles.logged_in_as_owner():
        call_command("migrate", "flashcards", "0002", verbosity=0)
        call_command("migrate", "exams", "0018", verbosity=0)
        roles.migrate_all()
    assert _vectors() == before
    assert grants.given() == grants.wanted()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "text", "stems"),
    [
        ("en", "Training the models", "'model':3 'train':1"),
        ("hu", "A modellek", "'modell':2"),
        ("xx", "The models", "'models':2 'the':1"),
    ],
)
def test_stems_are_those_of_the_language(language: str, text: str, stems: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT passline_search_stems(%s, '', %s)::text", [language, text])
        assert cursor.fetchone()[0] == stems


@pytest.mark.django_db
def test_words_without_accents_are_kept_beside_the_stems() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT passline_search_plain('', '<b>Árvíztűrő</b>/tükör &amp; S3')::text")
        assert cursor.fetchone()[0] == "'arvizturo':1 's3':3 'tukor':2"


@pytest.mark.django_db
@pytest.mark.controls
def test_without_the_trigger_a_block_would_have_no_stems() -> None:
    certification = factories.make_certification()
    publish(certification)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER search_block ON exams_sheetblock")
    publish(certification, small(intro="Another."))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT edition.number, count(search_stems) FROM exams_sheetblock block"
            " JOIN exams_sheetedition edition ON edition.id = block.edition_id GROUP BY 1 ORDER BY 1"
        )
        assert cursor.fetchall() == [(1, 3), (2, 0)]


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_each_table_has_an_index_on_both_vectors(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
        indexes = " ".join(row[0] for row in cursor.fetchall())
    assert "USING gin (search_stems)" in indexes
    assert "USING gin (search_plain)" in indexes
