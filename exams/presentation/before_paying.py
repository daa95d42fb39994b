"""What a buyer must know of a certification before paying: that it was retired, which language it has."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.payments.titles import Facts
from exams.assembly import selectors as assembly
from exams.catalogue import selectors as catalogue
from exams.presentation import formatting


def facts_of(access_code: str, language: str) -> Facts | None:
    """Return the facts of what `cert:mls-c01` names, or None when it names no certification."""
    kind, _colon, code = access_code.partition(":")
    page = catalogue.certification(code, language) if kind == "cert" else None
    if page is None:
        return None
    sentences = []
    if page.facts.retired_on and page.facts.retired_on < timezone.localdate():
        day = date_format(page.facts.retired_on, "DATE_FORMAT")
        sentences.append(_("This exam was retired on %(day)s.") % {"day": day})
    forms = assembly.forms(code)
    common = set.intersection(*(set(form.languages) for form in forms)) if forms else set()
    if foreign := formatting.only_elsewhere(tuple(common), language):
        sentences.append(foreign)
    return Facts(page.facts.label, sentences)
