"""What codes are called by people. Packages that own codes name them, in AppConfig.ready."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from accounts.access.models import EVERYTHING

type Namer = Callable[[list[str]], Mapping[str, str]]

_namers: Final[dict[str, Namer]] = {}


def register(prefix: str, namer: Namer) -> None:
    """Have `namer(codes)` asked for the titles of codes that begin with `prefix`, such as `cert:`.

    It returns titles in the active language by code, and leaves out what it does not know. Raises ValueError
    when another namer has the prefix already.
    """
    if _namers.setdefault(prefix, namer) != namer:
        raise ValueError(f"two namers of codes with {prefix!r}")


def titles_of(codes: Iterable[str]) -> dict[str, str]:
    """Return a title for each code, in their order and the active language; the code itself if unknown."""
    wanted = list(codes)
    found = {EVERYTHING: _("All certifications")}
    for prefix, namer in _namers.items():
        if named := [code for code in wanted if code.startswith(prefix) and code != EVERYTHING]:
            found.update(namer(named))
    return {code: found.get(code, code) for code in wanted}
