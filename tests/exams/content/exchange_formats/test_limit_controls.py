"""Each limit is what refuses: with it out of the way, the same file gets further."""

import re
from collections.abc import Callable

import pytest
from defusedxml.expatreader import DefusedExpatParser

from exams.content.exchange_formats import archive, xml_tree
from exams.content.exchange_formats.registry import read
from exams.content.exchange_formats.shape import Fault
from tests.exams.content.exchange_formats import hostile

LIMITS = "exams.content.exchange_formats.limits."
FAR = 10**9


def refused_for(name: str, data: bytes) -> list[str]:
    """Return why a file is refused."""
    return [
        problem.code if isinstance(problem, Fault) else problem.message
        for problem in read(name, data, "file").problems
    ]


@pytest.mark.controls
@pytest.mark.parametrize(
    ("name", "make", "code", "limit"),
    [
        ("moodle", hostile.deep, "depth", "DEPTH"),
        ("qti", hostile.small_zip_bomb, "zip_ratio", "RATIO"),
        ("qti", hostile.zip_of_much, "zip_size", "UNPACKED"),
        ("qti", hostile.million_entries_zip, "zip_entries", "DIRECTORY_SIZE"),
        ("xlsx", hostile.large_workbook, "nodes", "WORKBOOK_NODES"),
        ("yaml", hostile.yaml_deep, "depth", "DEPTH"),
    ],
)
def test_without_its_limit_a_hostile_file_gets_further(
    name: str, make: Callable[[], bytes], code: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make()
    assert refused_for(name, data) == [code]
    monkeypatch.setattr(LIMITS + limit, FAR)
    if limit == "DIRECTORY_SIZE":
        monkeypatch.setattr(LIMITS + "ENTRIES", FAR)
    assert refused_for(name, data) != [code]


@pytest.mark.controls
def test_without_the_ban_on_document_types_entities_would_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = hostile.quiz(
        hostile.QUESTION.format(text="&amp;x; &x;"), '<!DOCTYPE quiz [<!ENTITY x "from an entity">]>'
    )
    assert refused_for("moodle", data) == ["dtd"]

    def open_parser(**_: object) -> object:
        return DefusedExpatParser(forbid_dtd=False, forbid_entities=False, forbid_external=False)

    monkeypatch.setattr(xml_tree, "_Parser", open_parser)
    assert "from an entity" in read("moodle", data, "file").items[0].record.stem


@pytest.mark.controls
def test_without_a_look_at_names_a_file_outside_would_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    data = hostile.zip_slip()
    assert refused_for("qti", data) == ["zip_path"]
    monkeypatch.setattr(archive, "OUTSIDE", re.compile("(?!)"))
    assert refused_for("qti", data) == ["empty"]
