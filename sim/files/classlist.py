"""Class lists: who is in a class, and who likes whom, from the files that a school or a study has.

A class list has a row for each child; a second file may hold nominations ("who likes to play with whom"). Only
a name or code for each child is needed; what is not known stays blank, and the simulation draws it. Files come
as spreadsheets, school systems and questionnaires write them, in Dutch or in English, and *every* wrong cell is
reported at once, where a person sees it in the spreadsheet. Bytes become rows (`sim.files.cells`), rows become
columns by their headings or by a mapping (`sim.files.columns`), and columns become children (`sim.files.children`).

Names are untrusted text: any writing is allowed, and whoever shows a name escapes it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple

from sim.files.answers import AS_RATED, KINDS, Answer, Kind, Nomination, Nominations, Reader, Scale
from sim.files.cells import ENCODINGS
from sim.files.children import (
    LARGEST_CLASS,
    LONGEST_NAME,
    NAMED_BY,
    SMALLEST_CLASS,
    ChildRow,
    child_table,
    children_of,
    codes_of,
    order_asked,
    sex_asked,
    sheet_row,
)
from sim.files.coding import SEXES, UNKNOWN, Order, Sex, first_day, whole
from sim.files.columns import CHILD_COLUMNS, SOURCE_COLUMNS, Column, ColumnMapping, called, read_mapping
from sim.files.language import _
from sim.files.nominations import HEADINGS, read_nominations
from sim.files.problems import ClassListError, Problem, printable
from sim.files.reading import Source, Upload
from sim.files.tables import LARGEST_FILE, Table, misses, plain_table
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
    "ColumnSeen",
    "Kind",
    "Nomination",
    "Problem",
    "Sex",
    "Sight",
    "Upload",
    "look",
    "propose_mapping",
    "read_class_list",
    "read_mapping",
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
        listed = [child for child in children_of(children, AS_IT_SAYS) if child] if children else []
        found = _plain_nominations(data, [child.name for child in listed], problems)
        if problems:
            raise ClassListError(_in_order(problems))
        return _class_list(children, listed, found)


AS_IT_SAYS: Final = ColumnMapping()
"""Nobody said anything of a list but the list itself."""


class ColumnSeen(NamedTuple):
    """A column of a list: what it is called, its heading, the field that it is read as, if any, and its first cells."""

    called: str
    heading: str
    field: str | None
    first: tuple[str, ...]


@dataclass(frozen=True)
class Sight:
    """What is seen in a class list and its nominations, be they right or wrong.

    Attributes
    ----------
    class_list
        The class, where nothing is wrong.
    problems
        Everything that is wrong.
    headings
        The row of the headings, as a spreadsheet numbers it.
    columns
        Those of the list, from left to right; none where it cannot be looked at.
    rows
        What stands in the rows of the class, by row number and by field of a child.
    children
        The child of each row, None where its name is wrong; none at all where they cannot be told apart.
    groups
        Classes or sheets, of which one is meant; of classes with the number of children.
    group
        The one of them that was read; blank where it cannot be told.
    encoding
        What the text is in where that is not Unicode; blank where it cannot be told.
    sexes
        Each code for sex, with what it means; blank where it stands for "not known", None where it cannot be told.
    order
        What comes first in dates of birth; blank where it cannot be told, None where that is no matter.
    mapping
        What was said of the list, with the columns as they were read.
    """

    class_list: ClassList | None
    problems: tuple[Problem, ...]
    headings: int | None
    columns: tuple[ColumnSeen, ...]
    rows: Mapping[int, Mapping[str, str]]
    children: tuple[ChildRow | None, ...]
    groups: Mapping[str, int | None]
    group: str
    encoding: str | None
    sexes: Mapping[str, Sex | Literal[""] | None]
    order: Order | Literal[""] | None
    mapping: ColumnMapping

    @property
    def fields(self) -> dict[str, str]:
        """The field of a child that each column is about, by what it is called."""
        fields = {column.called: SHOWN_AS.get(column.field, column.field) for column in self.columns if column.field}
        return {called: field for called, field in fields.items() if field in CHILD_FIELDS}

    def as_toml(self) -> str:
        """The mapping as a file for lists that are like this one, with a word on each part and without names."""
        said = self.mapping.to_json()
        columns = said.get("columns", {})
        unnamed = [column.called for column in self.columns if column.called and column.field is None]
        codes = {code: sex for code, sex in self.sexes.items() if len(code) == 1 or whole(code) is not None}
        proposed = {
            "school_year": (first_day(None).year, _("ages are reckoned at its start")),
            "dates": ("day first", _("or: month first")),
            "encoding": ("cp1252", ", ".join(ENCODINGS) + "; " + _("where the text is not in Unicode")),
            "group": (next(iter(self.groups), "1a"), _("the class that is meant, where the list has several")),
        }
        lines = (
            "# " + _("How a class list is read; use it with --mapping."),
            "# " + _("Lines that begin with # are for you: take the mark away from those that are meant."),
            "",
            *(
                f"{'' if name in said else '# '}{name} = {_quoted(said.get(name, value))}  # {word}"
                for name, (value, word) in proposed.items()
            ),
            "",
            "# " + _("Which heading holds what; headings that are not named here are not read."),
            as_toml({"columns": columns}).rstrip(),
            *(f"# … = {_quoted(heading)}" for heading in unnamed),
            "",
            "# " + _("What codes mean: boy, girl, or blank where that is not known."),
            *(
                (as_toml({"sex": said["sex"]}).rstrip(),)
                if "sex" in said
                else ("# [sex]", *(f'# {_quoted(code)} = "{sex or ""}"' for code, sex in (codes or SEX_CODES).items()))
            ),
        )
        return "\n".join(lines) + "\n"


SHOWN_AS: Final[Mapping[str, str]] = {**dict.fromkeys(NAMED_BY, "name"), "birth_date": "age"}
"""What a field is shown as that says something of a child in another way."""
CHILD_FIELDS: Final = frozenset(column.field for column in CHILD_COLUMNS)
SEX_CODES: Final[Mapping[str, Sex]] = {"1": "boy", "2": "girl"}
"""Codes that are proposed where a list has none."""
FIRST: Final = 3
"""Cells that are shown of a column."""


def look(
    path: Source,
    nominations: Source | None = None,
    *,
    mapping: ColumnMapping = AS_IT_SAYS,
    group: str | None = None,
    scale: Scale = AS_RATED,
) -> Sight:
    """Look at a class list, so that what is wrong can be shown and mended; arguments as for :func:`read_class_list`."""
    problems: list[Problem] = []
    meant = mapping if group is None else replace(mapping, group=group)
    listing = child_table(path, meant, problems)
    table = listing.table
    rows = children_of(table, meant) if table else []
    found = Nominations()
    if nominations is not None:
        names = [child.name for child in rows if child is not None]
        found = read_nominations(nominations, names, problems, scale, codes_of(table, rows) if table else {})
    columns = _columns(table) if table else ()
    read = {column.field: column.called for column in columns if column.field}
    return Sight(
        class_list=None if problems else _class_list(table, [child for child in rows if child is not None], found),
        problems=_in_order(problems),
        headings=table.headings.number if table else None,
        columns=columns,
        rows={row.number: sheet_row(table, row) for row in table.rows} if table else {},
        children=tuple(rows),
        groups=listing.groups,
        group=listing.group,
        encoding=listing.encoding,
        sexes=sex_asked(table, meant) if table else {},
        order=order_asked(table, meant) if table else None,
        mapping=replace(meant, columns=read) if table else meant,
    )


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
    sight = look(path, nominations, mapping=mapping, group=group, scale=scale)
    if sight.class_list is None:
        raise ClassListError(sight.problems)
    return sight.class_list


def propose_mapping(path: Source, *, group: str | None = None) -> str:
    """Propose a mapping for lists that are like this one, as TOML with a word on each part.

    Raises
    ------
    ClassListError
        When its headings cannot be read at all.
    """
    sight = look(path, group=group)
    if not sight.columns:
        raise ClassListError(sight.problems)
    return sight.as_toml()


def _quoted(value: str | int) -> str:
    """A text or number as TOML has it."""
    return as_toml({"x": printable(value) if isinstance(value, str) else value}).removeprefix("x = ").rstrip()


# -- From columns to children and nominations ----------------------------------------------------------------


def _columns(table: Table) -> tuple[ColumnSeen, ...]:
    """The columns of a table."""
    fields = {place: field for field, place in table.places.items()}

    def first(place: int) -> tuple[str, ...]:
        cells = dict.fromkeys(cell for row in table.listed if (cell := row.cell(place)))
        return tuple(itertools.islice(cells, FIRST))

    names = called(table.headings.cells, table.listed)
    return tuple(
        ColumnSeen(name, table.headings.cell(place), fields.get(place), first(place))
        for place, name in enumerate(names)
        if name
    )


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Problems in the order of the files, and in each of its rows."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return tuple(sorted(problems, key=lambda problem: (files.index(problem.file), problem.row or 0)))


def _class_list(children: Table | None, listed: Sequence[ChildRow], found: Nominations) -> ClassList:
    """Put a class list together."""
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
