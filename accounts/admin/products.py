"""Products in the admin: what stands on the pricing page, and a new version of what one opens and costs."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
)

from accounts.access import products, targets
from accounts.access.models import MONTHS_MAX, Currency, Product, ProductVersion
from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyInline
from accounts.audit import services as audit
from accounts.payments import labels
from accounts.users.models import User

PRICE_MAX: Final = 10_000_000
DECIMAL_PLACES: Final = {Currency.HUF: 0}
SHOWN: Final = ("slug", "kind", "on_sale", "place")


class VersionForm(ReasonForm):
    """What a product opens, for how long and for how much, from now on."""

    codes = forms.MultipleChoiceField(
        label=_("Opens"),
        error_messages={"invalid_choice": _("Nothing has this code: %(value)s")},
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    months = forms.IntegerField(
        label=_("Months"), min_value=1, max_value=MONTHS_MAX, widget=UnfoldAdminIntegerFieldWidget()
    )
    field_order = ("codes", "months", *(currency.lower() for currency in Currency.values), "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        # What the last version opens stays to be seen, whatever became of it.
        choices = targets.every_target() | targets.targets_of(self.initial.get("codes", ()))
        field: Any = self.fields["codes"]
        field.choices = [(code, target.headline) for code, target in choices.items()]
        for currency in Currency:
            self.fields[currency.lower()] = _price_field(currency)
        self.order_fields(self.field_order)

    def clean_codes(self) -> list[str]:
        """Return the codes. One that nothing has would close what nobody can open."""
        codes = sorted(set(self.cleaned_data["codes"]))
        if unknown := [code for code in codes if not targets.target_of(code).path]:
            raise ValidationError(_("Nothing has this code: %(codes)s"), params={"codes": ", ".join(unknown)})
        return codes

    def clean(self) -> dict[str, Any]:
        """Return the arguments of `publish`: prices in hundredths by currency."""
        values = super().clean() or self.cleaned_data
        prices = {currency: values.pop(currency.lower(), None) for currency in Currency.values}
        values["prices"] = {currency: int(price * 100) for currency, price in prices.items() if price}
        return values


def _price_field(currency: Currency) -> forms.DecimalField:
    places = DECIMAL_PLACES.get(currency, 2)
    return forms.DecimalField(
        label=_("Price in %(currency)s, VAT included") % {"currency": currency.value},
        required=False,
        min_value=Decimal(1).scaleb(-places),
        max_value=PRICE_MAX,
        decimal_places=places,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


def publish(*, actor: User | None, product_id: int, **version: Any) -> ProductVersion:  # noqa: ANN401
    """Publish a version by the service that the command uses."""
    return products.publish(Product.objects.get(pk=product_id), actor=actor, **version)


class VersionInline(ReadOnlyInline):
    """The versions of a product, the newest first: what was sold by one stays as it is there."""

    model = ProductVersion
    fields = ("number", "opens", "months", "costs", "created_at")
    readonly_fields = ("opens", "costs")
    ordering = ("-number",)

    def get_queryset(self, request: HttpRequest) -> Any:  # noqa: ANN401
        """Versions with their prices, in two statements."""
        return super().get_queryset(request).prefetch_related("prices")

    @admin.display(description=_("opens"))
    def opens(self, version: ProductVersion) -> str:
        """What it opens."""
        return ", ".join(target.headline for target in targets.targets_of(version.codes).values())

    @admin.display(description=_("prices"))
    def costs(self, version: ProductVersion) -> str:
        """In each currency."""
        return _costs(version)


def _costs(version: ProductVersion) -> str:
    """Return prices as people read them: "€29.00 · 9,900 Ft"."""
    # Sorted here: another query would pass by what was fetched with the version.
    prices = sorted(version.prices.all(), key=lambda price: price.currency)
    return " · ".join(labels.amount_label(price.amount, price.currency) for price in prices)


@admin.register(Product)
class ProductAdmin(ActsWithReason):
    """Products: made and put on sale by hand; what they open and cost changes by new versions."""

    row_argument = "product_id"
    list_display = (*SHOWN, "opens", "months", "costs")
    list_filter = ("kind", "on_sale")
    search_fields = ("slug",)
    fields = SHOWN
    inlines = (VersionInline,)
    actions_detail = ("publish_version",)

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """What was sold is kept; what is not sold any more is taken off the pricing page."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        """Address and kind stay: links and purchases refer to them."""
        return ("slug", "kind") if obj else ()

    def get_queryset(self, request: HttpRequest) -> Any:  # noqa: ANN401
        """Products with versions and prices, in three statements."""
        return super().get_queryset(request).prefetch_related("versions__prices")

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:  # noqa: ANN401
        """Save, and record what was changed."""
        before = {name: form.initial.get(name) for name in form.changed_data if name in form.initial}
        super().save_model(request, obj, form, change)
        audit.record(
            actor=request.user if isinstance(request.user, User) else None,
            action="product.change" if change else "product.create",
            subject=obj,
            before=before,
            after={name: getattr(obj, name) for name in form.changed_data},
        )

    @admin.display(description=_("opens"))
    def opens(self, product: Product) -> str:
        """What the newest version opens."""
        newest = _newest(product)
        codes = newest.codes if newest else []
        return ", ".join(target.headline for target in targets.targets_of(codes).values())

    @admin.display(description=_("months"))
    def months(self, product: Product) -> str:
        """How long the newest version lasts."""
        newest = _newest(product)
        return str(newest.months) if newest else ""

    @admin.display(description=_("prices"))
    def costs(self, product: Product) -> str:
        """What the newest version costs."""
        newest = _newest(product)
        return _costs(newest) if newest else ""

    @action(description=_("Publish a version"), url_path="publish", permissions=["act"])  # type: ignore[untyped-decorator]
    def publish_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Change what the product opens, for how long, or what it costs, for whoever buys from now on."""
        row = self.get_object(request, object_id)
        last = products.newest(row) if row else None
        initial = _initial(last) if last else {}
        title, verb = _("Publish a new version"), _("Publish")
        return self._act(request, object_id, VersionForm, title, verb, publish, initial)


def _newest(product: Product) -> ProductVersion | None:
    """Return the newest version, of those that were fetched with the product; None before the first."""
    return max(product.versions.all(), key=lambda version: version.number, default=None)


def _initial(version: ProductVersion) -> dict[str, Any]:
    prices = {
        currency.lower(): Decimal(amount) / 100 for currency, amount in products.prices_of(version).items()
    }
    return {"codes": version.codes, "months": version.months, **prices}
