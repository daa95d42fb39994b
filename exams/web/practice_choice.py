"""What may be chosen to practice: groups and topics with live counts, how many, and when answers are told."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from exams.attempts.drills import DrillSettings
from exams.attempts.models import Feedback
from exams.attempts.pools import Filters, Pool, PoolItem
from exams.catalog.selectors import DomainFacts
from exams.insights.dashboard import Standing
from exams.presentation.item_fields import DIFFICULTIES

FORGETTING_DAYS: Final = 3
NUMBERS: Final = (5, 10, 20, 40, 65)
TIMED: Final = "timed"
FEEDBACKS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    Feedback.AT_ONCE: (_("Tutor"), _("answers after each question")),
    Feedback.AT_END: (_("Test"), _("answers at the end")),
    TIMED: (_("Timed"), _("at the pace of the exam")),
}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of questions: what it is called, what is in it, and by which filters it is found."""

    label: str | Promise
    note: str | Promise
    filters: Filters


GROUPS: Final[Mapping[str, Group]] = {
    Pool.MISSED: Group(_("Missed"), _("Incorrect last time"), Filters(Pool.MISSED)),
    "later": Group(
        _("Missed a while ago"), _("And not seen for 3 days"), Filters(Pool.MISSED, days=FORGETTING_DAYS)
    ),
    Pool.SURE: Group(_("Sure but incorrect"), _("You were sure last time"), Filters(Pool.SURE)),
    Pool.UNSURE: Group(_("Unsure or guessed"), _("Even if correct"), Filters(Pool.UNSURE)),
    Pool.FLAGGED: Group(_("Flagged"), _("Flagged last time"), Filters(Pool.FLAGGED)),
    Pool.BOOKMARKED: Group(_("Bookmarked"), _("In your notebook"), Filters(Pool.BOOKMARKED)),
    Pool.SLOW: Group(_("Slow"), _("Slower than the pace of the exam"), Filters(Pool.SLOW)),
    Pool.NEW: Group(_("New to me"), _("Never shown to you"), Filters(Pool.NEW)),
    Pool.ALL: Group(_("All questions"), _("All that you can practice"), Filters(Pool.ALL)),
}
_CHECKED: Final = mark_safe(" checked")
_NOTE: Final = ' <span class="meta">{}</span>'
_DISABLED: Final = mark_safe(" disabled")
_WEAK: Final = re.compile(r"weak-(\d{1,6})")
_DIGITS: Final = re.compile(r"\d{1,6}", re.ASCII)
_TASK: Final = re.compile(r"[\w.-]{1,20}", re.ASCII)


def pool_name(pool: str) -> str | Promise:
    """Return what a drill of a pool is called, "" for a pool that is not known any more."""
    if pool == Pool.TO_LEARN:
        return gettext("Not answered correctly yet")
    if pool == Pool.MISSED:
        return gettext("Missed questions")
    return GROUPS[pool].label if pool in GROUPS else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen. No topic means all of them; no `group` that none was asked for."""

    group: str = ""
    domains: tuple[int, ...] = ()
    tasks: tuple[str, ...] = ()
    difficulties: tuple[str, ...] = ()
    number: int = 10
    feedback: str = Feedback.AT_ONCE

    @classmethod
    def of(cls, sent: QueryDict, *, is_link: bool = False) -> "Choice":
        """Read a form, or a link, of which what cannot be chosen is left out.

        Raises Refused `invalid` for a form that no page of ours sends.
        """

        def chosen(name: str, can_be: Callable[[str], object]) -> list[str]:
            values = sent.getlist(name)
            found = [value for value in values if can_be(value)]
            if len(found) < len(values) and not is_link:
                raise unreadable()
            return found

        def last(name: str, can_be: Callable[[str], object], otherwise: str) -> str:
            return [otherwise, *chosen(name, can_be)][-1]

        return cls(
            last("pool", lambda pool: pool in GROUPS or _WEAK.fullmatch(pool), ""),
            tuple({int(number): None for number in chosen("domain", _DIGITS.fullmatch)}),
            tuple(dict.fromkeys(chosen("task", _TASK.fullmatch))),
            tuple(dict.fromkeys(chosen("difficulty", DIFFICULTIES.__contains__))),
            int(last("number", _DIGITS.fullmatch, "10")),
            last("feedback", FEEDBACKS.__contains__, Feedback.AT_ONCE),
        )

    @property
    def has_topics(self) -> bool:
        """Whether domains or task statements were chosen."""
        return bool(self.domains or self.tasks)

    @property
    def filters(self) -> Filters:
        """What is drawn from; in a group that is one domain, no other is chosen."""
        group = self.group or Pool.ALL
        return replace(
            group_filters(group),
            domains=() if _WEAK.fullmatch(group) else self.domains,
            tasks=self.tasks,
            difficulties=self.difficulties,
        )

    @property
    def drill_settings(self) -> DrillSettings:
        """The drill to start."""
        is_timed = self.feedback == TIMED
        feedback = Feedback.AT_END if is_timed else Feedback(self.feedback)
        return DrillSettings(self.filters, self.number, feedback=feedback, is_paced=is_timed)


def most_to_gain(name: str) -> str:
    """Return what practice of the domain with most to gain is called."""
    return gettext("Most to gain: %(name)s") % {"name": name}


def group_filters(group: str) -> Filters:
    """Return by which filters a group is found; that of a domain names it."""
    weak = _WEAK.fullmatch(group)
    return Filters(Pool.TO_LEARN, within=int(weak[1])) if weak else GROUPS[group].filters


def unreadable() -> Refused:
    """Return the refusal of what no page of ours sends."""
    return Refused("invalid", 422, _("Enter whole numbers, and choose from the lists."))


def groups_of(costliest: Standing | None) -> dict[str, Group]:
    """Return the groups to choose from; the domain with most to gain comes first."""
    if costliest is None:
        return dict(GROUPS)
    number = costliest.domain.number
    label = most_to_gain(costliest.domain.name)
    note = ngettext(
        "Not answered correctly yet. The domain has about %(cost)d point to gain.",
        "Not answered correctly yet. The domain has about %(cost)d points to gain.",
        costliest.cost,
    ) % {"cost": costliest.cost}
    return {f"weak-{number}": Group(label, note, group_filters(f"weak-{number}")), **GROUPS}


def completed(
    choice: Choice, found: Mapping[str, Collection[PoolItem]], costliest: Standing | None
) -> Choice:
    """Return a choice with a group: that of the next step, unless a link names another or other topics."""
    if choice.group in found:
        return choice
    weak = f"weak-{costliest.domain.number}" if costliest else ""
    if costliest and choice.domains == (costliest.domain.number,) and not choice.tasks and found[weak]:
        return replace(choice, group=weak, domains=())
    if choice.has_topics:
        return replace(choice, group=Pool.ALL)
    first = next((group for group in (weak, Pool.MISSED, Pool.NEW) if found.get(group)), Pool.ALL)
    return replace(choice, group=first)


def context(
    choice: Choice,
    items: Collection[PoolItem],
    domains: Sequence[DomainFacts],
    tasks: Sequence[tuple[int, str, str]],
    costliest: Standing | None,
) -> dict[str, Any]:
    """Return what the page of practice shows of a choice: chips to choose by, each with its count."""
    groups = groups_of(costliest)
    found = {name: group.filters.of(items) for name, group in groups.items()}
    domain_of = {code: number for number, code, _title in tasks}
    choice = replace(
        choice,
        domains=tuple(one.number for one in domains if one.number in choice.domains),
        tasks=tuple(code for code in choice.tasks if code in domain_of),
    )
    choice = completed(choice, found, costliest)
    matching = len(choice.filters.of(items, domain_of))
    return {
        "choice": choice,
        "chips": {
            "groups": _groups(groups, found, choice.group),
            **_topic_chips(choice, found[choice.group], domains, tasks),
            "numbers": radios("number", [(number, number, "") for number in NUMBERS], choice.number),
            "feedbacks": radios(
                "feedback", [(name, *words) for name, words in FEEDBACKS.items()], choice.feedback
            ),
        },
        "matching": matching,
        "drawn": min(matching, choice.number),
        "stock": _stock(items, list(found.values()), domain_of),
    }


def _topic_chips(
    choice: Choice,
    in_group: Collection[PoolItem],
    domains: Sequence[DomainFacts],
    tasks: Sequence[tuple[int, str, str]],
) -> dict[str, SafeString]:
    """Return the chips that narrow a group; domains and tasks are counted within the difficulties."""
    fitting = Filters(difficulties=choice.difficulties).of(in_group)
    of_domain, of_task = Counter(item.domain for item in fitting), Counter(item.task for item in fitting)
    of_difficulty = Counter(item.difficulty for item in in_group)
    counted_domains = [(one.number, one.name, of_domain[one.number]) for one in domains]
    counted_tasks = [(code, f"{code} {title}", of_task[code]) for _, code, title in tasks]
    difficulties = [(name, label, of_difficulty[name]) for name, label in DIFFICULTIES.items()]
    return {
        "domains": _topics("domain", counted_domains, choice.domains),
        "tasks": _topics("task", counted_tasks, choice.tasks),
        "difficulties": _topics("difficulty", difficulties, choice.difficulties),
    }


# --- Chips: made here, since a template takes ten times as long for fifty of them


def _checked(value: object, chosen: Container[object]) -> str:
    return _CHECKED if value in chosen else ""


def _groups(
    groups: Mapping[str, Group], found: Mapping[str, Collection[PoolItem]], chosen: str
) -> SafeString:
    return format_html_join(
        "\n",
        '<label class="chip preset"><input type="radio" name="pool" value="{}"{}><b>{}</b>'
        '<span class="num">{}</span><span class="meta">{}</span></label>',
        (
            (
                name,
                _checked(name, (chosen,)) or (not found[name] and _DISABLED) or "",
                group.label,
                len(found[name]),
                group.note,
            )
            for name, group in groups.items()
        ),
    )


def _topics(
    name: str, topics: Iterable[tuple[object, str | Promise, int]], chosen: Container[object]
) -> SafeString:
    return format_html_join(
        "\n",
        '<label class="chip"><input type="checkbox" name="{}" value="{}"{}>{} '
        '<span class="num">{}</span></label>',
        ((name, value, _checked(value, chosen), label, count) for value, label, count in topics),
    )


def radios(name: str, choices: Iterable[tuple[object, object, object]], chosen: object) -> SafeString:
    """Return chips of which one is chosen: value, label, and what it means in smaller letters."""
    return format_html_join(
        "\n",
        '<label class="chip"><input type="radio" name="{}" value="{}"{}>{}{}</label>',
        (
            (name, value, _checked(value, (chosen,)), label, note and format_html(_NOTE, note))
            for value, label, note in choices
        ),
    )


def _stock(
    items: Collection[PoolItem], found: Sequence[Collection[PoolItem]], domain_of: Mapping[str, int]
) -> str:
    """Return what the script counts: domain, task, difficulty, groups by their places, and how many.

    A task without any has a row, too, where there are others: it narrows its domain all the same.
    """
    empty = domain_of.keys() - {item.task for item in items} if items else ()
    rows = Counter[tuple[int, str, str, tuple[int, ...]]]({(domain_of[one], one, "", ()): 0 for one in empty})
    for item in items:
        places = tuple(place for place, of_group in enumerate(found) if item in of_group)
        rows[item.domain, item.task, item.difficulty, places] += 1
    return json.dumps([[*row, count] for row, count in rows.items()], separators=(",", ":"))
