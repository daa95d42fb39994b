"""Addresses of the legal pages: short and of one word, before those of certifications."""

from django.urls import URLPattern, path

from accounts.web import legal

app_name = "legal"

urlpatterns: list[URLPattern] = [
    path("privacy/", legal.privacy, name="privacy"),
    path("terms/", legal.terms, name="terms"),
    path("refunds/", legal.refunds, name="refunds"),
    path("imprint/", legal.imprint, name="imprint"),
    path("contact/", legal.contact, name="contact"),
    path("accessibility/", legal.accessibility, name="accessibility"),
]
