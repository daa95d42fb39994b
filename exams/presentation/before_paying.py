"""What a buyer sees before paying: what is inside, what it opens, the price and the currency."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from babel.numbers import format_decimal
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.access.models import EVERYTHING
from accounts.access.targets import Details, Target
from exams.assembly import selectors as assembly
from exams.catalog import selectors as catalog
from exams.catalog.models import Certification
from exams.catalog.selectors import pick
from exams.content.states import State
from exams.presentation import formatting, sections, states
from i18n import languages


def details_of(access_code: str, language: str) -> Details:
    """Return what is inside what `cert:mls-c01` names, or `cert:*`, and what to know of it."""
    rows = catalog.certifications(language)
    forms = assembly.forms_by_code()
    everything = access_code == EVERYTHING
    inside_rows = [row for row in rows if everything or row.facts.access_code == access_code]
    details = [row.facts for row in inside_rows]
    counted = sections.contents([facts.code for facts in details])
    parts: list[str] = []
    sentences: list[str] = []
    for row in inside_rows:
        facts = row.facts
        own = forms.get(facts.code, [])
        inside = [exams_named(own), *counted.get(facts.code, ())] if own else []
        parts += [f"{facts.label}: {', '.join(inside)}"] if everything and inside else inside
        sentences += known(row, own, language)
    may_move = any(facts.state in states.COMING for facts in details)
    next_codes = {facts.successor_code.lower() for facts in details if facts.state is State.RETIRED}
    successors = (
        ()
        if everything
        else tuple(
            (row.facts.label, reverse("exams:landing", args=[row.facts.code]))
            for row in rows
            if row.facts.code in next_codes
        )
    )
    first_exam = "" if everything else _first_exam(forms.get(access_code.removeprefix(catalog.PREFIX), ()))
    return Details(tuple(parts), tuple(dict.fromkeys(sentences)), may_move, successors, first_exam)


def _first_exam(forms: Sequence[assembly.FormFacts]) -> str:
    """Return the path of exam 1, "" where there is none."""
    return next(
        (reverse("exams:start", args=[one.certification_code, 1]) for one in forms if one.number == 1), ""
    )


def exams_named(forms: Sequence[assembly.FormFacts]) -> str:
    """Return how many exams and questions there are, in words."""
    exams, questions = len(forms), sum(form.items for form in forms)
    return ", ".join(
        [
            ngettext("%(count)d practice exam", "%(count)d practice exams", exams) % {"count": exams},
            ngettext("%(n)d question", "%(n)d questions", questions) % {"n": questions},
        ]
    )


def common_languages(forms: Sequence[assembly.FormFacts]) -> tuple[str, ...]:
    """Return the languages in which all of these exams can be taken."""
    common = set.intersection(*(set(form.languages) for form in forms)) if forms else set()
    return formatting.site_order(tuple(sorted(common)))


def known(row: catalog.CertificationSummary, forms: Sequence[assembly.FormFacts], language: str) -> list[str]:
    """Return what a buyer must know of one certification, in sentences.

    Of one that is not live, also how it can be taken until then: a beta may differ from what is practiced.
    """
    facts = row.facts
    until_then = row.texts.delivery if facts.state in states.COMING else ""
    languages = formatting.languages_of_questions(common_languages(forms), language)
    sentences = [
        _standing(facts),
        languages,
        until_then,
        states.planned_amounts(facts),
        *_shorter(facts, forms),
    ]
    return [sentence for sentence in sentences if sentence]


def _shorter(facts: catalog.Facts, forms: Sequence[assembly.FormFacts]) -> list[str]:
    """Return which exams have fewer questions than the real one, a sentence for each number of questions."""
    sizes: dict[int, list[int]] = {}
    for form in forms:
        if form.items < facts.items_total:
            sizes.setdefault(form.items, []).append(form.number)
    return [
        ngettext(
            "%(label)s practice exam %(numbers)s has %(items)d questions; the real exam has %(total)d.",
            "%(label)s practice exams %(numbers)s have %(items)d questions; the real exam has %(total)d.",
            len(numbers),
        )
        % {
            "label": facts.label,
            "numbers": ", ".join(map(str, sorted(numbers))),
            "items": items,
            "total": facts.items_total,
        }
        for items, numbers in sorted(sizes.items(), reverse=True)
    ]


def _standing(facts: catalog.Facts) -> str:
    """Return the sentence on an exam that is not live, or of which the last day is known; "" of others."""
    if facts.state in states.COMING or "retired_on" in facts.planned_facts:
        return states.in_a_sentence(facts)
    if facts.retired_on is None:
        return ""
    values = {"label": facts.label, "day": date_format(facts.retired_on, "DATE_FORMAT")}
    if facts.state is State.RETIRED:
        return _("%(label)s was retired on %(day)s and can no longer be taken.") % values
    return _("The last day to take %(label)s is %(day)s.") % values


# --- Prices


SYMBOLS: Final = {"EUR": "€", "USD": "$", "HUF": "Ft"}
"""The currencies that can be chosen, each as it is written beside a number."""
USUAL: Final = "EUR"


def currency_of(wanted: str, language: str) -> str:
    """Return the wanted currency where there is such, else the usual one of the language."""
    if wanted.upper() in SYMBOLS:
        return wanted.upper()
    return "HUF" if language == "hu" else USUAL


def price(amount: int, currency: str, language: str) -> str:
    """Return an amount in hundredths as people write it: €29, 29 €, 9,900 Ft, 9 900 Ft."""
    value = Decimal(amount) / 100
    pattern = "#,##0" if amount % 100 == 0 else "#,##0.00"
    digits = format_decimal(value, pattern, locale=language)
    # The sign goes in front in English alone, and that of forints nowhere.
    if currency == "HUF" or language != "en":
        return f"{digits}\N{NO-BREAK SPACE}{SYMBOLS[currency]}"
    return f"{SYMBOLS[currency]}{digits}"


# --- What entitlements to certifications open


def targets_of(codes: Sequence[str]) -> Mapping[str, Target]:
    """Return what `cert:mls-c01` and `cert:*` open, in two queries; other codes are left out."""
    names = [code.removeprefix(catalog.PREFIX) for code in codes if code.startswith(catalog.PREFIX)]
    language = get_language() or languages.DEFAULT
    rows = Certification.objects.filter(code__in=names).prefetch_related("texts") if names else []
    targets = {row.access_code: _target(row, language) for row in rows}
    if EVERYTHING in codes:
        targets[EVERYTHING] = Target(
            _("All certifications"),
            path=reverse("exams:catalog"),
            details=partial(details_of, EVERYTHING, language),
        )
    return targets


def codes() -> Sequence[str]:
    """Return every code that opens something, in one query."""
    rows = Certification.objects.order_by("code")
    return [EVERYTHING, *(row.access_code for row in rows)]


def _target(row: Certification, language: str) -> Target:
    text = pick(row.texts.all(), language, row.original_language)
    return Target(
        name=text.name if text else "",
        label=row.code.upper(),
        path=reverse("exams:landing", args=[row.code]),
        details=partial(details_of, row.access_code, language),
    )
