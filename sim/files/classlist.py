"""Class lists: who is in a class, and who likes whom, from the files that a school or a study has.

A class list has a row for each child; a second file may hold nominations ("who likes to play with whom"). Only
a name or code for each child is needed; what is not known stays blank, and the simulation draws it. Files come
as spreadsheets, school systems and questionnaires write them, in Dutch or in English, and *every* wrong cell is
reported at once, where a person sees it in the spreadsheet. Bytes become rows (`sim.files.cells`), rows become
columns by their headings or by a mapping (`sim.files.columns`), and columns become children (`sim.files.children`).

Names are untrusted text: any writing is allowed, and whoever shows a name escapes it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple

from sim.files.cells import ENCODINGS, Row
from sim.files.children import (
    LARGEST_CLASS,
    LONGEST_NAME,
    NAMED_BY,
    SMALLEST_CLASS,
    ChildRow,
    child_table,
    children_of,
    sheet_row,
)
from sim.files.coding import SEXES, UNKNOWN, Sex, first_day, sex_codes
from sim.files.columns import CHILD_COLUMNS, SOURCE_COLUMNS, Column, ColumnMapping, read_mapping
from sim.files.language import _
from sim.files.problems import ClassListError, Problem, printable
from sim.files.tables import LARGEST_FILE, Source, Table, Upload, misses, plain_table, read_table
from sim.files.toml import as_toml

__all__ = [
    "CHILD_COLUMNS",
    "LARGEST_CLASS",
    "LARGEST_FILE",
    "LONGEST_NAME",
    "NOMINATION_COLUMNS",
    "SEXES",
    "SMALLEST_CLASS",
    "SOURCE_COLUMNS",
    "UNKNOWN",
    "ChildRow",
    "ClassList",
    "ClassListError",
    "Column",
    "ColumnMapping",
    "Kind",
    "Nomination",
    "Problem",
    "Sex",
    "Sheet",
    "Upload",
    "propose_mapping",
    "read_class_list",
    "read_mapping",
    "read_sheet",
]

Kind = Literal["like", "dislike"]


# -- What a file may hold ------------------------------------------------------------------------------------


NOMINATION_COLUMNS: Final = (
    Column(
        "who",
        ("who", "from", "chooser", "nominator", "name", "child"),
        ("wie", "wie kiest", "kiezer", "van", "naam", "leerling"),
    ),
    Column(
        "whom",
        ("whom", "to", "chosen", "nominated", "nominee", "chooses"),
        ("gekozen", "kiest", "wie gekozen", "wie wordt gekozen", "kiest wie", "naar"),
    ),
    Column("kind", ("kind", "type", "nomination"), ("soort", "nominatie", "graag/niet graag")),
)

KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("", "like", "likes", "liked", "positive", "graag", "wel graag", "positief", "leuk"), "like"),
    **dict.fromkeys(
        ("dislike", "dislikes", "disliked", "negative", "niet graag", "niet-graag", "negatief", "niet leuk"),
        "dislike",
    ),
}


# -- What comes out ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nomination:
    """One child's choice of another: `who` likes or dislikes `whom`."""

    who: str
    whom: str
    kind: Kind = "like"


@dataclass(frozen=True)
class ClassList:
    """A class as the files have it.

    Attributes
    ----------
    children, nominations
        In the order of the files.
    notes
        What had to be understood to read the files, and what was left out, in the language that was spoken then.
    read_as
        Each heading that was read, with the field that it was read as.
    """

    children: tuple[ChildRow, ...]
    nominations: tuple[Nomination, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)
    read_as: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The class list as plain data, without what is not known."""
        return {
            "children": [{k: v for k, v in vars(child).items() if v is not None} for child in self.children],
            "nominations": [dict(vars(nomination)) for nomination in self.nominations],
        }

    @classmethod
    def from_json(cls, data: object) -> ClassList:
        """A class list from what :meth:`to_json` gave.

        Raises
        ------
        ClassListError
            For whatever a file would be refused for; rows are counted from 1.
        """
        problems: list[Problem] = []
        children = plain_table(data, "children", CHILD_COLUMNS, problems)
        nominations = plain_table(data, "nominations", NOMINATION_COLUMNS, problems)
        return _class_list(children, nominations, problems, AS_IT_SAYS)


AS_IT_SAYS: Final = ColumnMapping()
"""Nobody said anything of a list but the list itself."""


def read_class_list(
    path: Source,
    nominations: Source | None = None,
    *,
    mapping: ColumnMapping = AS_IT_SAYS,
    group: str | None = None,
) -> ClassList:
    """Read a class list and, if there is one, a list of nominations.

    Parameters
    ----------
    path
        Text or workbook with a row for each child; `CHILD_COLUMNS` has the columns, and `SOURCE_COLUMNS` what else
        they can be made of.
    nominations
        File with a row for each choice; `NOMINATION_COLUMNS` has the columns.
    mapping
        What somebody said of the list; see :func:`read_mapping`.
    group
        The class that is meant, where a list has several.

    Returns
    -------
    ClassList
        Children and nominations in the order of the files.

    Raises
    ------
    ClassListError
        With every problem of both files. Nothing else is raised, whatever the files hold.
    """
    problems: list[Problem] = []
    meant = mapping if group is None else replace(mapping, group=group)
    children = child_table(path, meant, problems)
    chosen = None if nominations is None else read_table(nominations, NOMINATION_COLUMNS, problems)
    return _class_list(children, chosen, problems, meant)


def propose_mapping(path: Source, *, mapping: ColumnMapping = AS_IT_SAYS, group: str | None = None) -> str:
    """Propose a mapping for lists that are like this one, as TOML with a word on each part.

    Raises
    ------
    ClassListError
        When its headings cannot be read at all.
    """
    problems: list[Problem] = []
    table = child_table(path, mapping if group is None else replace(mapping, group=group), problems)
    if table is None:
        raise ClassListError(problems)
    columns = {name: table.heading(name) for name in sorted(table.places, key=lambda name: table.places[name])}
    unnamed = [heading for heading in table.headings.cells if heading and heading not in columns.values()]
    cells = {cell for cell in table.column("sex") if len(cell) == 1} if "sex" in table.places else set()
    known = sex_codes(cells, table.heading("sex"), mapping.sex) if cells else {"1": "boy", "2": "girl"}
    lines = (
        "# " + _("How a class list is read; use it with --mapping."),
        "# " + _("Lines that begin with # are for you: take the mark away from those that are meant."),
        "",
        f"# school_year = {first_day(mapping.school_year).year}  # " + _("ages are reckoned at its start"),
        '# dates = "day first"  # ' + _("or: month first"),
        f'# encoding = "cp1252"  # {", ".join(ENCODINGS)}; ' + _("where the text is not in Unicode"),
        "",
        "# " + _("Which heading holds what; headings that are not named here are not read."),
        as_toml({"columns": columns}).rstrip(),
        *(f"# … = {_quoted(heading)}" for heading in unnamed),
        "",
        "# " + _("What codes mean: boy, girl, or blank where that is not known."),
        "# [sex]",
        *(f'# {_quoted(code)} = "{known.get(code.casefold()) or ""}"' for code in sorted(cells or known)),
    )
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text as TOML has it."""
    return as_toml({"x": printable(text)}).removeprefix("x = ").rstrip()


class Sheet(NamedTuple):
    """What stands in a file of the children, be it right or wrong.

    `fields` has the field of a child that each heading is about, spelled as in the file; `rows` the cells of each
    row, by row number as a spreadsheet shows it and by field.
    """

    fields: Mapping[str, str]
    rows: Mapping[int, Mapping[str, str]]


def read_sheet(path: Source) -> Sheet:
    """Read what stands in a file, so that what is wrong can be shown and mended.

    Parameters
    ----------
    path
        Class list, as :func:`read_class_list` takes it.

    Returns
    -------
    Sheet
        Without anything where the file as a whole cannot be read.
    """
    table = child_table(path, AS_IT_SAYS, [])
    if table is None:
        return Sheet({}, {})
    fields = {table.heading(name): SHOWN_AS.get(name, name) for name in table.places}
    children = {column.field for column in CHILD_COLUMNS}
    return Sheet(
        {heading: name for heading, name in fields.items() if name in children},
        {row.number: sheet_row(table, row) for row in table.rows},
    )


SHOWN_AS: Final[Mapping[str, str]] = {**dict.fromkeys(NAMED_BY, "name"), "birth_date": "age"}
"""What a field is shown as that says something of a child in another way."""


# -- From columns to children and nominations ----------------------------------------------------------------


def _class_list(
    children: Table | None, nominations: Table | None, problems: list[Problem], mapping: ColumnMapping
) -> ClassList:
    """Put a class list together, or report everything that stands in its way."""
    listed = children_of(children, mapping) if children else []
    names = {child.name.casefold(): child.name for child in listed}
    chosen = _nominations(nominations, names) if nominations else []
    if problems:
        files = list(dict.fromkeys(problem.file for problem in problems))
        raise ClassListError(sorted(problems, key=lambda problem: (files.index(problem.file), problem.row or 0)))
    read = children.places if children else {}
    read_as = tuple((children.heading(name), name) for name in sorted(read, key=read.__getitem__)) if children else ()
    return ClassList(tuple(listed), tuple(chosen), tuple(children.notes) if children else (), read_as)


def _nominations(table: Table, names: Mapping[str, str]) -> list[Nomination]:
    """The choices of a table; names are not looked up where the class list could not be read."""
    if misses(table, NOMINATION_COLUMNS[:2]):
        return []
    count, most = len(table.rows), LARGEST_CLASS * (LARGEST_CLASS - 1)
    if count > most:
        found = _("{count} nominations").format(count=count)
        table.report(None, None, found, _("at most {count} nominations").format(count=most))
    if count > most or not names:
        return []
    seen: dict[tuple[str, str], tuple[int, Kind]] = {}
    nominations = []
    for row in table.rows:
        who, whom = _child(table, row, "who", names), _child(table, row, "whom", names)
        kind = KINDS.get(table.cell(row, "kind").casefold())
        if kind is None:
            table.refuse(row, "kind", _("like or dislike (blank is like)"))
        elif who is not None and whom is not None:
            twin, earlier = seen.setdefault((who, whom), (row.number, kind))
            if who == whom:
                table.refuse(row, "whom", _("the name of another child"))
            elif earlier != kind:
                table.refuse(
                    row,
                    "whom",
                    _("like or dislike, not both; row {row} has the same two children").format(row=twin),
                )
            elif twin != row.number:
                table.refuse(row, "whom", _("each choice once; row {row} is the same").format(row=twin))
            else:
                nominations.append(Nomination(who, whom, kind))
    return nominations


def _child(table: Table, row: Row, field: str, names: Mapping[str, str]) -> str | None:
    """The child that a cell names, spelled as in the class list."""
    cell = table.cell(row, field)
    name = names.get(cell.casefold())
    if name is None:
        near = difflib.get_close_matches(cell[:LONGEST_NAME].casefold(), names, n=1, cutoff=0.75)
        hint = _("; the closest is “{name}”").format(name=printable(names[near[0]])) if near else ""
        table.refuse(row, field, _("a name from the class list") + hint)
    return name
