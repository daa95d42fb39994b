"""What a backup says of somebody who was erased: a real dump, opened down to packed and encoded values."""

import base64
import re
import subprocess
import zlib
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.access import vouchers
from accounts.access.models import ProductVersion
from accounts.jobs import runner
from accounts.jobs.models import Job
from accounts.outbox import sender
from accounts.payments.models import TestCardSession
from accounts.privacy import archive, erasure
from accounts.privacy.models import ErasureRequest
from accounts.users.models import User
from config import backups
from tests import factories, roles
from tests.accounts.conftest import PASSWORD
from tests.factories import Form
from tests.flows.lives import SECRET, have_account, learn
from tests.flows.test_erasure import evidence
from tests.payments import orders
from tools.devstack.postgres import find_programs

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "Ilona.Quixby"
BYTES = re.compile(r"\\\\x((?:[0-9a-f]{2})+)")
ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{16,}")


@pytest.fixture
def ilona() -> User:
    """Somebody with a name that is found nowhere by chance."""
    return factories.make_user(f"{NAME}@example.org")


def dumped() -> str:
    """Return the whole database as `pg_dump` writes it, run by the owner as for a backup."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
    database = {**connection.settings_dict, "NAME": name}
    program = find_programs().folder / "pg_dump"
    done = subprocess.run(
        [str(program), "--schema=public", "--data-only"],
        env=backups.variables(database),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def opened(text: str) -> Iterator[str]:
    """Yield the dump, and each value in it that is bytes or base64, unpacked where it is packed."""
    yield text
    for found in BYTES.finditer(text):
        yield from _unpacked(bytes.fromhex(found[1]))
    for word in set(ENCODED.findall(text)):
        for part in {word, word.rpartition(":")[2]}:
            try:
                yield from _unpacked(
                    base64.urlsafe_b64decode(part.replace("+", "-").replace("/", "_") + "===")
                )
            except ValueError:
                continue


def _unpacked(content: bytes) -> Iterator[str]:
    yield content.decode(errors="replace")
    try:
        yield zlib.decompress(content).decode(errors="replace")
    except zlib.error:
        return


def says(words: str) -> bool:
    """Say whether the dump has these words anywhere."""
    return any(words.lower() in one.lower() for one in opened(dumped()))


def live(person: User, form: Form, staff: User) -> None:
    """Do everything that the site lets somebody do, through its pages where they keep something."""
    learn(person, form)
    have_account(person)
    browser = Client()
    browser.post("/accounts/login/", {"login": person.email, "password": "wrong"})
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    browser.post("/accounts/login/", {"login": person.email, "password": "wrong again"})
    browser.post("/accounts/password/reset/", {"email": person.email})
    Client().post("/accounts/password/reset/", {"email": person.email})
    Client().post("/accounts/signup/", {"email": person.email, "password1": "a horse of some other color"})
    Client().post("/accounts/login/", {"login": person.email, "password": "wrong"})
    browser.get("/mls-c01/search/", {"q": SECRET})
    _batch, (code,) = vouchers.create_batch(actor=staff, version=ProductVersion.objects.all()[0], count=1)
    browser.post("/redeem/", {"code": code})
    browser.post("/redeem/", {"code": "PASS-0000-0000-0000-0000"})
    orders.make_product("other", ["cert:other2"])
    opened_order = orders.order(person, "other")
    TestCardSession.objects.update(paid_at="2026-01-01T00:00Z")
    assert opened_order
    call_command("reconcile_payments", verbosity=0)
    Authenticator.objects.create(
        user=person, type="webauthn", data={"name": f"Key of {NAME}", "credential": {}}
    )
    archive.request_archive(person, "en")
    runner.run_due()
    sender.send_due()
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=str(person),
        action_flag=CHANGE,
        change_message=f"of {person.email}",
    )


def test_a_backup_made_after_the_erasure_names_nobody_and_counts_as_before(
    ilona: User, anna: User, form: Form
) -> None:
    live(ilona, form, anna)
    assert Job.objects.filter(owner=ilona, kind=archive.KIND, state="done").exists()
    before = evidence()
    assert says(NAME)
    assert says(SECRET)
    erasure.request_erasure(ilona, ilona.email, "en")
    sender.send_due()
    ErasureRequest.objects.update(due_at="2026-01-01T00:00Z")
    erasure.erase_due()
    assert not User.objects.filter(pk=ilona.pk).exists()
    assert not says(NAME)
    assert not says(SECRET)
    assert evidence() == before


def test_packed_and_encoded_values_are_opened(ilona: User) -> None:
    """Sessions are packed and encoded, files are bytes: a plain search would find nothing in them."""
    browser = Client()
    session = browser.session
    session["note"] = "Vermilion" + "x" * 100
    session.save()
    job = Job.objects.create(kind="export", owner=ilona)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_jobfile (job_id, name, media_type, content) VALUES (%s, 'a', 'b', %s)",
            [job.pk, b"Heliotrope"],
        )
    text = dumped()
    assert "Vermilion" not in text
    assert says("Vermilion")
    assert "Heliotrope" not in text
    assert says("Heliotrope")
