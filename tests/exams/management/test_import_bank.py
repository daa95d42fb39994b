"""`import_bank` and `export_bank --format`: the road of the admin, from the command line."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from exams.authoring import services
from exams.authoring.models import Draft
from exams.bank.models import Item
from exams.content.exchange_formats import limits, registry
from tests.exams.authoring import acts
from tests.exams.authoring.test_imports import GIFT
from tests.factories import Form

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.txt"
    path.write_text(GIFT, encoding="utf-8")
    return path


def run(file: Path, *, actor: str = "authors@example.org", **options: Any) -> tuple[int, str, str]:
    """Run the import; return its exit code and what it printed."""
    acts.staff("authors")
    out, err = StringIO(), StringIO()
    given = {"certification": "mls-c01", "actor": actor, **options}
    try:
        call_command("import_bank", given.pop("format", "gift"), str(file), stdout=out, stderr=err, **given)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue(), err.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def test_a_dry_run_prints_what_would_be_and_stores_nothing(form: Form, file: Path) -> None:
    code, out, _err = run(file, dry_run=True)
    assert code == 0
    assert "other-1: new" in out
    assert "2 new" in out
    assert "lost: questions.txt:" in out
    assert "Dry run: nothing was stored." in out
    assert not Draft.objects.exists()


def test_without_it_the_questions_are_drafts_of_the_actor_and_again_nothing_changes(
    form: Form, file: Path
) -> None:
    assert run(file)[:1] == (0,)
    assert {draft.author for draft in Draft.objects.all()} == {acts.staff("authors")}
    code, out, _err = run(file)
    assert (code, "2 same" in out, Draft.objects.count()) == (0, True, 2)


def test_a_fault_is_printed_with_its_line_and_nothing_is_stored(form: Form, file: Path) -> None:
    file.write_text(GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n", encoding="utf-8")
    code, _out, err = run(file)
    assert code == 1
    assert "questions.txt:8" in err
    assert "Nothing was stored. Faults: 1." in err
    assert not Draft.objects.exists()


def test_the_good_questions_are_stored_where_that_is_asked_for(form: Form, file: Path) -> None:
    file.write_text(GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n", encoding="utf-8")
    assert "--partial" in run(file)[2]
    code, out, err = run(file, partial=True)
    assert (code, Draft.objects.count()) == (0, 2)
    assert "questions.txt:8" in err
    assert "Done: 2 drafts. Left out: 1." in out


@pytest.mark.parametrize("partial", [False, True])
def test_a_file_of_which_nothing_is_taken_ends_with_1(form: Form, file: Path, *, partial: bool) -> None:
    file.write_text("::Essay::Tell us.{}\n", encoding="utf-8")
    code, out, err = run(file, partial=partial)
    assert (code, "Skipped: a question of the type" in out) == (1, True)
    assert "None of the questions in the file can be imported." in err


def test_what_somebody_is_writing_keeps_all_from_being_stored(form: Form, file: Path) -> None:
    run(file)
    draft = Draft.objects.earliest("pk")
    content = {**draft.content, "tags": ["mine"]}
    services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=acts.staff("authors"))
    file.write_text(GIFT.replace("#No.", "#Never."), encoding="utf-8")
    code, out, err = run(file)
    assert code == 1
    assert "1 changed, 1 held" in out
    assert "keep the whole file" in err
    assert not Draft.objects.filter(content__texts__en__options__1__why="Never.").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"certification": "absent"}, "there is no certification absent"),
        ({"actor": "nobody@example.org"}, "no active person"),
        ({"actor": "translators@example.org"}, "may not write drafts"),
    ],
)
def test_wrong_usage_ends_with_2(form: Form, file: Path, options: dict[str, Any], said: str) -> None:
    acts.staff("translators")
    code, _out, err = run(file, **options)
    assert code == 2
    assert said in err


def test_a_file_that_is_not_there_ends_with_2_and_one_that_is_too_large_with_1(
    form: Form, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path / "absent.txt")[0] == 2
    assert run(tmp_path)[0] == 2
    monkeypatch.setattr(limits, "FILE_SIZE", 10)
    assert run(file)[0] == 1


def test_an_unknown_format_ends_with_2(form: Form, file: Path) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("import_bank", "word", str(file), certification="mls-c01", actor="x")


@pytest.mark.parametrize("name", [one.name for one in registry.FORMATS.values() if one.can_write])
def test_the_bank_is_written_into_one_file_of_a_format(form: Form, tmp_path: Path, name: str) -> None:
    Item.objects.filter(code="E1-Q01").update(current=None)
    out = StringIO()
    call_command("export_bank", dir=tmp_path, format=name, stdout=out)
    path = tmp_path / f"mls-c01{registry.FORMATS[name].suffixes[0]}"
    parsed = registry.read(name, path.read_bytes(), path.name)
    assert len(parsed.items) == 7
    assert "7 questions" in out.getvalue()
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_bank", dir=tmp_path, format=name, stdout=out)


def test_what_was_exported_as_yaml_and_imported_again_changes_nothing(form: Form, tmp_path: Path) -> None:
    call_command("export_bank", dir=tmp_path, format="yaml", stdout=StringIO())
    code, out, _err = run(tmp_path / "mls-c01.yaml", format="yaml")
    assert (code, "8 same" in out, Draft.objects.exists()) == (0, True, False)


def test_a_dry_run_of_the_export_writes_nothing(form: Form, tmp_path: Path) -> None:
    call_command("export_bank", dir=tmp_path, format="csv", dry_run=True, stdout=StringIO())
    assert not list(tmp_path.iterdir())
