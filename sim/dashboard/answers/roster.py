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
from sim.files.classlist import LARGEST_CLASS, ClassListError, Upload, read_class_list, read_sheet
from sim.files.language import _, current

if TYPE_CHECKING:
    from sim.dashboard.desk import Question
    from sim.files.classlist import ClassList, Problem, Sheet

__all__ = ["answer"]

LISTED: Final = 100
"""Problems that are told one by one; a file in which more is wrong is better mended as a whole."""


def answer(question: Question) -> Iterator[Mapping[str, Any]]:
    """Read a class list and, where the details say ``use`` and nothing is wrong, keep it as the visitor's own class.

    Yields
    ------
    Mapping
        ``count`` and ``nominations``: how many children and choices were read; ``problems``, each with ``text`` and,
        if it is about a cell of the class list, ``row`` and ``field`` of that; ``more``: how many problems are not
        listed; ``notes``: what had to be understood, in words; ``rows``: what stands in the class list, by ``number``
        and ``cells``; ``used``: whether it is the visitor's own class now.
    """
    children, nominations = upload(question.details.get("children")), None
    if question.details.get("nominations") is not None:
        nominations = upload(question.details["nominations"])
        if nominations.name == children.name:
            nominations = nominations._replace(name=_("{file}, nominations").format(file=nominations.name))
    problems: tuple[Problem, ...] = ()
    roster = None
    try:
        roster = read_class_list(children, nominations)
    except ClassListError as error:
        problems = error.problems
    used = question.details.get("use") is True
    if roster is not None and used:
        question.keep(roster)
    sheet = read_sheet(children)
    yield {
        "count": 0 if roster is None else len(roster.children),
        "nominations": 0 if roster is None else len(roster.nominations),
        "problems": [
            {"text": str(problem), **(place(problem, sheet) if problem.file == children.name else {})}
            for problem in problems[:LISTED]
        ],
        "more": len(problems[LISTED:]),
        "notes": [] if roster is None else list(roster.notes),
        "rows": rows(sheet, roster) if len(sheet.rows) <= LARGEST_CLASS else [],
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


def place(problem: Problem, sheet: Sheet) -> dict[str, Any]:
    """Find the cell that a problem is about; nothing where it is about none."""
    field = sheet.fields.get(problem.column or "")
    return {"row": problem.row, "field": field} if field is not None and problem.row in sheet.rows else {}


def rows(sheet: Sheet, roster: ClassList | None) -> list[dict[str, Any]]:
    """List the rows as they stand there; of a class list that could be read, as they were understood."""
    listed = {number: dict(cells) for number, cells in sheet.rows.items()}
    if roster is not None:
        for cells, child in zip(listed.values(), roster.children, strict=True):
            understood = {field: shown(value, cells.get(field, "")) for field, value in vars(child).items()}
            cells |= {field: text for field, text in understood.items() if text or field in cells}
    return [{"number": number, "cells": cells} for number, cells in listed.items()]


def shown(value: str | float | None, cell: str) -> str:
    """Write what is known of a child: as the cell has it, where that says the same."""
    if not isinstance(value, float):
        return value or ""
    text = f"{value:g}"
    return cell if parsed(cell) == value else text.replace(".", ",") if current() == "nl" else text
