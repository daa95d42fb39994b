"""Reading certifications: facts and texts in a language, or in the original where there is no translation."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Protocol

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import F
from django.utils import timezone

from accounts.users.models import User
from exams.catalog.models import Certification, CertificationText, Domain, TaskStatement
from exams.content import records as content
from exams.content.states import State, state_on
from exams.scoring import rules

# What is not on the site yet is there for staff who work on content: they take its exams without access, to
# see what candidates will see. From the day on which it is on the site, the same rules hold for everybody.
SEES: Final = "exams.view_draft"
PREFIX: Final = "cert:"

type Person = AbstractBaseUser | AnonymousUser | None


def sees_unlisted(person: Person) -> bool:
    """Tell whether somebody finds what is not on the site yet."""
    return isinstance(person, User) and person.is_staff and person.has_perm(SEES)


def sees(person: Person, certification: Certification) -> bool:
    """Tell whether somebody finds a certification; nobody does before its facts are published."""
    return certification.is_listed or (certification.is_written and sees_unlisted(person))


def opened_to(person: User, codes: Sequence[str]) -> Collection[str]:
    """Return which access codes are open to somebody since they are of what is not on the site yet.

    One statement, and those that read the rights of the person; none but the rights for others.
    """
    if not sees_unlisted(person):
        return ()
    named = [code.removeprefix(PREFIX) for code in codes if code.startswith(PREFIX)]
    rows = Certification.objects.filter(code__in=named, is_listed=False)
    return [row.access_code for row in rows]


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
class Facts(content.Facts):
    """What is the same in every language: the facts of the real exam, and what there is here."""

    code: str
    access_code: str
    original_language: str
    languages: tuple[str, ...]
    is_listed: bool
    planned_forms: int
    planned: Mapping[str, int] = field(hash=False)

    @property
    def label(self) -> str:
        """The code as it is spoken: MLS-C01."""
        return self.code.upper()

    @property
    def scale(self) -> rules.Scale:
        """The scale of the real exam."""
        return rules.Scale(self.scale_min, self.scale_max, self.pass_mark)

    @property
    def state(self) -> State:
        """Where it stands today, by the calendar of the site."""
        return state_on(self, timezone.localdate())


@dataclass(frozen=True, slots=True)
class CertificationSummary:
    """A certification as a list shows it."""

    facts: Facts
    texts: content.CertificationTexts


@dataclass(frozen=True, slots=True)
class CertificationPage:
    """A certification with its domains, as its own page shows it."""

    facts: Facts
    texts: content.CertificationTexts
    domains: tuple[DomainFacts, ...]


def pick[Text: HasLanguage](texts: Iterable[Text], language: str, original: str) -> Text | None:
    """Return the text in the language, else in the original, else any, else None."""
    by_language = {text.language: text for text in texts}
    return by_language.get(language) or by_language.get(original) or next(iter(by_language.values()), None)


def certifications(language: str) -> list[CertificationSummary]:
    """Return all certifications of the site, with texts in `language`. Two queries.

    Everywhere in this order: what can be taken or is coming, then what was retired, each by code.
    """
    rows = Certification.objects.filter(is_listed=True).order_by("code").prefetch_related("texts")
    summaries = [CertificationSummary(_facts(row), _texts(row, language)) for row in rows]
    return sorted(summaries, key=lambda one: one.facts.state is State.RETIRED)


def listed(code: str, language: str) -> CertificationSummary | None:
    """Return a certification of the site that has texts, or None. One query."""
    rows = CertificationText.objects.filter(certification__code=code, certification__is_listed=True)
    texts = list(rows.select_related("certification"))
    if not texts:
        return None
    row = texts[0].certification
    text = pick(texts, language, row.original_language)
    return CertificationSummary(_facts(row), _as_texts(text)) if text else None


def exists(code: str, person: Person = None) -> bool:
    """Tell whether there is a certification that this person finds. One query."""
    row = Certification.objects.filter(code=code).first()
    return row is not None and sees(person, row)


def certification(code: str, language: str, person: Person = None) -> CertificationPage | None:
    """Return one certification with its current domains and tasks, or None. At most four queries.

    What is not on the site yet is there for a `person` of staff alone.
    """
    row = Certification.objects.filter(code=code).first()
    if row is None or not sees(person, row):
        return None
    facts, tasks = _facts(row), _tasks(code, language, row.original_language)
    with_tasks = tuple(replace(one, tasks=tasks.get(one.number, ())) for one in domains(facts, language))
    return CertificationPage(facts, _texts(row, language), with_tasks)


def facts(code: str, person: Person = None) -> Facts | None:
    """Return the facts of one certification, or None. One query.

    What is not on the site yet is there for a `person` of staff alone.
    """
    row = Certification.objects.filter(code=code).first()
    return _facts(row) if row is not None and sees(person, row) else None


# Put together once, which is a third of the work. A row for each text, and one for what has none.
_DOMAINS: Final = (
    Domain.objects.filter(is_current=True)
    .order_by("number")
    .annotate(language=F("texts__language"), name=F("texts__name"))
    .values_list("number", "weight_percent", "language", "name", named=True)
)
_TASKS: Final = (
    TaskStatement.objects.filter(domain__is_current=True, is_current=True)
    .order_by("domain__number", "code")
    .annotate(
        number=F("domain__number"),
        language=F("texts__language"),
        title=F("texts__title"),
        covers=F("texts__covers"),
    )
    .values_list("number", "code", "language", "title", "covers", named=True)
)


def domains(of: Facts | Certification, language: str) -> tuple[DomainFacts, ...]:
    """Return the current domains of a certification without their tasks, by number. One query."""
    rows: Iterable[Any] = _DOMAINS.filter(certification__code=of.code)
    domain_facts = []
    for number, texts in groupby(rows, attrgetter("number")):
        text = pick(texts, language, of.original_language)
        if text is not None:
            scored = round(of.items_scored * text.weight_percent / 100)
            domain_facts.append(DomainFacts(number, text.name or "", text.weight_percent, scored, ()))
    return tuple(domain_facts)


def task_titles(of: Facts, language: str) -> list[tuple[int, str, str]]:
    """Return domain, code and title of each current task statement, by domain and code. One query."""
    by_domain = _tasks(of.code, language, of.original_language)
    return [(number, task.code, task.title) for number, tasks in by_domain.items() for task in tasks]


def _tasks(code: str, language: str, original: str) -> dict[int, tuple[Task, ...]]:
    """Return the current tasks of a certification by the number of their domain, in order. One query."""
    rows: Iterable[Any] = _TASKS.filter(domain__certification__code=code)
    tasks: dict[int, tuple[Task, ...]] = {}
    for (number, task), texts in groupby(rows, attrgetter("number", "code")):
        text = pick(texts, language, original)
        if text is not None:
            tasks[number] = (*tasks.get(number, ()), Task(task, text.title or "", text.covers or ""))
    return tasks


def _facts(row: Certification) -> Facts:
    values = {field.name: getattr(row, field.name) for field in fields(Facts)}
    return Facts(**values | {name: tuple(values[name]) for name in ("languages", "planned_facts")})


def _texts(row: Certification, language: str) -> content.CertificationTexts:
    text = pick(row.texts.all(), language, row.original_language) or CertificationText(
        language=row.original_language, name=row.code.upper()
    )
    return _as_texts(text)


def _as_texts(text: CertificationText) -> content.CertificationTexts:
    names = [field.name for field in fields(content.CertificationTexts)]
    return content.CertificationTexts(**{name: getattr(text, name) for name in names})
