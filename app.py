"""The dashboard for ``solara run app.py``, while working on it; ``spiraal app`` starts it with the safe settings."""

from sim.dashboard.page import Layout, Page, title

__all__ = ["Layout", "Page", "title"]
