"""The figures of the flashcards: the study page of somebody in the middle of the deck, and a rating."""

from typing import Final
from zoneinfo import ZoneInfo

from flashcards.models import Card
from flashcards.scheduling.memory import Rating
from flashcards.services import reviews
from tests.bench import stock
from tests.bench.figures import PAGES, WARM_PAGES, Bench, Figures, cpu_of
from tests.bench.servers import Browser

BEGUN: Final = 60
PEOPLE: Final = 4
RATINGS: Final = 100


def study(bench: Bench) -> Figures:
    """Measure the study page, and a rating by the API, of people who have begun half of the deck."""
    people = stock.people(PEOPLE, "learner")
    cards = list(Card.objects.filter(owner__isnull=True).order_by("position")[:BEGUN])
    for user in people:
        for card in cards:
            reviews.review(user, card.pk, Rating.EASY, zone=ZoneInfo("UTC"))
    browsers = [Browser(bench.servers.port, user) for user in people]
    path, cpu = f"/{stock.CODE}/flashcards/study/", dict[str, float]()
    replies = [browsers[number % PEOPLE].get(path) for number in range(WARM_PAGES)]
    with cpu_of(bench, cpu, "study_cpu_ms", PAGES):
        for number in range(PAGES):
            browsers[number % PEOPLE].get(path)
    with cpu_of(bench, cpu, "rate_cpu_ms", RATINGS):
        for number in range(RATINGS):
            card = cards[number % BEGUN]
            browsers[number % PEOPLE].call(f"/api/v1/flashcards/{card.pk}/reviews/", {"rating": 3})
    parts = ", ".join(
        f"{group} {cpu[f'study_cpu_ms_{group}']:.1f}" for group in ("web", "worker", "postgres")
    )
    size = len(replies[-1].body)
    bench.say(f"{PAGES} study pages, {size} bytes, {cpu['study_cpu_ms']:.1f} CPU ms: {parts}")
    return {
        "study_cpu_ms": round(cpu["study_cpu_ms"], 2),
        "study_bytes": size,
        "rate_cpu_ms": round(cpu["rate_cpu_ms"], 2),
    }
