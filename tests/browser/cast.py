"""People of the browser tests who have sat, failed and left exams, and their attempts by name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from unittest.mock import patch
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import BrowserSession, User
from exams.assembly import papers
from exams.assembly import selectors as assembly
from exams.assembly.models import FormItem
from exams.attempts import answers, drills, grading, leases, lifecycle, save_throttle, selectors
from exams.attempts.answers import Change
from exams.attempts.drills import Closing, DrillSettings
from exams.attempts.models import Attempt, Feedback, Mode
from exams.bank import services as bank
from exams.bank.drafts import TextDraft
from exams.bank.models import ItemVersion, Option
from exams.feedback import services
from exams.feedback.models import OptionCount
from flashcards.models import Card
from flashcards.scheduling.memory import Rating
from flashcards.services import own
from flashcards.services.own import OwnDraft
from tests import factories
from tests.accounts import selling
from tests.browser.house import House
from tests.flashcards.decks import history
from tests.template import connected_to

CALLS = count(1)


@dataclass(frozen=True, slots=True)
class Cast:
    """People by name, and their attempts. The reader has ended exams, and none that runs."""

    house: House
    cookies: dict[str, str]
    passed: UUID
    failed: UUID
    annas: UUID
    running: UUID
    untouched: UUID
    ending: UUID
    stuck: UUID
    several: int
    timed: UUID
    drill: UUID
    late_drill: UUID
    drilled: UUID
    people: dict[str, User] = field(default_factory=dict)


def sign_in(name: str) -> tuple[User, str]:
    # Several modules of one run share the house, and each has people of its own.
    user, client = factories.make_user(f"{name}.{next(CALLS)}@example.org"), Client()
    # The site knows no quick hash of the tests.
    user.password = make_password(factories.PASSWORD, hasher="argon2")
    user.save(update_fields=["password"])
    client.force_login(user)
    return user, client.cookies[settings.SESSION_COOKIE_NAME].value


def sign_in_often(name: str) -> tuple[User, str]:
    """Sign somebody with access in here and then in three other browsers, so that this one is asked."""
    user, cookie = sign_in(name)
    selling.give(user)
    for browser, system in (("Firefox", "Linux"), ("Safari", "iPhone"), ("Samsung Internet", "Android")):
        client = Client()
        client.force_login(user)
        row = BrowserSession.objects.filter(session_id=client.session.session_key)
        row.update(browser=browser, system=system)
    return user, cookie


def begin(user: User) -> UUID:
    form = assembly.form("mls-c01", 1)
    assert form
    started = lifecycle.start(user=user, form_id=form.id, language="en", holder=f"test:{user.pk}")
    return started.attempt_id


def put(user: User, attempt_id: UUID, position: int, selected: tuple[int, ...], flagged: bool) -> None:
    lifecycle.answer_without_script(
        user=user, attempt_id=attempt_id, position=position, selected=selected, flagged=flagged
    )


def sit(user: User, right: int) -> UUID:
    """Sit the exam with so many right answers, some flags, and submit."""
    attempt_id = begin(user)
    paper = papers.compiled(Attempt.objects.get(pk=attempt_id).paper_id or 0)
    keys = set(Option.objects.filter(is_key=True).values_list("pk", flat=True))
    for item in paper.items[:right]:
        chosen = tuple(option for option, _ in item.options if option in keys)
        put(user, attempt_id, item.position, chosen, item.position % 9 == 0)
    lifecycle.submit(user=user, attempt_id=attempt_id, lease=None)
    lifecycle.settle(user=user, attempt_id=attempt_id)
    return attempt_id


def correct(version: ItemVersion) -> None:
    """Publish a corrected text of a question: its first option and its explanation read otherwise."""
    text = version.texts.filter(language="en").latest("pk")
    (first, *rest) = [(one.text, one.rationale) for one in text.options.order_by("option__order")]
    draft = TextDraft(
        language="en",
        stem=text.stem,
        ask=text.ask,
        why=f"{text.why} The coefficients stay readable.",
        principle=text.principle,
        tip=text.tip,
        references=tuple((one["title"], one["url"]) for one in text.references),
        options=((f"{first[0]} or at random", first[1]), *rest),
    )
    bank.add_text(version, draft, factories.publish_log())


def speak(user: User, attempt_id: UUID) -> None:
    """Say something about the first questions of an ended exam; 57 people have answered the first."""
    services.set_bookmark(user=user, attempt_id=attempt_id, position=1, bookmarked=True)
    services.write_note(
        user=user, attempt_id=attempt_id, position=1, text="Firehose buffers,\nStreams do not."
    )
    for position, reason in ((1, "key"), (2, "unclear")):
        report_id, _ = services.report(
            user=user, attempt_id=attempt_id, position=position, reason=reason, text="See the FAQ page."
        )
    services.answer(
        report_id=report_id, actor=None, state="corrected", answer="Yes, we say so now.", reason="checked"
    )
    correct(FormItem.objects.get(edition__form__attempts=attempt_id, position=2).version)
    version = FormItem.objects.get(edition__form__attempts=attempt_id, position=1).version
    for option, chosen in zip(version.options.all(), (9, 31, 12, 5, 0), strict=False):
        OptionCount.objects.update_or_create(
            option=option, defaults={"version": version, "chosen": chosen, "answers": 57}
        )


def learn(user: User) -> None:
    """Study the deck for weeks, forget one card again and again, and write two cards."""
    deck = Card.objects.filter(certification__code="mls-c01", owner=None).order_by("position")
    forgetful = [Rating.EASY] + [Rating.AGAIN, Rating.GOOD] * 8
    history(user, deck[0], forgetful, days_ago=400, apart=timedelta(days=20))
    for number, card in enumerate(deck[1:40]):
        ratings = [Rating.GOOD, Rating.EASY, Rating.AGAIN if number % 9 == 4 else Rating.GOOD]
        history(user, card, ratings, days_ago=60 - number, apart=timedelta(days=7 + number % 5))
    for front, back in (
        ("What does `max_depth` limit?", "How deep a **tree** grows:\n\n- less: underfits\n- more: overfits"),
        ("When is Pipe mode faster than File mode?", "When the data set is large and read once."),
    ):
        own.create(user, "mls-c01", OwnDraft(front, back, ("trees",), 3), language="en")


def sit_by_the_clock(user: User) -> UUID:
    """Sit the exam as the page with script does: with times, confidence and changed answers."""
    attempt_id = begin(user)
    taken = lifecycle.take_lease(user=user, attempt_id=attempt_id, holder=f"test:{user.pk}")
    lease = leases.read(taken.lease)
    assert lease
    paper = papers.compiled(Attempt.objects.get(pk=attempt_id).paper_id or 0)
    keys = set(Option.objects.filter(is_key=True).values_list("pk", flat=True))
    times = [20_000 + 1_000 * (n * n * 37 % 211) + 200_000 * (n % 17 == 0) for n in range(1, 66)]
    for item in paper.items[:63]:
        at, right = item.position, tuple(option for option, _ in item.options if option in keys)
        wrong = tuple(option for option, _ in item.options if option not in keys)[: item.choose]
        first, last = (wrong, right) if at % 13 == 0 else (right, wrong if at % 4 == 0 else right)
        sure = 1 + at * 7 % 3
        changes = [Change(2 * at, at, first, False, sure, times[at - 1] // 2)]
        if last != first:
            changes.append(Change(2 * at + 1, at, last, False, sure, times[at - 1]))
        save_throttle.saves = save_throttle.SaveThrottle()
        answers.save(lease, changes)
    lifecycle.submit(user=user, attempt_id=attempt_id, lease=taken.lease, seen_ms=times)
    lifecycle.settle(user=user, attempt_id=attempt_id)
    return attempt_id


def draw(user: User, number: int, feedback: Feedback, minutes: int = 30) -> UUID:
    wanted = DrillSettings(question_count=number, minutes=minutes, feedback=feedback)
    certification = drills.certification("mls-c01", user)
    started = drills.start(
        user=user, certification=certification, drill_settings=wanted, language="en", holder=f"test:{user.pk}"
    )
    return started.attempt_id


def close(user: User, drill_id: UUID, position: int, *, right: bool, show: bool = False) -> None:
    """Close a question of a drill with its keys, with other options, or with nothing and the answer shown."""
    item = selectors.taking(user, drill_id, Mode.DRILL).items[position - 1]
    keys = set(Option.objects.filter(is_key=True).values_list("pk", flat=True))
    chosen = [option for option, _ in item.options if (option in keys) == right][: item.choose]
    closing = Closing(position, () if show else tuple(chosen), show, position == 2, 2)
    drills.close(user=user, attempt_id=drill_id, closing=closing, ui_language="en")


def practice(user: User) -> tuple[UUID, UUID, UUID]:
    """Drill: one with answers at once that runs, one with answers at the end without a time limit, one that
    has ended, and one that is hidden.
    """
    sit(user, 40)
    ended = draw(user, 5, Feedback.AT_ONCE)
    for position, (right, show) in enumerate(((True, False), (False, False), (False, True)), 1):
        close(user, ended, position, right=right, show=show)
    drills.finish(user=user, attempt_id=ended)
    running, late = draw(user, 10, Feedback.AT_ONCE), draw(user, 10, Feedback.AT_END, minutes=0)
    for position, right in ((1, True), (2, False)):
        close(user, running, position, right=right)
    drills.hide(user=user, attempt_id=draw(user, 5, Feedback.AT_ONCE))
    return running, late, ended


@pytest.fixture(scope="module")
def cast(house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The people of these tests; this process stays connected to the database of the house."""
    with django_db_blocker.unblock(), connected_to(house.database):
        (anna, anna_in), (late, late_in), (_, new_in) = map(sign_in, ("anna", "late", "new"))
        beginner, beginner_in = sign_in("beginner")
        reader, reader_in = sign_in("reader")
        (_, annas), (passed, failed) = ((sit(one, 62), sit(one, 6)) for one in (anna, reader))
        speak(reader, failed)
        learner, learner_in = sign_in("learner")
        sit(learner, 40)
        learn(learner)
        thorough, thorough_in = sign_in("thorough")
        driller, driller_in = sign_in("driller")
        practiced = practice(driller)
        timed = sit_by_the_clock(thorough)
        for right in (30, 45, 55):
            sit(thorough, right)
        stuck = begin(late)
        # Nobody may score it in between: neither who submits it nor the sweep of the house.
        with patch.object(grading, "score_at_once"), transaction.atomic():
            lifecycle.submit(user=late, attempt_id=stuck, lease=None)
            Attempt.objects.filter(pk=stuck).update(
                score_tries=5,
                score_claimed_at=Now(),
                quarantined_at=Now(),
                score_error="RuntimeError: weights",
            )
        running, ending = begin(anna), begin(late)
        paper = papers.compiled(Attempt.objects.get(pk=running).paper_id or 0)
        for item in paper.items[:4]:
            put(anna, running, item.position, (item.options[0][0],) * (item.choose == 1), item.position == 3)
        several = next(item.position for item in paper.items if item.kind == "multiple")
        cookies = {"anna": anna_in, "late": late_in, "new": new_in}
        cookies |= {"beginner": beginner_in, "reader": reader_in}
        (_, asked_in), (examinee, examinee_in) = map(sign_in_often, ("asked", "examinee"))
        begin(examinee)
        cookies |= {"asked": asked_in, "examinee": examinee_in}
        cookies |= {"learner": learner_in, "driller": driller_in, "thorough": thorough_in}
        people = dict[str, User]()
        for name in ("buyer", "payer", "holder", "former", "guesser"):
            people[name], cookies[name] = sign_in(name)
        selling.give(people["holder"], days=(-88, 2))
        selling.give(people["former"], days=(-93, -1))
        attempts = passed, failed, annas, running, begin(beginner), ending, stuck
        yield Cast(house, cookies, *attempts, several, timed, *practiced, people)
