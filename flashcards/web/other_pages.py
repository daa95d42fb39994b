"""What flashcards add to other pages: sections and links, the home of a course, names in mails."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.urls import ResolverMatch, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access.policy import Access
from accounts.users.models import User
from exams.insights.dashboard_hooks import Repetition
from exams.presentation.sections import ItemAct, Link, Section
from flashcards.models import Review
from flashcards.scheduling.queue import Stage, studied
from flashcards.study import deck as decks
from flashcards.study.day import study_day
from flashcards.web.deck import work_of


def name_of(match: ResolverMatch) -> str:
    """Return the name of the deck whose page it is, or "" when it is another page or no deck."""
    if "flashcards" not in match.namespaces or not decks.exists(match.kwargs["code"]):
        return ""
    return _("%(code)s flashcards") % {"code": match.kwargs["code"].upper()}


FIRST_CARDS: Final = 10
"""So many are a beginning."""


def repetition(user: User, code: str, access: Access) -> Repetition | None:
    """Return the cards of today in the active time zone, or None where there is no deck. One statement."""
    today = study_day(user, code, timezone.get_current_timezone(), granted=access.granted)
    if today is None:
        return None
    work = work_of(today)
    due, new = work["due"], work["new"]
    learned = {one.card_id for one in today.entries if one.was_learned}
    # A suspended card can't be learned.
    coming = {one.card_id for one in studied(today.entries, None)}
    goal = min(len(learned | coming), FIRST_CARDS)
    return Repetition(
        due=due,
        new=new,
        minutes=work["minutes"],
        address=reverse("flashcards:study" if due or new else "flashcards:deck", args=[code]),
        name=_("Flashcards"),
        title=work["title"],
        status=_("Today: %(due)d due, %(new)d new") % work if due or new else work["next_work"],
        button=_("Study cards") if due or new else _("All cards"),
        daily=_("Every day: the cards that are due."),
        done_today=work["done"],
        done=ngettext("%(count)d card", "%(count)d cards", work["done"]) % {"count": work["done"]},
        more=(_("New cards a day"), reverse("flashcards:settings", args=[code]) + "#id_new_per_day")
        if work["has_new"] and not (due or new)
        else None,
        learned=sum(one.stage is Stage.LEARNED for one in today.entries),
        total=len(today.entries),
        first_goal=goal,
        first_learned=min(len(learned), goal),
        first_title=ngettext("Learn %(count)d card", "Learn %(count)d cards", goal) % {"count": goal},
    )


# A part of the statement that asks for the days studied.
REPETITION_DAYS: Final = """
SELECT (review.reviewed_at AT TIME ZONE %(zone)s)::date AS day
FROM flashcards_review review JOIN flashcards_card card ON card.id = review.card_id
JOIN exams_certification certification ON certification.id = card.certification_id
WHERE review.user_id = %(user)s AND certification.code = %(code)s AND review.reviewed_at >= %(since)s
"""


def last_repetition(user: User) -> tuple[str, dt.datetime] | None:
    """Return the certification of which a person reviewed a card last, and when. One statement."""
    rows = Review.objects.filter(user=user, card__isnull=False).order_by("-reviewed_at")
    return rows.values_list("card__certification__code", "reviewed_at").first()


OWN_CARD: Final = ItemAct(
    "own-card",
    gettext_lazy("Flashcard"),
    "flashcards/own_form.html",
    gettext_lazy("Card saved. It's among your new cards."),
)


def section(code: str, language: str) -> Section | None:
    """Return the section of a certification's page, None where it has no deck. One statement."""
    deck = decks.summary(code)
    if deck is None:
        return None
    context = {
        "code": code,
        "total": deck.total,
        "open": deck.previews,
        "more": deck.total - deck.previews,
    }
    return Section("flashcards", "flashcards/section.html", _amount(deck.total), context)


def contents(codes: Sequence[str]) -> dict[str, str]:
    """Return how many cards each of these certifications has, in words. One statement."""
    return {code: _amount(count) for code, count in decks.sizes(codes).items()}


def _amount(count: int) -> str:
    return ngettext("%(count)d flashcard", "%(count)d flashcards", count) % {"count": count}


def links(code: str, coverage: Sequence[str], language: str) -> list[Link]:
    """Return a link to each card that teaches a point of this coverage, a locked one by its topics.

    One statement.
    """
    deck = reverse("flashcards:deck", args=[code])
    return [
        Link(
            "card",
            strip_tags(card.front),
            f"{deck}#{card.code.lower()}",
            tuple(card.coverage),
            locked=", ".join(card.locked),
            language="" if card.language == language else card.language,
        )
        for card in decks.teaching(code, coverage, language)
    ]
