"""The schema of the API, and a page to read and try it, all from this site."""

from typing import Any, Final

from django.conf import settings
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

# Swagger UI sets styles from its script and shows small drawings as data.
POLICY: Final[dict[str, Any]] = {
    **settings.SECURE_CSP,
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
}


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3 as JSON."""


@method_decorator(csp_override(POLICY), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own files, with a policy of its own."""

    template_name = "api/docs.html"
    url_name = "api-schema"
