"""The visitor's own class: a file or a table is read, and kept for this visitor alone or sent back with what is wrong.

Nothing of it is written down or logged: it is in the memory of the session, and forgotten with that.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sim.dashboard.desk import Refused
from sim.files.children import parsed
from sim.files.classlist import LARGEST_CLASS, ClassListError, ColumnMapping, Upload, look, read_mapping
from sim.files.coding import first_day
from sim.files.language import _, current

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.files.classlist import ChildRow, Problem, Sight

__all__ = ["answer"]

LISTED: Final = 100
"""Problems that are told one by one; a file in which more is wrong is better mended as a whole."""
YEARS: Final = 3
"""School years before this one that can be chosen, for ages."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Read a class list and, where the details say ``use`` and nothing is wrong, keep it as the visitor's own class.

    The details have the ``children`` and perhaps the ``nominations`` as files; what was said of the list as
    ``mapping`` (`ColumnMapping.to_json`), or as a ``mapping_file``.

    Yields
    ------
    Mapping
        ``count`` and ``nominations``: how many children and choices were read; ``problems``, each with ``text`` and,
        if it is about a cell of the class list, ``row`` and ``field`` of that, and if about a column, ``column`` and
        ``what``; ``more``: how many problems are not listed; ``notes``: what had to be understood, in words;
        ``rows``: what stands in the class list, by ``number`` and ``cells``; ``list``: see `seen`; ``used``: whether
        it is the visitor's own class now.
    """
    children, nominations = upload(question.details.get("children")), None
    if question.details.get("nominations") is not None:
        nominations = upload(question.details["nominations"])
        if nominations.name == children.name:
            nominations = nominations._replace(name=_("{file}, nominations").format(file=nominations.name))
    wrong: tuple[Problem, ...] = ()
    mapping = ColumnMapping()
    try:
        mapping = mapping_of(question.details)
    except ClassListError as error:
        wrong = error.problems
    sight = look(children, nominations, mapping=mapping)
    problems = (*wrong, *sight.problems)
    roster = None if problems else sight.class_list
    used = question.details.get("use") is True
    if roster is not None and used:
        question.keep(roster)
    places = [place(problem, sight) if problem.file == children.name else {} for problem in problems]
    yield {
        "count": 0 if roster is None else len(roster.children),
        "nominations": 0 if roster is None else len(roster.nominations),
        "problems": [
            {"text": str(problem), **found} for problem, found in zip(problems[:LISTED], places[:LISTED], strict=True)
        ],
        "more": len(problems[LISTED:]),
        "notes": [] if roster is None else list(roster.notes),
        "rows": rows(sight, problems, places) if len(sight.rows) <= LARGEST_CLASS else [],
        "list": seen(sight, mapping),
        "used": used and roster is not None,
    }


def upload(sent: object) -> Upload:
    """Unpack a file as the browser sent it: ``name``, and ``content`` in base64."""
    name, content = (sent.get("name"), sent.get("content")) if isinstance(sent, Mapping) else (None, None)
    if not isinstance(name, str) or not isinstance(content, str):
        raise Refused(_("The class list did not arrive. Please try again."))
    try:
        return Upload(name, base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        raise Refused(_("The class list did not arrive. Please try again.")) from None


def mapping_of(details: Mapping[str, Any]) -> ColumnMapping:
    """Read what was said of the list."""
    if details.get("mapping_file") is not None:
        return read_mapping(upload(details["mapping_file"]))
    said = details.get("mapping")
    if said is None:
        return ColumnMapping()
    if not isinstance(said, Mapping):
        raise Refused(_("The class list did not arrive. Please try again."))
    return ColumnMapping.from_json(said, _("what is read as what"))


def seen(sight: Sight, mapping: ColumnMapping) -> dict[str, Any]:
    """Describe what was read as what, and what can be said of it.

    Returns
    -------
    dict
        ``columns``, each with what it is ``called``, the ``field`` that it is read as (or None), its ``first`` cells
        and its ``heading``; ``sexes``: pairs of a code and what it means (blank: not known, None: cannot be told);
        ``dates`` and ``school_year``, or None where they are no matter; ``years`` to choose from; ``groups``: pairs of
        a class and its number of children (or None), and the ``group`` that was read; ``encoding`` of the text, blank
        where it cannot be told, None where there is no choice; what was said as ``mapping``, and ``toml``, a file for
        the same that says all.
    """
    said = mapping.to_json()
    this = first_day(None).year
    year = said.get("school_year", this)
    born = any(column.field == "birth_date" for column in sight.columns)
    return {
        "columns": [column._asdict() for column in sight.columns],
        "sexes": [*sight.sexes.items()],
        "dates": None if sight.order is None else f"{sight.order} first" if sight.order else "",
        "school_year": year if born else None,
        "years": sorted({*range(this - YEARS, this + 2), year}),
        "groups": [*sight.groups.items()],
        "group": sight.group,
        "encoding": sight.encoding,
        "mapping": said,
        "toml": sight.as_toml(),
    }


def place(problem: Problem, sight: Sight) -> dict[str, Any]:
    """Find the cell and the column that a problem of the class list is about; nothing where it is about none."""
    found: dict[str, Any] = {}
    of_heading = problem.row in (None, sight.headings)
    places = [number for number, one in enumerate(sight.columns) if problem.column in (one.called, one.heading)]
    places.sort(key=lambda number: (sight.columns[number].field is None) is not of_heading)
    if places and problem.column:
        line = "" if of_heading else _("row {row}").format(row=problem.row) + ": "
        found = {"column": places[0], "what": line + problem.what}
    field = sight.fields.get(problem.column or "")
    if field is not None and problem.row in sight.rows:
        found |= {"row": problem.row, "field": field}
    return found


def rows(sight: Sight, problems: tuple[Problem, ...], places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """List the rows: cells as they were understood, and where something is wrong as they stand there."""
    wrong = {found["field"] for found in places if "field" in found}
    elsewhere = {problem.row for problem, found in zip(problems, places, strict=True) if "field" not in found}
    listed = {number: dict(cells) for number, cells in sight.rows.items()}
    for (number, cells), child in zip(listed.items(), sight.children, strict=bool(sight.children)):
        if child is not None and number not in elsewhere:
            understood = as_cells(child, cells)
            cells |= {field: text for field, text in understood.items() if text or field not in wrong}
    return [{"number": number, "cells": cells} for number, cells in listed.items()]


def as_cells(child: ChildRow, cells: Mapping[str, str]) -> dict[str, str]:
    """Write what is known of a child, and blanks where a cell says nothing."""
    understood = {field: shown(value, cells.get(field, "")) for field, value in vars(child).items()}
    return {field: text for field, text in understood.items() if text or field in cells}


def shown(value: str | float | None, cell: str) -> str:
    """Write what is known of a child: as the cell has it, where that says the same."""
    if not isinstance(value, float):
        return value or ""
    text = f"{value:g}"
    return cell if parsed(cell) == value else text.replace(".", ",") if current() == "nl" else text
