"""The dashboard: views of a class of which the whole school year has been simulated ahead; no science in here.

The server simulates a class with and without its interventions (`picture`), keeps what it got for whoever asks
for the same (nothing in it can change), and sends the whole year as one string. The browser plays, steps and
scrubs by itself (`*.vue`). What a visitor has chosen (`choices`) belongs to that visitor alone.
"""

from sim.dashboard.web.server import launch

__all__ = ["launch"]
