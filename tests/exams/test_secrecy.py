"""G5: while an attempt runs, no reply holds a key, a reason, a difficulty or what is scored.

A marker is planted in everything that is secret; then every address is asked that a candidate can ask.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.access import entitlements
from accounts.outbox.models import Mail
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.assembly import services as assembly
from exams.attempts import drills, lifecycle, pools, running_items, selectors
from exams.attempts.models import Feedback
from exams.bank import services as bank
from exams.catalog.models import Certification
from exams.content.exchange_formats.pictures import read_picture
from exams.feedback import notebook, services
from exams.feedback.models import OptionCount
from exams.insights import exam_dates, study_mail
from exams.search import questions
from flashcards.models import Card
from flashcards.scheduling.memory import Rating
from flashcards.services import own
from flashcards.services.own import from_item
from tests import factories, snapshot
from tests.accounts.mails import delivered
from tests.architecture.cast import PEOPLE, taken_back
from tests.architecture.test_addresses import MATRIX, VALUES, parts_of
from tests.exams.api.conftest import Caller, RunningAttempt
from tests.exams.attempts.helpers import past_deadline, replace_sql, save
from tests.exams.attempts.practice import answers_of, close, draw, finish_exam, positions_in
from tests.exams.authoring import acts
from tests.exams.cheatsheet.published import publish
from tests.exams.content.exchange_formats.builders import image
from tests.exams.corrections.helpers import carry_out, rule
from tests.exams.feedback.helpers import browser, ended
from tests.exams.insights.test_study_mail import zone_at
from tests.flashcards import decks

pytestmark = pytest.mark.django_db

MARK = "canary-5e1f"
HUNGARIAN_SECRETS = ("Ez a helyes.", "Egy elv.", "Egy tipp.", "Indok.")
# In small letters.
WORDS = ("is_key", "is_scored", "difficulty", "rationale")
WORD = re.compile(r"\bdomain_number\b")
# The schema names the fields of the review, and practice asks by difficulty; neither holds content.
DESCRIBES = {"api_schema", "api_docs", "exams:practice"}
# What would bring up every part of an item in either language, without naming the marker itself.
QUERIES = ("principle or reason or tip or right", "ferry or komptársaság", "elv or indok or helyes or tipp")


# What takes no GET at all tells nothing by one.
READABLE = [name for name, row in MATRIX.items() if row[PEOPLE.index("with")] != 405]
# What has no part in exams: read once, while one runs.
ELSEWHERE = ("account_", "mfa_", "legal:", "payments:", "health-", "metrics", "sitemap", "robots", "favicon")
OF_EXAMS = [name for name in READABLE if not name.startswith(ELSEWHERE)]
# What changes with the state of one attempt: all else is read while one runs.
OF_ONE = [name for name in OF_EXAMS if {"attempt_id", "drill_id"} & set(parts_of(name))]


@pytest.fixture
def secret_form(db: None) -> factories.Form:
    return snapshot.first("secret form, sheet and deck", _make_secret_form)


def _make_secret_form() -> factories.Form:
    made = factories.make_form(mark=MARK)
    publish(made.form.certification)
    decks.make_deck(made.form.certification)
    return made


def showing(form: factories.Form, position: int) -> tuple[str, str]:
    """Show an image in the stem of an item and another in its rationale; return their digests."""
    asked, told = (read_picture(image("PNG", size)) for size in ((40, 30), (41, 31)))
    bank.store_images([asked, told])
    draft = factories.item_draft(f"E1-Q{position:02d}", 1, mark=MARK)
    stem = f"{draft.text.stem}\n\n![A field](figure:{asked.name})"
    options = tuple((text, f"{why}\n\n![A field](figure:{told.name})") for text, why in draft.text.options)
    text = replace(draft.text, stem=stem, ask="Which one?", options=options)
    bank.add_text(form.edition.items.get(position=position).version, text, factories.publish_log())
    assembly.compile_papers(form.form)
    return sha256(asked.data).hexdigest(), sha256(told.data).hexdigest()


@pytest.fixture
def running(anna: User, secret_form: factories.Form) -> RunningAttempt:
    return RunningAttempt(Caller(anna), secret_form)


def everything(
    user: User,
    attempt_id: UUID,
    drill_id: UUID | None = None,
    *,
    only: Collection[str] = OF_EXAMS,
    **more: Any,
) -> dict[str, str]:
    """Return what every GET of every address of exams says to a person, in both languages, its status first.

    Of the pages of single questions the first is read in both, the others in one and the other by turns.

    `more` are parts of addresses, such as the number of a card. `only` names the addresses of which it is
    asked whether they tell something: nobody need read the others for that.
    """
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    values = {**VALUES, "attempt_id": attempt_id, "drill_id": drill_id or uuid4(), "job_id": uuid4(), **more}
    found, led_to = dict[str, str](), dict[str, str]()
    assert only
    assert set(only) <= set(READABLE)
    for name in (name for name in READABLE if name in only):
        wanted = parts_of(name)
        for position in range(1, 9) if "position" in wanted else (1,):
            for language in ("en", "hu") if position == 1 else (("en", "hu")[position % 2],):
                kwargs = {key: {**values, "position": position}[key] for key in wanted}
                with translation.override(language):
                    path = reverse(name, kwargs=kwargs)
                for query in QUERIES if name.endswith(":search") else ("",):
                    asked = {"language": language, "q": query}
                    follow = led_to if name.startswith("exams:") else None
                    found[f"{name} {path} {language} {query}"] = said(client, path, asked, follow)
    return found


def said(client: Client, path: str, asked: dict[str, str], led_to: dict[str, str] | None) -> str:
    """Return what an address says, its status first, or the page that it leads to.

    Dozens lead to the same page, which `led_to` keeps: it is read once.
    """
    reply: Any = client.get(path, asked)
    assert reply.status_code < 500, path
    if led_to is not None and reply.has_header("Location"):
        target = reply["Location"].partition("#")[0]
        if target not in led_to:
            led_to[target] = said(client, target, {}, led_to)
        return led_to[target]
    body = b"".join(reply.streaming_content) if reply.streaming else reply.content
    return f"{reply.status_code} {reply.headers} {readable(body)}"


def readable(body: bytes) -> str:
    """Return what a body says; of an archive what its files say."""
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as archive:
            return " ".join(readable(archive.read(name)) for name in archive.namelist())
    return body.decode(errors="replace")


def planted(told: dict[str, str]) -> list[str]:
    """Return the addresses whose replies hold a planted secret. A result may name what a review is about."""
    return [
        where
        for where, text in told.items()
        if MARK in text or any(secret in text for secret in HUNGARIAN_SECRETS)
    ]


def leaks(told: dict[str, str]) -> list[str]:
    """Return the addresses whose replies hold what is secret."""
    named = [
        where for where, text in told.items() if where.split()[0] not in DESCRIBES and names_a_secret(text)
    ]
    return sorted({*planted(told), *named})


def names_a_secret(text: str) -> bool:
    """Say whether a reply has a word that stands only where something secret does."""
    small = text.lower()
    return any(word in small for word in WORDS) or ("domain_number" in small and bool(WORD.search(small)))


def test_no_address_tells_a_secret_of_a_running_attempt_or_names_an_image_of_a_rationale(
    anna: User, secret_form: factories.Form
) -> None:
    asked, secret = showing(secret_form, 1)
    attempt = RunningAttempt(Caller(anna), secret_form)
    attempt.answer(1, secret_form.keys[1], flagged=True)
    told = everything(anna, attempt.id, only=READABLE)
    assert len(told) > 100
    assert leaks(told) == []
    assert {"exams:take", "api:attempt"} & {where.split()[0] for where, text in told.items() if asked in text}
    assert [where for where, text in told.items() if secret in text] == []
    attempt.submit()
    reviews = {"exams:review", "api:review"}
    ended = everything(anna, attempt.id, only=reviews)
    assert {where.split()[0] for where, text in ended.items() if secret in text} == reviews


def test_no_answer_to_a_write_tells_a_secret(running: RunningAttempt) -> None:
    told: dict[str, Any] = {}
    call = running.caller.post
    told["start again"] = call("attempts/", {"form": running.form.form.pk, "language": "hu"})
    told["right answer"] = right = running.answer(2, running.form.keys[2])
    told["wrong answer"] = wrong = running.answer(2, running.form.others[2][:1])
    told["foreign option"] = running.answer(2, running.form.keys[4])
    told["lease"] = call(f"{running.path}lease/")
    told["cancel"] = call(f"{running.path}cancel/")
    assert leaks({name: json.dumps(one) for name, one in told.items()}) == []
    assert set(right[1]) == set(wrong[1])


def test_a_cancelled_attempt_tells_no_secret(running: RunningAttempt, anna: User) -> None:
    lifecycle.cancel(user=anna, attempt_id=running.id)
    assert leaks(everything(anna, running.id, only=OF_ONE)) == []


def test_an_attempt_within_its_grace_tells_no_secret(running: RunningAttempt, anna: User) -> None:
    past_deadline(running.id, 10)
    assert leaks(everything(anna, running.id, only=OF_ONE)) == []


@pytest.fixture
def spoken_of(anna: User, secret_form: factories.Form) -> UUID:
    """An ended attempt of Anna with a note and an answered report that both tell the key."""
    attempt_id = ended(anna, secret_form)
    services.write_note(user=anna, attempt_id=attempt_id, position=1, text=f"Note {MARK}")
    services.set_bookmark(user=anna, attempt_id=attempt_id, position=1, bookmarked=True)
    report_id, _ = services.report(
        user=anna, attempt_id=attempt_id, position=1, reason="key", text=f"Report {MARK}"
    )
    services.answer(report_id=report_id, actor=None, state="corrected", answer=f"It is {MARK}", reason="read")
    return attempt_id


def test_no_answer_to_a_remark_tells_a_secret_while_the_question_is_being_taken(
    spoken_of: UUID, anna: User, secret_form: factories.Form
) -> None:
    attempt = RunningAttempt(Caller(anna), secret_form)
    told = {}
    for name, sent in (
        ("note", {"text": "x"}),
        ("bookmark", {"bookmarked": "1"}),
        ("report", {"reason": "key"}),
    ):
        for headers in ({}, {"HX-Request": "true"}):
            client = browser(anna)
            address = reverse(f"exams:{name}", args=[spoken_of, 1])
            reply: Any = client.post(address, sent, headers=headers)
            told[f"{name} {len(headers)}"] = f"{reply.headers} {reply.content.decode()}"
    for target in ("pane", "found"):
        headers = {"HX-Request": "true", "HX-Target": target}
        part: Any = browser(anna).get(reverse("exams:review", args=[spoken_of]), headers=headers)
        told[target] = f"{part.headers} {part.content.decode()}"
    for act, body in (("note/", {"text": "x"}), ("bookmark/", None)):
        reply = attempt.caller.client.put(f"/api/v1/attempts/{spoken_of}/review/1/{act}", body, format="json")
        assert reply.status_code == 409
        told[act] = json.dumps(reply.json())
    assert leaks(told) == []


# What shows remarks and answers to them, once the exam has ended.
SPEAK_AFTERWARD = {
    *("api:review", "exams:review", "api:notes", "api:reports", "exams:problem_reports", "exams:notebook"),
}


def test_an_exam_that_is_within_its_grace_keeps_what_was_said_closed(
    spoken_of: UUID, anna: User, secret_form: factories.Form
) -> None:
    attempt = RunningAttempt(Caller(anna), secret_form)
    past_deadline(attempt.id, 10)
    assert planted(everything(anna, spoken_of, only=SPEAK_AFTERWARD)) == []


def test_what_was_said_is_read_again_once_the_exam_has_ended(
    spoken_of: UUID, anna: User, secret_form: factories.Form
) -> None:
    attempt = RunningAttempt(Caller(anna), secret_form)
    attempt.submit()
    told = everything(anna, spoken_of, only=SPEAK_AFTERWARD)
    assert {where.split()[0] for where in leaks(told)} == SPEAK_AFTERWARD


def test_the_canary_is_seen_once_the_attempt_has_ended(running: RunningAttempt, anna: User) -> None:
    running.submit()
    reviews = {"api:review", "exams:review"}
    assert {where.split()[0] for where in leaks(everything(anna, running.id, only=reviews))} == reviews


# --- Drills: of an exam that was opened for practice, so that no review of an exam tells anything
def opened_drill(user: User, form: factories.Form, feedback: Feedback) -> lifecycle.Started:
    drills.open_for_practice(user=user, certification=form.form.certification, number=1)
    return draw(user, form, number=5, feedback=feedback)


def codes_told(told: dict[str, str]) -> set[str]:
    """Return the codes of the items of which something secret is told."""
    return {code for text in told.values() for code in re.findall(rf"of (E\d-Q\d\d) {MARK}", text)}


@pytest.mark.parametrize("feedback", Feedback)
def test_no_address_tells_a_secret_of_a_drill_before_a_position_is_closed(
    anna: User, secret_form: factories.Form, feedback: Feedback
) -> None:
    begun = opened_drill(anna, secret_form, feedback)
    if begun.lease:
        save(begun.lease, 1, 1, *answers_of(secret_form, begun.attempt_id)[1][0])
    assert leaks(everything(anna, begun.attempt_id, begun.attempt_id)) == []


def test_a_closed_position_tells_of_its_own_item_and_of_no_other(
    anna: User, secret_form: factories.Form
) -> None:
    begun = opened_drill(anna, secret_form, Feedback.AT_ONCE)
    close(anna, begun.attempt_id, 2, show=True)
    told = everything(anna, begun.attempt_id, begun.attempt_id)
    assert "api:drill" in {where.split()[0] for where in leaks(told)}
    item = positions_in(secret_form, begun.attempt_id)[1]
    assert codes_told(told) == {f"E1-Q{item:02}"}


def test_no_answer_to_a_write_at_a_drill_tells_a_secret_of_what_is_not_closed(
    anna: User, secret_form: factories.Form
) -> None:
    begun = opened_drill(anna, secret_form, Feedback.AT_ONCE)
    call, path = Caller(anna).post, f"drills/{begun.attempt_id}/"
    keys, _ = answers_of(secret_form, begun.attempt_id)[1]
    told = {
        "start": call("drills/", {"certification": "mls-c01", "number": 5, "feedback": "at_once"}),
        "start at end": call("drills/", {"certification": "mls-c01", "language": "hu"}),
        "too few": call(f"{path}close/", {"position": 1, "selected": []}),
        "foreign option": call(f"{path}close/", {"position": 2, "selected": keys}),
        "hide": call(f"{path}hide/", {"hidden": True}),
        "lease": call(f"attempts/{begun.attempt_id}/lease/"),
        "again": call(f"attempts/{begun.attempt_id}/practice/", {}),
        "open": call("certifications/mls-c01/practice/1/"),
    }
    assert leaks({name: json.dumps(one) for name, one in told.items()}) == []
    status, review = call(f"{path}close/", {"position": 1, "selected": keys})
    assert (status, review["correct"]) == (200, True)


def running_beside_its_own_drill(
    anna: User, form: factories.Form, feedback: Feedback, only: Collection[str] = OF_EXAMS
) -> list[str]:
    """Close or answer what a drill has, take the exam of its questions, finish the drill; return leaks."""
    begun = opened_drill(anna, form, feedback)
    keys, _ = answers_of(form, begun.attempt_id)[1]
    if begun.lease:
        save(begun.lease, 1, 1, *keys)
    else:
        close(anna, begun.attempt_id, 1, *keys)
    exam = factories.start(anna, form)
    path = f"drills/{begun.attempt_id}/"
    told = everything(anna, exam.attempt_id, begun.attempt_id, only=only)
    for position in (1, 2):
        keys, _ = answers_of(form, begun.attempt_id)[position]
        body = {"position": position, "selected": keys}
        told[f"close {position}"] = json.dumps(Caller(anna).post(f"{path}close/", body))
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    told |= {
        f"{where} finished": text
        for where, text in everything(anna, exam.attempt_id, begun.attempt_id, only=only).items()
    }
    assert '"raw":1' not in "".join(told.values())
    return leaks(told)


@pytest.mark.parametrize("feedback", Feedback)
def test_while_an_exam_runs_no_drill_tells_a_secret_of_its_questions(
    anna: User, secret_form: factories.Form, feedback: Feedback
) -> None:
    assert running_beside_its_own_drill(anna, secret_form, feedback) == []


@pytest.mark.controls
def test_the_canary_finds_a_drill_that_does_not_ask_for_running_exams(
    anna: User, secret_form: factories.Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_items, "among", lambda user, version_ids: frozenset())
    found = running_beside_its_own_drill(anna, secret_form, Feedback.AT_ONCE, only=["api:drill"])
    assert {where.split()[0] for where in found} == {"api:drill", "close"}


def test_the_canary_is_seen_once_the_drill_has_ended(anna: User, secret_form: factories.Form) -> None:
    begun = opened_drill(anna, secret_form, Feedback.AT_END)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert leaks(everything(anna, begun.attempt_id, begun.attempt_id, only=["api:drill_review"]))


def test_search_tells_nothing_of_a_finished_exam_while_it_is_taken_again(
    running: RunningAttempt, anna: User, bela: User
) -> None:
    running.submit()
    again = RunningAttempt(running.caller, running.form)
    searches = [name for name in READABLE if "search" in name]
    assert len(searches) > 1
    assert leaks(everything(anna, again.id, only=searches)) == []
    assert leaks(everything(bela, again.id, only=[*OF_ONE, *searches])) == []


# --- What somebody has learned from: everything that is made of an ended exam
@dataclass(frozen=True, slots=True)
class Learned:
    """What a person has of an exam that ended: the attempt, a drill of it, and a card of a question."""

    attempt_id: UUID
    drill_id: UUID
    card_id: int

    def told_to(self, user: User, only: Collection[str] = OF_EXAMS) -> dict[str, str]:
        """Return what every address says of it."""
        return everything(user, self.attempt_id, self.drill_id, only=only, card_id=self.card_id)


@pytest.fixture
def learned(spoken_of: UUID, anna: User, secret_form: factories.Form) -> Learned:
    """Anna has spoken of an exam, practiced it, made a card from it and forgotten that, and plans."""
    card_id = from_item(anna, spoken_of, 1).card_id
    card = Card.objects.get(pk=card_id)
    forgetful = [Rating.EASY, *[Rating.AGAIN, Rating.GOOD] * 8]
    decks.history(anna, card, forgetful, days_ago=300, apart=timedelta(days=7))
    begun = draw(anna, secret_form, number=5, feedback=Feedback.AT_ONCE)
    close(anna, begun.attempt_id, 1, show=True)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    today = entitlements.now().date()
    Certification.objects.update(retired_on=None)
    exam_dates.set_to(anna, "mls-c01", today + timedelta(days=30), today)
    version = secret_form.edition.items.get(position=1).version
    for option in version.options.all():
        OptionCount.objects.create(option=option, version=version, chosen=10, answers=40)
    return Learned(spoken_of, begun.attempt_id, card_id)


# Each is visited while an exam runs, and answers with a page of its own.
ANSWERS_MEANWHILE = {
    *(
        "exams:search",
        "exams:landing",
        "exams:notebook",
        "exams:exams",
        "exams:practice",
        "exams:own_cheatsheet",
        "exams:attempts",
    ),
    *("exams:problem_reports", "api:search", "api:dashboard", "api:practice", "api:drills", "api:attempts"),
    *("api:notes", "api:bookmarks", "api:reports", "api:result", "exams:result"),
    *(
        "flashcards:study",
        "flashcards:statistics",
        "flashcards:own_cards",
        "flashcards:own_cards_csv",
        "flashcards:anki",
    ),
    *("flashcards:deck", "flashcards_api:due", "flashcards_api:own_cards", "flashcards_api:own_cards_csv"),
    *("flashcards_api:anki", "flashcards_api:statistics", "flashcards_api:deck"),
}
# Each of these tells a secret once the exam has ended.
TELLS_AFTERWARD = {
    *("exams:review", "api:review", "api:drill_review", "exams:search", "api:search"),
    *("api:notes", "api:reports", "exams:problem_reports"),
    *("flashcards:own_card_edit", "flashcards:own_cards", "flashcards:own_cards_csv", "flashcards:anki"),
    *(
        "flashcards_api:own_cards",
        "flashcards_api:own_card",
        "flashcards_api:own_cards_csv",
        "flashcards_api:anki",
    ),
}


def test_all_that_was_learned_from_an_exam_is_closed_while_it_is_taken_again(
    learned: Learned, anna: User, secret_form: factories.Form
) -> None:
    attempt = RunningAttempt(Caller(anna), secret_form)
    told = learned.told_to(anna)
    assert {where.split()[0] for where, text in told.items() if text.startswith("200 ")} >= ANSWERS_MEANWHILE
    assert planted(told) == []
    assert leaks(everything(anna, attempt.id, only=OF_ONE)) == []
    attempt.submit()
    found = {where.split()[0] for where in planted(learned.told_to(anna, TELLS_AFTERWARD))}
    assert TELLS_AFTERWARD - found == set()


# --- Whether an answer was right, which no marker tells: what is said after right and wrong ones is compared
CHANGES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\b\w{32,64}\b|\d+:\d\d(?::[\d.]+)?|datetime=\"[^\"]*\"|[sS]et-[cC]ookie.*"
)
AFTER_PRACTICE = {
    *("exams:notebook", "exams:practice", "exams:landing", "exams:catalog", "exams:attempts"),
    *("exams:drill_result", "api:practice", "api:dashboard", "api:drills"),
}
AFTER_AN_EXAM = {"exams:notebook", "exams:practice", "exams:own_cheatsheet", "api:practice"}


def after(
    user: User, form: factories.Form, *, right: bool, is_exam: bool, only: Collection[str]
) -> dict[str, str]:
    """Answer every question, all alike, take them in an exam, return what is said, and take it all back."""
    with taken_back():
        if is_exam:
            ended_id = finish_exam(user, form, right=tuple(form.keys) if right else ())
        else:
            drills.open_for_practice(user=user, certification=form.form.certification, number=1)
            ended_id = draw(user, form, number=8).attempt_id
            for position, (keys, others) in answers_of(form, ended_id).items():
                close(user, ended_id, position, *(keys if right else others[: len(keys)]), confidence=3)
            drills.finish(user=user, attempt_id=ended_id)
            lifecycle.settle(user=user, attempt_id=ended_id)
        running_id = factories.start(user, form).attempt_id
        told = everything(user, running_id, ended_id, only=only)
    return {where: CHANGES.sub("", text) for where, text in told.items()}


def addresses_that_differ(
    user: User, form: factories.Form, *, is_exam: bool, only: Collection[str]
) -> set[str]:
    """Return the addresses that say something else after right answers than after wrong ones."""
    right, wrong = (after(user, form, right=one, is_exam=is_exam, only=only) for one in (True, False))
    assert {text[:3] for text in right.values()} <= {"200", "409"}
    return {
        CHANGES.sub("", a).split()[0]
        for (a, one), other in zip(right.items(), wrong.values(), strict=True)
        if one != other
    }


@pytest.mark.parametrize(("is_exam", "only"), [(False, AFTER_PRACTICE), (True, AFTER_AN_EXAM)])
def test_no_page_tells_whether_an_answer_was_right_while_its_question_is_taken(
    anna: User, secret_form: factories.Form, is_exam: bool, only: set[str]
) -> None:
    assert addresses_that_differ(anna, secret_form, is_exam=is_exam, only=only) == set()


@pytest.mark.controls
@pytest.mark.parametrize(
    ("module", "name", "address"),
    [
        (notebook, "_ENTRIES", "exams:notebook"),
        (pools, "PLACES", "exams:practice"),
        (selectors, "DRILLS", "exams:attempts"),
    ],
)
def test_the_comparison_sees_what_is_told_where_running_exams_are_not_asked_for(
    anna: User,
    secret_form: factories.Form,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    address: str,
) -> None:
    replace_sql(monkeypatch, module, name, running_items.RUNNING_ITEMS, "SELECT 0 WHERE %(user)s IS NULL")
    assert addresses_that_differ(anna, secret_form, is_exam=False, only=[address]) == {address}


# A ruling names answers on these, once the exam has ended.
NAMES_RULED = {"exams:review", "api:review"}


def naming(told: dict[str, str]) -> set[str]:
    """Return the addresses that tell which answer a ruling accepts."""
    found = {where for where, text in told.items() if "Option A is also accepted" in text}
    return {where.split()[0] for where in found}


def test_the_email_of_a_morning_tells_no_secret_and_none_is_sent_while_an_exam_runs(
    learned: Learned, anna: User, secret_form: factories.Form
) -> None:
    profiles.update(anna, study_reminders=True, time_zone=zone_at(7))
    draw(anna, secret_form, number=5, feedback=Feedback.AT_END)
    assert study_mail.send_due() == 1
    only = delivered()[-1]
    assert planted({"text": str(only.body), "html": str(only.alternatives[0][0])}) == []  # type: ignore[attr-defined]
    Mail.objects.all().delete()
    RunningAttempt(Caller(anna), secret_form)
    assert study_mail.send_due() == 0


def test_a_ruling_that_was_carried_over_names_no_answer_while_the_new_version_is_taken(
    anna: User, secret_form: factories.Form
) -> None:
    before = ended(anna, secret_form)
    ruling = rule(secret_form, 1, "also", secret_form.others[1][0])
    carry_out()
    draft = acts.begin(secret_form.form.certification, "item", "E1-Q01")
    acts.publish(draft, {"difficulty": "hard"}, seen_ruling=ruling.pk, choice="carry over")
    secret_form.form.refresh_from_db()
    edition = secret_form.form.current
    assert edition
    assert edition.number == 2
    attempt = RunningAttempt(Caller(anna), replace(secret_form, edition=edition))
    for attempt_id, only in ((before, OF_ONE), (attempt.id, OF_EXAMS)):
        told = everything(anna, attempt_id, only=only)
        assert naming(told) == set()
        assert planted(told) == []
    attempt.submit()
    for attempt_id in (before, attempt.id):
        assert naming(everything(anna, attempt_id, only=NAMES_RULED)) >= {"exams:review"}


def test_no_write_brings_back_what_was_learned_from_an_exam_that_is_being_taken(
    learned: Learned, anna: User, secret_form: factories.Form
) -> None:
    RunningAttempt(Caller(anna), secret_form)
    call, page = Caller(anna).post, browser(anna)
    question = f"/mls-c01/flashcards/own/from-question/?attempt={learned.attempt_id}&position=2"
    rating = {"card": learned.card_id, "rating": 3, "number": 18}
    replies: dict[str, Any] = {
        "card of a question": page.get(question, follow=True),
        "card of a question, kept": page.post(question, {"front": "a", "back": "b"}, follow=True),
        "a suspended card": page.post(
            f"/mls-c01/flashcards/{learned.card_id}/suspend/", headers={"HX-Request": "true"}
        ),
        "a rating": page.post("/mls-c01/flashcards/study/", rating, headers={"HX-Request": "true"}),
        "a change": page.post(f"/mls-c01/flashcards/own/{learned.card_id}/", {"front": "a", "back": "b"}),
        "practice again": page.post(f"/attempts/{learned.attempt_id}/practice/", follow=True),
    }
    told = {name: f"{reply.headers} {reply.content.decode()}" for name, reply in replies.items()}
    told["API card"] = json.dumps(call(f"attempts/{learned.attempt_id}/cards/", {"position": 1}))
    told["API rating"] = json.dumps(call(f"flashcards/{learned.card_id}/reviews/", {"rating": 3}))
    told["API again"] = json.dumps(call(f"attempts/{learned.attempt_id}/practice/", {}))
    assert planted(told) == []


@pytest.mark.controls
@pytest.mark.parametrize(
    ("module", "name", "address"),
    [
        (questions, "STATEMENT", "api:search"),
        (own, "OWN", "flashcards:own_cards"),
        (running_items, "RUNNING_ITEMS", "api:notes"),
    ],
)
def test_the_crawl_sees_what_is_told_where_running_exams_are_not_asked_for(
    learned: Learned,
    anna: User,
    secret_form: factories.Form,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    address: str,
) -> None:
    RunningAttempt(Caller(anna), secret_form)
    replace_sql(monkeypatch, module, name, running_items.RUNNING_ITEMS, "SELECT 0 WHERE %(user)s IS NULL")
    assert planted(learned.told_to(anna, [address]))


def test_no_result_counts_by_task_while_its_questions_are_taken(anna: User, form: factories.Form) -> None:
    """A task has two or three questions: "0 of 2" and "2 of 2" say of each what the closed review says."""
    ended_id = finish_exam(anna, form, right=(3, 4))
    factories.start(anna, form)
    client = Client()
    client.force_login(anna)
    page = client.get(f"/attempts/{ended_id}/result/").content.decode()
    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "An exam you're taking includes these questions." in told
    assert not re.search(r"1\.1 Domain 1\.1 0 of 2|2\.1 Domain 2\.1 2 of 2|: 0 of 3 correct", told)
