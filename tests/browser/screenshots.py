"""Pictures of all pages, to look at: `python -m tests.browser.screenshots FOLDER [WORDS]`.

The pages are those of `PAGES` in `test_accessibility`; one that is added there is in the pictures too. Each
is taken in every language, light and dark, by a phone and by a desktop:
`<page>-<language>-<device>-<theme>.png`. WORDS choose pages as `pytest -k` does: "taking or review".
"""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = "SCREENSHOTS"


def main(folder: str, words: str = "") -> int:
    """Take the pictures on a server of their own; return the exit code of pytest."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    variables = {
        **os.environ,
        FOLDER: str(Path(folder).resolve()),
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        "PASSLINE_PROFILE": "test",
    }
    file = str(Path(__file__).with_name("pictures.py"))
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", file, "-k", words]
    servers = [sys.executable, "-m", "config.devstack", "exec", "--"]
    return subprocess.run([*servers, *pytest], env=variables, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
