"""`python -m config.devstack`."""

import sys

from config.devstack.cli import main

if __name__ == "__main__":
    sys.exit(main())
