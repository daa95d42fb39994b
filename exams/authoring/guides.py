"""The guide of a vendor as the editor asks it: from the files of the certification, which are with the code.

A certification that was made in the admin has no files: nothing is known of its vendor then.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

from exams.content.catalog import FILE
from exams.content.formats.guide_yaml import read_guide
from exams.content.records import Guide

CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@lru_cache(maxsize=32)
def of(code: str) -> Guide:
    """Return the guide of a certification; read once a process, since files change with a new image."""
    path = Path(settings.BASE_DIR) / "fixtures" / code / FILE
    if not CODE.fullmatch(code) or not path.is_file():
        return Guide()
    return read_guide(path.read_bytes(), f"{code}/{FILE}")
