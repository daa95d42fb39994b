"""Orders for tests, made by the services that the product uses."""

from accounts.access import products
from accounts.access.models import Product
from accounts.payments import services
from accounts.payments.gateways import GatewaySession
from accounts.payments.models import Checkout
from accounts.payments.services import Agreement, ReturnUrls
from accounts.users.models import User

PRICES = {"EUR": 2900, "HUF": 990000}
BACK = "https://passline.example/back"


def make_products() -> None:
    """Put on sale what the site sells: three months of a certification, and everything by the month."""
    for place, (slug, kind, codes, months) in enumerate(
        [
            ("mls-c01", "certification", ["cert:mls-c01"], 3),
            ("monthly", "subscription", ["cert:*"], 1),
            ("bundle", "bundle", ["cert:*"], 12),
        ],
        1,
    ):
        make_product(slug, codes, kind=kind, months=months, place=place)


def make_product(
    slug: str, codes: list[str], *, kind: str = "certification", months: int = 3, place: int = 1
) -> None:
    """Put one product on sale. What it names is closed from then on to who has not bought it."""
    product = Product.objects.create(slug=slug, kind=kind, place=place)
    products.publish(product, codes=codes, months=months, prices=PRICES)


def order(user: User, slug: str = "mls-c01", currency: str = "EUR", language: str = "en") -> GatewaySession:
    """Order a product as its page does."""
    offer = next(one for one in products.on_sale() if one.slug == slug)
    return services.order(
        user,
        offer,
        amount=offer.prices[currency],
        currency=currency,
        agreement=Agreement("2026-11-26", language),
        return_urls=ReturnUrls(paid=lambda checkout: f"{BACK}/{checkout}", canceled=BACK),
    )


def checkout_of(opened: GatewaySession) -> Checkout:
    """Return the order of a payment that was prepared."""
    return Checkout.objects.get(session__session_id=opened.session_id)
