"""What the pages of exams are called: to somebody who was going there, or who was given access."""

from typing import Final

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access.models import EVERYTHING
from accounts.access.openings import Opening
from exams.assembly import selectors as assembly
from exams.catalogue import selectors as catalogue
from exams.presentation import formatting
from i18n.addresses import match_of

PREFIX: Final = "cert:"


def name_of(path: str) -> str:
    """Return the title of the exam whose page is at this path, or "" when it is another page or no exam."""
    match = match_of(path)
    if match is None or match.view_name != "exams:start":
        return ""
    form = assembly.form(match.kwargs["code"], match.kwargs["number"])
    return formatting.exam_title(form.certification_code, form.number) if form else ""


def opening_of(code: str) -> Opening | None:
    """Return the name and page of the certification that `cert:<code>` opens, or of all of them."""
    if code == EVERYTHING:
        return Opening(_("All certifications"), reverse("exams:catalogue"))
    if not code.startswith(PREFIX):
        return None
    wanted = code.removeprefix(PREFIX)
    for one in catalogue.certifications(get_language() or ""):
        if one.facts.code == wanted:
            return Opening(f"{one.facts.label}: {one.texts.name}", reverse("exams:landing", args=[wanted]))
    return None
