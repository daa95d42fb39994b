"""The free sample: bytes to a record and back. Each item is whole, in the order in which they are shown."""

from exams.content.formats.dump import dump
from exams.content.formats.item_yaml import item_row, unique, whole_item
from exams.content.formats.tree import finish, open_document
from exams.content.records import ItemRecord, SampleRecord


def read_sample(data: bytes, file: str) -> SampleRecord:
    """Read the items of the free sample; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    rows = unique(root.fields(("items",)).rows("items"), "id", "item")
    items: tuple[ItemRecord, ...] = tuple(whole_item(branch) for branch in rows)
    finish(problems)
    return SampleRecord(items, place=root.place)


def write_sample(sample: SampleRecord) -> bytes:
    """Write the file of the sample; reading it again gives an equal record."""
    return dump({"items": [item_row(item) for item in sample.items]})
