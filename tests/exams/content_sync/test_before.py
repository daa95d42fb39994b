"""A bank whose questions only had words takes up what shows tables, figures and code.

Whoever finished an exam before reads the same review and has the same score afterwards, to the byte, but for
the note on questions that were changed since.
"""

import gzip
import json
import re
import shutil
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper
from exams.attempts import lifecycle
from exams.attempts.models import Attempt, Score
from exams.bank.models import ItemText, ItemVersion, Option, OptionText
from exams.content.formats.tree import LOADER, dump
from exams.content.parts import Content, read_content
from exams.content_sync.load import load
from exams.content_sync.parts import content_parts
from tests import caches, factories, snapshot
from tests.exams.content_sync import ground
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

CONTENT = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"
PLAIN = Path(__file__).parent / "plain_items.yaml"
CHANGED = ["E1-Q11", "E1-Q22", "E1-Q40"]
ROWS: tuple[type[Model], ...] = (
    *(ItemVersion, Option, ItemText, OptionText, FormEdition, FormItem, Paper, Attempt, Score),
)
NOTE = re.compile(
    rb'<div class="notice"(?:(?!</div>).)*This question has been changed since: .*?</details>\n', re.DOTALL
)
SHOWN_BY_Q40 = "Error by number of training examples"
PAGE_BYTES = 45 * 1024


def content(directory: Path) -> Content:
    return read_content(directory, content_parts(), "exam-1")


def exams_alone(directory: Path) -> Path:
    """Return a copy of the files without cards, sheet and sample, which are the same before and now."""
    ignored = shutil.ignore_patterns("cheatsheet", "flashcards*", "sample*")
    return shutil.copytree(CONTENT, directory / "mls-c01", ignore=ignored)


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exams as they are."""
    return exams_alone(tmp_path_factory.mktemp("now"))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exam 1 as it was: three questions have words alone."""
    directory = exams_alone(tmp_path_factory.mktemp("before"))
    path = directory / "exams" / "exam-1.yaml"
    document = yaml.load(path.read_bytes(), Loader=LOADER)
    plain = {item["id"]: item for item in yaml.load(PLAIN.read_bytes(), Loader=LOADER)}
    assert sorted(plain) == CHANGED
    document["items"] = [plain.get(item["id"], item) for item in document["items"]]
    path.write_bytes(dump(document))
    return directory


def finished(user: User) -> UUID:
    """Sit the whole exam, every second question right, and submit it."""
    form = ExamForm.objects.get(number=1)
    started = lifecycle.start(user=user, form_id=form.pk, language="en", holder="session:test")
    for place in form.editions.get().items.order_by("position"):
        options = list(place.version.options.all())
        right = [option.pk for option in options if option.is_key]
        wrong = [option.pk for option in options if not option.is_key][: len(right)]
        lifecycle.answer_without_script(
            user=user,
            attempt_id=started.attempt_id,
            position=place.position,
            selected=tuple(right if place.position % 2 else wrong),
            flagged=place.position % 7 == 0,
        )
    lifecycle.submit(user=user, attempt_id=started.attempt_id, lease=None)
    lifecycle.settle(user=user, attempt_id=started.attempt_id)
    return started.attempt_id


def digests(keys: dict[str, list[object]] | None = None) -> dict[str, str]:
    """Return the SHA-256 of the rows of each table, of those with these keys."""
    found = {}
    for model in ROWS:
        rows = model._default_manager.order_by("pk")
        if keys is not None:
            rows = rows.filter(pk__in=keys[model.__name__])
        text = json.dumps(list(rows.values()), cls=DjangoJSONEncoder, sort_keys=True)
        found[model.__name__] = sha256(text.encode()).hexdigest()
    return found


def keys() -> dict[str, list[object]]:
    return {model.__name__: list(model._default_manager.values_list("pk", flat=True)) for model in ROWS}


def take_up(directory: Path) -> None:
    """Load the questions as they are now; what one test has loaded, the next puts back."""

    def make() -> None:
        load(content(directory))

    snapshot.more("exam 1 as it is now", make)
    caches.forget_content()


def reviewed(client: Client, attempt_id: UUID) -> tuple[dict[str, str], list[int]]:
    """Return SHA-256s of the review on one page and as the API has it, and of the result.

    What is kept for a minute is forgotten first. The notes on questions that were changed since are left out
    of them, and the positions of these questions are returned beside.
    """
    caches.forget_content()
    page = reverse("exams:review", args=[attempt_id])
    shown = client.get(f"{page}?open=all")
    told = client.get(f"/api/v1/attempts/{attempt_id}/review/")
    score = client.get(f"/api/v1/attempts/{attempt_id}/result/")
    assert shown.status_code == told.status_code == score.status_code == 200
    items = told.json()["items"]
    assert len(items) == 65
    changed = [item["position"] for item in items if item["changed"]]
    without_notes, notes = NOTE.subn(b"", shown.content)
    without_notes = squeezed(without_notes.decode()).encode()
    assert notes == len(changed)
    # The forms of each row have a token that is made anew for every reply.
    parts = {
        "page": re.sub(rb'(csrfmiddlewaretoken" value=)"[^"]*"', rb"\1", without_notes),
        "review": json.dumps([{**item, "changed": None} for item in items]).encode(),
        "result": re.sub(rb'"server_now":"[^"]*"', b"", score.content),
    }
    return {name: sha256(part).hexdigest() for name, part in parts.items()}, changed


def test_finished_exams_stay_as_they_were_when_questions_learn_to_show(before: Path, now: Path) -> None:
    ground.loaded(before, "exam-1")
    anna = factories.make_user("anna@example.org")
    attempt_id = finished(anna)
    client = Client()
    client.force_login(anna)
    old_keys, old_rows = keys(), digests()
    old_pages, none_changed = reviewed(client, attempt_id)
    assert none_changed == []
    assert Score.objects.get(attempt_id=attempt_id).revision == 1

    places = FormItem.objects.filter(version__item__code__in=CHANGED).order_by("position")
    positions = list(places.values_list("position", flat=True))

    plan = load(content(now))

    assert sorted(str(step) for step in plan.operations) == [
        *(f"{code}: new version" for code in CHANGED),
        "exam 1: new edition",
        "exam 1: new paper in en",
    ]
    assert digests(old_keys) == old_rows
    assert reviewed(client, attempt_id) == (old_pages, positions)
    assert FormEdition.objects.count() == 2


def test_the_new_questions_are_seen_by_who_starts_now_and_by_nobody_before(before: Path, now: Path) -> None:
    ground.loaded(before, "exam-1")
    anna, ben = factories.make_user("anna@example.org"), factories.make_user("ben@example.org")
    form = ExamForm.objects.get(number=1)
    running = lifecycle.start(user=anna, form_id=form.pk, language="en", holder="session:anna")
    take_up(now)
    newer = lifecycle.start(user=ben, form_id=form.pk, language="en", holder="session:ben")
    pages = {}
    for user, started in ((anna, running), (ben, newer)):
        client = Client()
        client.force_login(user)
        pages[user.email] = client.get(reverse("exams:taking", args=[started.attempt_id])).content.decode()
    for shown in (SHOWN_BY_Q40, "Predicted: harassment"):
        assert shown not in pages["anna@example.org"]
        assert shown in pages["ben@example.org"]
    figures = [pages[who].count('class="fig"') for who in ("anna@example.org", "ben@example.org")]
    assert figures[1] == figures[0] + 1


def test_the_page_of_an_exam_that_shows_things_is_small(before: Path, now: Path) -> None:
    ground.loaded(before, "exam-1")
    take_up(now)
    anna = factories.make_user("anna@example.org")
    form = ExamForm.objects.get(number=1)
    started = lifecycle.start(user=anna, form_id=form.pk, language="en", holder="session:anna")
    client = Client()
    client.force_login(anna)
    reply = client.get(
        reverse("exams:taking", args=[started.attempt_id]), headers={"Accept-Encoding": "gzip"}
    )
    assert b'class="fig"' in gzip.decompress(reply.content)
    assert len(reply.content) <= PAGE_BYTES
