"""Operations of a load: plain values, each with the one sentence that a dry run and a load say of it."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from exams.bank.drafts import ItemDraft, TextDraft
from exams.catalog.rows import Path
from exams.content.exchange_formats.shape import Picture
from exams.content.records import NOWHERE, BlueprintRecord, ExamPlanRecord, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(ABC):
    """One act of a load. `noun` counts it in the summary; what removes is done after everything else.

    `place` is where in the files it comes from.
    """

    place: Place = NOWHERE
    noun: ClassVar[str]
    removes: ClassVar[bool] = False
    changes: ClassVar[bool] = True

    @property
    def item(self) -> str:
        """Return the code of the content that it is about, "" where it has none."""
        return ""

    @abstractmethod
    def __str__(self) -> str:
        """Say what is done, without the name of the certification."""


@dataclass(frozen=True, slots=True)
class SkippedOperation(Operation):
    """Something that files would change and the bank keeps, since somebody published or withdrew it here.

    `name` is what a load is told to overwrite it.
    """

    name: str
    noun: ClassVar[str] = "left alone"
    changes: ClassVar[bool] = False

    def __str__(self) -> str:
        return f"{self.name}: left alone, it was published or withdrawn here"


@dataclass(frozen=True, slots=True)
class RuledOperation(SkippedOperation):
    """A question that is scored by a ruling: its next version is a draft, which says what becomes of that."""

    def __str__(self) -> str:
        return f"{self.name}: left alone, its key was ruled on; publish the next version as a draft"


@dataclass(frozen=True, slots=True)
class RowOperation(Operation):
    """A row of the catalog that is new or has changed."""

    path: Path
    values: Mapping[str, Any] = field(repr=False)
    is_of_files: bool = True
    noun: ClassVar[str] = "catalog rows"

    def __str__(self) -> str:
        name = " ".join(map(str, self.path))
        is_left = self.values.get("is_current") is False
        return f"catalog: {name} is no longer current" if is_left else f"catalog: {name}"


@dataclass(frozen=True, slots=True)
class RemoveRowOperation(Operation):
    """A row of the catalog that the files no longer have and nothing refers to."""

    path: Path
    noun: ClassVar[str] = "removed catalog rows"
    removes: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"catalog: remove {' '.join(map(str, self.path))}"


@dataclass(frozen=True, slots=True)
class ImageOperation(Operation):
    """An image that the bank does not have yet."""

    picture: Picture
    noun: ClassVar[str] = "images"

    def __str__(self) -> str:
        return f"{self.picture.name}: new image"


@dataclass(frozen=True, slots=True)
class VersionOperation(Operation):
    """A new version of an item; `is_new` when the item itself is new."""

    draft: ItemDraft
    is_new: bool
    noun: ClassVar[str] = "item versions"

    @property
    def item(self) -> str:
        """Return the code of the item."""
        return self.draft.code

    def __str__(self) -> str:
        return f"{self.draft.code}: {'new item' if self.is_new else 'new version'}"


@dataclass(frozen=True, slots=True)
class MoveOperation(Operation):
    """An item whose task or coverage has changed; its version has not."""

    draft: ItemDraft
    noun: ClassVar[str] = "moved items"

    def __str__(self) -> str:
        return f"{self.draft.code}: task or coverage"


class Worded(Protocol):
    """What is written in one language."""

    @property
    def language(self) -> str:
        """The code of the language."""


@dataclass(frozen=True, slots=True)
class RevisionOperation[Draft: Worded](Operation):
    """What the thing of this code says in a language: a new text, or a new revision of one."""

    code: str
    draft: Draft = field(repr=False)
    is_new: bool

    @property
    def item(self) -> str:
        """Return the code of the content."""
        return self.code

    def __str__(self) -> str:
        return f"{self.code}: {'new text' if self.is_new else 'new revision'} in {self.draft.language}"


@dataclass(frozen=True, slots=True)
class TextOperation(RevisionOperation[TextDraft]):
    """A new revision of an item's text in another language."""

    noun: ClassVar[str] = "translated texts"


@dataclass(frozen=True, slots=True)
class EditionOperation(Operation):
    """A new edition of a form, of the current versions of these items; `is_new` when the form itself is."""

    blueprint: BlueprintRecord = field(repr=False)
    plan: ExamPlanRecord
    codes: tuple[str, ...]
    is_new: bool
    noun: ClassVar[str] = "editions"

    def __str__(self) -> str:
        return f"exam {self.plan.number}: {'new form' if self.is_new else 'new edition'}"


@dataclass(frozen=True, slots=True)
class RenewOperation(Operation):
    """A new edition of a form with the current versions of the items that it has, all else as it stands."""

    number: int
    noun: ClassVar[str] = "editions"

    def __str__(self) -> str:
        return f"exam {self.number}: new edition of the same questions"


@dataclass(frozen=True, slots=True)
class PaperOperation(Operation):
    """A new paper of the current edition of a form."""

    number: int
    language: str
    noun: ClassVar[str] = "papers"

    def __str__(self) -> str:
        return f"exam {self.number}: new paper in {self.language}"


@dataclass(frozen=True, slots=True)
class SampleOperation(Operation):
    """The free sample made of the current versions of these items, in this order; none takes it down."""

    codes: tuple[str, ...]
    noun: ClassVar[str] = "samples"

    def __str__(self) -> str:
        return f"sample: {len(self.codes)} items" if self.codes else "sample: taken down"


@dataclass(frozen=True, slots=True)
class Plan:
    """All operations of a load, in the order in which they are taken."""

    operations: tuple[Operation, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to change."""
        return not any(operation.changes for operation in self.operations)

    @property
    def skipped(self) -> tuple[str, ...]:
        """Return the names of what is left alone."""
        return tuple(operation.name for operation in self.of(SkippedOperation))

    @property
    def summary(self) -> str:
        """Count the operations in one line."""
        counts = Counter(operation.noun for operation in self.operations)
        return ", ".join(f"{count} {noun}" for noun, count in counts.items())

    def of[Kind: Operation](self, kind: type[Kind]) -> list[Kind]:
        """Return the operations of one kind."""
        return [operation for operation in self.operations if isinstance(operation, kind)]
