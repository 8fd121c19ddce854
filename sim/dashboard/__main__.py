"""``python -m sim.dashboard``: start the dashboard and open it in a browser, like ``spiraal app``."""

import sys

from sim.cli import main

if __name__ == "__main__":
    main(["app", *sys.argv[1:]])
