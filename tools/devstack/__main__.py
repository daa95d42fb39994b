"""`python -m tools.devstack`."""

import sys

from tools.devstack.cli import main

if __name__ == "__main__":
    sys.exit(main())
