"""Questions and their versions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, link_to
from accounts.users.requests import SignedInRequest, whole_number
from exams.admin import bulk, content_review, draft_actions, item_editor, search, statistics, withdrawals
from exams.admin.base import DraftedAdmin, Option, OptionsFilter, acts_of_staff, column
from exams.admin.requests import staff_view
from exams.admin.rulings import rule_link, texts_as_read
from exams.assembly import selectors as assembly
from exams.authoring import history, item_rulings, rights, withdrawal
from exams.authoring.items import NAME
from exams.authoring.models import OPEN, Draft, State
from exams.bank import rulings
from exams.bank.models import Item, ItemText, ItemVersion, KeyRuling
from exams.bank.models import Option as ItemOption
from exams.catalog.models import Certification
from exams.feedback.models import ProblemReport, ReportState
from exams.presentation import item_figures
from i18n import languages


class CurrentFilter(OptionsFilter):
    """Filters items by a field of the version that the list shows."""

    field = ""

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Return the choices of the field."""
        field = next(field for field in ItemVersion._meta.fields if field.name == self.field)
        return {
            str(value): (label, Q(**{f"shown_{self.field}": value})) for value, label in field.flatchoices
        }


class DifficultyFilter(CurrentFilter):
    """By expected difficulty."""

    title = _("difficulty")
    parameter_name = field = "difficulty"


class KindFilter(CurrentFilter):
    """By kind."""

    title = _("kind")
    parameter_name = field = "kind"


class TopicFilter(admin.AllValuesFieldListFilter):
    """By a domain or task of one certification: two may call theirs alike, so it is chosen first."""

    name: Promise
    certification_lookup: str

    def __init__(self, field: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(field, request, *args, **kwargs)
        self.title = str(self.name)
        codes = dict(Certification.objects.values_list("pk", "code"))
        path = "item__" if self.field_path.startswith("item__") else ""
        chosen = request.GET.get(f"{path}certification__id__exact", "")
        pk = whole_number(chosen, 9, None)
        self.code = codes.get(pk, "") if pk else ""
        self.is_ambiguous = len(codes) > 1 and not self.code
        if self.code:
            self.lookup_choices = self.lookup_choices.filter(**{self.certification_lookup: pk})

    def has_output(self) -> bool:
        """Tell whether it means something: not before one of several certifications is chosen."""
        return bool(super().has_output()) and not self.is_ambiguous

    def choices(self, changelist: Any) -> Iterator[Any]:  # noqa: ANN401
        """Yield the choices, each with the code of the certification."""
        for number, choice in enumerate(super().choices(changelist)):
            named = number and self.code
            yield {**choice, "display": f"{self.code.upper()} {choice['display']}"} if named else choice


class DomainFilter(TopicFilter):
    """By the number of the domain."""

    name = _("domain")
    certification_lookup = "certification"


class TaskFilter(TopicFilter):
    """By the code of the task statement."""

    name = _("task")
    certification_lookup = "domain__certification"


class CoverageFilter(admin.SimpleListFilter):
    """By what a question covers: of the certification, domain and task that are chosen, as a list to open.

    There are hundreds, so they are no links one below the other.
    """

    title = _("coverage")
    parameter_name = "coverage"
    template = "admin/exams/filter_select.html"
    narrows = ("certification__id__exact", "task__domain__number", "task__code")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        """Return what the questions of the other filters cover. One statement."""
        chosen = {name: request.GET[name] for name in self.narrows if request.GET.get(name, "")}
        numbers = {name: value for name, value in chosen.items() if name != "task__code"}
        if not all(whole_number(value, 9, None) is not None for value in numbers.values()):
            chosen = {}
        rows = Item.objects.filter(**chosen).annotate(one=Func(F("coverage"), function="unnest"))
        return [
            (coverage, coverage) for coverage in rows.order_by("one").values_list("one", flat=True).distinct()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items that cover it."""
        return queryset.filter(coverage__contains=[self.value()]) if self.value() else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:  # noqa: ANN401
        """Yield what the template needs: the other parameters of the address, and the choices."""
        others = {name: value for name, value in changelist.params.items() if name not in ("p", "e")}
        yield {
            "others": [(name, value) for name, value in others.items() if name != self.parameter_name],
            "options": self.lookup_choices,
            "chosen": self.value(),
        }


class StateFilter(OptionsFilter):
    """By where a question is: in use or not, and how far its draft is."""

    title = _("state")
    parameter_name = "state"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """In use, withdrawn, then the states of an open draft."""
        labels = {state: state.label for state in OPEN} | {State.DRAFT: _("being written")}
        return {
            "in_use": (_("in use"), Q(current__isnull=False)),
            "withdrawn": (_("withdrawn"), Q(current__isnull=True)),
            **{state: (label, Exists(open_drafts_of_item(state=state))) for state, label in labels.items()},
        }


def open_drafts_of_item(**where: Any) -> QuerySet[Draft]:  # noqa: ANN401
    """Return the open drafts of an item, as part of a statement over items."""
    drafts = Draft.objects.filter(kind=NAME, certification=OuterRef("certification"), name=OuterRef("code"))
    return drafts.filter(state__in=OPEN, **where).order_by()


class ReportsFilter(OptionsFilter):
    """By reports of problems with any version."""

    title = _("problem reports")
    parameter_name = "reports"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Waiting, some, none."""
        reports = ProblemReport.objects.filter(version__item=OuterRef("pk"))
        return {
            "open": (_("waiting for an answer"), Exists(reports.filter(state=ReportState.OPEN))),
            "any": (_("any"), Exists(reports)),
            "none": (_("none"), ~Exists(reports)),
        }


class MissingLanguageFilter(OptionsFilter):
    """By a language in which the current version cannot be read."""

    title = _("language missing")
    parameter_name = "missing"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Each language of the site, and any of them: of what is in use."""
        texts = ItemText.objects.filter(version=OuterRef("current"))
        lacks = {
            code: Q(~Exists(texts.filter(language=code)), current__isnull=False) for code in languages.CODES
        }
        some = Q(*lacks.values(), _connector=Q.OR)
        return {
            **{one.code: (one.name, lacks[one.code]) for one in languages.LANGUAGES},
            "any": (_("any"), some),
        }


class VersionInline(ReadOnlyInline):
    """The versions of an item."""

    model = ItemVersion
    fields = ("opened", "kind", "choose", "difficulty", "cognitive_level", "published_at", "created_at")
    ordering = ("-number",)

    @admin.display(description=_("version"))
    def opened(self, version: ItemVersion) -> SafeString:
        """Number, leading to the texts."""
        return link_to(version, _("Version %(number)s, as it is read") % {"number": version.number})


def ruling_rows(rows: QuerySet[KeyRuling]) -> list[tuple[KeyRuling, str]]:
    """Return rulings with the letters of the options that they name, the newest first. Two statements."""
    made = list(rows.select_related("version", "log__actor", "carried_from__version"))
    options = ItemOption.objects.in_bulk([pk for ruling in made for pk in ruling.option_ids])
    return [(ruling, ", ".join(options[pk].letter for pk in ruling.option_ids)) for ruling in made]


def _with_current_version(rows: QuerySet[Item]) -> QuerySet[Item]:
    """Add what the current version of each item says, in the same statement."""
    newest = ItemVersion.objects.filter(item=OuterRef("pk"), published_at__isnull=False).order_by("-number")
    # What a withdrawn one said last is shown as well.
    rows = rows.annotate(shown=Coalesce("current_id", Subquery(newest.values("pk")[:1]))).annotate(
        shown_number=search.of_version("shown", "number"),
        shown_kind=search.of_version("shown", "kind"),
        shown_difficulty=search.of_version("shown", "difficulty"),
    )
    return rows.annotate(
        facility=statistics.facility(),
        words=search.stem(OuterRef("shown"), "certification__original_language"),
        places=search.placements(version__item=OuterRef("pk")),
        draft_state=Subquery(open_drafts_of_item().values("state")),
    )


class RestoreForm(ReasonForm):
    """Which version is to be read again."""

    version_id = forms.ModelChoiceField(
        label=_("Version"), queryset=ItemVersion.objects.none(), widget=UnfoldAdminSelectWidget()
    )
    answers = forms.TypedChoiceField(
        label=_("Ruling"),
        help_text=_("Required if the ruling was made after the version was published."),
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ("version_id", "answers", "reason")

    def clean_version_id(self) -> int:
        """Return the key of the version."""
        version: ItemVersion = self.cleaned_data["version_id"]
        return version.pk


def _restorable(item_id: str) -> type[RestoreForm]:
    """Return the form that offers the versions of an item that are published and not current."""

    class ItemRestoreForm(RestoreForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
            super().__init__(*args, **kwargs)
            rows = ItemVersion.objects.filter(item_id=item_id, published_at__isnull=False)
            field: Any = self.fields["version_id"]
            field.queryset = rows.exclude(pk=F("item__current")).select_related("item").order_by("-number")
            choices = _answers(item_id)
            answers: Any = self.fields["answers"]
            answers.choices = [("", "---------"), *choices]
            if not choices:
                del self.fields["answers"]

    return ItemRestoreForm


def _answers(item_id: str) -> list[tuple[int, str]]:
    """Return the rulings of which an earlier version may be said to answer them, the newest first."""
    versions = ItemVersion.objects.filter(item_id=item_id).values_list("pk", flat=True)
    made = sorted(rulings.deciding(list(versions)).values(), key=lambda ruling: -ruling.pk)
    sentence = _("The restored version answers the ruling on version %(number)s: %(ruling)s")
    return [
        (ruling.pk, sentence % {"number": ruling.version.number, "ruling": ruling.get_kind_display()})
        for ruling in made
    ]


def _item_cell(item: Item) -> SafeString:
    """Return the code, and below it the certification: two may have questions of one code."""
    return format_html('{}<br><span class="text-xs">{}</span>', item.code, item.certification.code.upper())


def _version_link(item: Any) -> str:  # noqa: ANN401
    """Return the way to the current version, or the last one, with its options, keys and reasons."""
    if item.shown_number is None:
        return ""
    version = ItemVersion(pk=item.shown, item=item, number=item.shown_number)
    return link_to(version, _("Version %(number)s, as it is read") % {"number": item.shown_number})


def _use(item: Any) -> SafeString:  # noqa: ANN401
    """Return where a question is used, and what can be done with its versions."""
    context = {
        "item": item,
        "uses": assembly.uses_of(item.pk),
        "changed_exams": withdrawal.still_changed(item),
        "is_waiting": withdrawal.is_waiting(item),
        "versions": list(item.versions.filter(published_at__isnull=False).values_list("pk", flat=True)),
        "may_edit": item.may_edit,
        "may_judge": item.may_judge,
    }
    return render_to_string("admin/exams/item_use.html", context)


def _rulings(item: Item) -> SafeString:
    """Return what was ruled on the key, and which ruling the next version has to answer."""
    ruled = item_rulings.of(item.certification, item.code)
    made = ruling_rows(KeyRuling.objects.filter(version__item=item))
    return render_to_string("admin/exams/rulings.html", {"rulings": made, "ruled": ruled})


def _state(item: Any) -> str:  # noqa: ANN401
    """Return whether a question is out of use, and how far its open draft is."""
    states = [str(_("withdrawn"))] if item.current_id is None else []
    if item.draft_state:
        is_written = item.draft_state == State.DRAFT
        states.append(str(_("being written") if is_written else State(item.draft_state).label))
    return ", ".join(states)


@admin.register(Item)
class ItemAdmin(search.SearchesTexts, DraftedAdmin, ActsWithReason):
    """Items with their words, found by what they say and explain; written as drafts, never edited here."""

    draft_kind = NAME
    row_argument = "item_id"
    actions_list = ("new_question",)
    actions = ("export_chosen", "tag_chosen", "send_chosen", "withdraw_chosen", "confirm_chosen")

    list_display: Sequence[str] = (
        "item_code",
        "question",
        "kind",
        "task",
        "domain",
        "exam_positions",
        "difficulty",
        "facility",
        "version",
        "state",
    )
    list_display_links = ("item_code", "question")
    list_select_related = ("certification", "task__domain")
    list_filter = (
        "certification",
        ("task__domain__number", DomainFilter),
        ("task__code", TaskFilter),
        CoverageFilter,
        StateFilter,
        KindFilter,
        DifficultyFilter,
        statistics.FacilityFilter,
        statistics.DiscriminationFilter,
        statistics.FlagFilter,
        content_review.CheckedFilter,
        ReportsFilter,
        MissingLanguageFilter,
    )
    search_fields = ("code", "coverage", "tags")
    search_help_text = _("Words of the question, its options or its explanations, or the code")
    ordering = ("certification", "code")
    fields = (
        ("code", "certification", "task"),
        ("question", "exam_positions"),
        "version_link",
        "use",
        "rulings",
        "coverage",
        "checks",
        "statistics",
        "history",
    )
    readonly_fields = (
        "question",
        "exam_positions",
        "version_link",
        "use",
        "rulings",
        "checks",
        "statistics",
        "history",
    )
    inlines = (VersionInline,)

    item_code = column(_("code"), _item_cell, "code")
    question = column(_("question"), search.excerpt_of)
    exam_positions = column(_("used in"), search.place_of, "places")
    domain = column(_("domain"), lambda item: item.task.domain.number, "task__domain__number")
    version = column(_("version"), lambda item: item.shown_number, "shown_number")
    state = column(_("state"), _state, "draft_state")
    kind = column(
        _("kind"), lambda item: ItemVersion(kind=item.shown_kind or "").get_kind_display(), "shown_kind"
    )
    difficulty = column(
        _("difficulty"),
        lambda item: ItemVersion(difficulty=item.shown_difficulty or "").get_difficulty_display(),
        "shown_difficulty",
    )
    facility = column(
        _("facility"),
        lambda item: "" if item.facility is None else item_figures.percent(item.facility),
        "facility",
    )
    version_link = column(_("text"), _version_link)
    use = column(_("use"), _use)
    rulings = column(_("rulings"), _rulings)
    checks = column(_("checks"), content_review.checks_of)
    statistics = column(_("statistics"), lambda item: statistics.section_of(item, may_rule=item.may_rule))
    history = column(
        _("what happened"),
        lambda item: render_to_string("admin/exams/history.html", {"events": history.of_item(item)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        """Items with what their current version says, in one statement."""
        return _with_current_version(super().get_queryset(request))

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Add what is done with versions."""
        return {
            **super().row_views(),
            "compare": draft_actions.of_item,
            "withdraw": withdrawals.withdraw,
            "confirm": withdrawals.confirm,
            "undo": withdrawals.undo,
            "restore": staff_view(rights.REVIEW)(self.restore),
        }

    def get_urls(self) -> list[URLPattern]:
        """Add the acts on many."""
        return [*bulk.views(Item), *super().get_urls()]

    def edit(self, request: SignedInRequest, object_id: str) -> HttpResponse:
        """Open the draft of a question that is in use."""
        if Item.objects.filter(pk=whole_number(object_id, 18, 0), current=None).exists():
            messages.error(request, _("This question is withdrawn. Restore a version first."))
            return HttpResponseRedirect(self._page(object_id))
        return super().edit(request, object_id)

    @action(description=_("New question"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_question(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and code, then begin."""
        return item_editor.new(request)

    has_draft_permission = DraftedAdmin.may_edit
    export_chosen = bulk.action_of("export", "write")
    tag_chosen = bulk.action_of("tag", "write")
    send_chosen = bulk.action_of("send", "draft")
    withdraw_chosen = bulk.action_of("withdraw_all", "act")
    confirm_chosen = bulk.action_of("confirm_all", "act")

    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go back to an earlier version."""
        form = _restorable(object_id)
        return self._act(request, object_id, form, _("Restore a version"), _("Restore"), withdrawal.restore)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:  # noqa: ANN401
        """Return an item that knows whether its reader may rule on its key, too."""
        item = super().get_object(request, object_id, from_field)
        if item is not None:
            item.may_rule = request.user.has_perm("exams.add_keyruling")
        return item

    @admin.display(description=_("draft"))
    def edit_button(self, row: Item) -> str:
        """Return a button that opens the draft of a question that is in use."""
        return super().edit_button(row) if row.current_id else ""

    def mentioning(self, rows: QuerySet[Item], term: str) -> QuerySet[Item]:
        """Keep what is said in stems, options and explanations of any version."""
        return search.search_items(rows, term, fields=self.search_fields, by="item")


class OptionInline(ReadOnlyInline):
    """The options of a version with their keys."""

    model = ItemOption
    fields = ("letter", "is_key", "failure")
    letter = column(_("option"), lambda option: option.letter)


@admin.register(ItemVersion)
class ItemVersionAdmin(search.SearchesTexts, statistics.Decides, ReadOnlyAdmin):
    """A version with its options and texts, as a candidate reads them."""

    list_display = (
        "item",
        "number",
        "question",
        "kind",
        "task",
        "domain",
        "exam_positions",
        "difficulty",
        "published_at",
    )
    list_display_links = ("item", "question")
    list_select_related = ("item__task__domain",)
    list_filter = (
        "item__certification",
        ("item__task__domain__number", DomainFilter),
        "kind",
        "difficulty",
        ("published_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("item__code",)
    search_help_text = _("Words of the question, its options or its explanations, or the code")
    fields = (
        ("of_item", "number", "published_at"),
        ("kind", "choose", "difficulty", "cognitive_level"),
        ("task", "domain", "exam_positions"),
        "rulings",
        "preview",
        "digest",
        "history",
    )
    readonly_fields = ("of_item", "task", "domain", "exam_positions", "rulings", "rule", "preview", "history")
    actions_detail = ("decide",)
    inlines = (OptionInline,)

    of_item = column(_("item"), lambda version: link_to(version.item, version.item.code))
    question = column(_("question"), search.excerpt_of)
    exam_positions = column(_("used in"), search.place_of, "places")
    task = column(_("task"), lambda version: version.item.task.code, "item__task__code")
    domain = column(
        _("domain"), lambda version: version.item.task.domain.number, "item__task__domain__number"
    )
    rulings = column(
        _("rulings"),
        lambda version: render_to_string(
            "admin/exams/rulings.html", {"rulings": ruling_rows(KeyRuling.objects.filter(version=version))}
        ),
    )
    rule = column(_("ruling"), lambda version: rule_link(version.pk))
    preview = column(
        _("as it is read"), lambda version: texts_as_read(version.texts.order_by("language", "-revision"))
    )
    history = column(_("what happened"), acts_of_staff)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ANN401
        """Everything; the way to a ruling for who may rule on what is published."""
        may_rule = obj and obj.published_at and request.user.has_perm("exams.add_keyruling")
        return (*self.fields, "rule") if may_rule else self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ItemVersion]:
        """Versions with their words and places, in one statement."""
        rows: QuerySet[ItemVersion] = super().get_queryset(request)
        return rows.select_related("item__task__domain").annotate(
            words=search.stem(OuterRef("pk"), "item__certification__original_language"),
            places=search.placements(version=OuterRef("pk")),
        )

    def mentioning(self, rows: QuerySet[ItemVersion], term: str) -> QuerySet[ItemVersion]:
        """Keep what is said in stems, options and explanations."""
        return search.search_items(rows, term, fields=self.search_fields, by="pk")
