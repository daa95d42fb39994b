"""A document as YAML the way authors write it: keys in their order, long texts folded."""

from typing import TYPE_CHECKING, Any, Final

import yaml

FOLD_FROM: Final = 90
WIDTH: Final = 110

if TYPE_CHECKING:
    from yaml import SafeDumper as Base
else:
    # The one in C takes a tenth of the time. It writes characters beyond U+FFFF as escapes.
    Base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(Base):
    """Writes long texts of one line folded, and tables and code as they stand, as authors do."""


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    foldable = len(value) > FOLD_FROM and value.isprintable() and "  " not in value
    style = ">" if foldable else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)


def dump(document: dict[str, Any] | list[dict[str, Any]]) -> bytes:
    """Return the document in UTF-8."""
    written = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return written.encode("utf-8")
