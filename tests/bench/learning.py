"""The figures of learning: the dashboard of somebody with a long history, the sheet, the start of a drill."""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from accounts.profile.models import Profile
from accounts.users.models import User
from exams.attempts import grading
from exams.catalog.models import Certification
from exams.insights import exam_dates
from flashcards.models import Card, CardState, Review
from flashcards.scheduling import memory as scheduling
from flashcards.scheduling.memory import CURRENT, RETENTION, Memory, Rating
from tests.bench import stock
from tests.bench.figures import PAGES, WARM_PAGES, Bench, Figures, cpu_of
from tests.bench.servers import Broken, Browser, Reply

ATTEMPTS: Final = 200
CARD_REVIEWS: Final = 5_000
EXAMS: Final = (1, 2, 3, 4, 5, 6)
EXAM_IN_DAYS: Final = 45
# Every third card is forgotten now and then; a card comes back every other day.
RATINGS: Final = (Rating.GOOD, Rating.EASY, Rating.AGAIN)
EVERY_DAYS: Final = 2
DRILLS: Final = 200


def dashboard(bench: Bench) -> Figures:
    """Measure the dashboard of a person with 200 attempts at six exams, 5,000 reviews and an exam date."""
    browser = Browser(bench.servers.port, veteran())
    return _page(bench, "dashboard", lambda: browser.get(f"/{stock.CODE}/"))


def veteran() -> User:
    """Return a person with a long history."""
    [user] = stock.people(1, "veteran")
    Profile.objects.create(user=user)
    _take_exams(user)
    review_cards(user)
    today = stock.now().date()
    Certification.objects.update(retired_on=None)
    exam_dates.set_to(user, stock.CODE, today + dt.timedelta(days=EXAM_IN_DAYS), today)
    stock.analyze()
    return user


def sheet(bench: Bench) -> Figures:
    """Measure the cheat sheet of somebody who is signed in."""
    [user] = stock.people(1, "crammer")
    Profile.objects.create(user=user)
    browser = Browser(bench.servers.port, user)
    return _page(bench, "sheet", lambda: browser.get(f"/{stock.CODE}/cheatsheet/"))


def drills(bench: Bench) -> Figures:
    """Measure the start of a drill: of all questions that may be practiced, and of those missed last time."""
    [user] = stock.people(1, "driller")
    Profile.objects.create(user=user)
    for number in EXAMS:
        _take(user, number, days_ago=number)
    stock.analyze()
    browser, found = Browser(bench.servers.port, user), Figures()

    def start(pool: str) -> Reply:
        values = {"pool": pool, "number": "10", "minutes": "0", "days": "0", "feedback": "at_once"}
        reply = browser.submit_form(f"/{stock.CODE}/practice/", **values)
        if "/drills/" not in reply.headers.get("location", ""):
            raise Broken(f"a drill did not start: {reply.status}")
        return reply

    for pool, name in (("all", "drill_start"), ("missed", "drill_start_missed")):
        found |= _measured(bench, name, lambda pool=pool: start(pool), DRILLS)  # type: ignore[misc]
    return found


def _page(bench: Bench, name: str, ask: Callable[[], Reply]) -> Figures:
    found = _measured(bench, name, ask, PAGES)
    return {**found, f"{name}_bytes": len(ask().body)}


def _measured(bench: Bench, name: str, ask: Callable[[], Reply], number: int) -> Figures:
    """Measure a request after every process of the web server has met it."""
    for _ in range(WARM_PAGES):
        ask()
    cpu: dict[str, float] = {}
    with cpu_of(bench, cpu, name, number):
        for _ in range(number):
            ask()
    parts = ", ".join(f"{group} {cpu[f'{name}_{group}']:.1f}" for group in ("web", "worker", "postgres"))
    bench.say(f"{number} times {name}, {cpu[name]:.1f} CPU ms: {parts}")
    return {f"{name}_cpu_ms": round(cpu[name], 2)}


def _take_exams(user: User) -> None:
    """Give a person 200 scored attempts, one a day, at all exams in turn."""
    for days_ago in range(ATTEMPTS, 0, -1):
        _take(user, EXAMS[days_ago % len(EXAMS)], days_ago)


def _take(user: User, number: int, days_ago: float) -> None:
    exam = stock.exam(number)
    [attempt_id] = stock.attempts(exam, [user], state=2, days_ago=days_ago)
    stock.answer_all(exam, [attempt_id], days_ago=days_ago)
    if not grading.grade(attempt_id):
        raise Broken("an attempt was not graded")


def review_cards(user: User, count: int = CARD_REVIEWS) -> None:
    """Give a person so many reviews of the whole deck, and the states that follow from them."""
    cards = list(Card.objects.filter(owner__isnull=True, retired_at__isnull=True).order_by("position"))
    each = -(-count // len(cards))
    first = stock.now() - dt.timedelta(days=EVERY_DAYS * each)
    rows, states = list[Review](), list[CardState]()
    for card in cards:
        memory: Memory | None = None
        for number in range(each):
            before, at = memory, first + dt.timedelta(days=EVERY_DAYS * number, seconds=card.position)
            rating = RATINGS[0] if number % 3 else RATINGS[card.position % 3]
            memory = scheduling.review(before, rating, at, key=str(card.pk))
            rows.append(_row(user, card, rating, before, at))
        if memory:
            states.append(CardState(user=user, card=card, **asdict(memory)))
    Review.objects.bulk_create(rows, batch_size=1000)
    CardState.objects.bulk_create(states)


def _row(user: User, card: Card, rating: Rating, before: Memory | None, at: dt.datetime) -> Review:
    elapsed = at - before.last_review if before else None
    return Review(
        user=user,
        card=card,
        rating=rating,
        reviewed_at=at,
        retention=RETENTION,
        rules=CURRENT,
        elapsed=elapsed,
    )
