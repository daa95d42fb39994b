"""Addresses under `/api/v1/auth/`."""

from django.urls import path

from accounts.api import views

app_name = "accounts_api"

urlpatterns = [
    path("auth/token/", views.IssueToken.as_view(), name="token"),
    path("auth/tokens/", views.ListTokens.as_view(), name="tokens"),
    path("auth/tokens/<int:token_id>/", views.RevokeToken.as_view(), name="revoke"),
]
