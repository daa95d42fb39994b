"""Facts, texts, domains and tasks of a certification as a kind of draft."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.assembly.selectors import scored_domains
from exams.authoring import profiles, schema
from exams.authoring.forms import MOST_ITEMS, MOST_MINUTES, MOST_SCORE, NO_SCALE
from exams.authoring.kinds import Content, ContentError, Current, Remark
from exams.bank.services import item_tasks
from exams.catalog import services
from exams.catalog.models import Certification
from exams.catalog.rows import Rows, changed, kept_topics, left
from exams.content.formats.certification_yaml import OPTIONAL, REQUIRED
from exams.content.records import Facts
from exams.content.states import DAYS, PLANNABLE, too_early
from exams.publication.models import PublishLog
from i18n import languages

NAME: Final = "catalogue"  # stored in drafts: it keeps its spelling
WHOLE: Final = 100
MOST_DOMAINS: Final = 40
MOST_TASKS: Final = 200
TEXTS: Final = ("vendor", "level", "successor_code")
PLANNED: Final = "planned_facts"
NUMBERS: Final = tuple(
    field.name for field in dataclasses.fields(Facts) if field.name not in (*TEXTS, *DAYS, PLANNED, "profile")
)
FACTS: Final = (*TEXTS, *DAYS, *NUMBERS)
"""What the editor has a field for; which of them are planned is ticked."""
SCALE: Final = ("pass_mark", "scale_min", "scale_max")


def most_of(name: str) -> int:
    """Return the most that a number among the facts may be. Exams begin with them, so bounds are theirs."""
    if name == "duration_minutes":
        return MOST_MINUTES
    if name in ("items_total", "items_scored"):
        return MOST_ITEMS
    return MOST_SCORE if name in SCALE else 32_000


def _day(value: object, field: str) -> str:
    day: str = schema.line(10).clean(value, field)
    try:
        return dt.date.fromisoformat(day).isoformat() if day else ""
    except ValueError as error:
        raise ContentError(
            field, gettext_lazy("Enter a day such as %(example)s."), example="2026-03-31"
        ) from error


PLANNED_SHAPE: Final = schema.Shape(schema.some_of(PLANNABLE).clean, [])
SHAPE: Final = schema.fields(
    facts=schema.fields(
        vendor=schema.line(100),
        level=schema.line(60),
        successor_code=schema.line(40),
        planned_facts=PLANNED_SHAPE,
        **dict.fromkeys(DAYS, schema.Shape(_day, "")),
        **{name: schema.number(0, most_of(name)) for name in NUMBERS},
    ),
    profile=profiles.SHAPE,
    texts=schema.by_key(
        languages.CODES, schema.fields(**dict.fromkeys((*REQUIRED, *OPTIONAL), schema.text(stripped=True)))
    ),
    domains=schema.rows(
        MOST_DOMAINS,
        schema.fields(
            number=schema.number(1, 99),
            weight_percent=schema.number(1, WHOLE),
            names=schema.by_key(languages.CODES, schema.line()),
        ),
    ),
    tasks=schema.rows(
        MOST_TASKS,
        schema.fields(
            code=schema.line(12),
            domain=schema.number(1, 99),
            texts=schema.by_key(
                languages.CODES,
                schema.fields(title=schema.text(stripped=True), covers=schema.text(stripped=True)),
            ),
        ),
    ),
)


class CatalogKind:
    """What pages and clocks know of a certification; its draft is named "catalogue"."""

    name = NAME
    label = gettext_lazy("Certification")

    def title_of(self, name: str) -> str:
        """Return what people call a certification beside its code: it has one draft."""
        return _("facts and texts")

    def current(self, certification: Certification, name: str) -> Current | None:
        """Return what stands, None of one that was begun and never published. Six statements."""
        if name != NAME:
            raise ContentError("name", gettext_lazy("This has to be “%(name)s”."), name=NAME)
        if not certification.is_written:
            return None
        return Current(_content(services.stored(certification.code)), certification.log)

    def empty(self, certification: Certification) -> Content:
        """Return a certification of which nothing is said yet."""
        texts = {certification.original_language: dict.fromkeys((*REQUIRED, *OPTIONAL), "")}
        facts = {**dict.fromkeys(FACTS, ""), PLANNED: []}
        return {
            "facts": facts | dict.fromkeys(NUMBERS, 0),
            "profile": profiles.content_of({}),
            "texts": texts,
            "domains": [],
            "tasks": [],
        }

    def validate(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError."""
        whole: dict[str, Any] = SHAPE.clean(_with_days(content), "")
        # Drafts from before there were profiles say nothing of one, and leave it as it is.
        if "profile" not in content:
            del whole["profile"]
        return whole

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what keeps it from the pages."""
        return list(_remarks(certification, _with_days(content)))

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Write the rows that differ, none where nothing does. What items or editions refer to stays."""
        code = certification.code
        stored = services.stored(code)
        wanted = _rows(_with_days(content), stored)
        kept = kept_topics(wanted, stored, set(item_tasks(code).values()), scored_domains(code))
        marked, gone = left(wanted, stored, kept)
        rows = {**changed(wanted, stored), **marked}
        if not rows and not gone:
            return
        services.save(code, rows)
        for path in gone:
            services.remove(code, path)
        services.set_log(code, log)


def _with_days(content: Content) -> Content:
    """Return a content with the days of the states; drafts from before there were such have a status."""
    facts = content.get("facts")
    if not isinstance(facts, Mapping) or "status" not in facts:
        return content
    days = {"beta_on": "", "live_on": "", PLANNED: ["live_on"] if facts["status"] == "announced" else []}
    return {**content, "facts": days | {name: fact for name, fact in facts.items() if name != "status"}}


def _days_in(facts: Mapping[str, Any]) -> dict[str, dt.date | None]:
    return {name: dt.date.fromisoformat(facts[name]) if facts[name] else None for name in DAYS}


def _content(rows: Rows) -> dict[str, Any]:
    facts = rows["certification",]
    days = {name: facts[name].isoformat() if facts[name] else "" for name in DAYS}
    return {
        "facts": {**{name: facts[name] for name in (*FACTS, PLANNED)}, **days},
        "profile": profiles.content_of(facts["profile"]),
        "texts": {str(path[1]): dict(row) for path, row in rows.items() if path[0] == "text"},
        "domains": [
            {"number": path[1], "weight_percent": row["weight_percent"], "names": _named(rows, path[1])}
            for path, row in rows.items()
            if path[0] == "domain" and row["is_current"]
        ],
        "tasks": [
            {"code": path[1], "domain": row["domain"], "texts": _task_texts(rows, path[1])}
            for path, row in rows.items()
            if path[0] == "task" and row["is_current"]
        ],
    }


def _named(rows: Rows, number: object) -> dict[str, str]:
    return {
        str(path[2]): row["name"]
        for path, row in rows.items()
        if path[0] == "domain text" and path[1] == number
    }


def _task_texts(rows: Rows, code: object) -> dict[str, dict[str, str]]:
    return {
        str(path[2]): dict(row) for path, row in rows.items() if path[0] == "task text" and path[1] == code
    }


def _rows(content: Content, stored: Rows) -> Rows:
    """Return every row as the content wants it; what follows from other content stays as it is."""
    facts = dict(content["facts"])
    facts |= _days_in(facts)
    if "profile" in content:
        facts["profile"] = profiles.stored(content["profile"])
    rows: Rows = {("certification",): {**stored["certification",], **facts}}
    for language, words in content["texts"].items():
        rows["text", language] = dict(words)
    for domain in content["domains"]:
        number = domain["number"]
        rows["domain", number] = {"weight_percent": domain["weight_percent"], "is_current": True}
        for language, name in domain["names"].items():
            rows["domain text", number, language] = {"name": name}
    for task in content["tasks"]:
        rows["task", task["code"]] = {"domain": task["domain"], "is_current": True}
        for language, words in task["texts"].items():
            rows["task text", task["code"], language] = dict(words)
    return rows


def _remarks(certification: Certification, content: Content) -> Iterator[Remark]:
    yield from _about_facts(content["facts"])
    yield from _about_days(content["facts"])
    yield from profiles.remarks(content.get("profile"))
    yield from _about_texts(content["texts"], certification.original_language)
    if not content["domains"]:
        yield _blocking("domains", "no-domain", _("Add the domains of the exam guide."))
    elif sum(domain["weight_percent"] for domain in content["domains"]) != WHOLE:
        yield _blocking("domains", "whole-weights", _("The weights of the domains do not add up to 100%."))
    yield from _doubles(content)
    yield from _without_tasks(content)
    yield from _unnamed(content, certification.original_language)


def _about_facts(facts: Mapping[str, Any]) -> Iterator[Remark]:
    for name in ("vendor", "level"):
        if not facts[name]:
            yield _blocking(f"facts.{name}", "missing-text", _("This text is missing."))
    if not facts["duration_minutes"]:
        yield _blocking("facts.duration_minutes", "no-time", _("Say how many minutes the exam takes."))
    if not facts["scale_max"]:
        yield _blocking("facts.pass_mark", "scale-in-order", str(NO_SCALE))
    elif not facts["scale_min"] < facts["pass_mark"] <= facts["scale_max"]:
        yield _blocking("facts.pass_mark", "scale-in-order", _("The passing score is outside the scale."))
    if not facts["items_scored"]:
        yield _blocking("facts.items_scored", "scored-within-total", _("No question is scored."))
    elif facts["items_scored"] > facts["items_total"]:
        yield _blocking(
            "facts.items_scored", "scored-within-total", _("More questions are scored than asked.")
        )


def _about_days(facts: Mapping[str, Any]) -> Iterator[Remark]:
    days, planned = _days_in(facts), facts[PLANNED]
    if name := too_early(days):
        yield _blocking(f"facts.{name}", "days-in-order", _("This day is before the one that comes first."))
    for name in planned:
        # That an exam will go live may be planned before its day is.
        if name != "live_on" and not facts[name]:
            yield _blocking(f"facts.{name}", "nothing-planned", _("This is planned, but nothing is entered."))
    for name, day in days.items():
        if name in planned and day and day < timezone.localdate():
            sentence = _("This planned day has passed. Confirm it, or enter the new one.")
            yield Remark(f"facts.{name}", "plan-passed", sentence, blocks=False)


def _about_texts(texts: Mapping[str, Any], original: str) -> Iterator[Remark]:
    if original not in texts:
        yield _blocking(f"texts.{original}", "original-text", _("The original text is missing."))
    for language, words in texts.items():
        for name in REQUIRED:
            if not words[name]:
                field = f"texts.{language}.{name}"
                yield _blocking(field, "missing-text", _("This text is missing."), language)


def _doubles(content: Content) -> Iterator[Remark]:
    for what, name in (("domains", "number"), ("tasks", "code")):
        values = [row[name] for row in content[what]]
        for number, value in enumerate(values):
            if value in values[:number]:
                yield _blocking(f"{what}.{number}.{name}", "twice", _("This one is there twice."))
    numbers = {domain["number"] for domain in content["domains"]}
    for number, task in enumerate(content["tasks"]):
        if task["domain"] not in numbers:
            yield _blocking(f"tasks.{number}.domain", "known-domain", _("There is no such domain."))
        if not task["code"]:
            yield _blocking(f"tasks.{number}.code", "missing-text", _("This text is missing."))


def _without_tasks(content: Content) -> Iterator[Remark]:
    """Yield domains that no question can belong to, since questions belong to tasks."""
    filled = {task["domain"] for task in content["tasks"]}
    for number, domain in enumerate(content["domains"]):
        if domain["number"] not in filled:
            sentence = _("Add a task statement of this domain: each question belongs to one.")
            yield Remark(f"domains.{number}.number", "no-task", sentence, blocks=False)


def _unnamed(content: Content, original: str) -> Iterator[Remark]:
    """Yield domains and tasks that have no name in a language in which the pages speak."""
    for language in {original, *content["texts"]}:
        for number, domain in enumerate(content["domains"]):
            if not domain["names"].get(language):
                field = f"domains.{number}.names.{language}"
                yield _blocking(field, "missing-text", _("This text is missing."), language)
        for number, task in enumerate(content["tasks"]):
            words: Mapping[str, str] = task["texts"].get(language, {})
            if not words.get("title"):
                field = f"tasks.{number}.texts.{language}.title"
                yield _blocking(field, "missing-text", _("This text is missing."), language)


def _blocking(field: str, rule: str, sentence: str, language: str = "") -> Remark:
    return Remark(field, rule, sentence, blocks=True, language=language)
