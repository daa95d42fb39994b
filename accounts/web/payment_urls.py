"""Addresses of paying and of own purchases; they come before those of accounts and of certifications."""

from django.urls import URLPattern, path

from accounts.web import payments, purchases

app_name = "payments"

urlpatterns: list[URLPattern] = [
    path("pricing/<slug:slug>/", payments.buy, name="buy"),
    path("payments/<uuid:checkout_id>/", payments.returned, name="return"),
    path("payments/test-card/<uuid:session_id>/", payments.test_card, name="test_card"),
    path("accounts/purchases/", purchases.show, name="purchases"),
    path("accounts/purchases/<uuid:checkout_id>/cancel/", purchases.cancel, name="cancel"),
    path("accounts/purchases/<uuid:checkout_id>/portal/", purchases.portal, name="portal"),
]
