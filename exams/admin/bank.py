"""Questions and their versions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, link_to
from exams.admin import bulk, content_review, draft_actions, item_editor, search, statistics, withdrawals
from exams.admin.requests import whole_number
from exams.admin.rulings import rule_link
from exams.assembly import selectors as assembly
from exams.authoring import exports, history, item_rulings, rights, withdrawal
from exams.authoring.items import NAME
from exams.authoring.models import OPEN, Draft, State
from exams.bank import rulings
from exams.bank.models import Item, ItemText, ItemVersion, KeyRuling, Option
from exams.catalogue.models import Certification
from exams.feedback.models import ProblemReport, ReportState
from exams.presentation import item_figures
from i18n import languages


class CurrentFilter(admin.SimpleListFilter):
    """Filters items by a field of the version that the list shows."""

    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        """Return the choices of the field."""
        field = next(field for field in ItemVersion._meta.fields if field.name == self.field)
        return [(str(value), str(label)) for value, label in field.flatchoices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items whose version has the value."""
        return queryset.filter(**{f"shown_{self.field}": self.value()}) if self.value() else queryset


class DifficultyFilter(CurrentFilter):
    """By expected difficulty."""

    title = _("difficulty")
    parameter_name = "difficulty"
    field = "difficulty"


class KindFilter(CurrentFilter):
    """By kind."""

    title = _("kind")
    parameter_name = "kind"
    field = "kind"


class TopicFilter(admin.AllValuesFieldListFilter):
    """By a domain or task of one certification: two may call theirs alike, so it is chosen first."""

    name: Promise
    certification: str

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
            self.lookup_choices = self.lookup_choices.filter(**{self.certification: pk})

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
    certification = "certification"


class TaskFilter(TopicFilter):
    """By the code of the task statement."""

    name = _("task")
    certification = "domain__certification"


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
        if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in numbers.values()):
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


class StateFilter(admin.SimpleListFilter):
    """By where a question is: in use or not, and how far its draft is."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """In use, withdrawn, then the states of an open draft."""
        drafts = {state: state.label for state in OPEN} | {State.DRAFT: _("being written")}
        return [("in_use", _("in use")), ("withdrawn", _("withdrawn")), *drafts.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items in the state."""
        value = self.value()
        if value in ("in_use", "withdrawn"):
            return queryset.filter(current__isnull=value == "withdrawn")
        return queryset.filter(Exists(drafts(state=value))) if value in OPEN else queryset


def drafts(**where: Any) -> QuerySet[Draft]:  # noqa: ANN401
    """Return the open drafts of an item, as part of a statement over items."""
    drafts = Draft.objects.filter(kind=NAME, certification=OuterRef("certification"), name=OuterRef("code"))
    return drafts.filter(state__in=OPEN, **where).order_by()


class ReportsFilter(admin.SimpleListFilter):
    """By reports of problems with any version."""

    title = _("problem reports")
    parameter_name = "reports"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Waiting, some, none."""
        return [("open", _("waiting for an answer")), ("any", _("any")), ("none", _("none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items by their reports."""
        reports = ProblemReport.objects.filter(version__item=OuterRef("pk"))
        conditions: dict[str | None, Any] = {
            "open": Exists(reports.filter(state=ReportState.OPEN)),
            "any": Exists(reports),
            "none": ~Exists(reports),
        }
        condition = conditions.get(self.value())
        return queryset if condition is None else queryset.filter(condition)


class MissingLanguageFilter(admin.SimpleListFilter):
    """By a language in which the current version cannot be read."""

    title = _("language missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Each language of the site, and any of them."""
        return [*((language.code, language.name) for language in languages.LANGUAGES), ("any", _("any"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items that are in use and lack a text in the language."""
        value = self.value()
        wanted = languages.CODES if value == "any" else (value,)
        if not set(wanted) <= set(languages.CODES):
            return queryset
        lacks = Q()
        for code in wanted:
            lacks |= ~Q(Exists(ItemText.objects.filter(version=OuterRef("current"), language=code)))
        return queryset.filter(lacks, current__isnull=False)


class VersionInline(ReadOnlyInline):
    """The versions of an item."""

    model = ItemVersion
    fields = ("opened", "kind", "choose", "difficulty", "cognitive_level", "published_at", "created_at")
    ordering = ("-number",)

    @admin.display(description=_("version"))
    def opened(self, version: ItemVersion) -> SafeString:
        """Number, leading to the texts."""
        return link_to(version, _("Version %(number)s, as it is read") % {"number": version.number})


@dataclass(frozen=True, slots=True)
class RulingRow:
    """A ruling with the letters of the options that it names."""

    ruling: KeyRuling
    letters: str


def ruling_rows(rows: QuerySet[KeyRuling]) -> list[RulingRow]:
    """Return rulings, the newest first. Two statements."""
    made = list(rows.select_related("version", "log__actor", "carried_from__version"))
    options = Option.objects.in_bulk([pk for ruling in made for pk in ruling.option_ids])
    return [RulingRow(ruling, ", ".join(options[pk].letter for pk in ruling.option_ids)) for ruling in made]


def _writes(request: HttpRequest) -> bool:
    return request.user.has_perm(rights.WRITE) or request.user.has_perm(rights.TRANSLATE)


def _ids(rows: QuerySet[Item]) -> list[int]:
    """Return the keys of items that were chosen, as many as one act takes."""
    return list(rows.order_by("code").values_list("pk", flat=True)[: exports.MOST_ITEMS])


def _with_words(rows: QuerySet[Item]) -> QuerySet[Item]:
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
        draft_state=Subquery(drafts().values("state")),
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
    rows = ItemVersion.objects.filter(item_id=item_id, published_at__isnull=False)

    class OfItem(RestoreForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
            super().__init__(*args, **kwargs)
            field: Any = self.fields["version_id"]
            field.queryset = rows.exclude(pk=F("item__current")).select_related("item").order_by("-number")
            choices = _answers(item_id)
            answers: Any = self.fields["answers"]
            answers.choices = [("", "---------"), *choices]
            if not choices:
                del self.fields["answers"]

    return OfItem


def _answers(item_id: str) -> list[tuple[int, str]]:
    """Return the rulings of which an earlier version may be said to answer them, the newest first."""
    versions = ItemVersion.objects.filter(item_id=item_id).values_list("pk", flat=True)
    made = sorted(rulings.deciding(list(versions)).values(), key=lambda ruling: -ruling.pk)
    sentence = _("The restored version answers the ruling on version %(number)s: %(ruling)s")
    return [
        (ruling.pk, sentence % {"number": ruling.version.number, "ruling": ruling.get_kind_display()})
        for ruling in made
    ]


@admin.register(Item)
class ItemAdmin(search.SearchesTexts, ActsWithReason, ReadOnlyAdmin):
    """Items with their words, found by what they say and explain; written as drafts, never edited here."""

    act_on = "item_id"
    actions_list = ("new_question",)
    actions = ("export_chosen", "tag_chosen", "send_chosen", "withdraw_chosen", "confirm_chosen")

    list_display = (
        "code",
        "certification_code",
        "question",
        "kind",
        "task",
        "domain",
        "place",
        "difficulty",
        "facility",
        "version",
        "state",
    )
    list_display_links = ("code", "question")
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
        ("question", "place"),
        "text",
        "use",
        "rulings",
        "coverage",
        "checks",
        "statistics",
        "log",
    )
    readonly_fields = ("question", "place", "text", "use", "rulings", "checks", "statistics", "log")
    inlines = (VersionInline,)

    @admin.display(description=_("certification"), ordering="certification__code")
    def certification_code(self, item: Item) -> str:
        """The code of its certification, by which two questions of one code differ."""
        return item.certification.code.upper()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        """Items with what their current version says, in one statement."""
        return _with_words(super().get_queryset(request))

    def get_urls(self) -> list[URLPattern]:
        """Add how a draft begins, and what is done with versions."""
        own = {
            "edit": item_editor.edit,
            "compare": draft_actions.of_item,
            "withdraw": withdrawals.withdraw,
            "confirm": withdrawals.confirm,
            "undo": withdrawals.undo,
            "restore": self.restore,
        }
        urls: list[URLPattern] = super().get_urls()
        return [
            *bulk.views(Item),
            *(
                path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"exams_item_{name}")
                for name, view in own.items()
            ),
            *urls,
        ]

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes questions begins new ones."""
        return request.user.has_perm(rights.WRITE)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who publishes also withdraws."""
        return request.user.has_perm(rights.REVIEW)

    @action(description=_("New question"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_question(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and code, then begin."""
        return item_editor.new(request)

    def has_draft_permission(self, request: HttpRequest) -> bool:
        """Who writes in any language sends drafts to review."""
        return _writes(request)

    @action(description=_("Export questions"), permissions=["write"])  # type: ignore[untyped-decorator]
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[Item]) -> HttpResponse:
        """Ask for a format."""
        return bulk.chosen(request, "export", _ids(queryset))

    @action(description=_("Add tags"), permissions=["write"])  # type: ignore[untyped-decorator]
    def tag_chosen(self, request: HttpRequest, queryset: QuerySet[Item]) -> HttpResponse:
        """Ask for tags."""
        return bulk.chosen(request, "tag", _ids(queryset))

    @action(description=_("Send drafts to review"), permissions=["draft"])  # type: ignore[untyped-decorator]
    def send_chosen(self, request: HttpRequest, queryset: QuerySet[Item]) -> HttpResponse:
        """Ask who is to review."""
        return bulk.chosen(request, "send", _ids(queryset))

    @action(description=_("Withdraw questions"), permissions=["act"])  # type: ignore[untyped-decorator]
    def withdraw_chosen(self, request: HttpRequest, queryset: QuerySet[Item]) -> HttpResponse:
        """Ask why."""
        return bulk.chosen(request, "withdraw_all", _ids(queryset))

    @action(description=_("Confirm withdrawals"), permissions=["act"])  # type: ignore[untyped-decorator]
    def confirm_chosen(self, request: HttpRequest, queryset: QuerySet[Item]) -> HttpResponse:
        """Ask once more."""
        return bulk.chosen(request, "confirm_all", _ids(queryset))

    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go back to an earlier version."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        item = self.get_object(request, object_id)
        kind = _restorable(str(item.pk)) if item is not None else ReasonForm
        return self._act(request, object_id, kind, _("Restore a version"), _("Restore"), withdrawal.restore)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Who writes has a button at each question."""
        may = _writes(request)
        return (*self.list_display, "edit_button") if may else self.list_display

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Item | None:
        """Return an item that knows who reads it: what its page offers depends on that."""
        item: Item | None = super().get_object(request, object_id, from_field)
        if item is not None:
            setattr(item, "may_edit", _writes(request))  # noqa: B010
            setattr(item, "may_judge", self.has_act_permission(request))  # noqa: B010
            setattr(item, "may_rule", request.user.has_perm("exams.add_keyruling"))  # noqa: B010
        return item

    @admin.display(description=_("use"))
    def use(self, item: Item) -> SafeString:
        """Where it is used, and what can be done with its versions."""
        context = {
            "item": item,
            "uses": assembly.uses_of(item.pk),
            "changed_exams": withdrawal.still_changed(item),
            "is_waiting": withdrawal.is_waiting(item),
            "versions": list(item.versions.filter(published_at__isnull=False).values_list("pk", flat=True)),
            "may_edit": getattr(item, "may_edit", False),
            "may_judge": getattr(item, "may_judge", False),
        }
        return render_to_string("admin/exams/item_use.html", context)

    @admin.display(description=_("rulings"))
    def rulings(self, item: Item) -> SafeString:
        """What was ruled on its key, and which ruling the next version has to answer."""
        ruled = item_rulings.of(item.certification, item.code)
        made = ruling_rows(KeyRuling.objects.filter(version__item=item))
        return render_to_string("admin/exams/rulings.html", {"rulings": made, "ruled": ruled})

    def mentioning(self, rows: QuerySet[Item], term: str) -> QuerySet[Item]:
        """Keep what is said in stems, options and explanations of any version."""
        return search.search_items(rows, term, fields=self.search_fields, by="item")

    @admin.display(description=_("question"))
    def question(self, item: Item) -> str:
        """The first words."""
        return search.excerpt(getattr(item, "words", ""))

    @admin.display(description=_("used in"), ordering="places")
    def place(self, item: Item) -> str:
        """In which exam, at which position."""
        return search.placement_label(getattr(item, "places", ()))

    @admin.display(description=_("text"))
    def text(self, item: Item) -> str:
        """The way to the current version, or the last one, with its options, keys and reasons."""
        number = getattr(item, "shown_number", None)
        if number is None:
            return ""
        version = ItemVersion(pk=getattr(item, "shown"), item=item, number=number)  # noqa: B009
        return link_to(version, _("Version %(number)s, as it is read") % {"number": number})

    @admin.display(description=_("draft"))
    def edit_button(self, item: Item) -> str:
        """A button that opens the draft; the list is a form with a token already."""
        if item.current_id is None:
            return ""
        return format_html(
            '<button type="submit" class="onward" formmethod="post" formaction="{}">{}</button>',
            reverse("admin:exams_item_edit", args=[item.pk]),
            _("Edit"),
        )

    @admin.display(description=_("what happened"))
    def log(self, item: Item) -> SafeString:
        """Who changed what and why."""
        return render_to_string("admin/exams/history.html", {"events": history.of_item(item)})

    @admin.display(description=_("statistics"))
    def statistics(self, item: Item) -> SafeString:
        """What candidates made of it, version by version."""
        return statistics.section_of(item, may_rule=getattr(item, "may_rule", False))

    @admin.display(description=_("checks"))
    def checks(self, item: Item) -> SafeString:
        """When somebody last looked whether it is true, and what it waits for."""
        return content_review.checks_of(item)

    @admin.display(description=_("facility"), ordering="facility")
    def facility(self, item: Item) -> str:
        """How many answered the current version correctly."""
        share: float | None = getattr(item, "facility", None)
        return "" if share is None else item_figures.percent(share)

    @admin.display(description=_("domain"), ordering="task__domain__number")
    def domain(self, item: Item) -> int:
        """Number of the domain."""
        return item.task.domain.number

    @admin.display(description=_("version"), ordering="shown_number")
    def version(self, item: Item) -> int | None:
        """Number of the current version, or of the last one."""
        number: int | None = getattr(item, "shown_number", None)
        return number

    @admin.display(description=_("state"), ordering="draft_state")
    def state(self, item: Item) -> str:
        """Whether it is out of use, and how far its open draft is."""
        states = [str(_("withdrawn"))] if item.current_id is None else []
        if state := getattr(item, "draft_state", None):
            states.append(str(_("being written") if state == State.DRAFT else State(state).label))
        return ", ".join(states)

    @admin.display(description=_("kind"), ordering="shown_kind")
    def kind(self, item: Item) -> str:
        """Kind of the current version."""
        return ItemVersion(kind=getattr(item, "shown_kind", None) or "").get_kind_display()

    @admin.display(description=_("difficulty"), ordering="shown_difficulty")
    def difficulty(self, item: Item) -> str:
        """Expected difficulty of the current version."""
        return ItemVersion(difficulty=getattr(item, "shown_difficulty", None) or "").get_difficulty_display()


class OptionInline(ReadOnlyInline):
    """The options of a version with their keys."""

    model = Option
    fields = ("letter", "is_key", "failure")
    readonly_fields = ("letter",)

    @admin.display(description=_("option"))
    def letter(self, option: Option) -> str:
        """A to F, as people name it."""
        return option.letter


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
        "place",
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
        ("task", "domain", "place"),
        "rulings",
        "preview",
        "digest",
        "acts",
    )
    readonly_fields = ("of_item", "task", "domain", "place", "rulings", "rule", "preview", "acts")
    actions_detail = ("decide",)
    inlines = (OptionInline,)

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

    @admin.display(description=_("item"))
    def of_item(self, version: ItemVersion) -> SafeString:
        """The way to the item with all its versions."""
        return link_to(version.item, version.item.code)

    @admin.display(description=_("question"))
    def question(self, version: ItemVersion) -> str:
        """The first words."""
        return search.excerpt(getattr(version, "words", ""))

    @admin.display(description=_("used in"), ordering="places")
    def place(self, version: ItemVersion) -> str:
        """In which exam, at which position."""
        return search.placement_label(getattr(version, "places", ()))

    @admin.display(description=_("task"), ordering="item__task__code")
    def task(self, version: ItemVersion) -> str:
        """The task statement that it is on."""
        return version.item.task.code

    @admin.display(description=_("domain"), ordering="item__task__domain__number")
    def domain(self, version: ItemVersion) -> int:
        """Number of the domain."""
        return version.item.task.domain.number

    @admin.display(description=_("rulings"))
    def rulings(self, version: ItemVersion) -> SafeString:
        """What was ruled on its key, the newest first."""
        made = ruling_rows(KeyRuling.objects.filter(version=version))
        return render_to_string("admin/exams/rulings.html", {"rulings": made})

    @admin.display(description=_("ruling"))
    def rule(self, version: ItemVersion) -> SafeString:
        """The way to the form that rules on the key."""
        return rule_link(version.pk)

    @admin.display(description=_("as it is read"))
    def preview(self, version: ItemVersion) -> SafeString:
        """Every text of the version, newest first: HTML that was cleaned when it was stored."""
        texts = (
            ItemText.objects.filter(version=version)
            .order_by("language", "-revision")
            .prefetch_related("options__option")
        )
        parts = [
            {"text": text, "options": sorted(text.options.all(), key=lambda part: part.option.order)}
            for text in texts
        ]
        return render_to_string("admin/exams/version.html", {"parts": parts})

    @admin.display(description=_("what happened"))
    def acts(self, version: ItemVersion) -> SafeString:
        """Acts of staff."""
        return statistics.decisions_on(version)
