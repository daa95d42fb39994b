"""What a buyer must know before paying: what is inside, that an exam was retired, in which language it is."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access.models import EVERYTHING
from accounts.access.openings import Details
from exams.assembly import selectors as assembly
from exams.catalogue import selectors as catalogue
from exams.presentation import formatting, sections


def details_of(access_code: str, language: str) -> Details:
    """Return what is inside what `cert:mls-c01` names, or `cert:*`, and what to know of it."""
    rows = catalogue.certifications(language)
    forms: dict[str, list[assembly.FormFacts]] = {}
    for form in assembly.forms():
        forms.setdefault(form.certification_code, []).append(form)
    everything = access_code == EVERYTHING
    details = [row.facts for row in rows if everything or row.facts.access_code == access_code]
    counted = sections.contents([facts.code for facts in details])
    parts: list[str] = []
    sentences: list[str] = []
    for facts in details:
        own = forms.get(facts.code, [])
        inside = [exams_named(len(own)), *counted.get(facts.code, ())] if own else []
        parts += [f"{facts.label}: {', '.join(inside)}"] if everything and inside else inside
        sentences += known(facts, own, language)
    return Details(tuple(parts), tuple(dict.fromkeys(sentences)))


def exams_named(count: int) -> str:
    """Return how many exams there are, in words."""
    return ngettext("%(count)d practice exam", "%(count)d practice exams", count) % {"count": count}


def spoken(forms: Sequence[assembly.FormFacts]) -> tuple[str, ...]:
    """Return the languages in which all of these exams can be taken."""
    common = set.intersection(*(set(form.languages) for form in forms)) if forms else set()
    return formatting.site_order(tuple(common))


def known(facts: catalogue.Facts, forms: Sequence[assembly.FormFacts], language: str) -> list[str]:
    """Return what a buyer must know of one certification, in sentences."""
    languages = formatting.languages_of_questions(spoken(forms), language)
    sentences = [_retired(facts), languages, *_shorter(facts, forms)]
    return [sentence for sentence in sentences if sentence]


def _shorter(facts: catalogue.Facts, forms: Sequence[assembly.FormFacts]) -> list[str]:
    """Return which exams have fewer questions than the real one, a sentence for each number of questions."""
    sizes: dict[int, list[int]] = {}
    for form in forms:
        if form.items < facts.items_total:
            sizes.setdefault(form.items, []).append(form.number)
    sentences = [
        (
            len(numbers),
            {
                "label": facts.label,
                "numbers": ", ".join(map(str, sorted(numbers))),
                "items": items,
                "total": facts.items_total,
            },
        )
        for items, numbers in sorted(sizes.items(), reverse=True)
    ]
    return [
        ngettext(
            "%(label)s practice exam %(numbers)s has %(items)d questions; the real exam has %(total)d.",
            "%(label)s practice exams %(numbers)s have %(items)d questions; the real exam has %(total)d.",
            count,
        )
        % values
        for count, values in sentences
    ]


def _retired(facts: catalogue.Facts) -> str:
    """Return the sentence on the last day of an exam, "" while none is known."""
    if facts.retired_on is None:
        return ""
    values = {"label": facts.label, "day": date_format(facts.retired_on, "DATE_FORMAT")}
    if facts.retired_on < timezone.localdate():
        return _("%(label)s was retired on %(day)s and can no longer be taken.") % values
    return _("The last day to take %(label)s is %(day)s.") % values
