"""What was done from which files, so that a second start skips what has not changed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path


def digest(root: Path, patterns: Iterable[str], *extra: str) -> str:
    """Return one hash of names and contents of all files that the patterns find, and of extra texts."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()}):
        total.update(f"\0{path.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


class Stamps:
    """A small file: name of a step, digest of what it was made from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, str]:
        """Return all stamps; none when the file is missing or broken."""
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def pending(self, wanted: dict[str, str]) -> list[str]:
        """Return the steps whose digest differs from what was done, in the given order."""
        known = self.read()
        return [name for name, value in wanted.items() if known.get(name) != value]

    def set(self, name: str, value: str) -> None:
        """Remember that a step was done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({**self.read(), name: value}, indent=1), encoding="utf-8")


def drop(path: Path, names: Sequence[str]) -> None:
    """Forget the named steps."""
    stamps = Stamps(path)
    known = stamps.read()
    if known:
        path.write_text(json.dumps({k: v for k, v in known.items() if k not in names}), encoding="utf-8")
