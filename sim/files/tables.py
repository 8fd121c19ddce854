"""Rows under headings, from a file or from plain data, and the list on which their problems are put."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sim.files.cells import MOST_COLUMNS, CellsError, Row, read_cells
from sim.files.columns import Column, key
from sim.files.language import _, ngettext
from sim.files.names import clean
from sim.files.problems import Problem, letter, printable
from sim.files.reading import ReadingError, Source, Upload, name_of, read_bytes, within

__all__ = [
    "LARGEST_FILE",
    "Table",
    "closest",
    "content_of",
    "headings_allowed",
    "is_misspelled",
    "listed",
    "match_headings",
    "misses",
    "plain_table",
    "read_table",
    "some",
]

LARGEST_FILE: Final = 1_000_000
"""Bytes; a class of 60 with every column filled takes less than a hundredth of it."""
LONGEST_HEADING: Final = 200
MISSPELLED: Final = 0.8
IGNORED: Final = ("_", "note", "opmerking")
"""Headings that begin so are the teacher's own."""


class Table:
    """Rows under headings, and the lists on which their problems, and what else there is to say, are put.

    Attributes
    ----------
    places
        The column of each field.
    unread
        Headings that nobody knows.
    listed
        Rows of all classes, where `rows` may be those of one.
    groups
        The classes that it has, with their numbers of children, where one of them is meant.
    plain
        Whether it is plain data, which has no row of headings to point at and no codes.
    """

    def __init__(self, file: str, headings: Row, rows: Sequence[Row], problems: list[Problem]) -> None:
        self.file, self.headings, self.rows = file, headings, list(rows)
        self.problems = problems
        self.notes: list[str] = []
        self.unread: list[str] = []
        self.listed: Sequence[Row] = self.rows
        self.groups: dict[str, int] = {}
        self.places: dict[str, int] = {}
        self.plain = False

    def cell(self, row: Row, field: str) -> str:
        """What stands in a row under a heading; blank where the table has no such column."""
        return row.cell(self.places[field]) if field in self.places else ""

    def heading(self, field: str) -> str:
        """The heading of a field, as it stands there."""
        return self.headings.cell(self.places[field])

    def column(self, field: str) -> list[str]:
        """All cells under a heading."""
        return [self.cell(row, field) for row in self.rows]

    def whole(self, field: str) -> list[str]:
        """All cells under a heading, those of other classes among them: what a code means, all of them tell."""
        return [self.cell(row, field) for row in self.listed]

    def report(self, row: Row | None, column: str | None, found: str, allowed: str) -> None:
        """Report whatever is wrong."""
        number = row.number or None if row else None
        self.problems.append(Problem(self.file, number, column, found, allowed))

    def refuse(self, row: Row, field: str, allowed: str) -> None:
        """Report a cell."""
        self.report(row, self.heading(field), self.cell(row, field), allowed)


def content_of(source: Source) -> bytes:
    """The bytes of a file that has a reasonable size.

    Raises
    ------
    CellsError
        When there is no such file.
    """
    try:
        if isinstance(source, Upload):
            return within(source.content, LARGEST_FILE)
        return read_bytes(Path(source), LARGEST_FILE)
    except FileNotFoundError:
        raise CellsError(_("no file with this name"), _("the name of a CSV file or a spreadsheet")) from None
    except ReadingError as error:
        raise CellsError(error.found, error.allowed) from None


def read_table(source: Source, columns: Sequence[Column], problems: list[Problem]) -> Table | None:
    """Read a file with known headings in its first row; None where its rows cannot be looked at."""
    known = spellings(columns)
    try:
        rows = some(read_cells(content_of(source), lambda cell: key(cell) in known).rows, columns)
        table = Table(name_of(source), rows[0], rows[1:], problems)
        match_headings(table, columns, lambda heading: known.get(key(heading)), report_unknown(table, columns))
    except CellsError as refused:
        problems.append(Problem(name_of(source), refused.row, None, refused.found, refused.allowed))
        return None
    return table


def some(rows: Sequence[Row], columns: Sequence[Column]) -> Sequence[Row]:
    """The same rows.

    Raises
    ------
    CellsError
        When there are none.
    """
    if not rows:
        raise CellsError(_("an empty file"), _("a row with the headings {headings}").format(headings=listed(columns)))
    return rows


def plain_table(data: object, part: str, columns: Sequence[Column], problems: list[Problem]) -> Table | None:
    """A table from plain data: a list of mappings, of which each key is a heading."""
    entries = data.get(part, []) if isinstance(data, Mapping) else None
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, Mapping) for entry in entries):
        problems.append(Problem(part, None, None, _("something else"), _("a list of tables with named values")))
        return None
    keys = dict.fromkeys(name for entry in entries for name in entry) or [column.field for column in columns]
    rows = []
    for position, entry in enumerate(entries, start=1):
        values = (entry.get(name) for name in keys)
        rows.append(Row(position, ["" if value is None else clean(str(value)) for value in values]))
    table = Table(part, Row(0, [clean(str(name)) for name in keys]), rows, problems)
    table.plain = True
    known = spellings(columns)
    try:
        match_headings(table, columns, lambda heading: known.get(key(heading)), report_unknown(table, columns))
    except CellsError as refused:
        table.report(None, None, refused.found, refused.allowed)
        return None
    return table


def match_headings(
    table: Table,
    columns: Sequence[Column],
    field_of: Callable[[str], str | None],
    unknown: Callable[[str], None],
) -> None:
    """Find out which column is which; report headings that stand there twice, and cells that have none.

    Raises
    ------
    CellsError
        When there are too many.
    """
    headings = table.headings.cells
    width = max((place for place, heading in enumerate(headings, start=1) if heading), default=0)
    if width > MOST_COLUMNS:
        found = _("{count} columns").format(count=width)
        allowed = _("a row with the headings {headings}").format(headings=listed(columns))
        raise CellsError(found, allowed, table.headings.number)

    for place, heading in enumerate(headings[:width]):
        match_heading(table, columns, place, field_of(heading) if heading else None, unknown)
    for row in table.rows:
        extra = next((place for place in range(width, len(row.cells)) if row.cells[place]), None)
        if extra is not None:
            allowed = ngettext(
                "{count} cell in a row, as many as there are headings;"
                " a cell that holds the separator stands between quotation marks",
                "{count} cells in a row, as many as there are headings;"
                " a cell that holds the separator stands between quotation marks",
                width,
            )
            table.report(row, letter(extra), row.cells[extra], allowed.format(count=width))


def match_heading(
    table: Table, columns: Sequence[Column], place: int, field: str | None, unknown: Callable[[str], None]
) -> None:
    """Find out what one column is."""
    heading = table.headings.cell(place)
    if not heading:
        if any(row.cell(place) for row in table.rows):
            table.report(table.headings, letter(place), "", _("a heading above these cells"))
    elif field is None:
        if not heading.casefold().startswith(IGNORED):
            unknown(heading)
    elif field not in table.places:
        table.places[field] = place
    elif any(column.field == field for column in columns):
        twin = printable(table.heading(field))
        table.report(
            table.headings, heading, heading, _("one column for this; “{heading}” is one already").format(heading=twin)
        )
    else:
        unknown(heading)


def report_unknown(table: Table, columns: Sequence[Column]) -> Callable[[str], None]:
    """Report headings that nobody knows."""

    def report(heading: str) -> None:
        table.report(table.headings, heading, heading, headings_allowed(columns, closest(heading, columns)))

    return report


def listed(columns: Sequence[Column]) -> str:
    """The headings in the current language, as a part of a message."""
    return ", ".join(column.heading for column in columns)


def closest(heading: str, columns: Sequence[Column]) -> str | None:
    """The known heading that is most like one that nobody knows, if any is."""
    known = {key(known): known for column in columns for known in column.headings}
    near = difflib.get_close_matches(key(heading)[:LONGEST_HEADING], known, n=1, cutoff=0.6)
    return known[near[0]] if near else None


def is_misspelled(heading: str, known: str) -> bool:
    """Whether a heading is so like a known one that it is a mistake; with a number it is something else."""
    if re.search("[0-9]", heading):
        return False
    found, meant = key(heading), key(known)
    one_off = len(found) == len(meant) and sum(a != b for a, b in zip(found, meant, strict=True)) == 1
    return one_off or difflib.SequenceMatcher(None, meant, found).ratio() >= MISSPELLED


def headings_allowed(columns: Sequence[Column], near: str | None) -> str:
    """What may stand in place of a heading that is not known."""
    allowed = _("{headings}, or a heading that begins with “_”").format(headings=listed(columns))
    return allowed + (_("; the closest is “{heading}”").format(heading=near) if near else "")


def spellings(columns: Sequence[Column]) -> dict[str, str]:
    """The field that each heading stands for."""
    return {key(heading): column.field for column in columns for heading in (column.field, *column.headings)}


def misses(table: Table, needed: Sequence[Column]) -> bool:
    """Whether the table lacks a column that it needs; each is reported."""
    missing = [column for column in needed if column.field not in table.places]
    for column in missing:
        allowed = _("a column “{heading}”").format(heading=column.heading)
        table.report(table.headings, None, _("no heading “{heading}”").format(heading=column.heading), allowed)
    return bool(missing)
