"""Who changed what and why: the acts of people and publications on one thing, the newest first.

All of it is read from rows that nobody can change or delete: entries of the two logs (`PublishLog`,
`AuditEntry`), comments, and what a draft was before somebody else went on with it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.assembly.models import ExamForm, FormEdition
from exams.authoring import catalog, forms, items, selectors
from exams.authoring.item_rulings import Outcome
from exams.authoring.models import Draft, DraftComment, DraftSave
from exams.bank.models import Item, ItemText, ItemVersion, KeyRuling
from exams.catalog.models import Certification
from exams.publication.models import PublishLog
from exams.publication.pending import NOBODY_ELSE
from i18n import languages

SHOWN: Final = 200
ACTS: Final[Mapping[str, Promise]] = {
    "begin": pgettext_lazy("what somebody did", "began a draft"),
    "send": pgettext_lazy("what somebody did", "sent the draft to review"),
    "assign": pgettext_lazy("what somebody did", "assigned the draft"),
    "send back": pgettext_lazy("what somebody did", "sent the draft back"),
    "approve": pgettext_lazy("what somebody did", "approved the draft"),
    "publish": pgettext_lazy("what somebody did", "published the draft"),
    "rebase": pgettext_lazy("what somebody did", "compared the draft with the newer version"),
    "discard": pgettext_lazy("what somebody did", "discarded the draft"),
    "withdraw": pgettext_lazy("what somebody did", "withdrew the question"),
    "undo": pgettext_lazy("what somebody did", "undid the withdrawal"),
    "exchange": pgettext_lazy("what somebody did", "exchanged questions after a withdrawal"),
    "restore": pgettext_lazy("what somebody did", "went back to an earlier version"),
    "lift": pgettext_lazy("what somebody did", "lifted the ruling for the next version"),
    "answer": pgettext_lazy("what somebody did", "published a version that answers the ruling"),
    "carry over": pgettext_lazy("what somebody did", "carried the ruling over to the next version"),
    "put on site": pgettext_lazy("what somebody did", "put it on the site"),
    "confirm": pgettext_lazy("what somebody did", "confirmed it as a second person"),
}
ALONE: Final = pgettext_lazy("what somebody did", "alone, since nobody else has this right")
SAVED: Final = gettext_lazy("wrote revision %(number)s of the draft")
COMMENTED: Final = gettext_lazy("commented on the draft")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done: when, by whom ("" for nobody who is known), what, and the reason given.

    `draft` is the draft that it was done to, None where there is none.
    """

    at: dt.datetime
    who: str
    what: str
    why: str
    draft: int | None = None


def of_item(item: Item) -> list[Event]:
    """Return what happened to a question, its texts, rulings on it and its drafts. Six statements."""
    drafts = of_drafts(items.NAME, item.certification, item.code)
    return _sorted(_published(_versions_and_texts(item)), _acts(audit.of(item)), _rulings_on(item), drafts)


def _versions_and_texts(item: Item) -> Iterator[tuple[PublishLog, str]]:
    versions = ItemVersion.objects.filter(item=item, published_at__isnull=False).order_by("number")
    for version in versions.select_related("log__actor"):
        yield version.log, _("version %(number)s") % {"number": version.number}
    texts = ItemText.objects.filter(version__item=item, version__published_at__isnull=False)
    for text in texts.select_related("log__actor", "version").only("language", "revision", "version", "log"):
        if text.revision > 1 or text.log_id != text.version.log_id:
            values = {"language": languages.name_of(text.language), "number": text.revision}
            yield text.log, _("%(language)s, revision %(number)s") % values


def _rulings_on(item: Item) -> Iterator[Event]:
    """Yield what was ruled on versions of an item, and what became of it with the next. Two statements."""
    made = KeyRuling.objects.filter(version__item=item)
    for ruling in made.filter(carried_from=None).select_related("version", "log__actor"):
        values = {"number": ruling.version.number, "ruling": ruling.get_kind_display()}
        what = _("ruled on version %(number)s: %(ruling)s") % values
        yield Event(ruling.log.at, _name(ruling.log.actor), what, ruling.log.reason)
    yield from _acts(audit.of_all(KeyRuling, made).filter(action__in=Outcome.values))


def of_form(form: ExamForm) -> list[Event]:
    """Return what happened to an exam, its editions and its drafts. Three statements."""
    editions = FormEdition.objects.filter(form=form, published_at__isnull=False).order_by("number")
    published = (
        (edition.log, _("edition %(number)s") % {"number": edition.number})
        for edition in editions.select_related("log__actor")
    )
    drafts = of_drafts(forms.NAME, form.certification, f"{forms.PREFIX}{form.number}")
    return _sorted(_published(published), _acts(audit.of(form)), drafts)


def of_certification(certification: Certification) -> list[Event]:
    """Return what happened to facts, texts, domains and tasks of a certification. Three statements."""
    log = certification.log
    # What a person published is among the acts on drafts; a load of files has no draft.
    is_load = log is not None and log.source != PublishLog.Source.PERSON
    published = [(log, _("facts and texts"))] if log is not None and is_load else []
    drafts = of_drafts(catalog.NAME, certification, catalog.NAME, published=True)
    return _sorted(_published(published), _acts(audit.of(certification)), drafts)


def of_drafts(
    kind: str, certification: Certification, name: str, *, published: bool = False
) -> Iterator[Event]:
    """Yield what happened to all drafts of one thing. One statement.

    Their publication is left out unless it is asked for: what a thing has published says it already.
    """
    rows = selectors.acts(kind, certification, name)
    yield from _acts(rows if published else rows.exclude(action="publish"))


def of_draft(draft: Draft) -> list[Event]:
    """Return what happened to one draft: acts, comments, revisions that were kept. Three statements."""
    comments = DraftComment.objects.filter(draft=draft).select_related("person")
    saves = DraftSave.objects.filter(draft=draft).select_related("person").defer("content")
    return _sorted(
        (replace(event, draft=None) for event in _acts(audit.of(draft))),
        (Event(comment.at, _name(comment.person), str(COMMENTED), comment.text) for comment in comments),
        (Event(save.at, _name(save.person), str(SAVED) % {"number": save.revision}, "") for save in saves),
    )


def _acts(rows: QuerySet[AuditEntry]) -> Iterator[Event]:
    drafts = Draft._meta.label_lower
    for row in rows.order_by("-at", "-pk")[:SHOWN]:
        what = str(ACTS.get(row.action, row.action)) + _change(row.before, row.after)
        draft = int(row.subject_id) if row.subject_type == drafts else None
        yield Event(row.at, _name(row.actor), what, row.reason, draft)


def _change(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what took the place of what, or that an act had no second person."""
    if left := after.get("left"):
        return f" ({', '.join(f'{code} → {was["by"] or "-"}' for code, was in sorted(left.items()))})"
    if back := after.get("back"):
        return f" (- → {', '.join(back)})"
    if after.get("second_person") == NOBODY_ELSE:
        return f" ({ALONE})"
    if "version" not in after:
        return ""
    one, other = (values.get("version") for values in (before, after))
    return f" ({one or '-'} → {other or '-'})"


def _published(parts: Iterable[tuple[PublishLog, str]]) -> Iterator[Event]:
    """Yield an event for each entry of the log, with all that it published."""
    by_log: dict[PublishLog, list[str]] = {}
    for log, what in parts:
        by_log.setdefault(log, []).append(what)
    for log, published in by_log.items():
        what = _("published: %(parts)s") % {"parts": "; ".join(published)}
        yield Event(log.at, _name(log.actor) or str(log.get_source_display()), what, log.reason)


def _name(person: User | None) -> str:
    return person.email if person else ""


def _sorted(*parts: Iterable[Event]) -> list[Event]:
    events = [event for part in parts for event in part]
    return sorted(events, key=lambda event: event.at, reverse=True)[:SHOWN]
