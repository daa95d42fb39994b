"""The forms of a certification as plans and exams of files, out of their current editions."""

from collections.abc import Sequence
from dataclasses import dataclass

from exams.assembly.models import FormEdition
from exams.assembly.selectors import StandingItem, current_editions, places_of
from exams.bank.models import ItemVersion
from exams.content.records import ExamPlanRecord, ExamRecord, SlotRecord, TranslationRecord
from exams.content.whole import WholeItem
from exams.exchange.whole import whole_items


@dataclass(frozen=True, slots=True)
class StandingForm:
    """A form as it stands: its edition, and its items in order, each in its current version."""

    edition: FormEdition
    items: tuple[tuple[StandingItem, WholeItem], ...]

    @property
    def number(self) -> int:
        """Return the number of the form."""
        return self.edition.form.number

    @property
    def name(self) -> str:
        """Return what files call it."""
        return f"{self.edition.form.certification.code}-exam-{self.number}"


def standing_forms(code: str) -> list[StandingForm]:
    """Return the forms of a certification by number. Six statements."""
    editions = list(current_editions(code))
    places = places_of([edition.pk for edition in editions])
    wanted = {_version(one) for found in places.values() for one in found}
    items = whole_items(ItemVersion.objects.filter(pk__in=wanted))
    return [
        StandingForm(edition, tuple((one, items[_version(one)]) for one in places[edition.pk]))
        for edition in editions
    ]


def _version(item: StandingItem) -> int:
    """Return the version to write: an item that was withdrawn keeps the one that its form has."""
    return item.current_id or item.placed.version_id


def written_plans(code: str) -> list[ExamPlanRecord]:
    """Return the plan of each form of a certification."""
    return [
        ExamPlanRecord(
            name=form.name,
            number=form.number,
            title=f"{code.upper()} Practice Exam {form.number}",
            minutes=form.edition.minutes,
            slots=tuple(_slot(one, whole) for one, whole in form.items),
        )
        for form in standing_forms(code)
    ]


def _slot(item: StandingItem, whole: WholeItem) -> SlotRecord:
    traits = whole.traits
    return SlotRecord(
        id=item.code,
        number=item.placed.position,
        domain=item.placed.domain_number,
        task=traits.task,
        scored=item.placed.is_scored,
        kind=traits.kind,
        options=len(whole.record.options),
        choose=traits.choose,
        difficulty=traits.difficulty,
        cognitive_level=traits.cognitive_level,
        covers=traits.covers,
        key_positions=whole.record.keys,
    )


def exam_record(form: StandingForm) -> ExamRecord:
    """Return a form as an exam file has it: what the blueprint plans of an item is not there."""
    return ExamRecord(form.name, tuple(whole.planned for _, whole in form.items))


def translations(name: str, items: Sequence[WholeItem]) -> list[TranslationRecord]:
    """Return what is translated of items, a record for each language."""
    spoken = sorted({language for whole in items for language in whole.texts})
    return [
        TranslationRecord(
            name, language, tuple(whole.texts[language] for whole in items if language in whole.texts)
        )
        for language in spoken
    ]
