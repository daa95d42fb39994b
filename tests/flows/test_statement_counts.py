"""What an act costs in statements, counted by Django and, for a save, by the server itself."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import entitlements, policy
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.attempts import answers, grading, lifecycle, results, selectors
from exams.attempts.models import Feedback
from exams.attempts.pools import Pool
from exams.insights import exam_dates
from flashcards.scheduling.memory import Rating
from flashcards.services import reviews
from tests.accounts.selling import CODE, give, sell
from tests.exams.attempts.helpers import save
from tests.exams.attempts.practice import answers_of, close, draw, finish_exam
from tests.exams.cheatsheet.published import publish
from tests.factories import Form, make_form, start
from tests.flashcards import decks

REAL = pytest.mark.django_db(transaction=True)
"""For counts by the server: no savepoints of a surrounding test."""

# What was sent to this database, by text: without this question itself, and without the checks that the
# server makes of its own for a foreign key.
RAN = """
SELECT query, calls FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND userid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
  AND query NOT LIKE '%%pg_stat_statements%%' AND query NOT LIKE 'SELECT %% FROM ONLY %% FOR KEY SHARE OF x'
"""


def server_counts() -> dict[str, int]:
    """Return by statement how often the server ran it."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(RAN, [])
        for query, calls in cursor.fetchall():
            found[query] = found.get(query, 0) + calls
    return found


@contextmanager
def counted_by_the_server() -> Iterator[dict[str, int]]:
    """Fill a dict with what the server ran within the block."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    before = server_counts()
    ran: dict[str, int] = {}
    yield ran
    for query, calls in server_counts().items():
        if calls > before.get(query, 0):
            ran[query] = calls - before.get(query, 0)


def post(begun: lifecycle.Started, seq: int, position: int, selected: list[int]) -> int:
    """Save by the endpoint, as a page would."""
    # With everything that a change may say.
    extra = {"confidence": 2, "seen_ms": 1_000 * seq} if seq % 2 else {}
    change = {"seq": seq, "position": position, "selected": selected, "flagged": False, **extra}
    reply = Client().post(
        f"/api/v1/attempts/{begun.attempt_id}/answers/",
        json.dumps({"lease": begun.lease, "changes": [change]}),
        content_type="application/json",
    )
    return reply.status_code


@REAL
@pytest.mark.parametrize("prepares", [True, False])
def test_a_save_is_one_statement_for_django_and_for_the_server(
    anna: User, form: Form, settings: object, prepares: bool
) -> None:
    settings.DATABASE_PREPARES = prepares  # type: ignore[attr-defined]
    begun = start(anna, form)
    assert post(begun, 1, 1, form.keys[1]) == 200  # compiles the paper, prepares the statement
    with counted_by_the_server() as ran, CaptureQueriesContext(connection) as seen:
        for seq in range(2, 12):
            assert post(begun, seq, 2, form.keys[2]) == 200
        by_django = len(seen)
    assert by_django == 10
    assert list(ran.values()) == [10], ran
    (sql,) = ran
    assert "INSERT INTO exams_answerevent" in sql
    assert ("PREPARE" in sql) == prepares


@REAL
def test_a_full_batch_is_one_statement_too(anna: User, form: Form) -> None:
    begun = start(anna, form)
    assert post(begun, 1, 1, form.keys[1]) == 200
    changes = [
        {"seq": seq, "position": 1 + seq % 8, "selected": [], "flagged": True} for seq in range(2, 102)
    ]
    with counted_by_the_server() as ran:
        reply = Client().post(
            f"/api/v1/attempts/{begun.attempt_id}/answers/",
            json.dumps({"lease": begun.lease, "changes": changes}),
            content_type="application/json",
        )
    assert reply.status_code == 200
    assert list(ran.values()) == [1], ran


@REAL
def test_the_server_would_notice_a_second_statement(anna: User, form: Form) -> None:
    begun = start(anna, form)
    assert post(begun, 1, 1, form.keys[1]) == 200
    with counted_by_the_server() as ran:
        assert post(begun, 1, 1, form.keys[1]) == 200  # a replay compares what is stored
    assert sorted(ran.values()) == [1, 1], ran


@REAL
def test_a_save_is_a_statement_more_where_the_process_does_not_know_the_paper(anna: User, form: Form) -> None:
    begun = start(anna, form)
    assert post(begun, 1, 1, form.keys[1]) == 200
    counts = []
    for seq, cold in ((2, True), (3, False), (4, True)):
        if cold:
            papers.forget()
        with CaptureQueriesContext(connection) as seen:
            assert post(begun, seq, 1, form.keys[1]) == 200
        counts.append(len(seen))
    assert counts == [2, 1, 2]


@REAL
def test_a_save_of_a_drill_is_one_statement_and_two_where_its_paper_is_not_known(
    anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, feedback=Feedback.AT_END)
    keys, _ = answers_of(form, begun.attempt_id)[1]
    assert post(begun, 1, 1, keys) == 200
    counts = []
    for seq, cold in ((2, True), (3, False)):
        if cold:
            papers.forget()
        with counted_by_the_server() as ran, CaptureQueriesContext(connection) as seen:
            assert post(begun, seq, 1, keys) == 200
        counts.append((len(seen), sum(ran.values())))
    assert counts[0][0] == 2
    assert counts[1] == (1, 1)


@pytest.mark.django_db
def test_a_drill_starts_by_few_statements_whatever_its_size_and_closes_by_few(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    counts = []
    for pool, number in ((Pool.ALL, 5), (Pool.ALL, 65), (Pool.MISSED, 5)):
        with CaptureQueriesContext(connection) as seen:
            begun = draw(anna, form, number=number, pool=pool)
        counts.append(len(seen))
    # Access, places, texts, start; a pool reads meetings and answers, and keys the first time.
    assert counts == [4, 4, 6]
    close(anna, begun.attempt_id, 1, show=True)
    with CaptureQueriesContext(connection) as seen:
        close(anna, begun.attempt_id, 2, show=True)
    sent = [one["sql"] for one in seen if "SAVEPOINT" not in one["sql"]]
    # Lock, what is stored, what is held, number, event; topics, and the text the first time in three.
    assert len(sent) <= 9, sent


@REAL
def test_a_fresh_connection_prepares_once(anna: User, form: Form) -> None:
    begun = start(anna, form)
    assert post(begun, 1, 1, form.keys[1]) == 200
    connection.close()
    with CaptureQueriesContext(connection) as seen:
        for seq in (2, 3, 4):
            assert post(begun, seq, 1, form.keys[1]) == 200
    assert [one["sql"].split(" (")[0] for one in seen] == [
        "PREPARE passline_save",
        *["EXECUTE passline_save"] * 3,
    ]


@REAL
def test_a_start_is_at_most_12_statements_whatever_the_number_of_items(anna: User) -> None:
    small = make_form(number=1, domains=(1,), unscored=(), multiple=(), languages=("en",))
    large = make_form(
        small.form.certification,
        number=2,
        domains=[1 + n % 4 for n in range(65)],
        unscored=range(51, 66),
        multiple=range(1, 10),
        languages=("en",),
    )
    counts = []
    for form in (small, large):
        with CaptureQueriesContext(connection) as seen, counted_by_the_server() as ran:
            assert start(anna, form).created
        counts.append(sum(ran.values()))
        assert sum(ran.values()) <= len(seen)
    assert counts[0] == counts[1] <= 12, counts


@REAL
def test_a_start_of_somebody_who_has_bought_access_is_at_most_12_statements_and_the_question_one(
    anna: User, form: Form
) -> None:
    sell()
    for days in ((-200, -100), (-100, 90), (90, 180)):
        given = give(anna, days=days)
    entitlements.end([given], at=None, actor=None, reason="refunded")
    assert policy.access_of(anna, CODE)  # prepares the statement
    with counted_by_the_server() as asked:
        assert policy.access_of(anna, CODE).reason is policy.Reason.ENTITLED
    assert sum(asked.values()) == 1, asked
    with counted_by_the_server() as ran:
        assert start(anna, form).created
    assert sum(ran.values()) <= 12, ran


def sat(anna: User, form: Form) -> lifecycle.Started:
    """Answer everything."""
    begun = start(anna, form)
    for position, keys in form.keys.items():
        save(begun.lease, position, position, *keys)
    return begun


@pytest.mark.django_db
def test_the_taking_page_reads_one_statement_and_another_for_a_new_paper(anna: User, form: Form) -> None:
    begun = sat(anna, form)
    papers.forget()
    with CaptureQueriesContext(connection) as first:
        selectors.taking(anna, begun.attempt_id)
    with CaptureQueriesContext(connection) as second:
        selectors.taking(anna, begun.attempt_id)
    assert (len(first), len(second)) == (2, 1)


@pytest.mark.django_db
def test_a_result_is_one_statement_and_so_is_a_review_once_its_texts_are_known(
    anna: User, form: Form
) -> None:
    begun = sat(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    with CaptureQueriesContext(connection) as seen:
        assert results.result(anna, begun.attempt_id, "en").score
    assert len(seen) == 1
    solutions.forget()
    solutions._read_topics.cache_clear()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert len(results.review(anna, begun.attempt_id, "en").items) == 8
        counts.append(len(seen))
    # A process reads the solutions of a paper once, and its topics once a minute.
    assert counts == [6, 1]


def statements(act: Callable[[], Any], status: int) -> int:
    """Count what a request sends; transactions begin and end without a statement of their own."""
    with CaptureQueriesContext(connection) as seen:
        assert act().status_code == status
    return len([one for one in seen if one["sql"] not in ("BEGIN", "COMMIT")])


@REAL
def test_what_lease_submit_with_scoring_and_result_page_send_is_known(
    client: Client, anna: User, form: Form
) -> None:
    client.force_login(anna)
    begun = sat(anna, form)
    # With something to review, which is the next step whatever else there is.
    save(begun.lease, 9, 1, form.others[1][0])
    api = f"/api/v1/attempts/{begun.attempt_id}/"
    counts = {"lease": statements(lambda: client.post(api + "lease/"), 200)}
    token = client.post(api + "lease/").json()["lease"]
    body = json.dumps({"lease": token})
    counts["submit"] = statements(
        lambda: client.post(api + "submit/", body, content_type="application/json"), 200
    )
    result = reverse("exams:result", args=[begun.attempt_id])
    counts["first result"] = statements(lambda: client.get(result), 200)
    counts["result"] = statements(lambda: client.get(result), 200)
    # Session and user are read by each request; a first scoring in a process reads its edition once, a first
    # result its topics once a minute, and which certifications have a cheat sheet.
    assert counts == {"lease": 4, "submit": 5 + 4 + 3, "first result": 4 + 1 + 1, "result": 4}


@REAL
def test_what_the_pages_of_drills_send_is_known(client: Client, anna: User, form: Form) -> None:
    client.force_login(anna)
    finish_exam(anna, form)
    at_end, at_once = (
        draw(anna, form, feedback=one).attempt_id for one in (Feedback.AT_END, Feedback.AT_ONCE)
    )
    page, part = f"/drills/{at_once}/", {"HX-Request": "true"}

    def answer(position: int) -> Any:
        return client.post(page, {"position": position, "show": "1"}, headers=part)

    acts: dict[str, Callable[[], Any]] = {
        "whole page": lambda: client.get(f"/drills/{at_end}/"),
        "one question": lambda: client.get(f"/drills/{at_end}/questions/1/"),
        "a question at once": lambda: client.get(page),
        "my exams": lambda: client.get("/attempts/"),
        "practice": lambda: client.get("/mls-c01/practice/"),
    }
    for act in acts.values():
        act()
    answer(1)
    counts = {name: statements(act, 200) for name, act in acts.items()}
    counts["an answer"] = statements(lambda: answer(2), 200)
    # Session, user and profile, but one question needs no profile; what is taken with its answers; topics of
    # what was closed. An answer locks, asks what is stored and what is held, numbers and stores, and reads
    # how it is explained before the page does. My exams: exams and drills. Practice asks for access as well.
    assert counts == {
        "whole page": 4,
        "one question": 3,
        "a question at once": 5,
        "my exams": 5,
        "practice": 9,
        "an answer": 14,
    }


@pytest.mark.django_db
def test_one_statement_reads_the_answers_of_any_number_of_attempts(
    anna: User, bela: User, form: Form
) -> None:
    begun = [sat(anna, form).attempt_id, sat(bela, form).attempt_id]
    with CaptureQueriesContext(connection) as seen:
        assert {len(given) for given in answers.current_of(begun).values()} == {8}
    assert len(seen) == 1


# --- Learning: each page with session, user, profile and access -------------------------------------------


@pytest.mark.django_db
def test_a_study_page_is_six_statements_whatever_the_number_of_reviews(
    client: Client, anna: User, form: Form
) -> None:
    deck = decks.make_deck(form.form.certification)
    client.force_login(anna)
    page = reverse("flashcards:study", args=[deck.code])
    counts = []
    for rated in (deck.cards[:1], deck.cards[1:9]):
        for card in rated:
            reviews.review(anna, card.pk, Rating.EASY, zone=decks.UTC)
        counts.append(statements(lambda: client.get(page), 200))
    assert counts == [6, 6]


@pytest.mark.django_db
def test_a_dashboard_is_at_most_14_statements_with_exams_cards_drills_and_a_plan(
    client: Client, anna: User, form: Form
) -> None:
    deck = decks.make_deck(form.form.certification)
    client.force_login(anna)
    page = reverse("exams:dashboard", args=[deck.code])
    today = dt.datetime.now(dt.UTC).date()
    exam_dates.set_to(anna, deck.code, today + dt.timedelta(days=40), today)
    counts = []
    for card in deck.cards[:2]:
        finish_exam(anna, form)
        close(anna, draw(anna, form).attempt_id, 1, show=True)
        reviews.review(anna, card.pk, Rating.AGAIN, zone=decks.UTC)
        counts.append(statements(lambda: client.get(page), 200))
    assert counts[0] == counts[1] <= 14


@pytest.mark.django_db
def test_a_cheat_sheet_is_at_most_four_statements(client: Client, anna: User, form: Form) -> None:
    publish(form.form.certification)
    client.force_login(anna)
    page = reverse("exams:cheatsheet", args=[form.form.certification.code])
    counts = [statements(lambda: client.get(page), 200) for _ in range(2)]
    # Session, user and edition; a process reads the blocks of an edition once.
    assert counts == [4, 3]


@REAL
def test_the_start_of_a_drill_by_its_page_is_few_statements_whatever_its_pool(
    client: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    client.force_login(anna)
    page = reverse("exams:practice", args=[form.form.certification.code])

    def begin(pool: Pool) -> Any:
        return client.post(page, {"pool": pool.value, "number": "5"})

    assert statements(lambda: begin(Pool.MISSED), 302) <= 10
    # Session, user, certification, access, places, texts, start; a pool reads meetings and answers.
    assert [statements(lambda pool=pool: begin(pool), 302) for pool in (Pool.ALL, Pool.MISSED)] == [7, 9]  # type: ignore[misc]
