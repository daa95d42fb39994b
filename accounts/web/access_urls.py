"""Addresses of vouchers: short, to be printed, and before those of certifications, which are of one word."""

from django.urls import URLPattern, path

from accounts.web import redeem

app_name = "accounts_access"

urlpatterns: list[URLPattern] = [
    path("redeem/", redeem.redeem, name="redeem"),
    path("redeem/<str:code>/", redeem.redeem, name="redeem_code"),
]
