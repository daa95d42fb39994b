"""Everything that the database and the site need before the first request, in one Django process.

`python -m tools.devstack.prepare database static ...` says on standard output, one line each, when a step
begins (`> name`) and ends (`= name seconds`). What the steps print is shown only when one fails.
"""

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable

import django
from django.core.management import call_command

from config import databases, grants
from tools import messages


def database() -> None:
    """Migrate, make the table of the cache, and give the site's role its rights: all as the owner."""
    with databases.as_owner():
        # With its checks, which a command that is called leaves out: they refuse what Django would pass over.
        call_command("migrate", interactive=False, verbosity=1, skip_checks=False)
        call_command("createcachetable")
        grants.apply()


def static() -> None:
    """Collect the static files under names with a hash."""
    call_command("collectstatic", interactive=False, verbosity=1)


def content() -> None:
    """Load certifications, exams and products from `fixtures/`."""
    call_command("load_bank")
    call_command("load_products")


def demo() -> None:
    """Make the demo accounts, their access and vouchers."""
    call_command("make_demo")


STEPS: dict[str, Callable[[], object]] = {
    "messages": messages.compile_all,
    "database": database,
    "static": static,
    "content": content,
    "demo": demo,
}


def main(names: list[str]) -> int:
    """Do the named steps in order; the first failure ends it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    output = io.StringIO()
    ready = False
    for name in names:
        print(f"> {name}", flush=True)
        began = time.monotonic()
        try:
            with contextlib.redirect_stdout(output):
                if not ready and name != "messages":
                    django.setup()
                    ready = True
                STEPS[name]()
        except BaseException:
            sys.stderr.write(output.getvalue())
            raise
        print(f"= {name} {time.monotonic() - began:.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
