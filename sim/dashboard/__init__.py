"""The dashboard: views of a class of which the whole school year has been simulated ahead; no science in here.

The server simulates a class with and without its interventions (`picture`), keeps what it got for whoever asks
for the same (nothing in it can change), and sends the whole year as one string. The browser plays, steps and
scrubs by itself. What a visitor has chosen (`choices`) belongs to that visitor alone.

What the browser runs: `dashboard.vue` is the connection with the server, ``pieces`` are what it is put together from
(language, player, store and shell), each of which gives itself to all that stands within it, ``parts`` are drawings
and controls, ``views`` are what a visitor chooses to look at. Lists of what can be chosen come from the server
(`offers`). A part may have its style beside it, in a file of its own.
"""

from sim.dashboard.web.server import launch

__all__ = ["launch"]
