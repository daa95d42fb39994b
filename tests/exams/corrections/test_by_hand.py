"""Scores after random rulings against an independent computation."""

from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import grading
from exams.attempts.models import Score
from exams.bank import rulings
from tests.exams.corrections.helpers import carry_out, rule, sit
from tests.factories import DOMAINS, Form

pytestmark = pytest.mark.django_db


KINDS = st.sampled_from(["also", "replace", "credit", "out"])
ANSWERS = st.lists(st.integers(0, 4), max_size=2, unique=True)


def by_hand(form: Form, chosen: dict[int, list[int]], decided: dict[int, tuple[str, list[int]]]) -> int:
    """Return the scaled score by the rules as they are written down, without the code that scores."""
    share: dict[int, list[int]] = {}
    for place in form.edition.items.all():
        kind, options = decided.get(place.position, ("", []))
        if not place.is_scored or kind == "out":
            continue
        keys, mine = form.keys[place.position], chosen.get(place.position, [])
        accepted = {"": keys, "also": [*keys, *options], "replace": options}.get(kind, [])
        correct = kind == "credit" or (len(mine) == len(keys) and all(one in accepted for one in mine))
        share.setdefault(place.domain_number, []).append(int(correct))
    weights = {number: DOMAINS[number] for number in share}
    total = sum(
        (Fraction(weights[n] * sum(of), sum(weights.values()) * len(of)) for n, of in share.items()),
        Fraction(0),
    )
    exact = 100 + 900 * total
    return int(exact + Fraction(1, 2))


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    answers=st.lists(ANSWERS, min_size=8, max_size=8),
    ruled=st.lists(st.tuples(st.integers(1, 8), KINDS, st.sets(st.integers(0, 4), min_size=1)), max_size=4),
)
def test_a_score_after_rulings_is_what_the_rules_say(
    anna: User, form: Form, answers: list[list[int]], ruled: list[tuple[int, str, set[int]]]
) -> None:
    with transaction.atomic():
        rulings.forget()
        grading.marking.cache_clear()
        chosen: dict[int, list[int]] = {}
        for position, picks in enumerate(answers, 1):
            options = sorted([*form.keys[position], *form.others[position]])
            most = len(form.keys[position])
            chosen[position] = [options[n] for n in picks if n < len(options)][:most]
        attempt = sit(anna, form, chosen)
        decided: dict[int, tuple[str, list[int]]] = {}
        for position, kind, ones in ruled:
            options = sorted([*form.keys[position], *form.others[position]])
            named = [options[n] for n in sorted(ones) if n < len(options)]
            if kind in ("credit", "out"):
                named = []
            try:
                rule(form, position, kind, *named, may_lower=True)
            except Refused:
                continue
            decided[position] = (kind, named)
        carry_out()
        assert Score.objects.filter(attempt=attempt).latest("revision").scaled == by_hand(
            form, chosen, decided
        )
        transaction.set_rollback(True)
    rulings.forget()
    grading.marking.cache_clear()
