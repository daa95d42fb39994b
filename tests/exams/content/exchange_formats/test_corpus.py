"""Files as other systems write them: what is read of each, what is lost in which line, what is refused.

All of them are our own words, written by the public descriptions of the formats.
"""

import pytest

from exams.content.exchange_formats.registry import read, write
from tests.exams.content.exchange_formats.corpus import FORMATS, cases, expected, parsed, told


@pytest.mark.parametrize(("name", "file"), cases())
def test_a_file_of_another_system_is_read_as_expected(name: str, file: str) -> None:
    assert told(parsed(name, file)) == expected(name)[file]


@pytest.mark.parametrize("name", FORMATS)
def test_there_are_a_dozen_files_of_each_format_and_each_is_expected(name: str) -> None:
    files = [file for found, file in cases() if found == name]
    assert len(files) >= 12
    assert files == list(expected(name))


@pytest.mark.parametrize(("name", "file"), cases())
def test_what_was_read_of_another_system_has_a_place_in_our_own_format(name: str, file: str) -> None:
    found = parsed(name, file)
    if not found.items:
        assert found.problems or found.losses
        return
    again = read("yaml", write("yaml", found.items, found.pictures).data, "bank.yaml")
    assert again.problems == ()
    assert again.items == found.items
    assert again.pictures == found.pictures
