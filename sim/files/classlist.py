"""Class lists: who is in a class, and who likes whom, from the files that a school or a study has.

A class list has a row for each child; a second file may hold nominations ("who likes to play with whom"). Only
a name or code for each child is needed; what is not known stays blank, and the simulation draws it. Files come
as spreadsheets, school systems and questionnaires write them, in Dutch or in English, and *every* wrong cell is
reported at once, where a person sees it in the spreadsheet. Bytes become rows (`sim.files.cells`), rows become
columns by their headings or by a mapping (`sim.files.columns`), and columns become children (`sim.files.children`).

Names are untrusted text: any writing is allowed, and whoever shows a name escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from sim.files.answers import AS_RATED, KINDS, Answer, Kind, Nomination, Nominations, Reader, Scale
from sim.files.cells import ENCODINGS, CellsError
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
from sim.files.nominations import HEADINGS, read_nominations
from sim.files.problems import ClassListError, Problem, printable
from sim.files.tables import LARGEST_FILE, Source, Table, Upload, content_of, misses, name_of, plain_table
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

# -- What a file may hold ------------------------------------------------------------------------------------


NOMINATION_COLUMNS: Final = tuple(Column(field, english, dutch) for field, (english, dutch) in HEADINGS.items())


# -- What comes out ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClassList:
    """A class as the files have it.

    Attributes
    ----------
    children, nominations
        In the order of the files.
    silent
        Who was asked whom it likes, or dislikes, and named nobody.
    notes
        What had to be understood to read the files, and what was left out, in the language that was spoken then.
    read_as
        Each heading that was read, with the field that it was read as.
    """

    children: tuple[ChildRow, ...]
    nominations: tuple[Nomination, ...] = ()
    silent: tuple[tuple[str, Kind], ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)
    read_as: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The class list as plain data, without what is not known."""
        data: dict[str, Any] = {
            "children": [{k: v for k, v in vars(child).items() if v is not None} for child in self.children],
            "nominations": [dict(vars(nomination)) for nomination in self.nominations],
        }
        return data | ({"silent": [{"who": who, "kind": kind} for who, kind in self.silent]} if self.silent else {})

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
        listed = children_of(children, AS_IT_SAYS) if children else []
        found = _plain_nominations(data, [child.name for child in listed], problems)
        return _class_list(children, listed, found, problems)


AS_IT_SAYS: Final = ColumnMapping()
"""Nobody said anything of a list but the list itself."""


def read_class_list(
    path: Source,
    nominations: Source | None = None,
    *,
    mapping: ColumnMapping = AS_IT_SAYS,
    group: str | None = None,
    scale: Scale = AS_RATED,
) -> ClassList:
    """Read a class list and, if there is one, a list of nominations.

    Parameters
    ----------
    path
        Text or workbook with a row for each child; `CHILD_COLUMNS` has the columns, and `SOURCE_COLUMNS` what else
        they can be made of.
    nominations
        File that says who likes whom, in any form that :mod:`sim.files.nominations` reads.
    mapping
        What somebody said of the list; see :func:`read_mapping`.
    group
        The class that is meant, where a list has several.
    scale
        What ratings of classmates mean.

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
    listed = children_of(children, meant) if children else []
    found = Nominations()
    if nominations is not None:
        try:
            names = [child.name for child in listed]
            found = read_nominations(content_of(nominations), name_of(nominations), names, problems, scale)
        except CellsError as refused:
            problems.append(Problem(name_of(nominations), refused.row, None, refused.found, refused.allowed))
    return _class_list(children, listed, found, problems)


def propose_mapping(path: Source, *, group: str | None = None) -> str:
    """Propose a mapping for lists that are like this one, as TOML with a word on each part.

    Raises
    ------
    ClassListError
        When its headings cannot be read at all.
    """
    problems: list[Problem] = []
    table = child_table(path, replace(AS_IT_SAYS, group=group), problems)
    if table is None:
        raise ClassListError(problems)
    columns = {name: table.heading(name) for name in sorted(table.places, key=lambda name: table.places[name])}
    unnamed = [heading for heading in table.headings.cells if heading and heading not in columns.values()]
    cells = {cell for cell in table.column("sex") if len(cell) == 1} if "sex" in table.places else set()
    known = sex_codes(cells, table.heading("sex"), AS_IT_SAYS.sex) if cells else {"1": "boy", "2": "girl"}
    lines = (
        "# " + _("How a class list is read; use it with --mapping."),
        "# " + _("Lines that begin with # are for you: take the mark away from those that are meant."),
        "",
        f"# school_year = {first_day(AS_IT_SAYS.school_year).year}  # " + _("ages are reckoned at its start"),
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
    children: Table | None, listed: Sequence[ChildRow], found: Nominations, problems: list[Problem]
) -> ClassList:
    """Put a class list together, or report everything that stands in its way."""
    if problems:
        files = list(dict.fromkeys(problem.file for problem in problems))
        raise ClassListError(sorted(problems, key=lambda problem: (files.index(problem.file), problem.row or 0)))
    read = children.places if children else {}
    read_as = tuple((children.heading(name), name) for name in sorted(read, key=read.__getitem__)) if children else ()
    notes = (*(children.notes if children else ()), *found.notes)
    return ClassList(tuple(listed), found.ties, found.silent, notes, read_as)


def _plain_nominations(data: object, names: Sequence[str], problems: list[Problem]) -> Nominations:
    """Who likes whom, from plain data; names are not looked up where the class list could not be read."""
    reader = Reader("nominations", names, problems)
    table = plain_table(data, "nominations", NOMINATION_COLUMNS, problems)
    silent = plain_table(data, "silent", (NOMINATION_COLUMNS[0], NOMINATION_COLUMNS[2]), problems)
    if table is None or silent is None or misses(table, NOMINATION_COLUMNS[:2]) or not names:
        return Nominations()
    headings = [table.heading(field) if field in table.places else None for field in HEADINGS]
    for row in table.rows:
        who, whom, kind = (table.cell(row, field) for field in HEADINGS)
        reader.answers.append(Answer(who, whom, kind, row.number, (headings[0], headings[1], headings[2])))
    for row in silent.rows:
        child, of = reader.child(silent.cell(row, "who"), row.number, "who"), KINDS.get(silent.cell(row, "kind"))
        if of is None:
            silent.report(row, "kind", silent.cell(row, "kind"), _("like or dislike (blank is like)"))
        elif child is not None:
            reader.silent[child, of] = row.number
    return reader.settled()
