"""The part with the free sample: ten items of its own that anybody may try."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from exams.content.catalog import CatalogPart, coverage_ids, profile_of
from exams.content.exams import ExamsPart, translation_problems
from exams.content.figures import illustrated
from exams.content.folder import Folder
from exams.content.formats.exam_yaml import read_sample, read_translation
from exams.content.parts import Content, Part
from exams.content.records import (
    SAMPLE_NAME,
    ItemRecord,
    ItemTextRecord,
    Problem,
    SampleRecord,
)
from exams.content.rules.sample import Sample

FILE: Final = "sample.yaml"
TRANSLATION: Final = r"sample\.(?!reading\.)[a-z]{2,3}(?:-[a-z0-9]+)?\.yaml"


class SamplePart(Part[SampleRecord]):
    """The items of the sample, whole, in the order in which they are shown, and their translations."""

    name = "sample"
    files = (r"sample\.yaml", TRANSLATION)

    def read(self, folder: Folder, content: Content) -> SampleRecord:
        """Return the sample; without a file it has no items, so that a stored one is taken down."""
        profile = profile_of(content)
        sample = folder.one(FILE, partial(read_sample, profile=profile), optional=True) or SampleRecord(())
        translations = folder.all(TRANSLATION, partial(read_translation, profile=profile))
        return replace(
            sample,
            items=illustrated(sample.items, content),
            translations=tuple(replace(one, items=illustrated(one.items, content)) for one in translations),
        )

    def items(self, record: SampleRecord) -> Iterator[ItemRecord | ItemTextRecord]:
        """Return the items in every language."""
        yield from record.items
        for translation in record.translations:
            yield from translation.items

    def problems(self, record: SampleRecord, content: Content) -> Iterator[Problem]:
        """Return what items name that no other part knows, and translations that are of something else."""
        catalog = content.get(CatalogPart)
        tasks = {task.code for task in catalog.blueprint.tasks} if catalog else set()
        known = coverage_ids(content)
        for item in record.items:
            if catalog and item.traits and item.traits.task not in tasks:
                yield Problem(item.place, item.id, f"unknown task {item.traits.task!r}")
            for name in item.traits.covers if item.traits else ():
                if name not in known:
                    yield Problem(item.place, item.id, f"unknown coverage id {name!r}")
        for translation in record.translations:
            if translation.name != SAMPLE_NAME:
                message = f"the file of the sample says that it is {translation.name!r}"
                yield Problem(translation.place, "", message)
        yield from translation_problems(record.translations, content, "sample")


def sample_of(record: SampleRecord, content: Content) -> Sample:
    """Return the sample beside the ids of all items of exams, written and planned."""
    blueprint, exams = content[CatalogPart].blueprint, content.get(ExamsPart)
    planned = {slot.id for plan in blueprint.exams for slot in plan.slots}
    written = {item.id for exam in (exams.exams if exams else ()) for item in exam.items}
    return Sample(record, blueprint, frozenset(planned | written))
