"""How static files are stored for serving: own scripts without comments and indentation, imports by hash."""

from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

OWN_SCRIPTS = "js/"


def bare(script: str) -> str:
    """Return a script without lines that are only a comment, empty lines and indentation.

    Own scripts keep comments on lines of their own and no text over several lines, so nothing else changes.
    """
    kept, within = [], False
    for line in map(str.strip, script.splitlines()):
        within = within or line.startswith("/*")
        if line and not within and not line.startswith("//"):
            kept.append(line)
        if within and line.endswith("*/"):
            within = False
    return "\n".join(kept) + "\n"


class OwnScripts:
    """Joins a storage of hashed names: modules import each other by these names, and own ones are bare."""

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: "File[Any]") -> str:
        if name.startswith(OWN_SCRIPTS) and name.endswith(".js"):
            content.seek(0)
            text = content.read()
            content = ContentFile(bare(text.decode() if isinstance(text, bytes) else text).encode(), name)
        saved: str = super()._save(name, content)  # type: ignore[misc]
        return saved


class HashedStorage(OwnScripts, ManifestStaticFilesStorage):  # type: ignore[misc]
    """For development: hashed names."""


class CompressedStorage(OwnScripts, CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """For production: hashed names and compressed copies."""
