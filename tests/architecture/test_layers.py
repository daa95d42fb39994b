"""Rules that no linter has: `__init__` only says what it is for, and no file is too long to read."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("tools", "config", "i18n", "accounts", "exams", "flashcards")
FILES = sorted(
    path
    for package in (*PACKAGES, "tests")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
PRODUCT = [path for path in FILES if path.relative_to(ROOT).parts[0] != "tests"]
# Django looks for admin classes in one place of an app, Celery for its app in one place of a project.
GATHERERS = {
    ROOT / "config/__init__.py",
    ROOT / "exams/admin/__init__.py",
    ROOT / "accounts/admin/__init__.py",
    ROOT / "flashcards/admin/__init__.py",
}
MOST_LINES = 800


def only_a_docstring(source: str) -> bool:
    """Say whether a module says what it is for, and does nothing."""
    body = ast.parse(source).body
    return len(body) == 1 and isinstance(body[0], ast.Expr) and bool(ast.get_docstring(ast.parse(source)))


def name(path: Path) -> str:
    """Name a file by its place."""
    return str(path.relative_to(ROOT))


def test_the_init_of_a_package_is_a_docstring_and_nothing_else() -> None:
    packages = [path for path in PRODUCT if path.name == "__init__.py" and path not in GATHERERS]
    assert len(packages) > 20
    assert [name(path) for path in packages if not only_a_docstring(path.read_text())] == []


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in PRODUCT}
    assert [name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_is_too_long_to_read() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in FILES}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_app_has_an_admin_file_beside_an_admin_folder() -> None:
    assert [
        name(path) for path in PRODUCT if path.name == "admin.py" and (path.parent / "admin").is_dir()
    ] == []


@pytest.mark.parametrize(
    "source", ["", "x = 1", '"""A package."""\nfrom . import models', '"""A package."""\n__all__ = []']
)
def test_a_room_that_does_something_is_found(source: str) -> None:
    assert not only_a_docstring(source)
