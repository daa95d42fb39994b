"""What a product is called, and the facts of a certification that a buyer must know before paying.

`accounts` knows no certification: packages above register what they know in AppConfig.ready.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access.models import Kind


@dataclass(frozen=True, slots=True)
class Facts:
    """What one code opens: its name, sentences such as "MLS-C01 was retired in 2026.", and what is inside.

    What opens everything has no name; its `parts` name each certification.
    """

    name: str
    sentences: Sequence[str]
    parts: Sequence[str] = ()


type FactsHook = Callable[[str, str], Facts | None]

_hooks: Final[list[FactsHook]] = []


def tells_facts(hook: FactsHook) -> FactsHook:
    """Have `hook(code, language)` asked for the facts of a code such as `cert:mls-c01`; None: not mine.

    Works as a decorator. Registering twice counts once.
    """
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def facts_of(codes: Sequence[str], language: str) -> list[Facts]:
    """Return what is known of these codes, in their order."""
    asked = (hook(code, language) for code in codes for hook in _hooks)
    return [found for found in asked if found]


def title_of(slug: str, kind: str, codes: Sequence[str], months: int, language: str) -> str:
    """Return the name of a product in the active language, as page, gateway and receipt call it."""
    if kind == Kind.SUBSCRIPTION:
        return _("Monthly subscription")
    if kind == Kind.BUNDLE:
        return ngettext(
            "Content bundle for %(months)d month", "Content bundle for %(months)d months", months
        ) % {"months": months}
    name = ", ".join(facts.name for facts in facts_of(codes, language)) or slug.upper()
    return ngettext("%(name)s for %(months)d month", "%(name)s for %(months)d months", months) % {
        "name": name,
        "months": months,
    }
