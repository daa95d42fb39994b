"""The corpus: files as other systems write them, and what is expected of each."""

from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import yaml

from exams.content.exchange_formats.registry import read
from exams.content.exchange_formats.shape import Fault, Loss, Parsed
from exams.content.records import Problem, WholeItem

CORPUS: Final = Path(__file__).parent / "corpus"
FORMATS: Final = ("gift", "moodle", "qti")


def cases() -> list[tuple[str, str]]:
    """Return each file with its format."""
    return [
        (name, path.name)
        for name in FORMATS
        for path in sorted((CORPUS / name).iterdir())
        if path.name != "expected.yaml"
    ]


def data_of(path: Path) -> bytes:
    """Return a file; a folder is packed."""
    if path.is_file():
        return path.read_bytes()
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for one in sorted(path.rglob("*")):
            if one.is_file():
                archive.write(one, one.relative_to(path).as_posix())
    return packed.getvalue()


def parsed(name: str, file: str) -> Parsed:
    """Read a file of the corpus."""
    return read(name, data_of(CORPUS / name / file), file)


def expected(name: str) -> dict[str, Any]:
    """Return what is expected of the files of a format."""
    found: dict[str, Any] = yaml.safe_load((CORPUS / name / "expected.yaml").read_text(encoding="utf-8"))
    return found


def told(result: Parsed) -> dict[str, Any]:
    """Return what was read in few words: items, losses and problems with their places."""
    found = {
        "items": [_item(item) for item in result.items],
        "losses": [_note(one) for one in result.losses],
        "problems": [_note(one) for one in result.problems],
        "pictures": len(result.pictures),
    }
    return {key: value for key, value in found.items() if value}


def _item(item: WholeItem) -> dict[str, Any]:
    record, traits = item.record, item.traits
    texts = {
        "ask": record.ask,
        "why": record.explanation.why_correct,
        "tags": list(item.tags),
        "task": traits.task,
        "difficulty": traits.difficulty,
        "language": item.language if item.language != "en" else "",
        "source": item.source if item.source != record.id else "",
    }
    options = [
        f"{'=' if option.correct else '~'} {option.text}" + (f" # {option.why}" if option.why else "")
        for option in record.options
    ]
    shown = {
        "id": record.id,
        "line": record.place.line,
        "kind": f"{traits.kind} {traits.choose}",
        "stem": record.stem,
    }
    return shown | {key: value for key, value in texts.items() if value} | {"options": options}


def _note(one: Loss | Problem) -> str:
    code = one.code if isinstance(one, Loss | Fault) else one.message
    values = one.values if isinstance(one, Loss | Fault) else ()
    words = " ".join(f"{name}={value}" for name, value in values)
    return " ".join(filter(None, [str(one.place), one.item and f"[{one.item}]", code, words]))
