"""What counts as a line of code, a comment, a piece of SQL."""

import ast

import pytest

from tools import count

pytestmark = pytest.mark.thorough

SOURCE = '''"""A module.

With two paragraphs.
"""

# Why it is so.
LIMIT = 3  # beside code
"""What the limit is."""


def rows():
    """Return rows."""
    query = """
    SELECT 1

    """
    return query
'''


def test_lines_of_code_are_neither_blank_nor_comment_nor_docstring() -> None:
    assert count.code_and_comments(SOURCE) == (6, 1)


def test_sql_is_counted_by_text_and_not_by_the_parts_of_one() -> None:
    source = 'A = f"SELECT {B} FROM x"\nC = "select a product"\nD = "WITH y AS (SELECT 1) SELECT 2"'
    assert count.sql_pieces(ast.parse(source)) == 2
