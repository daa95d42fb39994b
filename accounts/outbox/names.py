"""What people call the kinds of mails. Packages above name theirs in AppConfig.ready."""

from collections.abc import Mapping
from typing import Final

from accounts.base.errors import Text

_names: Final[dict[str, Text]] = {}


def register(names: Mapping[str, Text]) -> None:
    """Name kinds of mails."""
    _names.update(names)


def name_of(kind: str) -> Text:
    """Return the name of a kind, or the kind itself where nobody named it."""
    return _names.get(kind, kind)
