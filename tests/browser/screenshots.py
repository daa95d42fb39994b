"""Pictures of all pages, to look at: `python -m tests.browser.screenshots FOLDER [WORDS]`.

The pages are those of `PAGES` in `states`; one that is added there is in the pictures too. Each
is taken in every language, light and dark, by a phone and by a desktop:
`<page>-<language>-<device>-<theme>.png`. WORDS choose pages as `pytest -k` does: "taking or review".
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tools import messages

FOLDER = "SCREENSHOTS"


def main(folder: str, words: str = "") -> int:
    """Take the pictures on a server of their own, in all languages; return the exit code of pytest."""
    messages.compile_all()
    Path(folder).mkdir(parents=True, exist_ok=True)
    variables = {
        **os.environ,
        FOLDER: str(Path(folder).resolve()),
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        "PASSLINE_PROFILE": "test",
    }
    file = str(Path(__file__).with_name("pictures.py"))
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", file, "-k", words]
    servers = [sys.executable, "-m", "tools.devstack", "exec", "--"]
    return subprocess.run([*servers, *pytest], env=variables, check=False).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.screenshots",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder")
    parser.add_argument("words", nargs="?", default="")
    asked = parser.parse_args()
    sys.exit(main(asked.folder, asked.words))
