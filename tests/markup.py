"""HTML of pages as tests compare it: how a template is laid out is no part of what it says."""

import re
from typing import Any


def squeezed(reply: Any) -> str:
    """Return the HTML of a reply, or given as text, on one line and without white space beside tags."""
    text = re.sub(r"[ \t\n]+", " ", reply if isinstance(reply, str) else reply.content.decode())
    return re.sub(r" ?(<[^<>]*>) ?", r"\1", text)
