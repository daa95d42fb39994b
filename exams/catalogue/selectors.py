"""Reading certifications: facts and texts in a language, or in the original where there is no translation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from exams.catalogue.models import Certification, CertificationText, Domain, TaskStatement


class HasLanguage(Protocol):
    """A text row that says in which language it is."""

    language: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task statement of the exam guide."""

    code: str
    title: str
    covers: str


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """A domain with its weight in percent and its task statements."""

    number: int
    name: str
    weight_percent: int
    scored_items: int
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is the same in every language. Durations in minutes, the scale in points, the fee in dollars."""

    code: str
    vendor: str
    level: str
    status: str
    duration_minutes: int
    items_total: int
    items_scored: int
    pass_mark: int
    scale_min: int
    scale_max: int
    price_usd: int
    validity_years: int
    retake_wait_days: int
    accommodation_minutes: int
    retired_on: date | None
    successor_code: str
    access_code: str
    languages: tuple[str, ...]
    planned_forms: int
    planned_cards: int
    planned_sections: int

    @property
    def label(self) -> str:
        """The code as it is spoken: MLS-C01."""
        return self.code.upper()

    @property
    def seconds_per_item(self) -> int:
        """The even pace in whole seconds."""
        return self.duration_minutes * 60 // self.items_total


@dataclass(frozen=True, slots=True)
class Words:
    """What is said about a certification. `language` is the language of these texts."""

    language: str
    name: str
    summary: str
    description: str
    retirement_note: str
    successor_name: str
    successor_note: str
    recommended_experience: str
    question_types: str
    delivery: str
    retake: str
    results_note: str
    accommodation: str


@dataclass(frozen=True, slots=True)
class CertificationCard:
    """A certification as it stands in a list."""

    facts: Facts
    words: Words


@dataclass(frozen=True, slots=True)
class CertificationPage:
    """A certification with its domains, as its own page shows it."""

    facts: Facts
    words: Words
    domains: tuple[DomainFacts, ...]


def pick[Text: HasLanguage](texts: Iterable[Text], language: str, original: str) -> Text | None:
    """Return the text in the language, else in the original, else any, else None."""
    by_language = {text.language: text for text in texts}
    return by_language.get(language) or by_language.get(original) or next(iter(by_language.values()), None)


def certifications(language: str) -> list[CertificationCard]:
    """Return all certifications by code, with texts in `language`. Two queries."""
    rows = Certification.objects.prefetch_related("texts")
    return [CertificationCard(_facts(row), _words(row, language)) for row in rows]


def certification(code: str, language: str) -> CertificationPage | None:
    """Return one certification with domains and task statements, or None. At most six queries."""
    rows = Certification.objects.filter(code=code).prefetch_related(
        "texts", "domains__texts", "domains__tasks__texts"
    )
    for row in rows:
        domains = tuple(_domain(domain, row, language) for domain in row.domains.all())
        return CertificationPage(_facts(row), _words(row, language), domains)
    return None


def _facts(row: Certification) -> Facts:
    return Facts(
        code=row.code,
        vendor=row.vendor,
        level=row.level,
        status=row.status,
        duration_minutes=row.duration_minutes,
        items_total=row.items_total,
        items_scored=row.items_scored,
        pass_mark=row.pass_mark,
        scale_min=row.scale_min,
        scale_max=row.scale_max,
        price_usd=row.price_usd,
        validity_years=row.validity_years,
        retake_wait_days=row.retake_wait_days,
        accommodation_minutes=row.accommodation_minutes,
        retired_on=row.retired_on,
        successor_code=row.successor_code,
        access_code=row.access_code,
        languages=tuple(row.languages),
        planned_forms=row.planned_forms,
        planned_cards=row.planned_cards,
        planned_sections=row.planned_sections,
    )


def _words(row: Certification, language: str) -> Words:
    text = pick(row.texts.all(), language, row.original_language) or CertificationText(
        language=row.original_language, name=row.code.upper()
    )
    return Words(
        language=text.language,
        name=text.name,
        summary=text.summary,
        description=text.description,
        retirement_note=text.retirement_note,
        successor_name=text.successor_name,
        successor_note=text.successor_note,
        recommended_experience=text.recommended_experience,
        question_types=text.question_types,
        delivery=text.delivery,
        retake=text.retake,
        results_note=text.results_note,
        accommodation=text.accommodation,
    )


def _name(domain: Domain, language: str, original: str) -> str:
    text = pick(domain.texts.all(), language, original)
    return text.name if text else ""


def _domain(domain: Domain, row: Certification, language: str) -> DomainFacts:
    return DomainFacts(
        number=domain.number,
        name=_name(domain, language, row.original_language),
        weight_percent=domain.weight_percent,
        scored_items=round(row.items_scored * domain.weight_percent / 100),
        tasks=tuple(_task(task, language, row.original_language) for task in domain.tasks.all()),
    )


def _task(task: TaskStatement, language: str, original: str) -> Task:
    text = pick(task.texts.all(), language, original)
    return Task(task.code, text.title if text else "", text.covers if text else "")
