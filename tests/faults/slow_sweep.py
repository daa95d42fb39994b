"""Sweeps with the faults of `broken`, each pass in a process of its own, started again when it dies.

Called with the number of passes; between two of them the claims grow old, so that no test has to wait.
Prints how each pass ended.
"""

import os
import sys

from django.db import connection, connections

from tests.faults.broken import sweeps

AGE = """
UPDATE exams_attempt SET score_claimed_at = score_claimed_at - interval '1 minute'
WHERE score_claimed_at IS NOT NULL AND state IN (1, 2, 3)
"""


def one_pass() -> int:
    """Sweep in a child; return its exit code."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            sweeps.sweep()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main(passes: int) -> None:
    """Run the passes."""
    for _ in range(passes):
        sys.stdout.write(f"ended with {one_pass()}\n")
        with connection.cursor() as cursor:
            cursor.execute(AGE)
        connections.close_all()


if __name__ == "__main__":
    main(int(sys.argv[1]))
