"""Do the files of a certification fit together? Faults that no single file can show."""

from collections.abc import Iterator
from typing import Final

from exams.content.records import (
    BlueprintRecord,
    CertificationRecord,
    CertificationTextRecord,
    ExamRecord,
    Place,
    Problem,
    ReadingSheet,
    TranslationRecord,
)
from i18n import languages

WHOLE: Final = 100


def certification_problems(blueprint: BlueprintRecord, certification: CertificationRecord) -> list[Problem]:
    """Return where the certification file does not fit the blueprint."""
    place = certification.place
    problems = []
    if certification.code != blueprint.facts.code.lower():
        message = f"the code is {certification.code!r}, the blueprint is of {blueprint.facts.code!r}"
        problems.append(Problem(place, "", message))
    if not certification.texts:
        problems.append(Problem(place, "", "there are no texts"))
    for number, text in enumerate(certification.texts):
        wanted = number > 0  # the names in the original language stand in the blueprint
        messages = _text_faults(blueprint, text, names_wanted=wanted)
        problems += [Problem(text.place, "", f"{text.language}: {message}") for message in messages]
    return problems


def _text_faults(
    blueprint: BlueprintRecord, text: CertificationTextRecord, *, names_wanted: bool
) -> Iterator[str]:
    if text.language not in languages.CODES:
        yield f"not a known language; known are {', '.join(languages.CODES)}"
    domains = {domain.number for domain in blueprint.domains} if names_wanted else set()
    tasks = {task.code for task in blueprint.tasks} if names_wanted else set()
    named_domains, named_tasks = {number for number, _ in text.domains}, {task.code for task in text.tasks}
    for what, planned, named in (
        ("domain", {str(n) for n in domains}, {str(n) for n in named_domains}),
        ("task", tasks, named_tasks),
    ):
        for name in sorted(planned - named):
            yield f"{what} {name} has no text"
        for name in sorted(named - planned):
            yield f"{what} {name} does not belong here"


def blueprint_problems(blueprint: BlueprintRecord) -> list[Problem]:
    """Return what the slots name that the blueprint does not have, and what stands twice."""
    tasks = {task.code: task.domain for task in blueprint.tasks}
    coverage = {name for name, _ in blueprint.coverage}
    problems = []
    seen: set[str] = set()
    for slot in (slot for exam in blueprint.exams for slot in exam.slots):
        faults = [f"unknown coverage id {name!r}" for name in slot.covers if name not in coverage]
        if tasks.get(slot.task) != slot.domain:
            faults.append(f"task {slot.task!r} is not a task of domain {slot.domain}")
        if slot.id in seen:
            faults.append("the slot stands twice")
        seen.add(slot.id)
        problems += [Problem(slot.place, slot.id, fault) for fault in faults]
    if sum(domain.weight_percent for domain in blueprint.domains) != WHOLE:
        problems.append(
            Problem(blueprint.place, "", f"the weights of the domains do not add up to {WHOLE} %")
        )
    numbers = [exam.number for exam in blueprint.exams]
    if len(numbers) != len(set(numbers)):
        problems.append(Problem(blueprint.place, "", "two exams have the same number"))
    return problems


def translation_problems(translations: list[TranslationRecord], original: str) -> list[Problem]:
    """Return the translations into a language that the product does not know, or that is the original."""
    problems = []
    for record in translations:
        if record.language not in languages.CODES:
            message = f"{record.language!r} is not a known language; known are {', '.join(languages.CODES)}"
            problems.append(Problem(record.place, "", message))
        if record.language == original:
            message = f"{original!r} is the original language; its texts stand in the exam itself"
            problems.append(Problem(record.place, "", message))
    return problems


def doubles(exams: list[ExamRecord]) -> list[Problem]:
    """Return the items that stand in two files."""
    first: dict[str, Place] = {}
    problems = []
    for exam in exams:
        for item in exam.items:
            if item.id in first and first[item.id].file != item.place.file:
                problems.append(Problem(item.place, item.id, f"stands in {first[item.id]} too"))
            first.setdefault(item.id, item.place)
    return problems


def misnamed(records: list[ExamRecord | TranslationRecord | ReadingSheet]) -> list[Problem]:
    """Return the files that are not named as they say, lest two files claim the same exam."""
    problems = []
    for record in records:
        stem, *rest = record.place.file.removeprefix("exams/").removesuffix(".yaml").split(".")
        if not record.name.endswith(f"-{stem}"):
            problems.append(Problem(record.place, "", f"the file of {stem} says that it is {record.name!r}"))
        if isinstance(record, TranslationRecord) and rest != [record.language]:
            message = f"the file is named for {rest[0]!r} and says that it is in {record.language!r}"
            problems.append(Problem(record.place, "", message))
    return problems
