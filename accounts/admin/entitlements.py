"""Entitlements in the admin: found by address, never edited; ended and granted with a reason."""

from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from accounts.access import entitlements
from accounts.access.models import MONTHS_MAX, Entitlement, Product
from accounts.admin import purchases
from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.own_panels import with_real_end
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from accounts.base.errors import Text
from accounts.users.addresses import normalized
from accounts.users.models import User

DAYS_MAX: Final = 366


class GrantForm(ReasonForm):
    """Who gets months of what."""

    user = forms.EmailField(
        label=_("Email address of the person"), max_length=254, widget=UnfoldAdminEmailInputWidget()
    )
    product = forms.ModelChoiceField(
        label=_("Product"),
        queryset=Product.objects.filter(versions__isnull=False).distinct(),
        widget=UnfoldAdminSelectWidget(),
    )
    months = forms.IntegerField(
        label=_("Months"),
        help_text=_("Added after the person's current access; beside a subscription, they start right away."),
        min_value=1,
        max_value=MONTHS_MAX,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    # A second press of the button must not give twice.
    grant_id = forms.UUIDField(widget=forms.HiddenInput())
    field_order = ("user", "product", "months", "reason", "grant_id")

    def clean_user(self) -> User:
        """Return the person."""
        person = User.objects.filter(email__iexact=normalized(self.cleaned_data["user"])).first()
        if person is None:
            raise ValidationError(_("There is no account with this address."))
        return person


class ExtendForm(ReasonForm):
    """How many days more."""

    days = forms.IntegerField(
        label=_("Days"),
        help_text=_("Added after the person's current access."),
        min_value=1,
        max_value=DAYS_MAX,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    # A second press of the button must not give twice.
    grant_id = forms.UUIDField(widget=forms.HiddenInput())
    field_order = ("days", "reason", "grant_id")


def grant(
    *, actor: User | None, user: User, product: Product, months: int, reason: str, grant_id: UUID
) -> list[Entitlement]:
    """Give months of what the newest version of a product opens."""
    version = product.versions.earliest("-number")
    return entitlements.grant(
        actor=actor, user=user, version=version, months=months, reason=reason, grant_id=grant_id
    )


def _is_open(entitlement: Entitlement) -> bool:
    """Say whether an entitlement has not ended."""
    return with_real_end(Entitlement.objects.filter(pk=entitlement.pk)).filter(real_end__gt=Now()).exists()


@admin.register(Entitlement)
class EntitlementAdmin(ActsWithReason, ReadOnlyAdmin):
    """What people may open, why, and until when."""

    row_argument = "entitlement_id"
    never_on_own = True
    list_display = ("person", "code", "starts_at", "ends", "source", "created_at")
    list_display_links = ("person", "code")
    list_filter = ("source", "code")
    search_fields = ("user__email", "source_id")
    search_help_text = _("Email address, or the ID of what it comes from")
    date_hierarchy = "created_at"
    fields = (
        ("person", "code"),
        ("starts_at", "ends"),
        ("source", "source_id", "created_at"),
        "log",
    )
    readonly_fields = ("person", "ends", "log")
    actions_list = ("grant",)
    actions_detail = ("extend", "end_now")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entitlement]:
        """Entitlements with their person and when they really end, in one statement."""
        rows: QuerySet[Entitlement] = super().get_queryset(request)
        return with_real_end(rows.select_related("user"))

    def facts_of(self, row: Entitlement) -> list[tuple[Any, Any]]:
        """Whose it is, what it opens, and until when."""
        return [
            (_("Person"), self.person(row)),
            (_("Opens"), row.code),
            (_("From"), row.starts_at),
            (_("Until"), self.ends(row)),
            (_("Source"), row.get_source_display()),
            *purchases.facts(purchases.checkout_of(row)),
        ]

    def obstacle(self, request: HttpRequest, row: Entitlement, act: str) -> Text:
        """What has ended cannot be ended; nobody acts on their own access."""
        ended = act == "end_now" and not _is_open(row)
        return _("It has ended already.") if ended else super().obstacle(request, row, act)

    @admin.display(description=_("person"), ordering="user__email")
    def person(self, row: Entitlement) -> str:
        """Whose it is."""
        return str(row.user or _("Deleted account"))

    @admin.display(description=_("ends"), ordering="real_end")
    def ends(self, row: Entitlement) -> str:
        """When it really ends."""
        return date_format(localtime(getattr(row, "real_end", row.ends_at)), "DATETIME_FORMAT")

    @admin.display(description=_("what happened"))
    def log(self, row: Entitlement) -> SafeString:
        """What ended it early, and acts of staff on it."""
        context = {"ends": row.ends.select_related("actor").order_by("pk"), "audit": audit.of(row)}
        return SafeString(
            render_to_string("admin/accounts/ends.html", context)
            + render_to_string("admin/exams/acts.html", context)
        )

    # By a method, since unfold would look for a permission in the database before there is any table.
    def has_grant_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may add entitlements may grant and extend them, also what has ended."""
        return request.user.has_perm("accounts.add_entitlement")

    @action(description=_("Grant access"), url_path="grant", permissions=["grant"])  # type: ignore[untyped-decorator]
    def grant(self, request: HttpRequest) -> HttpResponse:
        """Give a person months of a product."""
        initial = {"grant_id": uuid4(), "user": request.GET.get("user", "")}
        form = GrantForm(request.POST or None, initial=initial)
        return self._make(request, form, _("Grant access"), _("Grant"), grant)

    @action(description=_("Extend"), url_path="extend", permissions=["grant"])  # type: ignore[untyped-decorator]
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give days more of what it opens."""
        initial = {"grant_id": uuid4()}
        act = entitlements.extend
        return self._act(request, object_id, ExtendForm, _("Extend access"), _("Extend"), act, initial)

    @action(description=_("Revoke"), url_path="end", permissions=["act"])  # type: ignore[untyped-decorator]
    def end_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close at once what it opens."""
        return self._act(
            request,
            object_id,
            ReasonForm,
            _("Revoke access now"),
            _("Revoke"),
            entitlements.end_now,
            next_page=lambda row: purchases.page_to_cancel(request, purchases.checkout_of(row)),
        )
