"""The budgets of statements: what each page and each act may send, counted by Django and by the server.

Here alone. A test elsewhere that counts statements does so because their number is its point: that the known
and the unknown cost the same, that a file of a hundred costs no more than one of three.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import entitlements, policy, vouchers
from accounts.access.models import ProductVersion
from accounts.outbox import services as outbox
from accounts.payments import services as payments
from accounts.payments import test_card as card
from accounts.users import tokens
from accounts.users.models import User
from config import health
from exams.assembly import papers, solutions
from exams.attempts import answers, drills, grading, lifecycle, results
from exams.attempts.models import Attempt, Feedback, Mode, State
from exams.attempts.pools import Pool
from exams.authoring import imports
from exams.bank.models import Option
from exams.catalog.models import Certification
from exams.feedback import services as feedback
from flashcards.scheduling.memory import Rating
from flashcards.services import own, reviews
from flashcards.services.own import OwnDraft
from tests import factories
from tests.accounts.selling import CODE, give, sell
from tests.architecture import admin_rows
from tests.architecture.cast import PEOPLE, Cast, belongings, gathered
from tests.architecture.test_addresses import MATRIX
from tests.architecture.test_admin_addresses import ASKED, allowed
from tests.exams.attempts.helpers import save
from tests.exams.attempts.practice import answers_of, close, draw, finish_exam, make_check, versions_of
from tests.exams.authoring import acts
from tests.factories import Form, make_form, start
from tests.flashcards import decks
from tests.flows import lives
from tests.payments import orders

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
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(RAN, [])
        for query, calls in cursor.fetchall():
            counts[query] = counts.get(query, 0) + calls
    return counts


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
    with counted_by_the_server() as ran, CaptureQueriesContext(connection) as queries:
        for seq in range(2, 12):
            assert post(begun, seq, 2, form.keys[2]) == 200
        by_django = len(queries)
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
        with CaptureQueriesContext(connection) as queries:
            assert post(begun, seq, 1, form.keys[1]) == 200
        counts.append(len(queries))
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
        with counted_by_the_server() as ran, CaptureQueriesContext(connection) as queries:
            assert post(begun, seq, 1, keys) == 200
        counts.append((len(queries), sum(ran.values())))
    assert counts[0][0] == 2
    assert counts[1] == (1, 1)


@pytest.mark.django_db
def test_a_drill_starts_by_few_statements_whatever_its_size_and_closes_by_few(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    counts = []
    for pool, number in ((Pool.ALL, 5), (Pool.ALL, 65), (Pool.MISSED, 5)):
        with CaptureQueriesContext(connection) as queries:
            begun = draw(anna, form, number=number, pool=pool)
        counts.append(len(queries))
    # Access, places, texts, start; a pool reads meetings, and keys the first time.
    assert counts == [4, 4, 5]
    close(anna, begun.attempt_id, 1, show=True)
    with CaptureQueriesContext(connection) as queries:
        close(anna, begun.attempt_id, 2, show=True)
    sent = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    # Lock, what is stored, what is held, number, event; topics, and the text the first time in three.
    assert len(sent) <= 9, sent


@REAL
def test_a_fresh_connection_prepares_once(anna: User, form: Form) -> None:
    begun = start(anna, form)
    assert post(begun, 1, 1, form.keys[1]) == 200
    connection.close()
    with CaptureQueriesContext(connection) as queries:
        for seq in (2, 3, 4):
            assert post(begun, seq, 1, form.keys[1]) == 200
    assert [one["sql"].split(" (")[0] for one in queries] == [
        "PREPARE passline_1",
        *["EXECUTE passline_1"] * 2,
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
        with CaptureQueriesContext(connection) as queries, counted_by_the_server() as ran:
            assert start(anna, form).created
        counts.append(sum(ran.values()))
        assert sum(ran.values()) <= len(queries)
    assert counts[0] == counts[1] <= 12, counts


@REAL
def test_a_start_of_somebody_who_has_bought_access_is_at_most_12_statements_and_the_question_one(
    anna: User, form: Form
) -> None:
    sell()
    for days in ((-200, -100), (-100, 90), (90, 180)):
        entitlement = give(anna, days=days)
    entitlements.end([entitlement], at=None, actor=None, reason="refunded")
    assert policy.access_of(anna, CODE)  # prepares the statement
    with counted_by_the_server() as statements:
        assert policy.access_of(anna, CODE).reason is policy.Reason.ENTITLED
    assert sum(statements.values()) == 1, statements
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
def test_a_review_is_one_statement_once_its_texts_are_known(anna: User, form: Form) -> None:
    begun = sat(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    assert results.result(anna, begun.attempt_id, "en").score
    solutions.forget()
    solutions._read_topics.cache_clear()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert len(results.review(anna, begun.attempt_id, "en").items) == 8
        counts.append(len(queries))
    # A process reads the solutions of a paper once, and its topics once a minute.
    assert counts == [6, 1]


@pytest.mark.django_db
def test_one_statement_reads_the_answers_of_any_number_of_attempts(
    anna: User, bela: User, form: Form
) -> None:
    begun = [sat(anna, form).attempt_id, sat(bela, form).attempt_id]
    with CaptureQueriesContext(connection) as queries:
        assert {len(given) for given in answers.current_of(begun).values()} == {8}
    assert len(queries) == 1


# The borders of transactions are no statements of their own.
APART: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Fill a list with the statements that Django sends within the block."""
    sent: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield sent
    sent += [query["sql"] for query in queries if not query["sql"].startswith(APART)]


# Session and user are read by each act; a first scoring in a process reads its edition once, a first result
# its topics once a minute, and which certifications have a cheat sheet.
ACTS: Final = {
    "start": 6,
    "lease": 4,
    "submit": 12,
    "first result": 13,
    "drill": 7,
    "drill of what was missed": 8,
    "answer of a drill": 15,
    "check": 10,
    "result of a check": 15,
    "rating of a card": 11,
    "request by token": 2,
    "sign-up": 18,
}


@REAL
def test_no_act_sends_more_than_its_budget(client: Client, anna: User, form: Form) -> None:
    deck = decks.make_deck(form.form.certification)
    client.force_login(anna)
    sent: dict[str, int] = {}

    def act(name: str, path: str, data: Any = None, method: str = "post", **more: Any) -> Any:
        with counted() as statements:
            reply = getattr(client, method)(path, data, **more)
        sent[name] = len(statements)
        assert reply.status_code in (200, 302), (name, reply.content[:500])
        return reply

    act("start", "/mls-c01/exams/1/", {"language": "en"})
    attempt_id = Attempt.objects.get().pk
    api = f"/api/v1/attempts/{attempt_id}/"
    lease = act("lease", f"{api}lease/").json()["lease"]
    # With something to review, which is the next step whatever else there is.
    save(lease, 1, 1, form.others[1][0])
    act("submit", f"{api}submit/", json.dumps({"lease": lease}), content_type="application/json")
    act("first result", f"/attempts/{attempt_id}/result/", method="get")
    for name, pool in (("drill", Pool.ALL), ("drill of what was missed", Pool.MISSED)):
        act(name, "/mls-c01/practice/", {"pool": pool.value, "number": "5"})
    drill = f"/drills/{draw(anna, form).attempt_id}/"
    for position in (1, 2):  # the text of what was closed is read once
        act("answer of a drill", drill, {"position": position, "show": "1"}, headers={"HX-Request": "true"})
    make_check(form)
    act("check", "/mls-c01/check/")
    check = Attempt.objects.get(mode=Mode.DRILL, deadline_at__isnull=False)
    lease = client.post(f"/api/v1/attempts/{check.pk}/lease/").json()["lease"]
    for position, version in enumerate(versions_of(check.pk), 1):
        keys = Option.objects.filter(version=version, is_key=True)
        save(lease, position, position, *keys.values_list("pk", flat=True))
    client.post(f"/drills/{check.pk}/submit/")
    act("result of a check", f"/drills/{check.pk}/result/", method="get")
    act("rating of a card", "/mls-c01/flashcards/study/", {"card": deck.first.pk, "rating": 3, "number": 1})
    client.logout()
    by_token = {"Authorization": f"Token {tokens.issue(anna)}"}
    for _ in range(2):  # the first use is noted
        act("request by token", "/api/v1/attempts/", method="get", headers=by_token)
    act("sign-up", "/accounts/signup/", {"email": "new@example.org", "password1": factories.PASSWORD})
    assert {name: count for name, count in sent.items() if count > ACTS[name]} == {}


# --- Pages ----------------------------------------------------------------------------------------------

LEARNER: Final = "other"
FEW: Final = {"visitor": 1, LEARNER: 5, "admin": 9}
"""What an address sends at most that is not listed: session, user, profile and access, and one of its own."""

PAGES: Final[dict[str, dict[str, int]]] = {
    "visitor": {
        "health_ready": 5,
        "metrics": 3,
        "sitemap": 6,
        "api:certifications": 2,
        "api:certification": 4,
        "api:forms": 5,
        "api:search": 4,
        "flashcards_api:anki": 2,
        "exams:how_scoring_works": 6,
        "exams:catalog": 6,
        "exams:pricing": 5,
        "exams:exams": 4,
        "exams:landing": 9,
        "exams:about": 9,
        "exams:corrections": 2,
        "exams:sample": 1,  # read once in a process
        "exams:practice": 2,
        "exams:cheatsheet_pdf": 3,
        "exams:search": 4,
        "exams:start": 4,
        "flashcards:deck": 6,
        "flashcards:anki": 2,
    },
    LEARNER: {
        "sitemap": 6,
        "api:certification": 6,
        "api:forms": 8,
        "api:dashboard": 13,
        "api:search": 8,
        "api:drill_review": 6,
        "api:review": 8,
        "flashcards_api:due": 6,
        "flashcards_api:statistics": 6,
        "accounts:profile": 11,
        "payments:purchases": 8,  # with redeemed vouchers
        "payments:buy": 16,
        "payments:return": 16,
        "accounts:delete": 8,
        "accounts_access:redeem_code": 6,
        "exams:how_scoring_works": 8,
        "exams:catalog": 8,
        "exams:pricing": 10,
        "exams:about": 12,
        "exams:cheatsheet": 6,
        "exams:exams": 9,
        "exams:my_course": 6,
        "exams:landing": 15,  # with the names of what is planned, and whether a refund is asked for
        "exams:own_cheatsheet": 6,
        "exams:own_cheatsheet_pdf": 6,
        "exams:search": 8,
        "exams:start": 8,
        "flashcards:deck": 10,  # how far they are with each card is one
        "flashcards:study": 6,
        "flashcards:settings": 11,
        "flashcards:statistics": 6,
        "flashcards:own_cards": 7,
        "flashcards:own_card_new": 6,
        "flashcards:own_cards_import": 6,
        "flashcards:own_card_edit": 7,
        "exams:practice": 13,
        "exams:check": 7,
        "exams:drill_result": 11,  # with what its reader has said
        "exams:notebook": 7,
        "exams:score_report": 7,
        "exams:answers_csv": 6,
        "exams:answers_json": 6,
        "exams:result": 6,
        "exams:review": 7,
    },
    "admin": {
        "admin:accounts_product_change": 13,
        "admin:accounts_product_changelist": 16,
        "admin:accounts_product_publish_version": 16,
        "admin:accounts_purchase_change": 9,
        "admin:accounts_purchase_refund": 10,
        "admin:accounts_purchase_decline_refund": 10,
        "admin:accounts_user_change": 10,
        "admin:accounts_user_person": 14,
        "admin:exams_attempt_change": 11,
        "admin:exams_certification_change": 19,
        "admin:exams_certification_steps": 13,
        "admin:exams_draft_edit": 26,
        "admin:exams_draft_versions": 14,
        "admin:exams_examform_change": 9,
        "admin:exams_item_change": 33,
        "admin:exams_item_restore": 10,
        "admin:exams_item_withdraw": 20,
        "admin:exams_itemcheck_translations": 31,
        "admin:exams_itemversion_change": 12,
        "admin:exams_keyruling_change": 16,
        "admin:exams_keyruling_rule": 11,
        "admin:index": 16,
    },
}
ENDED: Final = frozenset(
    {f"exams:{name}" for name in ("result", "review", "own", "score_report", "answers_csv", "answers_json")}
    | {"exams:drill_result", "api:result", "api:review", "api:drill_review"}
)
"""What is shown of an exam or drill that is over."""

QUERIES: Final = {"exams:search": "?q=fact", "api:search": "?q=fact", "exams:sample": "?q=1&c=A"}
MORE: Final = 7
"""How many of everything are added: one statement for each, and a page is over its budget."""


def study(cast: Cast) -> dict[str, Any]:
    """Have the learner do what a learner can; return what is over, for its addresses."""
    learner, certification = cast.people[LEARNER], cast.form.form.certification
    assert learner
    lives.learn(learner, cast.form)
    lives.have_account(learner)
    cast.values[LEARNER] = belongings(learner, make_form(certification, number=5), 6)
    drill_id = draw(learner, cast.form).attempt_id
    close(learner, drill_id, 1, show=True)
    drills.finish(user=learner, attempt_id=drill_id)
    grading.grade(drill_id)
    exam = Attempt.objects.get(user=learner, mode=Mode.EXAM, state=State.SCORED)
    return {"attempt_id": exam.pk, "drill_id": drill_id}


# Pages of the library of accounts, which read what ours read.
THEIRS: Final = ("account_", "mfa_")


def addresses_of(cast: Cast, over: dict[str, Any], rows: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return the addresses of pages, by who asks for them and their names."""
    running = cast.values[LEARNER]
    pages = {}
    for name, row in MATRIX.items():
        if row[PEOPLE.index("with")] == 405 or name.startswith(THEIRS):
            continue
        cast.values[LEARNER] = running | (over if name in ENDED else {})
        for who in ("visitor", LEARNER):
            pages[who, name] = cast.address(name, who) + QUERIES.get(name, "")
    for name in ASKED:
        if "admin" in allowed(name, "GET") and not name.endswith("_history"):
            pages["admin", name] = admin_rows.address(name, rows, "admin")
    return pages


def study_more(learner: User, form: Form, number: int) -> None:
    """Add to whatever a page lists of the learner."""
    exam = finish_exam(learner, form)
    feedback.write_note(user=learner, attempt_id=exam, position=number, text="Mind the gap")
    feedback.set_bookmark(user=learner, attempt_id=exam, position=number, bookmarked=True)
    feedback.report(user=learner, attempt_id=exam, position=number, reason="typo", text="A comma")
    close(learner, draw(learner, form).attempt_id, 1, show=True)
    card_id = own.create(learner, "mls-c01", OwnDraft(f"Number {number}?", "That."), language="en")
    reviews.review(learner, card_id, Rating.GOOD, zone=decks.UTC)
    give(learner, days=(-number - 2, -number - 1))
    tokens.issue(learner)
    outbox.post("account/email/password_reset_key", learner.email, {}, person=learner)


def add_rows(cast: Cast, certification: Certification) -> None:
    """Add to whatever is listed: people with all that they leave, and more of the learner and of staff."""
    learner, admin = cast.people[LEARNER], cast.people["admin"]
    assert learner
    assert admin
    make_form(certification, number=2, languages=("en",))
    decks.make_deck(certification)
    version = ProductVersion.objects.earliest("pk")
    for number in range(2, 2 + MORE):
        person = factories.make_user()
        give(person)
        opened = orders.order(person)
        card.pay(opened.session_id)
        payments.refresh(orders.checkout_of(opened))
        lives.learn(person, cast.form)
        lives.have_account(person)
        lives.write(person, cast.form)
        study_more(learner, cast.form, number)
        acts.begin(certification, "item", f"E1-Q0{number}")
        vouchers.create_batch(actor=None, version=version, count=2, uses=1, note="A fair")
        imports.store(
            certification=certification,
            format_name="gift",
            name="q.txt",
            data=b"What?{=One ~Two}",
            owner=admin,
        )


def costs(cast: Cast, pages: dict[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    """Return how many statements each page sends."""
    sent = {}
    for page, path in pages.items():
        with counted() as statements:
            assert cast.ask(page[0], path).status_code < 500, page
        sent[page] = len(statements)
    return sent


@pytest.mark.django_db
def test_no_page_sends_more_than_its_budget_and_none_more_for_more_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What was seen of the disk in the last seconds is trusted, so the count would depend on the clock.
    monkeypatch.setattr(health, "SPACE_SECONDS", 0)
    cast = gathered()
    certification = make_form(factories.make_certification("mla-c01"), number=1).form.certification
    over = study(cast)
    pages = addresses_of(cast, over, admin_rows.rows_of(cast))
    few = costs(cast, {page: path for page, path in pages.items() if page[1] in PAGES[page[0]]})
    add_rows(cast, certification)
    many = costs(cast, pages)
    budgets = {(who, name): PAGES[who].get(name, FEW[who]) for who, name in pages}
    assert {page: count for page, count in many.items() if count > budgets[page]} == {}
    assert {page: (count, many[page]) for page, count in few.items() if many[page] > count} == {}
