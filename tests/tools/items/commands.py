"""`python -m tools.items` in tests."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from tools.items.__main__ import main


def run(*arguments: object) -> tuple[int, str]:
    """Run it; return its exit code and all that it said."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main([str(argument) for argument in arguments])
    return code, said.getvalue()
