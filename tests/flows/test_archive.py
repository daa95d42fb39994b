"""A person's archive: a line for each row that names them, and nothing of anybody else."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.db.models import Model
from django.db.models.functions import Now
from django.test import Client

from accounts.access.models import Entitlement, EntitlementEnd
from accounts.base import personal_data, tables
from accounts.base.errors import Refused
from accounts.base.personal_data import Table
from accounts.jobs import runner
from accounts.jobs.models import Job, JobFile, State
from accounts.jobs.registry import Progress
from accounts.privacy import archive, erasure
from accounts.users.models import ApiToken, BrowserSession, User
from exams.attempts.models import Attempt
from exams.feedback import services
from flashcards.services import own
from tests import roles
from tests.accounts.mails import delivered, path_in
from tests.exams.attempts.practice import finish_exam
from tests.factories import Form, start
from tests.flows.lives import SECRET, have_account, learn, write
from tests.payments import orders

pytestmark = pytest.mark.django_db


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def made(user: User, language: str = "en") -> dict[str, bytes]:
    return read(archive.archive_of(user, language, Progress()))


def rows(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(files.get(f"{name}.json", b"[]"))
    return found


def live(user: User, form: Form, secret: str = SECRET) -> None:
    learn(user, form, secret)
    write(user, form, secret)
    have_account(user)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "topsecretkey"})
    orders.make_product(slug := f"other-{user.pk}", ["cert:other"])
    orders.order(user, slug)
    session = Session.objects.create(session_key=f"{user.pk:032}", expire_date=Now() + timedelta(days=1))
    BrowserSession.objects.create(session=session, user=user, browser="Firefox", system="Linux")
    user.user_permissions.add(Permission.objects.order_by("pk").first())  # type: ignore[arg-type]


def listed(table: Table) -> frozenset[str]:
    """Return the names of fields that this declaration speaks of."""
    fields = table.model._meta.concrete_fields
    known = {name: field.name for field in fields for name in (field.name, field.attname)}
    heads = ((path.partition("__")[0], name) for name, path in table.columns().items())
    # What `rows` puts together is named after the column that it stands for.
    exported = (known.get(head, name) for head, name in heads)
    omitted = (name.strip() for names in table.omitted.values() for name in names.split(","))
    return frozenset((*exported, *omitted, table.person.partition("__")[0]))


def unlisted(declared: Sequence[Table]) -> set[str]:
    """Return what declarations are silent about: columns of what is exported, and columns that name people.

    The key of a row says nothing about anybody.
    """
    by_model: dict[type[Model], set[str]] = {}
    for table in declared:
        by_model.setdefault(table.model, set()).update(listed(table))
    exported = {table.model for table in declared if table.file}
    return {
        f"{model._meta.db_table}.{field.name}"
        for model in {*tables.stored_models(), *exported}
        for field in model._meta.concrete_fields
        if (field.related_model is User or (model in exported and not field.primary_key))
        and field.name not in by_model.get(model, ())
    }


def test_every_column_about_a_person_is_exported_or_left_out_for_a_reason() -> None:
    assert unlisted(personal_data.tables()) == set()
    assert all(reason for table in personal_data.tables() for reason in table.omitted)


def test_a_column_that_nobody_speaks_of_is_found_and_is_in_no_archive(anna: User, form: Form) -> None:
    live(anna, form)
    notes = next(table for table in personal_data.files() if table.file == "notes")
    silent = replace(notes, exported=notes.exported.replace(", text", ""))
    others = [table for table in personal_data.tables() if table is not notes]
    assert unlisted([*others, silent]) == {"exams_note.text"}
    assert unlisted(others) == {"exams_note.user"}
    assert [set(line) for line in silent.lines(anna, "en")] == [set(notes.columns()) - {"text"}]


def fields_to(table: Table) -> Iterator[Any]:
    """Yield the foreign keys by which a row belongs to a person, or names staff."""
    if table.rows or "__" not in table.person:
        yield from (field for field in table.model._meta.concrete_fields if field.related_model is User)
    model = table.model
    for step in table.person.split("__"):
        if step == "pk" or step not in {field.name for field in model._meta.concrete_fields}:
            return
        yield (field := model._meta.get_field(step))
        model = field.related_model  # type: ignore[assignment]


def test_an_erasure_keeps_what_the_declarations_say() -> None:
    """As the models have it: rows whose keys to a person cascade are gone with them."""
    gone = (models.CASCADE, models.DB_CASCADE)
    kept: dict[type[Model], bool] = {}
    stays: dict[type[Model], bool] = {}
    for table in personal_data.tables():
        kept[table.model] = kept.get(table.model, False) or table.kept
        by = [field.remote_field.on_delete not in gone for field in fields_to(table)]
        stays[table.model] = stays.get(table.model, False) or any(by)
    assert kept == stays
    assert all(table.kept for table in personal_data.tables() if table.kept_because)


def test_there_is_a_line_for_each_row_that_names_the_person(anna: User, form: Form) -> None:
    live(anna, form)
    files, named = made(anna), erasure.rows_naming(anna.pk)
    lines = {
        f"{table.model._meta.db_table}.{table.person}_id": len(rows(files, table.file))
        for table in personal_data.files()
        if table.file not in ("account", "sessions", "reviews", "acts_on_account", "acts_on_attempts")
        and "__" not in table.person
    }
    assert len(lines) > 20
    assert lines == {column: named[column] for column in lines}
    assert [column for column, count in lines.items() if not count] == []
    with connection.cursor() as cursor:
        for part, table in (
            ("answers", "answerevent"),
            ("refused_answers", "refusedanswer"),
            ("scores", "score"),
        ):
            cursor.execute(
                f"SELECT count(*) FROM exams_{table} e JOIN exams_attempt a ON a.id = e.attempt_id"
                " WHERE a.user_id = %s",
                [anna.pk],
            )
            assert len(rows(files, part)) == cursor.fetchone()[0] > 0, part
    assert len(rows(files, "reviews")) == 8


def test_json_and_csv_hold_the_same_lines(anna: User, form: Form) -> None:
    live(anna, form)
    files = made(anna)
    for table in personal_data.files():
        if lines := rows(files, table.file):
            cells = files[f"{table.file}.csv"]
            assert cells.startswith(b"\xef\xbb\xbf")
            read_back = list(csv.DictReader(io.StringIO(cells.decode("utf-8-sig"), newline="")))
            assert [list(row) for row in read_back] == [list(line) for line in lines]


def test_the_archive_has_nothing_of_anybody_else(anna: User, bela: User, form: Form) -> None:
    live(anna, form)
    live(bela, form, "words of somebody else")
    whole = b"".join(made(anna).values()).decode()
    assert SECRET in whole
    assert anna.email in whole
    assert "words of somebody else" not in whole
    assert "bela" not in whole
    for attempt in Attempt.objects.filter(user=bela):
        assert str(attempt.pk) not in whole


def test_the_archive_has_no_secrets(anna: User, form: Form) -> None:
    live(anna, form)
    Client().force_login(anna)
    whole = b"".join(made(anna).values()).decode()
    session = Client().session.session_key or "-none-"
    digest = ApiToken.objects.get(user=anna).digest
    for secret in (anna.password, "topsecretkey", digest, session, "argon2"):
        assert secret not in whole


def test_a_note_that_would_be_a_formula_is_a_text_in_csv(anna: User, form: Form) -> None:
    learn(anna, form)
    attempt = Attempt.objects.filter(user=anna, mode="exam").get()
    services.write_note(user=anna, attempt_id=attempt.pk, position=1, text='=HYPERLINK("x")')
    files = made(anna)
    (row,) = csv.DictReader(io.StringIO(files["notes.csv"].decode("utf-8-sig"), newline=""))
    assert row["text"] == '\'=HYPERLINK("x")'
    assert rows(files, "notes")[0]["text"] == '=HYPERLINK("x")'


def test_correct_answers_are_left_out_while_an_exam_with_these_questions_runs(anna: User, form: Form) -> None:
    learn(anna, form)
    assert {row["outcome"] for row in rows(made(anna), "reviews")} == {"incorrect"}
    start(anna, form)
    files = made(anna)
    assert rows(files, "reviews") == []
    assert rows(files, "scores") == []
    assert len(rows(files, "attempts")) == 4


def test_the_readme_is_in_the_language_of_the_person_and_names_each_file(anna: User, form: Form) -> None:
    learn(anna, form)
    english, hungarian = (made(anna, language)["README.txt"].decode() for language in ("en", "hu"))
    assert "Your notes." in english
    assert "A jegyzeteid." in hungarian
    for name in made(anna):
        if name != "README.txt":
            assert name in english


def test_a_job_makes_the_archive_and_a_mail_leads_to_it(anna: User, bela: User, form: Form) -> None:
    learn(anna, form)
    Job.objects.all().delete()
    job = archive.request_archive(anna, "hu")
    assert archive.request_archive(anna, "hu").pk == job.pk
    runner.run_due()
    job.refresh_from_db()
    assert (job.state, job.done) == (State.DONE, job.total)
    (message,) = [one for one in delivered() if one.subject == "Az adataid letölthetők"]
    assert message.to == [anna.email]
    client, other = Client(), Client()
    assert client.get(path_in(message)).status_code == 302
    client.force_login(anna)
    other.force_login(bela)
    reply = client.get(path_in(message))
    assert read(reply.content)["notes.json"]
    assert other.get(path_in(message)).status_code == 404
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE accounts_jobfile SET created_at = created_at - interval '7 days'")
        cursor.execute("SET session_replication_role = origin")
    assert client.get(path_in(message)).status_code == 404
    assert archive.newest(anna) is None
    assert JobFile.objects.count() == 1


def test_there_are_three_archives_a_day(anna: User, bela: User) -> None:
    for _ in range(archive.MOST_A_DAY):
        archive.request_archive(anna, "en")
        runner.run_due()
    with pytest.raises(Refused) as refused:
        archive.request_archive(anna, "en")
    assert refused.value.status == 429
    assert archive.request_archive(bela, "en")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_job SET created_at = created_at - interval '25 hours'")
    assert archive.request_archive(anna, "en")


def test_what_a_review_explains_is_there_once_however_often_the_question_was_met(
    anna: User, form: Form
) -> None:
    """Somebody who learned for months has met each question many times: a file has at most 20 MB."""
    first = finish_exam(anna, form)
    finish_exam(anna, form)
    found = rows(made(anna), "reviews")
    assert len(found) == 2 * len(form.keys)
    told = {row["attempt"] for row in found if row["explanation"]}
    assert told == {str(first)}
    assert all(row["explanation"] for row in found if row["attempt"] == str(first))
    assert all(row["correct_answer"] for row in found)


def test_why_something_ended_early_is_in_the_archive(anna: User, bela: User) -> None:
    have_account(anna)
    EntitlementEnd.objects.create(
        entitlement=Entitlement.objects.get(user=anna), ends_at=Now(), reason="asked for it", actor=bela
    )
    given = rows(made(anna), "early_ends")
    assert [one["reason"] for one in given] == ["a test", "asked for it"]
    assert {one["opens"] for one in given} == {"cert:other"}
    assert "bela" not in made(anna)["early_ends.json"].decode()


def test_own_cards_of_questions_are_without_their_texts_while_an_exam_with_them_runs(
    anna: User, form: Form
) -> None:
    """A card made from a question has its key on its back: each page closes it meanwhile (G5)."""
    learn(anna, form)
    attempt = Attempt.objects.filter(user=anna, mode="exam").get()
    card = own.from_item(anna, attempt.pk, 1)
    key = own.get(anna, "mls-c01", card.card_id).draft.back
    assert any(row["back"] == key for row in rows(made(anna), "own_cards"))
    start(anna, form)
    assert key.partition("\n")[0] not in str(rows(made(anna), "own_cards"))


def test_notes_on_questions_are_left_out_while_an_exam_with_them_runs(anna: User, form: Form) -> None:
    learn(anna, form)
    attempt = Attempt.objects.filter(user=anna, mode="exam").get()
    services.write_note(user=anna, attempt_id=attempt.pk, position=1, text="It is answer A.")
    start(anna, form)
    assert "It is answer A." not in str(rows(made(anna), "notes"))
