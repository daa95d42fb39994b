"""One email on mornings with work, for whoever chose it: what is due today, about how long, and one link.

Its key names person and day, so that of any number of workers one writes it. Right before it is sent all of
it is looked at again: one that has become untrue is deleted by the sender, and written anew that morning.
It names exams, domains and how much is due, never a question: whoever reads it may meet that one soon.
"""

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.account.models import EmailAddress
from celery import shared_task
from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.access import entitlements
from accounts.access.policy import Reason
from accounts.outbox import services as outbox
from accounts.outbox.encryption import Parameters, decrypt
from accounts.outbox.models import Mail
from accounts.profile.models import Profile
from accounts.profile.reminders import STUDY, token
from exams.attempts.models import Attempt, Mode, State
from exams.catalog import selectors as catalog
from exams.content import states
from exams.insights.dashboard import Dashboard, Here
from exams.insights.models import ExamDate
from exams.insights.plan import Kind, Task
from exams.presentation import formatting

MAIL: Final = "exams/email/study_today"
MORNING: Final = (7, 8)
"""Hours of the reader's clock. Beat asks every 15 minutes: usually it is written within the first."""
USEFUL: Final = dt.timedelta(hours=2)
REFUSED: Final = "SMTPRecipientsRefused"
WORK: Final = (Kind.EXAM, Kind.REVIEW, Kind.DRILL, Kind.REPEAT)
# A set has ten questions unless somebody asks for more; with its explanation one takes about two minutes.
QUESTIONS_OF_A_SET: Final = 10
MINUTES_A_QUESTION: Final = 2

logger = logging.getLogger(__name__)


@shared_task(name="exams.send_study_mails", expires=600)
def send_study_mails() -> None:
    """Write the emails of this morning, by a worker."""
    send_due()


def send_due() -> int:
    """Write the emails that are due and not written yet; return how many. Any number may do it at once."""
    written = 0
    for profile, here in _readers():
        key = _key(profile, here)
        if Mail.objects.filter(dedupe_key=key).exists():
            continue
        try:
            parameters = _parameters(profile, here)
        except Exception:
            # Whoever comes after one whose figures are odd has a morning, too.
            logger.exception("no study email", extra={"person": profile.pk})
            continue
        written += parameters is not None and outbox.post(
            MAIL,
            profile.user.email,
            parameters,
            person=profile.user,
            language=profile.ui_language,
            dedupe_key=key,
            useful_for=USEFUL,
        )
    return written


def is_still_due(mail: Mail) -> bool:
    """Say whether a mail that waits says what it would say if it were written now."""
    return mail.person_id is None or any(
        (_key(profile, here), profile.user.email) == (mail.dedupe_key, mail.to_address)
        and _parameters(profile, here) == decrypt(mail.sealed)
        for profile, here in _readers(mail.person_id)
    )


def _key(profile: Profile, here: Here) -> str:
    return f"study-{profile.pk}-{here.today}"


def _readers(user_id: int | None = None) -> Iterator[tuple[Profile, Here]]:
    """Return whoever chose these emails, may get any, takes no exam, and has a morning now."""
    now = entitlements.now()
    chosen = Profile.objects.filter(study_reminders=True)
    zones = {}
    for name in chosen.values_list("time_zone", flat=True).distinct():
        try:
            zones[name] = ZoneInfo(name)
        except ZoneInfoNotFoundError:
            # Stored before a release of the time zones that has dropped it.
            logger.exception("no study email in this time zone", extra={"zone": name})
    rows = _reachable(chosen).filter(
        time_zone__in=[name for name, zone in zones.items() if now.astimezone(zone).hour in MORNING]
    )
    for profile in rows if user_id is None else rows.filter(pk=user_id):
        yield profile, Here(zones[profile.time_zone], profile.ui_language, profile.accommodation)


def _reachable(profiles: QuerySet[Profile]) -> QuerySet[Profile]:
    person = OuterRef("user")
    mailbox = EmailAddress.objects.filter(user=person, email__iexact=OuterRef("user__email"), verified=True)
    # Its rows are kept for `MAIL_DAYS`: so long nothing is sent to an address that a mail server refused.
    bounced = Mail.objects.filter(
        person=person, to_address=OuterRef("user__email"), last_error__startswith=REFUSED
    ).exclude(given_up_at=None)
    taking = Attempt.objects.filter(user=person, mode=Mode.EXAM, state__in=(State.RUNNING, State.EXPIRED))
    rows = profiles.filter(Exists(mailbox), ~Exists(bounced), ~Exists(taking), user__is_active=True)
    return rows.select_related("user").order_by("pk")


def _parameters(profile: Profile, here: Here) -> Parameters | None:
    """Return what the mail says, the course with the nearest exam first; None on a day without work."""
    with override(here.language), timezone.override(here.zone):
        courses = [(course, tasks) for course in _courses(profile, here) if (tasks := _tasks(course))]
        if not courses:
            return None
        lines, seconds = [], 0
        for course, tasks in courses:
            for task in tasks:
                name, task_seconds = _line(course, task)
                lines.append(f"{course.code.upper()}: {name}" if len(courses) > 1 else name)
                seconds += task_seconds
        code = courses[0][0].code
        return {
            "courses": formatting.listed([course.code.upper() for course, _tasks in courses]),
            "course": code.upper(),
            "course_url": settings.SITE_URL + reverse("exams:today", args=[code]),
            "tasks": "\n".join(lines),
            "duration": formatting.duration(seconds) if seconds else "",
            "unsubscribe_url": settings.SITE_URL
            + reverse("accounts:study_reminders", args=[token(profile.pk, STUDY)]),
        }


def _courses(profile: Profile, here: Here) -> Iterator[Dashboard]:
    """Return the courses that may have work: none whose exam is over, and no retired one."""
    dates = dict(ExamDate.objects.filter(user=profile.pk).values_list(F("certification__code"), F("day")))
    known = {one.facts.code: one.facts for one in catalog.certifications(here.language)}
    for code in sorted(known, key=lambda code: (dates.get(code, dt.date.max), code)):
        day = dates.get(code)
        if known[code].state is states.State.RETIRED or (day and day < here.today):
            continue
        course = Dashboard(profile.user, code, here)
        course.facts, course.exam_day = known[code], day
        if course.access or course.access.reason is Reason.NOT_ENTITLED:
            yield course


def _tasks(course: Dashboard) -> list[Task]:
    """Return what is for today: by the plan, else what is due to be repeated."""
    days = course.plan.days if course.plan else ()
    planned = [
        task for day in days if day.day == course.here.today for task in day.tasks if task.kind in WORK
    ]
    return planned or ([Task(Kind.REPEAT)] if course.due else [])


def _line(course: Dashboard, task: Task) -> tuple[str, int]:
    """Return what is said of a task, and about how many seconds it takes, 0 where that is not known."""
    name, seconds = course.task_name(task), QUESTIONS_OF_A_SET * MINUTES_A_QUESTION * 60
    if task.kind is Kind.EXAM:
        seconds = course.seconds_of(task.number)
    elif task.kind is Kind.REPEAT and course.repetition:
        name, seconds = course.repetition.title, course.repetition.minutes * 60
    elif task.kind is Kind.REVIEW and course.last:
        name = formatting.review_name(course.last.missed, task.number)
    if not seconds:
        return name, 0
    line = _("%(task)s, about %(duration)s")
    return line % {"task": name, "duration": formatting.duration(seconds)}, seconds
