"""The columns of search: rows get their vectors whoever writes them."""

import pytest
from django.db import connection

from tests import factories, roles
from tests.exams.cheatsheet.published import publish, small


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
