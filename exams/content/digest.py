"""One fingerprint for content: equal content has an equal digest, whatever the order of its keys."""

import hashlib
import json
from typing import Any


def digest_of(content: Any) -> str:  # noqa: ANN401
    """Return the SHA-256 of plain values, in hex."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
