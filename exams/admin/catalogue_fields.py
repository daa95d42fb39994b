"""The fields of a drafted certification: what its form sends, what its buttons do, what fields are called."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exams.admin import profile_fields
from exams.authoring.catalogue import FACTS, MOST_DOMAINS, MOST_TASKS, NUMBERS, WHOLE
from exams.authoring.kinds import Content
from exams.content.formats.certification_yaml import OPTIONAL, REQUIRED
from i18n import languages

WORDS: Final = (*REQUIRED, *OPTIONAL)
LABELS: Final[Mapping[str, Promise]] = {
    "vendor": gettext_lazy("Vendor"),
    "level": gettext_lazy("Level"),
    "status": gettext_lazy("Status"),
    "successor_code": gettext_lazy("Code of the successor"),
    "retired_on": gettext_lazy("Last exam day"),
    "duration_minutes": gettext_lazy("Minutes"),
    "items_total": gettext_lazy("Questions"),
    "items_scored": gettext_lazy("Scored questions"),
    "pass_mark": gettext_lazy("Passing score"),
    "scale_min": gettext_lazy("Lowest score"),
    "scale_max": gettext_lazy("Highest score"),
    "exam_fee_usd": gettext_lazy("Exam fee in USD"),
    "validity_years": gettext_lazy("Validity in years"),
    "retake_wait_days": gettext_lazy("Days until a retake"),
    "accommodation_minutes": gettext_lazy("Extra minutes in a foreign language"),
    "name": gettext_lazy("Name"),
    "summary": gettext_lazy("Summary"),
    "description": gettext_lazy("Description"),
    "recommended_experience": gettext_lazy("Recommended experience"),
    "question_types": gettext_lazy("Question types"),
    "delivery": gettext_lazy("Testing options"),
    "retake": gettext_lazy("Retake"),
    "results_note": gettext_lazy("Results"),
    "accommodation": gettext_lazy("Extra time"),
    "retirement_note": gettext_lazy("After retirement"),
    "successor_name": gettext_lazy("Name of the successor"),
    "successor_note": gettext_lazy("About the successor"),
    "facts": gettext_lazy("Facts"),
    "domains": gettext_lazy("Domains"),
    "tasks": gettext_lazy("Task statements"),
    "number": gettext_lazy("Number"),
    "weight_percent": gettext_lazy("Weight in percent"),
    "code": gettext_lazy("Code"),
    "domain": gettext_lazy("Domain"),
    "title": pgettext_lazy("of a task statement", "Title"),
    "covers": pgettext_lazy("of a task statement", "Covers"),
}
HINTS: Final[Mapping[str, Promise]] = {
    "items_total": gettext_lazy("In one exam, according to the exam guide."),
    "items_scored": gettext_lazy("How many of them count."),
    "retired_on": gettext_lazy("Such as 2026-03-31. Empty while the exam can be taken."),
    "successor_code": gettext_lazy("Empty if there is none."),
    "accommodation_minutes": gettext_lazy("0 if the vendor gives none."),
}
STATUSES: Final = (
    ("active", pgettext_lazy("status of a certification", "active")),
    ("announced", pgettext_lazy("status of a certification", "announced")),
    ("retired", pgettext_lazy("status of a certification", "retired")),
)
DOMAIN: Final = re.compile(r"domains\.(\d{1,2})\.number")
TASK: Final = re.compile(r"tasks\.(\d{1,3})\.code")


def content_of(post: Mapping[str, str], stored: Content) -> dict[str, Any]:
    """Return the content that a form holds; what it leaves out stays, what is no number stays as typed."""
    facts = stored["facts"]
    return {
        "facts": {
            name: _number(post[f"facts.{name}"]) if name in NUMBERS else post[f"facts.{name}"].strip()
            for name in FACTS
            if f"facts.{name}" in post
        }
        | {name: facts[name] for name in FACTS if f"facts.{name}" not in post},
        "profile": profile_fields.content_of(post, stored.get("profile")),
        "texts": dict(_texts(post, stored["texts"])),
        "domains": _rows(post, DOMAIN, stored["domains"], _domain)
        if "domains" in post
        else stored["domains"],
        "tasks": _rows(post, TASK, stored["tasks"], _task) if "tasks" in post else stored["tasks"],
    }


def _number(given: str) -> object:
    given = given.strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else given


def _texts(post: Mapping[str, str], stored: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts by language; one of which nothing is written is none, unless it is the first."""
    for language in languages.CODES:
        known = stored.get(language)
        words = {name: post.get(f"texts.{language}.{name}", (known or {}).get(name, "")) for name in WORDS}
        if any(said.strip() for said in words.values()) or (known is not None and not any(known.values())):
            yield language, words


def _rows(post: Mapping[str, str], pattern: re.Pattern[str], stored: Sequence[Any], make: Any) -> list[Any]:  # noqa: ANN401
    numbers = sorted({int(found[1]) for name in post if (found := pattern.fullmatch(name))})
    return [make(post, number, stored[number] if number < len(stored) else {}) for number in numbers]


def _domain(post: Mapping[str, str], number: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    place = f"domains.{number}"
    return {
        "number": _number(post[f"{place}.number"]),
        "weight_percent": _number(post.get(f"{place}.weight_percent", str(stored.get("weight_percent", "")))),
        "names": {
            language: name
            for language in languages.CODES
            if (name := post.get(f"{place}.names.{language}", stored.get("names", {}).get(language, "")))
        },
    }


def _task(post: Mapping[str, str], number: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    place, known = f"tasks.{number}", stored.get("texts", {})
    texts = {
        language: {
            name: post.get(f"{place}.texts.{language}.{name}", known.get(language, {}).get(name, ""))
            for name in ("title", "covers")
        }
        for language in languages.CODES
    }
    return {
        "code": post[f"{place}.code"],
        "domain": _number(post.get(f"{place}.domain", str(stored.get("domain", "")))),
        "texts": {language: words for language, words in texts.items() if any(words.values())},
    }


def changed(content: dict[str, Any], act: str) -> dict[str, Any]:
    """Return the content after a button: add or remove a domain or a task statement.

    What is no act, and a row too many, changes nothing.
    """
    name, _point, rest = act.partition(".")
    place = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 4 else -1
    domains, tasks = list(content["domains"]), list(content["tasks"])
    if name == "add-domain" and len(domains) < MOST_DOMAINS:
        domains.append(_new_domain(domains))
    elif name == "add-task" and domains and len(tasks) < MOST_TASKS:
        tasks.append(_new_task(tasks, place if place > 0 else domains[-1]["number"]))
    elif name == "remove-domain":
        domains = [row for number, row in enumerate(domains) if number != place]
    elif name == "remove-task":
        tasks = [row for number, row in enumerate(tasks) if number != place]
    return {**content, "domains": domains, "tasks": tasks}


def _new_domain(domains: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a domain with the next number and the weight that is left."""
    numbers = [one["number"] for one in domains if isinstance(one["number"], int)]
    weights = [one["weight_percent"] for one in domains if isinstance(one["weight_percent"], int)]
    return {
        "number": max(numbers, default=0) + 1,
        "weight_percent": max(WHOLE - sum(weights), 1),
        "names": {},
    }


def _new_task(tasks: Sequence[Mapping[str, Any]], domain: object) -> dict[str, Any]:
    """Return a task statement of a domain, with the first code that is free there."""
    known = {one["code"] for one in tasks}
    number = next(number for number in range(1, MOST_TASKS + 2) if f"{domain}.{number}" not in known)
    return {"code": f"{domain}.{number}", "domain": domain, "texts": {}}


def label_of(path: str) -> str:
    """Return the label of a path where it stands alone: "Domain, row 2: Name (Magyar)"."""
    name, *steps = path.split(".")
    if name == "profile":
        return profile_fields.label_of(path)
    if name in ("domains", "tasks") and steps:
        rows = {"domains": _("Domain, row %(number)s"), "tasks": _("Task statement, row %(number)s")}
        row = rows[name] % {"number": int(steps[0]) + 1}
        return f"{row}: {_inner(steps[1:])}" if len(steps) > 1 else row
    if name == "texts" and len(steps) == 1:
        return languages.name_of(steps[0])
    return _inner(steps) if name in ("facts", "texts") and steps else str(LABELS.get(name, name))


def _inner(steps: Sequence[str]) -> str:
    """Return the label of what is inside a row: names and texts are in a language."""
    spoken = next((step for step in steps if step in languages.CODES), "")
    name = "name" if steps[0] == "names" else steps[-1]
    label = str(LABELS.get(name, name))
    return f"{label} ({languages.name_of(spoken)})" if spoken else label
