"""Addresses under `/accounts/`: the profile, two switches, and all of allauth."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.web import jobs, views

own_urls = [
    path("profile/", views.profile, name="profile"),
    path("language/", views.language, name="language"),
    path("appearance/", views.appearance, name="appearance"),
    path("jobs/<uuid:job_id>/file/", jobs.file, name="job_file"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own_urls, "accounts"))),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
