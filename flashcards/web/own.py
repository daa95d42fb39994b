"""Own cards: list, make, change, delete, a file in and out; and the deck as an Anki package."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.base.csv_file import MEDIA_TYPE
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in, whole_number
from accounts.web import limits, navigation
from accounts.web.rendering import attachment, kept_for_visitors
from exams.catalog.selectors import CertificationPage
from flashcards.anki import export as anki
from flashcards.anki import package
from flashcards.services import csv_file, own, own_csv
from flashcards.services.cards import Rendered
from flashcards.services.own import BACK_MOST, FRONT_MOST, OwnDraft, from_item, item_card
from flashcards.study.session import CardFace
from flashcards.web.formatting import domain_choices, page_context, page_of
from flashcards.web.other_pages import OWN_CARD
from i18n import languages

ON_A_PAGE: Final = 25
VISITOR_SECONDS: Final = 600
PAGES: Final = ("review", "drill_result", "drill")
"""Pages with questions that a card is made from: views of exams, each of an attempt."""


class OwnCardForm(forms.Form):
    """What its owner writes on a card. How long it may be is judged where it is stored."""

    front = forms.CharField(
        label=pgettext_lazy("side of a card", "Front"),
        required=False,
        widget=forms.Textarea({"rows": 5, "maxlength": FRONT_MOST}),
        help_text=gettext_lazy("The question. You can use Markdown, such as **bold** and `code`."),
    )
    back = forms.CharField(
        label=pgettext_lazy("side of a card", "Back"),
        required=False,
        widget=forms.Textarea({"rows": 8, "maxlength": BACK_MOST}),
        help_text=gettext_lazy("The answer. Lists, tables, and code are possible."),
    )
    domain = forms.ChoiceField(label=gettext_lazy("Domain"), required=False)
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Separated by commas. You can leave this empty."),
    )

    def __init__(self, page: CertificationPage, data: Any = None, draft: OwnDraft | None = None) -> None:  # noqa: ANN401
        super().__init__(data, initial=_initial(draft) if draft else None)
        # Choices depend on the certification, which a class does not know.
        self.fields["domain"].choices = domain_choices(page, _("No domain"))  # type: ignore[attr-defined]

    def draft(self) -> OwnDraft:
        """Return what was sent."""
        sent = self.cleaned_data
        domain = int(sent["domain"]) if sent["domain"] else None
        return OwnDraft(sent["front"], sent["back"], tuple(sent["tags"].split(",")), domain)

    def saved(self, act: Callable[[OwnDraft], object]) -> bool:
        """Store what was sent; say on the form why it may not be. Raises Refused, 404."""
        if not self.is_valid():
            return False
        try:
            act(self.draft())
        except Refused as refused:
            # The card is gone, so there is no form to say it on.
            if refused.status == 404:
                raise
            self.add_error(refused.code if refused.code in self.fields else None, str(refused))
            return False
        return True


class FileForm(forms.Form):
    """A file of own cards. Its size is judged before it is read."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )


def _initial(draft: OwnDraft) -> dict[str, object]:
    return {
        "front": draft.front,
        "back": draft.back,
        "tags": ", ".join(draft.tags),
        "domain": draft.domain or "",
    }


@signed_in
@require_safe
def listed(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the own cards of a person for a certification."""
    page = page_of(code)
    cards = Paginator(own.listed(request.user, code), ON_A_PAGE).get_page(request.GET.get("page"))
    context = page_context(page, cards=cards, total=cards.paginator.count)
    return render(request, "flashcards/own.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest, code: str) -> HttpResponse:
    """Make a card; then the form again, empty, for the next one."""
    language = get_language() or languages.DEFAULT

    def save(draft: OwnDraft) -> None:
        own.create(request.user, code, draft, language=language)
        messages.success(request, str(OWN_CARD.done))

    return _edit(request, page_of(code), None, language, save) or redirect("flashcards:own_card_new", code)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, code: str, card_id: int) -> HttpResponse:
    """Show and change a card."""
    page = page_of(code)
    card = own.get(request.user, code, card_id)

    def save(draft: OwnDraft) -> None:
        own.update(request.user, code, card_id, draft)
        messages.success(request, _("Saved."))

    kept = _edit(request, page, card.draft, card.language, save, card=card)
    return kept or redirect("flashcards:own_cards", code)


def _edit(
    request: SignedInRequest,
    page: CertificationPage,
    draft: OwnDraft | None,
    language: str,
    save: Callable[[OwnDraft], None],
    **more: object,
) -> HttpResponse | None:
    """Show the form of a card and both its sides; None once it was saved.

    A form that asks for a preview is not saved.
    """
    sides: list[Rendered] = []

    def preview(draft: OwnDraft) -> None:
        domains = frozenset(one.number for one in page.domains)
        sides.append(own.preview(draft, domains, language))

    form = OwnCardForm(page, request.POST if request.method == "POST" else None, draft)
    if not form.is_bound:
        if draft:
            preview(draft)
    elif form.saved(preview if "preview" in request.POST else save) and not sides:
        return None
    face = CardFace(language, sides[0].front, sides[0].back, "", ()) if sides else None
    status = 422 if form.errors else 200
    return render(
        request, "flashcards/own_card.html", page_context(page, form=form, face=face, **more), status=status
    )


@signed_in
@require_POST
def delete(request: SignedInRequest, code: str, card_id: int) -> HttpResponse:
    """Take a card out; what was reviewed stays in the log."""
    own.archive(request.user, code, card_id)
    messages.success(request, _("Card deleted."))
    return redirect("flashcards:own_cards", code)


@limits.limited(limits.EXPORT)
@signed_in
@require_safe
def csv_out(request: SignedInRequest, code: str) -> HttpResponse:
    """Send the own cards as a CSV file."""
    content = own_csv.export(request.user, code)
    return attachment(content, MEDIA_TYPE, f"passline-{code}-cards.csv")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def csv_in(request: SignedInRequest, code: str) -> HttpResponse:
    """Take a CSV file with cards, whole or not at all."""
    page = page_of(code)
    is_sent = request.method == "POST"
    form = FileForm(request.POST, request.FILES) if is_sent else FileForm()
    if is_sent and form.is_valid():
        try:
            limits.count_or_refuse(request, limits.IMPORT)
            imported = own_csv.take(
                request.user,
                code,
                # One byte more than allowed is enough to refuse it.
                form.cleaned_data["file"].read(csv_file.MOST_BYTES + 1),
                language=get_language() or languages.DEFAULT,
            )
        except Refused as refused:
            if refused.status == 429:
                return limits.too_many(request, refused)
            form.add_error("file", str(refused))
        else:
            messages.success(request, _imported(imported))
            return redirect("flashcards:own_cards", code)
    bounds = {"rows": csv_file.MOST_ROWS, "kilobytes": csv_file.MOST_BYTES // 1024}
    return render(
        request,
        "flashcards/own_import.html",
        page_context(page, form=form, limits=bounds),
        status=422 if is_sent else 200,
    )


def _imported(imported: own_csv.Imported) -> str:
    added = ngettext("%(count)d card added", "%(count)d cards added", imported.added) % {
        "count": imported.added
    }
    return _("%(added)s, %(changed)d changed, %(same)d unchanged.") % {
        "added": added,
        "changed": imported.changed,
        "same": imported.same,
    }


@require_safe
@limits.limited(limits.EXPORT)
def package_out(request: HttpRequest, code: str) -> HttpResponse:
    """Send the deck as an Anki package: whole with access, else the preview. Made at once, in 5 ms."""
    user = request.user if isinstance(request.user, User) else None
    try:
        made = anki.export(user, code, get_language() or languages.DEFAULT)
    except Refused as refused:
        raise Http404 from refused
    return kept_for_visitors(
        request, attachment(made.content, package.MEDIA_TYPE, made.name), VISITOR_SECONDS
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def from_question(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the card that a question that was answered would make; keep it, and go back to the question."""
    attempt_id, position = _asked(request)
    question = _question_of(request, attempt_id, position)
    try:
        source = item_card(request.user, attempt_id, position)
    except Refused as refused:
        if refused.status == 404:
            raise
        messages.error(request, str(refused))
        return redirect(question)
    if source.card_id is not None and not source.is_archived:
        messages.info(request, _("You have this card already."))
        return redirect("flashcards:own_card_edit", source.item.certification.code, source.card_id)
    by_principle = request.GET.get("front") == "principle"
    page, filters = _page_before(request, attempt_id)

    def save(draft: OwnDraft) -> None:
        from_item(request.user, attempt_id, position, draft)

    shown = _edit(
        request,
        page_of(source.item.certification.code),
        source.by_principle if by_principle else source.by_question,
        source.language,
        save,
        asked={"attempt": attempt_id, "position": position, "page": page, "filters": filters},
        by_principle=by_principle,
        question=question,
    )
    return shown or redirect(_question_of(request, attempt_id, position, OWN_CARD.form))


def _question_of(request: SignedInRequest, attempt_id: UUID, position: int, done: str = "") -> str:
    """Return the address of a question, with the filters chosen there, and what was `done`."""
    page, filters = _page_before(request, attempt_id)
    query = QueryDict(filters, mutable=True)
    # One question is shown at a time, so a fragment alone would not find it.
    query["q"] = str(position)
    query.pop("done", None)
    if done:
        query["done"] = done
    fragment = "" if page == "drill" else f"#q{position}t"
    return f"{reverse(f'exams:{page}', args=[attempt_id])}?{query.urlencode()}{fragment}"


def _page_before(request: SignedInRequest, attempt_id: UUID) -> tuple[str, str]:
    """Return which of `PAGES` led here, and its query. The page of the card sends them on to itself."""
    path, _mark, query = navigation.referring_path(request).partition("?")
    for page in PAGES:
        if path == reverse(f"exams:{page}", args=[attempt_id]):
            return page, query
    sent = request.POST if "page" in request.POST else request.GET
    page = sent.get("page", "")
    return page if page in PAGES else PAGES[0], QueryDict(sent.get("filters", "")).urlencode()


def _asked(request: SignedInRequest) -> tuple[UUID, int]:
    """Return attempt and position of a question. Raises Http404 where they are none."""
    position = whole_number(request.GET.get("position"), 4, None)
    try:
        attempt_id = UUID(request.GET.get("attempt", ""))
    except ValueError as error:
        raise Http404 from error
    if position is None:
        raise Http404
    return attempt_id, position
