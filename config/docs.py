"""The schema of the API, and a page to read and try it, all from this site."""

from functools import lru_cache
from threading import Lock
from typing import Any, Final

from django.conf import settings
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.csp import csp_override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

# Swagger UI sets styles from its script and shows small drawings as data.
POLICY: Final[dict[str, Any]] = {
    **settings.SECURE_CSP,
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
}


class KeptSchema(SchemaGenerator):
    """The schema, which a process makes once for each language: it is the same for everybody."""

    def get_schema(self, request: object = None, public: bool = False) -> dict[str, Any]:
        """Return the schema for everybody, whoever asks."""
        # The library fills tables of its own while it makes one, which a second thread would read half full.
        with _MAKING:
            return _schema(self.api_version, get_language())


_MAKING: Final = Lock()


# An address may name any language: nobody fills the memory by it.
@lru_cache(maxsize=8)
def _schema(version: str | None, language: str | None) -> dict[str, Any]:
    generator: Any = SchemaGenerator  # whose methods have no types
    schema: dict[str, Any] = generator(api_version=version).get_schema(request=None, public=True)
    return schema


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3 as JSON."""

    generator_class = KeptSchema


@method_decorator(csp_override(POLICY), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own files, with a policy of its own."""

    template_name = "api/docs.html"
    url_name = "api_schema"
