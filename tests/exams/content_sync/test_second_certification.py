"""Another vendor, another scale, few questions: a certification is data, from its files to a score."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from accounts.users.models import User
from exams.assembly.models import FormEdition
from exams.attempts.models import Attempt, Score
from exams.bank.models import ItemVersion
from exams.catalog.models import Certification
from exams.content.records import ExamRecord, Explanation, Reference
from exams.content_sync.load import export
from tests.exams.content import builders, second
from tests.exams.content_sync import ground
from tests.tools.items.commands import run as check

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request leaves its language behind; each test begins in English."""
    with translation.override("en"):
        yield


def run(command: str, folder: Path) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(command, "--dir", str(folder), stdout=out, stderr=out)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    """Return the folder of the certification, which is loaded."""
    ground.loaded(second.write(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("figure", "instead", "fault"),
    [
        ("duration_minutes: 20", "duration_minutes: 0", "duration_minutes is 0"),
        ("questions_scored: 9", "questions_scored: 0", "questions_scored is not from 1 to questions_total"),
        ("questions_scored: 9", "questions_scored: 11", "questions_scored is not from 1 to questions_total"),
        ("pass_mark: 70", "pass_mark: 101", "pass_mark is outside the scale"),
        ("pass_mark: 70", "pass_mark: 0", "pass_mark is outside the scale"),
    ],
)
def test_figures_that_no_exam_can_have_are_refused_with_their_file(
    tmp_path: Path, figure: str, instead: str, fault: str
) -> None:
    second.write(tmp_path)
    file = tmp_path / "blueprint.yaml"
    text = file.read_text()
    assert figure in text
    file.write_text(text.replace(figure, instead))
    status, said = run("load_bank", tmp_path)
    assert (status, f"blueprint.yaml:1: {fault}" in said) == (1, True), said
    assert not Certification.objects.exists()


def lengthened(exam: ExamRecord) -> ExamRecord:
    """Make every key the longest option: among ten that may be luck, so it is reported only."""
    for number, item in enumerate(exam.items, start=1):
        for option in item.options:
            if option.correct:
                exam = builders.with_option(exam, number, option.letter, text=option.text + "s")
    return exam


def elsewhere(exam: ExamRecord) -> ExamRecord:
    """Let the first item refer to a page of another vendor."""
    return builders.with_item(exam, 1, references=(Reference("Page", "https://docs.aws.amazon.com/s3/"),))


def test_a_small_certification_of_another_vendor_keeps_every_rule(tmp_path: Path) -> None:
    code, text = check("--dir", second.write(tmp_path), "check")
    assert code == 0, text
    assert text.endswith("Files measured: 1. Breaches: 0.\n")


def test_shares_of_few_questions_are_reported_with_their_least_number_and_cannot_fail(tmp_path: Path) -> None:
    code, text = check("--dir", second.write(tmp_path, lengthened(second.exam())), "check")
    assert code == 0, text
    (row,) = [line for line in text.splitlines() if "key strictly longest" in line]
    assert "100.0 % (9 of 9)" in row
    assert row.endswith("at most 35 %, from 16 on")


def test_a_rule_of_items_holds_for_the_smallest_exam_and_by_its_own_guide(tmp_path: Path) -> None:
    code, text = check("--dir", second.write(tmp_path, elsewhere(second.exam())), "check")
    assert code == 1
    assert "NW-001: V24: 'https://docs.aws.amazon.com/s3/' is not on https://learn.northwind.example" in text


def test_an_id_of_another_shape_than_the_guide_says_is_a_fault(tmp_path: Path) -> None:
    second.write(tmp_path)
    guide = tmp_path / "guide.yaml"
    guide.write_text(guide.read_text().replace(r"NW-\d{3}", r"E\d+-Q\d+"))
    code, text = check("--dir", tmp_path, "check")
    assert code == 1
    assert r"NW-001: the id does not look like E\d+-Q\d+" in text


def test_it_is_loaded_beside_the_first_and_a_second_load_changes_nothing(tmp_path: Path) -> None:
    first = tmp_path / "mls-c01"
    first.mkdir()
    assert run("load_bank", builders.write_directory(first, builders.exam()))[0] == 0
    folder = second.write(tmp_path / "nwo-100")
    assert run("load_bank", folder)[0] == 0
    assert ItemVersion.objects.filter(item__certification__code=second.CODE).count() == 10
    edition = FormEdition.objects.get(form__certification__code=second.CODE)
    assert (edition.scale_min, edition.scale_max, edition.pass_mark) == (0, 100, 70)
    assert run("load_bank", folder)[1].endswith("Nothing to change.\n")


def test_questions_without_tip_and_rationale_are_loaded_where_the_profile_does_without_them(
    tmp_path: Path,
) -> None:
    full = second.exam()
    bare = tuple(
        replace(
            item,
            explanation=Explanation(item.explanation.why_correct, "", ""),
            options=tuple(replace(option, why="", failure=None) for option in item.options),
            references=(),
        )
        for item in full.items
    )
    folder = second.write(tmp_path / "files", replace(full, items=bare))
    code, said = run("load_bank", folder)
    assert (code, "the key 'exam_tip' is missing" in said) == (1, True)
    second.write(folder, replace(full, items=bare), {"required": []})
    assert run("load_bank", folder)[0] == 0
    assert check("--dir", folder, "check")[0] == 0
    for name, content in export(second.CODE).items():
        (tmp_path / "bank" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "bank" / name).write_bytes(content)
    assert run("load_bank", tmp_path / "bank")[1].endswith("Done: 1 files kept as they are.\n")
    assert run("load_bank", tmp_path / "bank")[1].endswith("Nothing to change.\n")


@pytest.mark.parametrize(
    ("address", "name", "part"),
    [("/nwo-100/", "Northwind Operator", "Part 3"), ("/hu/nwo-100/", "Northwind-üzemeltető", "3. rész")],
)
def test_its_page_speaks_of_no_retirement_and_no_successor(
    client: Client, loaded: Path, address: str, name: str, part: str
) -> None:
    page = client.get(address)
    text = page.content.decode()
    assert page.status_code == 200
    assert name in text
    assert part in text
    assert 'class="notice" data-tone="warn"' not in text
    assert "None" not in text
    assert "90 USD" in text
    assert not [label for label in ("Retake", "Valid for", "Újravizsgázás", "Érvényesség") if label in text]
    lists = client.get("/hu/" if address.startswith("/hu/") else "/").content.decode()
    assert name in lists
    assert '<p class="tag" data-tone="warn">' not in lists


def test_the_api_says_that_it_is_not_retired(client: Client, loaded: Path) -> None:
    facts = client.get("/api/v1/certifications/nwo-100/").json()
    assert (facts["retired_on"], facts["successor_code"], facts["status"]) == (None, "", "active")
    assert (facts["scale_min"], facts["scale_max"], facts["exam_fee_usd"]) == (0, 100, 90)


def sit(user: User, choose: Callable[[int], bool]) -> tuple[Client, Attempt]:
    """Take the exam on the pages without script, positions right where `choose` says so."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "10 questions in 20 minutes" in client.get("/nwo-100/exams/1/").content.decode()
    place = client.post("/nwo-100/exams/1/")["Location"]
    attempt = Attempt.objects.get(user=user)
    assert attempt.edition
    for row in attempt.edition.items.all():
        options = row.version.options.filter(is_key=choose(row.position))
        ids = list(options.values_list("pk", flat=True))[: row.version.choose]
        reply = client.post(f"{place}questions/{row.position}/", {"selected": ids, "go": "next"})
        assert reply.status_code == 302, reply.content
    assert client.post(f"{place}submit/").status_code == 302
    return client, attempt


@pytest.mark.parametrize(
    ("choose", "score"),
    # Without domain 3, which weighs half; nothing at all is 0 and not 100 on this scale.
    [(lambda position: True, 100), (lambda position: position <= 5, 50), (lambda position: False, 0)],
)
def test_it_is_sat_and_scored_on_its_own_scale(
    loaded: Path, anna: User, choose: Callable[[int], bool], score: int
) -> None:
    client, attempt = sit(anna, choose)
    text = client.get(f"/attempts/{attempt.pk}/result/").content.decode()
    assert Score.objects.get(attempt=attempt).scaled == score
    assert f"{score}" in text
    assert "Part 3" in text
    assert client.get(f"/attempts/{attempt.pk}/review/").status_code == 200
    assert f'<p class="score small">{score}</p>' in client.get("/nwo-100/").content.decode()


def test_a_successor_may_be_named_without_a_retirement_and_the_other_way_round(tmp_path: Path) -> None:
    second.write(tmp_path)
    path = tmp_path / "blueprint.yaml"
    text = path.read_text()
    for facts in ("retired_on: '2027-01-31'", "successor: null", "successor:\n    code: NWO-200"):
        path.write_text(text.replace("retired_on: null", facts))
        code, said = check("--dir", tmp_path, "check")
        assert code == 0, said
