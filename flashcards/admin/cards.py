"""Cards of the decks in the admin, found by what they say; written as drafts, never edited here.

Cards of a person's own are theirs alone: none of these pages shows one.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from accounts.base.errors import Text
from exams.authoring import rights, selectors
from exams.content.markdown import prose
from flashcards.admin import card_drafts
from flashcards.models import Card, CardText
from flashcards.services import cards
from flashcards.services.drafts import NAME, newest
from i18n import languages

FRONT_LENGTH: Final = 90


class StandingFilter(admin.SimpleListFilter):
    """Finds cards that are studied, or are not."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """In use, or withdrawn."""
        return [("used", _("in use")), ("withdrawn", _("withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> QuerySet[Card]:
        """Filter by the choice."""
        if self.value() not in ("used", "withdrawn"):
            return queryset
        return queryset.filter(retired_at__isnull=self.value() == "used")


class LanguageFilter(admin.SimpleListFilter):
    """Finds cards whose text in a language is missing, or older than the original."""

    title = _("translation")
    parameter_name = "translation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Each language, missing or older."""
        kinds = (("missing", _("%(language)s is missing")), ("older", _("%(language)s is older")))
        return [
            (f"{code}.{kind}", label % {"language": languages.name_of(code)})
            for code in languages.CODES
            for kind, label in kinds
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Card]) -> QuerySet[Card]:
        """Filter by the choice."""
        language, _point, kind = str(self.value() or "").partition(".")
        if language not in languages.CODES:
            return queryset
        texts = CardText.objects.filter(card=OuterRef("pk"))
        if kind == "missing":
            return queryset.exclude(Exists(texts.filter(language=language)))
        published = texts.order_by("-published_at", "-pk").values("published_at")
        original = published.filter(language=OuterRef("certification__original_language"))
        dated = queryset.annotate(mine=Subquery(published.filter(language=language)[:1]))
        return dated.filter(mine__lt=Subquery(original[:1]))


@admin.register(Card)
class CardAdmin(ActsWithReason, ReadOnlyAdmin):
    """Cards with their words."""

    act_on = "card_id"
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

    def get_urls(self) -> list[URLPattern]:
        """Add how a draft begins, and what is done with a card."""
        own = {"edit": card_drafts.edit, "withdraw": self.withdraw, "restore": self.restore}
        urls: list[URLPattern] = super().get_urls()
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"flashcards_card_{name}",
                )
                for name, view in own.items()
            ),
            *urls,
        ]

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes begins new cards."""
        return request.user.has_perm(rights.WRITE)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who publishes also withdraws."""
        return request.user.has_perm(rights.REVIEW)

    @action(description=_("New card"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_card(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and code, then begin."""
        return card_drafts.new(request)

    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a card out of its deck."""
        return self._act_on(request, object_id, _("Withdraw the card"), _("Withdraw"), cards.withdraw)

    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Bring a card back."""
        return self._act_on(request, object_id, _("Bring the card back"), _("Bring back"), cards.restore)

    def _act_on(
        self, request: HttpRequest, object_id: str, title: Text, verb: Text, act: Callable[..., Card]
    ) -> HttpResponse:
        if not self.has_act_permission(request):
            raise PermissionDenied
        return self._act(request, object_id, ReasonForm, title, verb, act)

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

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Who writes in any language has a button at each card."""
        return (*self.list_display, "edit_button") if _writes(request) else self.list_display

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Card | None:
        """Return a card that knows who reads it: what its page offers depends on that."""
        card: Card | None = super().get_object(request, object_id, from_field)
        if card is not None:
            setattr(card, "may_edit", _writes(request))  # noqa: B010
            setattr(card, "may_judge", self.has_act_permission(request))  # noqa: B010
        return card

    @admin.display(description=_("front"))
    def front(self, card: Card) -> str:
        """The first words."""
        return Truncator(prose(getattr(card, "words", "") or "")).chars(FRONT_LENGTH)

    @admin.display(description=_("languages"))
    def text_languages(self, card: Card) -> str:
        """The languages that it has."""
        return ", ".join(getattr(card, "languages", ()))

    @admin.display(description=_("state"), ordering="retired_at")
    def state(self, card: Card) -> Any:  # noqa: ANN401
        """Whether it is studied."""
        return _("in use") if card.retired_at is None else _("withdrawn")

    @admin.display(description=_("draft"))
    def edit_button(self, card: Card) -> SafeString:
        """A button that opens the draft; the list is a form with a token already."""
        return format_html(
            '<button type="submit" class="onward" formmethod="post" formaction="{}">{}</button>',
            reverse("admin:flashcards_card_edit", args=[card.pk]),
            _("Edit"),
        )

    @admin.display(description=_("as it is read"))
    def texts_now(self, card: Card) -> SafeString:
        """What it says in each language: HTML that was cleaned when it was stored."""
        return render_to_string("admin/flashcards/card_texts.html", {"texts": newest(card).values()})

    @admin.display(description=_("use"))
    def use(self, card: Card) -> SafeString:
        """What can be done with it."""
        context = {
            "card": card,
            "may_edit": getattr(card, "may_edit", False),
            "may_judge": getattr(card, "may_judge", False),
        }
        return render_to_string("admin/flashcards/card_use.html", context)

    @admin.display(description=_("what happened"))
    def log_of_acts(self, card: Card) -> SafeString:
        """Acts of staff on the card, and on every draft of it."""
        acts = audit.of(card) | selectors.acts(NAME, card.certification, card.code)
        return render_to_string("admin/exams/acts.html", {"audit": acts.order_by("-at", "-pk")})


def _writes(request: HttpRequest) -> bool:
    return request.user.has_perm(rights.WRITE) or request.user.has_perm(rights.TRANSLATE)
