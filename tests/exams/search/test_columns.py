"""The columns of search: rows get their vectors whoever writes them."""

import pytest
from django.db import connection

from tests import factories, roles
from tests.exams.cheatsheet.published import publish, small

TABLES = ("exams_itemtext", "exams_sheetblock", "flashcards_cardtext")


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
