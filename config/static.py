"""How static files are stored for serving: own files without comments and needless space, imports by hash."""

import re
from collections.abc import Callable
from typing import Any, Final

import rjsmin  # type: ignore[import-untyped]
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile, File
from django.utils.functional import cached_property
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

REMARK: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACED: Final = re.compile(r" ?([{};]) ?")


def bare_style(sheet: str) -> str:
    """Return a style sheet without comments and the space around `{};`. Own ones have neither in a text."""
    return SPACED.sub(r"\1", " ".join(REMARK.sub("", sheet).split()))


STRIPPERS: Final[dict[tuple[str, str], Callable[[str], str]]] = {
    ("js/", ".js"): rjsmin.jsmin,
    ("css/", ".css"): bare_style,
}


class StrippingStorageMixin:
    """Joins a storage of hashed names: modules import each other by these names, and own files are bare."""

    support_js_module_import_aggregation = True

    @cached_property
    def _addresses(self) -> dict[str, str]:
        return {}

    def url(self, name: str, force: bool = False) -> str:
        """Return the address of a file. A page asks for ten, and none changes while a site runs."""
        if settings.DEBUG or force:
            return str(super().url(name, force))  # type: ignore[misc]
        if name not in self._addresses:
            self._addresses[name] = super().url(name)  # type: ignore[misc]
        return self._addresses[name]

    def _save(self, name: str, content: "File[Any]") -> str:
        for (folder, ending), stripped in STRIPPERS.items():
            if name.startswith(folder) and name.endswith(ending):
                content.seek(0)
                sent = content.read()
                text = sent.decode() if isinstance(sent, bytes) else sent
                content = ContentFile(stripped(text).encode(), name)
        saved: str = super()._save(name, content)  # type: ignore[misc]
        return saved


class HashedStorage(StrippingStorageMixin, ManifestStaticFilesStorage):  # type: ignore[misc]
    """For development: hashed names."""


class CompressedStorage(StrippingStorageMixin, CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """For production: hashed names and compressed copies."""
