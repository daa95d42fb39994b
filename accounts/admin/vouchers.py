"""Vouchers in the admin: a batch is made here, and its codes are shown once, in the file that follows."""

import datetime as dt
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.access import products, vouchers
from accounts.access.models import USES_MAX, Product, Redemption, Voucher, VoucherBatch
from accounts.admin.acts import ActsWithReason
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from accounts.base import csv_file
from accounts.base.errors import Refused
from accounts.users.models import User
from i18n import languages

DAY_SECONDS: Final = 24 * 3600
SHOWN_MOST: Final = 200


class BatchForm(forms.Form):
    """What a batch gives, how many codes it has, how often and until when each may be redeemed."""

    product = forms.ModelChoiceField(
        label=_("Product"),
        queryset=Product.objects.filter(versions__isnull=False).distinct(),
        help_text=_("In its newest version."),
        widget=UnfoldAdminSelectWidget(),
    )
    count = forms.IntegerField(
        label=_("Number of codes"),
        min_value=1,
        max_value=vouchers.BATCH_MAX,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    uses = forms.IntegerField(
        label=_("Uses of each code"),
        help_text=_("By different people."),
        min_value=1,
        max_value=USES_MAX,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    last_day = forms.DateField(
        label=_("Last day"),
        help_text=_("Until midnight in the time zone of the site. Empty: the codes don't expire."),
        required=False,
        widget=UnfoldAdminSingleDateWidget(),
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Who gets the codes, and why. It's recorded."),
        min_length=5,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
    )
    # A second press of the button must not make a second batch.
    form_id = forms.UUIDField(widget=forms.HiddenInput())

    def clean_last_day(self) -> dt.datetime | None:
        """Return when the codes expire: at the end of their last day."""
        day: dt.date | None = self.cleaned_data["last_day"]
        if day is None:
            return None
        try:
            return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(settings.SITE_ZONE))
        except OverflowError:
            raise forms.ValidationError(_("This date is too far away.")) from None


@admin.register(VoucherBatch)
class VoucherBatchAdmin(ActsWithReason, ReadOnlyAdmin):
    """Batches with how many of their codes were redeemed. The codes themselves are nowhere."""

    row_argument = "batch_id"
    list_display = (
        *("id", "version", "codes", "uses", "redeemed"),
        *("expires_at", "note", "created_by", "created_at"),
    )
    list_filter = ("version__product",)
    list_select_related = ("version__product", "created_by")
    search_fields = ("note", "vouchers__hint", "vouchers__redemptions__user__email")
    search_help_text = _("Note, last four characters of a code, or the address of who redeemed one")
    fields = (
        ("version", "codes", "uses", "redeemed"),
        ("expires_at", "created_at", "created_by"),
        "note",
        "log",
    )
    readonly_fields = ("codes", "redeemed", "log")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """Batches are made here, by whoever may."""
        return bool(request.user.has_perm("accounts.add_voucherbatch"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoucherBatch]:
        """Batches with their numbers, in one statement."""
        codes = Voucher.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
        used = Redemption.objects.filter(voucher__batch=OuterRef("pk")).order_by().values("voucher__batch")
        batches: QuerySet[VoucherBatch] = super().get_queryset(request)
        return batches.annotate(
            code_count=Coalesce(Subquery(codes.annotate(n=Count("pk")).values("n")), 0),
            use_count=Coalesce(Subquery(used.annotate(n=Count("pk")).values("n")), 0),
        )

    @admin.display(description=_("codes"), ordering="code_count")
    def codes(self, batch: VoucherBatch) -> int:
        """How many codes there are."""
        return int(getattr(batch, "code_count", 0))

    @admin.display(description=_("redeemed"), ordering="use_count")
    def redeemed(self, batch: VoucherBatch) -> str:
        """How often codes were redeemed, of how often they may be."""
        return f"{getattr(batch, 'use_count', 0)} / {self.codes(batch) * batch.uses}"

    @admin.display(description=_("what happened"))
    def log(self, batch: VoucherBatch) -> SafeString:
        """The newest redemptions, and acts of staff."""
        rows = Redemption.objects.filter(voucher__batch=batch).select_related("user", "voucher")
        context = {"redemptions": rows.order_by("-pk")[:SHOWN_MOST], "audit": audit.of(batch)}
        return SafeString(
            render_to_string("admin/accounts/redemptions.html", context)
            + render_to_string("admin/exams/acts.html", context)
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make a batch and answer with its codes as a file, which is the only time that they are seen."""
        if not self.has_add_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        form = BatchForm(request.POST or None, initial={"form_id": uuid4()})
        if form.is_valid() and (file := _make(form, request.user)):
            return file
        back = reverse("admin:accounts_voucherbatch_changelist")
        return self._ask(request, form, _("Create voucher codes"), _("Create and download"), back)


def _make(form: BatchForm, actor: User) -> HttpResponse | None:
    """Return the file of a new batch; None when the form says why there is none."""
    values = form.cleaned_data
    version = products.newest(values["product"])
    # The mark comes before the codes: of two presses at once one finds it.
    if version is None or not cache.add(f"voucher-batch:{values['form_id']}", 1, DAY_SECONDS):
        form.add_error(None, _("This form was sent before, and its codes were downloaded."))
        return None
    try:
        batch, codes = vouchers.create_batch(
            actor=actor,
            version=version,
            count=values["count"],
            uses=values["uses"],
            expires_at=values["last_day"],
            note=values["note"],
        )
    except Refused as refused:
        # Nothing was made, so the same form may be sent again.
        cache.delete(f"voucher-batch:{values['form_id']}")
        form.add_error("last_day", str(refused))
        return None
    return _file(batch, codes)


def _file(batch: VoucherBatch, codes: list[str]) -> HttpResponse:
    expires = batch.expires_at.isoformat() if batch.expires_at else ""
    rows = [
        {
            "code": code,
            "link": _link(code),
            "product": batch.version.product.slug,
            "months": batch.months,
            "uses": batch.uses,
            "expires_at": expires,
            "note": batch.note,
        }
        for code in codes
    ]
    response = HttpResponse(csv_file.write(rows), content_type=csv_file.MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="passline-vouchers-{batch.pk}.csv"'
    response["Cache-Control"] = "no-store, private"
    return response


def _link(code: str) -> str:
    with override(languages.DEFAULT):
        return settings.SITE_URL + reverse("accounts_access:redeem_code", args=[code])
