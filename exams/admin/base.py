"""What models of the admin share here: columns, filters by conditions, views of a row, the way to a draft."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from accounts.base.errors import Text
from accounts.users.requests import SignedInRequest, or_404
from exams.admin.requests import posted, staff_view
from exams.authoring import rights, services
from exams.catalog.models import Certification


def column(
    name: Any,  # noqa: ANN401  (a lazy text: Django and its stubs differ on the type)
    show: Callable[[Any], object],
    ordering: str | None = None,
) -> Callable[..., object]:
    """Return a column of a list, or a field of a page, with what `show` returns of a row."""

    @admin.display(description=name, ordering=ordering)
    def cell(_admin: object, row: Any) -> object:  # noqa: ANN401
        return show(row)

    return cell


def acts_of_staff(row: Model) -> SafeString:
    """Return what staff did with a row, for its page."""
    return render_to_string("admin/exams/acts.html", {"audit": audit.of(row)})


type Option = tuple[Text, Q | Combinable]


class OptionsFilter(admin.SimpleListFilter):
    """A filter whose options are conditions; what is none of them filters nothing."""

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Return the label and the condition of each option, by its value in the address."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Return values and labels."""
        return [(value, label) for value, (label, _condition) in self.options(request).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows for which the condition holds."""
        option = self.options(request).get(self.value() or "")
        return queryset.filter(option[1]) if option else queryset


class RowViews(ReadOnlyAdmin):
    """A model whose rows have views beside their page, each at an address below it."""

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Return the views by the last part of their address."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Add the views: `send-back` is named `exams_draft_send_back`."""
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"{prefix}_{name.replace('-', '_')}",
            )
            for name, view in self.row_views().items()
        ]
        # Before those of Django, whose last one takes every address.
        return [*own, *super().get_urls()]


class DraftedAdmin(RowViews):
    """Rows that are written as drafts of `draft_kind` and never edited here.

    `writers` open the draft of one, `beginners` begin new ones: who has one of these permissions.
    """

    draft_kind: ClassVar[str]
    writers: ClassVar[Sequence[str]] = (rights.WRITE, rights.TRANSLATE)
    beginners: ClassVar[Sequence[str]] = (rights.WRITE,)

    def draft_key(self, row: Any) -> tuple[Certification, str]:  # noqa: ANN401
        """Return the certification and the name of the draft of a row."""
        return row.certification, row.code

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Return the view that opens the draft."""
        return {"edit": staff_view(*self.writers)(posted(self._page)(self.edit))}

    def _page(self, object_id: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id])

    def edit(self, request: SignedInRequest, object_id: str) -> HttpResponse:
        """Open the draft of a row, begun from what is published where there is none."""
        row = or_404(self.get_object(request, object_id))
        certification, name = self.draft_key(row)
        draft = services.open_draft(
            kind=self.draft_kind, certification=certification, name=name, actor=request.user
        )
        return HttpResponseRedirect(reverse("admin:exams_draft_edit", args=[draft.pk]))

    def may_edit(self, request: HttpRequest) -> bool:
        """Tell whether the reader may open drafts."""
        return any(request.user.has_perm(permission) for permission in self.writers)

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Tell whether the reader may begin new ones."""
        return any(request.user.has_perm(permission) for permission in self.beginners)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who publishes also withdraws, restores and puts on the site."""
        return request.user.has_perm(rights.REVIEW)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Give who writes a button at each row."""
        return (*self.list_display, "edit_button") if self.may_edit(request) else self.list_display

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:  # noqa: ANN401
        """Return a row that knows who reads it: what its page offers depends on that."""
        row = super().get_object(request, object_id, from_field)
        # Fields of a page get the row alone, never the request.
        if row is not None:
            row.may_edit = self.may_edit(request)
            row.may_judge = self.has_act_permission(request)
        return row

    @admin.display(description=_("draft"))
    def edit_button(self, row: Any) -> str:  # noqa: ANN401
        """Return a button that opens the draft; lists and pages are forms with a token already."""
        return format_html(
            '<button type="submit" class="onward" formmethod="post" formaction="{}">{}</button>',
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_edit", args=[row.pk]),
            _("Edit"),
        )
