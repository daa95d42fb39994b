"""What a product is called."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access.models import Kind
from accounts.access.openings import openings_of


def title_of(slug: str, kind: str, codes: Sequence[str], months: int) -> str:
    """Return the name of a product in the active language, as page, gateway and receipt call it."""
    if kind == Kind.SUBSCRIPTION:
        return _("Monthly subscription")
    if kind == Kind.BUNDLE:
        return ngettext(
            "Content bundle for %(months)d month", "Content bundle for %(months)d months", months
        ) % {"months": months}
    labels = [opening.label for opening in openings_of(codes).values() if opening.label]
    name = ", ".join(labels) or slug.upper()
    return ngettext("%(name)s for %(months)d month", "%(name)s for %(months)d months", months) % {
        "name": name,
        "months": months,
    }
