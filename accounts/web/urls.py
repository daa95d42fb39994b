"""Addresses of accounts, of allauth, of paying, of vouchers, and of the legal pages."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts.profile import reminders
from accounts.web import email_verification, legal, payments, privacy, redeem, sessions, sign_in_codes, views

payment_urls: list[URLPattern] = [
    path("pricing/<slug:slug>/", payments.buy, name="buy"),
    path("payments/<uuid:checkout_id>/", payments.returned, name="return"),
    path("payments/test-card/<uuid:session_id>/", payments.test_card, name="test_card"),
    path("accounts/purchases/", payments.purchases, name="purchases"),
    path("accounts/purchases/<uuid:checkout_id>/cancel/", payments.cancel, name="cancel"),
    path("accounts/purchases/<uuid:checkout_id>/resume/", payments.resume, name="resume"),
    path("accounts/purchases/<uuid:checkout_id>/refund/", payments.ask_refund, name="ask_refund"),
    path("accounts/purchases/<uuid:checkout_id>/portal/", payments.portal, name="portal"),
]

# Short, to be printed.
voucher_urls: list[URLPattern] = [
    path("redeem/", redeem.redeem, name="redeem"),
    path("redeem/<str:code>/", redeem.redeem, name="redeem_code"),
]

legal_urls: list[URLPattern] = [
    path(f"{name}/", legal.page, {"name": name}, name=name) for name in legal.PAGES
]

own_urls = [
    path("profile/", views.profile, name="profile"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/confirm/", sessions.confirm_device, name="confirm_device"),
    path("language/", views.language, name="language"),
    path("appearance/", views.appearance, name="appearance"),
    re_path(
        r"^reminders/(?P<token>[-:\w]+)/$",
        views.turn_off_reminders,
        {"reminder": reminders.ACCESS},
        name="reminders",
    ),
    re_path(
        r"^study-reminders/(?P<token>[-:\w]+)/$",
        views.turn_off_reminders,
        {"reminder": reminders.STUDY},
        name="study_reminders",
    ),
    path("jobs/<uuid:job_id>/file/", views.job_file, name="job_file"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/export/", privacy.export, name="export"),
    path("privacy/delete/", privacy.delete, name="delete"),
    path("privacy/closed/", privacy.closed, name="closed"),
    re_path(r"^privacy/restore/(?P<key>[-:\w]+)/$", privacy.restore, name="restore"),
]

# These come before allauth's of the same names, and replace them.
instead = [
    path("email/", views.EmailAddressesView.as_view(), name="account_email"),
    path("password/reset/", views.ForgotPasswordView.as_view(), name="account_reset_password"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.NewPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("2fa/authenticate/", views.SecondStepView.as_view(), name="mfa_authenticate"),
    path("login/code/", sign_in_codes.ask, name="account_request_login_code"),
    path("login/code/confirm/", sign_in_codes.enter, name="account_confirm_login_code"),
    path("confirm-email/", email_verification.waiting, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", email_verification.by_link, name="account_confirm_email"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    # Own purchases are under `accounts/`, too.
    path("", include((payment_urls, "payments"))),
    path("accounts/", include((own_urls, "accounts"))),
    path("accounts/", include(instead)),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    # Of one word each, so they come before those of certifications.
    path("", include((legal_urls, "legal"))),
    path("", include((voucher_urls, "accounts_access"))),
]
