"""Addresses under `/api/v1/`: tokens, access, vouchers."""

from django.urls import path

from accounts.api import views

app_name = "accounts_api"

urlpatterns = [
    path("auth/token/", views.IssueToken.as_view(), name="token"),
    path("auth/tokens/", views.ListTokens.as_view(), name="tokens"),
    path("auth/tokens/<int:token_id>/", views.RevokeToken.as_view(), name="revoke"),
    path("access/", views.ListAccess.as_view(), name="access"),
    path("vouchers/redeem/", views.RedeemVoucher.as_view(), name="redeem"),
]
