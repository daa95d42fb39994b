"""`manage.py readings` in tests."""

from io import StringIO

from django.core.management import call_command


def run(*arguments: object) -> tuple[int, str]:
    """Run the command; return its exit code and all that it said."""
    said = StringIO()
    try:
        call_command("readings", *map(str, arguments), stdout=said, stderr=said)
    except SystemExit as error:
        return int(str(error.code)), said.getvalue()
    return 0, said.getvalue()
