"""The command ``spiraal``: words, options and exit codes; what it does is done elsewhere."""

from sim.cli.commands import main

__all__ = ["main"]
