"""The part with the free sample and its tables: items into the bank, their places into the assembly."""

from collections.abc import Collection, Mapping, Sequence

from exams.assembly import sample as samples
from exams.bank.models import ItemVersion
from exams.catalogue.models import Certification
from exams.content.catalogue import CataloguePart
from exams.content.formats.exam_yaml import write_translation
from exams.content.formats.sample_yaml import write_sample
from exams.content.parts import Content
from exams.content.records import SAMPLE_NAME, SampleRecord
from exams.content.sample import FILE, SamplePart, sample_of
from exams.exchange.exams import write_item
from exams.exchange.parts import StoredPart
from exams.exchange.plan import plan_sample
from exams.exchange.plans import translations
from exams.exchange.steps import MoveStep, SampleStep, Step, TextStep, VersionStep
from exams.exchange.stored import stored_items
from exams.exchange.whole import drawings, whole_items
from exams.publication.models import PublishLog


class StoredSamplePart(SamplePart, StoredPart[SampleRecord]):
    """Items as those of exams, and which of them form the sample, in which order."""

    def plan(self, record: SampleRecord, content: Content, take: Collection[str]) -> Sequence[Step]:
        """Return what has changed since the last load. Raises FormatError where the file is unsound."""
        catalogue = content[CataloguePart]
        code = catalogue.certification.code
        return plan_sample(
            sample_of(record, content),
            catalogue.original_language,
            stored_items(code),
            samples.positions(code),
            take,
        )

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the sample in each language, with the figures that it shows; nothing where there is none."""
        placed = [version_id for _, version_id in samples.positions(code)]
        found = whole_items(ItemVersion.objects.filter(pk__in=placed))
        items = [found[version_id] for version_id in placed]
        if not items:
            return {}
        files = {FILE: write_sample(SampleRecord(tuple(whole.record for whole in items)))}
        for record in translations(SAMPLE_NAME, items):
            files[f"sample.{record.language}.yaml"] = write_translation(record)
        return files | drawings(items)

    def apply(self, step: Step, code: str, log: PublishLog) -> None:
        """Write one version, move or text, or the sample. Raises FormatError where it may not be."""
        certification = Certification.objects.get(code=code)
        match step:
            case VersionStep() | MoveStep() | TextStep():
                write_item(certification, step, log)
            case SampleStep():
                stored = stored_items(code)
                keys = [stored[name].version_id for name in step.codes]
                versions = ItemVersion.objects.select_related("item").in_bulk(keys)
                samples.place(certification, [versions[key] for key in keys])
