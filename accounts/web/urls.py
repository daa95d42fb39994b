"""Addresses under `/accounts/`: the profile, two switches, and all of allauth."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts.web import confirmation, device_limit, jobs, privacy, reminders, sessions, sign_in_codes, views

own_urls = [
    path("profile/", views.profile, name="profile"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/confirm/", device_limit.confirm_device, name="confirm_device"),
    path("language/", views.language, name="language"),
    path("appearance/", views.appearance, name="appearance"),
    re_path(r"^reminders/(?P<token>[-:\w]+)/$", reminders.turn_off, name="reminders"),
    path("jobs/<uuid:job_id>/file/", jobs.file, name="job_file"),
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
    path("confirm-email/", confirmation.waiting, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", confirmation.by_link, name="account_confirm_email"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own_urls, "accounts"))),
    *instead,
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
