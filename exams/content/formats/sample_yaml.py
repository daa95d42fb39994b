"""The free sample: bytes to a record."""

from exams.content.formats.tree import finish, open_document
from exams.content.records import Place, SampleRecord


def read_sample(data: bytes, file: str) -> SampleRecord:
    """Read which items form the free sample; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    items: list[tuple[str, Place]] = [
        (row.text(), row.place) for row in root.fields(("items",)).rows("items")
    ]
    finish(problems)
    return SampleRecord(tuple(items), root.place)
