"""News of drafts by mail: at most one mail a person and hour, which says all of it.

The first news of an hour writes the mail down, to be sent when the hour is over. What it says is read from
the record of acts and from the comments when it is sent, so there is no list of news beside these.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from django.contrib.postgres.functions import TransactionNow
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.audit import services as audit
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.authoring import rights
from exams.authoring.models import Draft, DraftComment

MAIL: Final = "exams/email/draft_news"
KEY: Final = "drafts-"
"""With it begin the keys of mails that say all of an hour."""
HOUR: Final = dt.timedelta(hours=1)
# An act that began within the hour may be committed a moment after it.
MARGIN: Final = dt.timedelta(minutes=1)
NEWS: Final = {
    "send": "review",
    "send back": "back",
    "approve": "approved",
    "assign": "assigned",
    "discard": "discarded",
    "publish": "published",
}


@dataclass(frozen=True, slots=True)
class News:
    """An act or a comment of somebody else on a draft; `text` is a comment or a reason."""

    at: dt.datetime
    draft: Draft
    kind: str
    by: str
    text: str


def announce(draft: Draft, actor: User) -> None:
    """Have author and assignee told of what was done to a draft just now, except who did it.

    The last thing that an act does: the key of a mail is held until the act is committed.
    """
    people = {person.pk: person for person in (draft.author, draft.assignee) if person and person.is_active}
    people.pop(actor.pk, None)
    if not people:
        return
    began, now = Draft.objects.filter(pk=draft.pk).values_list(TransactionNow(), Now()).get()
    # An act that began in one hour may be written down in the next: the mail that has no news is not sent.
    for since in sorted({_hour_of(began), _hour_of(now)}):
        # In one order everywhere: two acts at once that wait for each other's keys would be a deadlock.
        for _pk, person in sorted(people.items()):
            outbox.post(
                MAIL,
                person.email,
                {"person": person.pk, "since": int(since.timestamp())},
                person=person,
                language=profiles.of(person).ui_language,
                dedupe_key=f"{KEY}{person.pk}-{int(since.timestamp())}",
                after=since + HOUR + MARGIN - now,
            )


def of(person_id: int, since: dt.datetime) -> list[News]:
    """Return what others did within an hour to the drafts of a person, by draft and in order.

    Two statements beside one for the drafts. Whoever is neither author nor assignee any more hears nothing.
    """
    drafts = Draft.objects.filter(Q(author=person_id) | Q(assignee=person_id)).select_related("certification")
    return sorted(_news(drafts, person_id, since), key=attrgetter("draft.pk", "at"))


def _news(drafts: QuerySet[Draft], person_id: int, since: dt.datetime) -> Iterator[News]:
    within = {"at__gte": since, "at__lt": since + HOUR}
    entries = audit.of_all(Draft, drafts).filter(action__in=NEWS, **within).exclude(actor=person_id)
    known = drafts.in_bulk([int(entry.subject_id) for entry in entries])
    for entry in entries:
        by = entry.actor.email if entry.actor else ""
        yield News(entry.at, known[int(entry.subject_id)], NEWS[entry.action], by, entry.reason)
    # Why a draft was sent back is a comment, too.
    reasons = {(entry.actor_id, entry.reason.strip()) for entry in entries if entry.action == "send back"}
    comments = DraftComment.objects.filter(draft__in=drafts, **within).exclude(person=person_id)
    for comment in comments.select_related("person", "draft__certification"):
        if (comment.person_id, comment.text) not in reasons:
            by = comment.person.email if comment.person else ""
            yield News(comment.at, comment.draft, "comment", by, comment.text)


def by_itself(draft_id: int, kind: str, by: str, text: str) -> list[News]:
    """Return the news that a mail of the version before carries; it was sent for each piece of news."""
    drafts = Draft.objects.filter(pk=draft_id).select_related("certification")
    return [News(draft.saved_at, draft, kind, by, text) for draft in drafts]


def is_wanted(mail: Mail) -> bool:
    """Tell whether a mail that waited still has anything to say, and its reader may still hear it."""
    person = mail.person
    if person is None or not (person.is_staff and rights.may(person, rights.SEE)):
        return False
    if not mail.dedupe_key.startswith(KEY):
        return True
    since = dt.datetime.fromtimestamp(int(mail.dedupe_key.rpartition("-")[2]), tz=dt.UTC)
    return bool(of(person.pk, since))


def _hour_of(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
