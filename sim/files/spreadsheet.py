"""CSV files for spreadsheets: in the dialect of the current language, and with text that is shown, not run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sim.files.language import current

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["as_csv", "harmless", "write_table"]

FORMULA = re.compile(r"""(^|[;,|\t\r\n])(?="*[=+\-@＝＋－＠])|^(?=[\t\r])""")
"""Where a formula may begin: at the start of a cell, and behind whatever separates cells elsewhere."""


def harmless(text: str) -> str:
    """Text that a spreadsheet shows and does not take for a formula, whichever separator it splits the file at."""
    return FORMULA.sub(r"\1'", text)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as the CSV that a spreadsheet in the current language opens; see `as_csv`."""
    path.write_bytes(as_csv(table, decimal_comma=current() == "nl"))


def as_csv(table: pd.DataFrame, *, decimal_comma: bool) -> bytes:
    """A table as CSV: with decimal comma and ; between columns, which Dutch has, or with point and comma."""
    safe = table.copy()
    for column in safe.select_dtypes(exclude="number"):
        safe[column] = safe[column].map(harmless)
    text: str = safe.to_csv(
        index=False,
        sep=";" if decimal_comma else ",",
        decimal="," if decimal_comma else ".",
        float_format="%.4f",
        lineterminator="\n",
    )
    return text.encode("utf-8-sig")
