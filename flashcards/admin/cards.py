"""Cards of the decks in the admin, found by what they say; written as drafts, never edited here.

Cards of a person's own are theirs alone: none of these pages shows one.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import LessThan
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.audit import services as audit
from accounts.users.requests import SignedInRequest
from exams.admin.base import DraftedAdmin, Option, OptionsFilter, column
from exams.admin.draft_editor import BeginningForm, begin
from exams.admin.requests import staff_view
from exams.authoring import rights, selectors
from exams.authoring.models import OPEN, Draft
from exams.catalog.models import Certification
from exams.content.markdown import prose
from flashcards.content.records import CODE_LENGTH
from flashcards.models import Card, CardText
from flashcards.services import cards
from flashcards.services.drafts import NAME, newest
from i18n import languages

FRONT_LENGTH: Final = 90
SHAPE: Final = re.compile(r"FC-(\d{3,6})")


class StandingFilter(OptionsFilter):
    """Finds cards that are studied, or are not."""

    title = _("state")
    parameter_name = "state"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """In use, or withdrawn."""
        return {
            "used": (_("in use"), Q(retired_at__isnull=True)),
            "withdrawn": (_("withdrawn"), Q(retired_at__isnull=False)),
        }


class LanguageFilter(OptionsFilter):
    """Finds cards whose text in a language is missing, or older than the original."""

    title = _("translation")
    parameter_name = "translation"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Each language, missing or older."""
        texts = CardText.objects.filter(card=OuterRef("pk"))
        published = texts.order_by("-published_at", "-pk").values("published_at")
        original = Subquery(published.filter(language=OuterRef("certification__original_language"))[:1])
        options: dict[str, Option] = {}
        for code in languages.CODES:
            name, own = {"language": languages.name_of(code)}, Subquery(published.filter(language=code)[:1])
            missing = ~Exists(texts.filter(language=code))
            options[f"{code}.missing"] = (_("%(language)s is missing") % name, missing)
            options[f"{code}.older"] = (_("%(language)s is older") % name, Q(LessThan(own, original)))
        return options


def _use(card: Any) -> SafeString:  # noqa: ANN401
    """Return what can be done with a card."""
    context = {"card": card, "may_edit": card.may_edit, "may_judge": card.may_judge}
    return render_to_string("admin/flashcards/card_use.html", context)


def _acts(card: Card) -> SafeString:
    """Return what staff did with a card, and with every draft of it."""
    acts = audit.of(card) | selectors.acts(NAME, card.certification, card.code)
    return render_to_string("admin/exams/acts.html", {"audit": acts.order_by("-at", "-pk")})


def taken(certification: Certification) -> set[str]:
    """Return the codes that cards of the deck and open drafts have. Two statements."""
    # A code that a draft has would be taken twice once both are published.
    drafts = Draft.objects.filter(kind=NAME, certification=certification, state__in=OPEN)
    codes = cards.of_deck(certification.code).values_list("code", flat=True)
    return {*codes, *drafts.values_list("name", flat=True)}


class NewForm(BeginningForm):
    """Of which certification a new card is, and its code: the next free one where none is given."""

    code = forms.CharField(
        label=_("Code"),
        required=False,
        max_length=CODE_LENGTH,
        help_text=_("Such as FC-301. Leave it empty for the next free one. It never changes."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean(self) -> dict[str, object]:
        """Choose the code, or check its shape and that no card and no draft has it."""
        values: dict[str, object] = super().clean() or {}
        certification, code = values.get("certification"), str(values.get("code") or "")
        if not isinstance(certification, Certification) or "code" in self.errors:
            return values
        known = taken(certification)
        if code and not SHAPE.fullmatch(code):
            self.add_error("code", _("A code is FC- and three to six digits, such as FC-301."))
        elif code in known:
            self.add_error("code", _("There is a card or a draft with this code already."))
        return values | {"code": code or _next(known)}


def _next(known: set[str]) -> str:
    last = max((int(found[1]) for code in known if (found := SHAPE.fullmatch(code))), default=0)
    return f"FC-{last + 1:03d}"


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and code, then begin the draft of a new card."""
    form = NewForm(request.POST or None)
    return begin(request, form, kind=NAME, title=_("New card"), model=Card)


@admin.register(Card)
class CardAdmin(DraftedAdmin, ActsWithReason):
    """Cards with their words."""

    draft_kind = NAME
    row_argument = "card_id"
    actions_list = ("new_card",)
    list_display = ("code", "front", "certification", "domain", "task", "text_languages", "state")
    list_display_links = ("code", "front")
    list_select_related = ("certification",)
    list_filter = ("certification", "domain", "task", "is_preview", StandingFilter, LanguageFilter)
    search_fields = ("code",)
    search_help_text = _("Words of the card, or its code")
    ordering = ("certification", "position")
    fields = (
        ("code", "certification", "state"),
        "use",
        "texts_now",
        ("domain", "task", "position"),
        ("tags", "coverage", "is_preview"),
        "log_of_acts",
    )
    readonly_fields = ("state", "texts_now", "use", "log_of_acts")
    front = column(_("front"), lambda card: Truncator(prose(card.words or "")).chars(FRONT_LENGTH))
    text_languages = column(_("languages"), lambda card: ", ".join(card.languages))
    state = column(_("state"), lambda card: _("withdrawn") if card.retired_at else _("in use"), "retired_at")
    use = column(_("use"), _use)
    log_of_acts = column(_("what happened"), _acts)
    texts_now = column(
        _("as it is read"),
        # HTML that was cleaned when it was stored.
        lambda card: render_to_string("admin/flashcards/card_texts.html", {"texts": newest(card).values()}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Card]:
        """Cards of the decks with their original front, in one statement."""
        rows: QuerySet[Card] = super().get_queryset(request)
        texts = CardText.objects.filter(
            card=OuterRef("pk"), language=OuterRef("certification__original_language")
        )
        front = texts.order_by("-published_at", "-pk").values("front")
        texts = CardText.objects.filter(card=OuterRef("pk")).order_by("language").distinct("language")
        cards_of_decks = rows.filter(owner__isnull=True).annotate(words=Subquery(front[:1]))
        return cards_of_decks.annotate(languages=ArraySubquery(texts.values("language")))

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Add what is done with a card."""
        judged = staff_view(rights.REVIEW)
        return {
            **super().row_views(),
            "withdraw": judged(self.withdraw),
            "restore": judged(self.restore),
        }

    @action(description=_("New card"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_card(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and code, then begin."""
        return new(request)

    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a card out of its deck."""
        return self._act(
            request, object_id, ReasonForm, _("Withdraw the card"), _("Withdraw"), cards.withdraw
        )

    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Bring a card back."""
        return self._act(
            request, object_id, ReasonForm, _("Bring the card back"), _("Bring back"), cards.restore
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Card], search_term: str
    ) -> tuple[QuerySet[Card], bool]:
        """Find cards that say every word now, in any language, or have it in their code.

        One statement, however many words: a deck is small, and a subquery for each word was not.
        """
        words = search_term.casefold().split()
        if not words:
            return queryset, False
        columns = ("card", "card__code", "front", "back", "trap")
        texts_by_card: dict[int, str] = defaultdict(str)
        for card_id, *texts in cards.current_texts().filter(card__owner=None).values_list(*columns):
            texts_by_card[card_id] += "\n".join(texts).casefold()
        ids = [card_id for card_id, text in texts_by_card.items() if all(word in text for word in words)]
        return queryset.filter(pk__in=ids), False
