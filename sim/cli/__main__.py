"""``python -m sim.cli`` is ``spiraal``."""

from sim.cli.commands import main

if __name__ == "__main__":
    main()
