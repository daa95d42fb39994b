"""The log is the truth: states made anew from it are identical to those that reviews and undos left."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.users.models import User
from flashcards.models import CardState
from flashcards.scheduling.memory import Rating
from flashcards.services import reviews
from flashcards.services.reviews import rebuild
from tests import factories
from tests.flashcards.decks import Deck, history, rate, states

pytestmark = pytest.mark.django_db

# A card of the deck and a rating, or None: the last review that counts is undone.
acts = st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 2), st.sampled_from(Rating))), max_size=15)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_after_any_reviews_and_undos_a_rebuild_from_nothing_gives_identical_rows(
    deck: Deck, todo: list[tuple[int, Rating] | None]
) -> None:
    # Rolled back each time: a rebuild goes through the reviews of everybody.
    with transaction.atomic():
        _rebuilt(deck, todo)
        transaction.set_rollback(True)


def _rebuilt(deck: Deck, todo: list[tuple[int, Rating] | None]) -> None:
    person = factories.make_user()
    history(person, deck.first, [Rating.GOOD] * 3, days_ago=60, apart=timedelta(days=9))
    befores: list[tuple[int, list[dict[str, object]]]] = []
    for act in todo:
        if act:
            before = states()
            made = rate(person, deck.cards[act[0]], act[1])
            befores.append((made.review_id, before))
        elif befores:
            review_id, before = befores.pop()
            reviews.undo(person, review_id)
            assert states() == before
    expected = states()
    CardState.objects.all().delete()
    rebuild()
    assert states() == expected


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("rebuild_cards", *arguments, stdout=out)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_finds_and_mends_what_differs_from_the_log(anna: User, bela: User, deck: Deck) -> None:
    history(anna, deck.first, [Rating.GOOD] * 4, days_ago=90, apart=timedelta(days=15))
    rate(bela, deck.locked)
    right = states()
    assert run() == (0, "States compared: 2, mended: 0.\n")
    CardState.objects.filter(user=anna).update(reps=9)
    CardState.objects.filter(user=bela).delete()
    undone = rate(bela, deck.first)
    reviews.undo(bela, undone.review_id)
    CardState.objects.create(
        **{**right[0], "user_id": bela.pk, "card_id": deck.first.pk}  # of a review that was undone
    )
    wrong = states()
    code, text = run("--dry-run")
    assert code == 1
    assert text.endswith("States compared: 3, differ: 3.\n")
    assert states() == wrong
    code, text = run()
    assert code == 0
    assert text.endswith("States compared: 3, mended: 3.\n")
    assert states() == right
    assert run("--dry-run") == (0, "States compared: 3, differ: 0.\n")
