"""An item with everything that the bank holds of it, as formats, editors and statistics pass it on."""

from dataclasses import dataclass, field, replace

from exams.content.records import ItemRecord, ItemTextRecord, Traits


@dataclass(frozen=True, slots=True)
class WholeItem:
    """An item in its original language with its translations, by language.

    `record.traits` says kind, number of answers, task, difficulty, level and coverage. `source` is the id
    under which another system knows the item, empty for our own; `tags` are words that authors file it by.
    `is_numbered` says that its id is nothing but its place in a file: it names no item that is known.
    """

    record: ItemRecord
    language: str
    texts: dict[str, ItemTextRecord] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    source: str = ""
    is_numbered: bool = field(default=False, compare=False)

    @property
    def planned(self) -> ItemRecord:
        """Return the item as a file of an exam has it, which leaves to the blueprint what the item is."""
        return replace(self.record, traits=None)

    @property
    def traits(self) -> Traits:
        """Return what the item is. Raises ValueError where the record leaves it to a blueprint."""
        if self.record.traits is None:
            raise ValueError(f"{self.record.id}: a whole item says what it is")
        return self.record.traits
