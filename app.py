"""The dashboard's front door: ``solara run app.py``, or ``python -m sim.dashboard``, which opens it in a browser."""

from sim.dashboard.page import Layout, Page, title

__all__ = ["Layout", "Page", "title"]
