"""CSV files for spreadsheets: in the dialect of the current language, and with text that is shown, not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.language import current

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["harmless", "write_table"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Text that a spreadsheet shows and does not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as the CSV that a spreadsheet in the current language opens: Dutch with ; and decimal comma."""
    dutch = current() == "nl"
    safe = table.copy()
    for column in safe.select_dtypes(exclude="number"):
        safe[column] = safe[column].map(harmless)
    safe.to_csv(
        path,
        index=False,
        sep=";" if dutch else ",",
        decimal="," if dutch else ".",
        float_format="%.4f",
        encoding="utf-8-sig",
        lineterminator="\n",
    )
