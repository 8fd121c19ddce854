"""Texts around loop."""

from __future__ import annotations

from typing import Any

__all__ = ["texts"]


def texts() -> dict[str, Any]:
    """Give all of them by name, in the current language."""
    return {}
