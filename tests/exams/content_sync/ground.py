"""What tests of loading begin with: the same files are loaded once, and then put back as rows."""

from hashlib import sha256
from pathlib import Path

from exams.content.parts import read_content
from exams.content_sync.load import load
from exams.content_sync.parts import content_parts
from tests import snapshot


def loaded(directory: Path, only: str | None = None) -> None:
    """Bring tables without content to the state of these files. It is no test of a load."""

    def make() -> None:
        load(read_content(directory, content_parts(), only))

    snapshot.first(f"files {_digest(directory)} {only}", make)


def _digest(directory: Path) -> str:
    told = sha256()
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        told.update(
            path.relative_to(directory).as_posix().encode() + b"\0" + sha256(path.read_bytes()).digest()
        )
    return told.hexdigest()
