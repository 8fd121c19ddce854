"""The components that the page is put together from, as they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["PARTS", "ROOT"]

FOLDER: Final = Path(__file__).parent


def source_of(part: Path) -> str:
    """Read a part of the page; its style may lie beside it, in a file of its own."""
    style = part.with_suffix(".css")
    look = f"\n<style>\n{style.read_text(encoding='utf-8')}</style>\n" if style.exists() else ""
    return part.read_text(encoding="utf-8") + look


ROOT: Final = FOLDER / "dashboard.vue"
"""The component that all others stand in: the connection with the server."""

PARTS: Final = {
    path.stem.replace("_", "-"): source_of(path)
    for folder in ("pieces", "parts", "views")
    for path in sorted((FOLDER / folder).glob("*.vue"))
}
"""The others, by the name of their tag."""
