"""Every address of the site: pages by language, the API, the admin, health."""

from typing import Final

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import cache_control
from django.views.generic import RedirectView

from accounts.web import payments
from config import docs, health, metrics, seo
from exams.web import images, offline

# What pages were called before: each leads on for good to the page of today, in its language.
OLD: Final = {
    "score/": "exams:how_scoring_works",
    "attempts/reports/": "exams:problem_reports",
    "attempts/<uuid:attempt_id>/report/": "exams:score_report",
    "<slug:code>/changes/": "exams:corrections",
    "<slug:code>/cut.css": "exams:pass_mark_css",
}
MOVED: Final = {"permanent": True, "query_string": True, "http_method_names": ["get", "head"]}
old_urls: list[URLPattern] = [
    path(old, RedirectView.as_view(pattern_name=name, **MOVED), name=name.removeprefix("exams:"))
    for old, name in OLD.items()
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", metrics.show, name="metrics"),
    path("robots.txt", seo.robots, name="robots"),
    path("favicon.ico", seo.favicon, name="favicon"),
    path(
        "sitemap.xml",
        cache_control(max_age=3600, public=True)(sitemap),
        {"sitemaps": {"pages": seo.PublicPages}},
        name="sitemap",
    ),
    path("images/<str:digest>", images.image, name="image"),
    path("sw.js", offline.worker, name="service_worker"),
    path("payments/stripe/webhook/", payments.stripe_webhook, name="stripe_webhook"),
    path("api/v1/schema/", docs.SchemaView.as_view(), name="api_schema"),
    path("api/v1/docs/", docs.DocsView.as_view(), name="api_docs"),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("exams.api.urls")),
    path("api/v1/", include("flashcards.api.urls")),
    *i18n_patterns(
        path("", include("accounts.web.urls")),
        path("", include("flashcards.web.urls")),
        path("", include((old_urls, "old_addresses"))),
        # Last of the pages: `/<code>/` takes every address of one word.
        path("", include("exams.web.urls")),
        prefix_default_language=False,
    ),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
