"""Ratings of children at several moments of a year, in a long file or a wide one.

A long file has a row for each child and moment, a wide one a row for each child.

It is read as class lists are (`sim.files.children`): the same encodings, workbooks, codes and mappings, scales from
their items. Headings of a wide file end in the moment: ``closeness_1`` (the first wave), ``closeness_w10`` (week 10).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from sim.files.answers import AS_RATED, Nominations, Scale
from sim.files.children import (
    NAMED_BY,
    ages_of,
    child_table,
    fit_to_be_read,
    number_of,
    parsed,
    scores_of,
    sexes_of,
    tell_missing,
    whole_name,
)
from sim.files.coding import UNKNOWN, Sex, date_of, first_day, order_of
from sim.files.columns import (
    CHILD_COLUMNS,
    SOURCE_COLUMNS,
    Column,
    ColumnMapping,
    field_of,
    is_known,
    item_of,
    key,
    mapping_data,
)
from sim.files.columns import FIELDS as LISTED
from sim.files.language import _, ngettext
from sim.files.names import key as name_key
from sim.files.nominations import read_nominations
from sim.files.problems import ClassListError, Problem, printable
from sim.files.reading import Source, name_of
from sim.files.tables import Table, misses

__all__ = [
    "RATED",
    "WAVE_COLUMNS",
    "By",
    "Moment",
    "Rated",
    "WaveMapping",
    "Waves",
    "read_named",
    "read_wave_mapping",
    "read_waves",
]

By = Literal["wave", "week", "date"]
Moment = int | dt.date
"""Number of a wave or a week, or a date."""

MOMENTS: Final[Mapping[By, Column]] = {
    "wave": Column("wave", ("wave", "time point", "measurement"), ("golf", "meting", "meetmoment"), low=1, high=60),
    "week": Column("week", ("week", "school week"), ("week", "schoolweek", "lesweek"), low=0, high=60),
    "date": Column("date", ("date", "date of rating"), ("datum", "datum meting", "datum afname")),
}
"""Columns of a long file that say when."""
CLASS: Final = Column("class", SOURCE_COLUMNS[-1].english, SOURCE_COLUMNS[-1].dutch)
ENGAGEMENT: Final = Column("engagement", ("engagement",), ("betrokkenheid",), low=1, high=5)
RATED: Final = (
    *(c for c in CHILD_COLUMNS if c.field in ("closeness", "conflict", "dependency", "aggression")),
    *(c for c in CHILD_COLUMNS if c.field in ("sdq_conduct", "sdq_hyperactivity")),
    ENGAGEMENT,
)
"""What may be rated more than once: scores of a teacher."""
WAVE_COLUMNS: Final = (*MOMENTS.values(), CLASS, *RATED)
"""Columns beyond those that name a child."""

OWN: Final = {
    key(heading): column.field
    for column in (*MOMENTS.values(), CLASS, ENGAGEMENT)
    for heading in (column.field, *column.headings)
}
WIDE: Final = re.compile(
    r"(?P<stem>.*?)(?:[\s_.\-(]+(?P<by>school ?week|lesweek|week|w|wave|golf|meting|meetmoment|time|t|m))?"
    r"[\s_.\-(]*(?P<number>\d{1,2})\)?"
)
"""A heading of a wide file: what was rated, and when."""
WEEKS: Final = ("schoolweek", "school week", "lesweek", "week", "w")
AT: Final = "@"
"""Between a field and its moment, in a wide file."""


class Rated(NamedTuple):
    """A child: name, class (blank where none is named), sex and age in years (None where they are not known)."""

    name: str
    group: str
    sex: Sex | None
    age: float | None


@dataclass(frozen=True)
class Waves:
    """Ratings of children at several moments.

    Attributes
    ----------
    children
        In the order of the file.
    by
        What moments are.
    moments
        In order.
    scores
        By child (its number), moment and field of `RATED`; what is not known is left out.
    school_year
        Year in which the school year begins; None where nobody said so.
    notes, read_as
        As of a class list.
    """

    children: tuple[Rated, ...]
    by: By
    moments: tuple[Moment, ...]
    scores: Mapping[tuple[int, Moment, str], float]
    school_year: int | None = None
    notes: tuple[str, ...] = ()
    read_as: tuple[tuple[str, str], ...] = ()

    @property
    def measures(self) -> tuple[str, ...]:
        """What was rated, in the order of `RATED`."""
        found = {field for _child, _moment, field in self.scores}
        return tuple(column.field for column in RATED if column.field in found)


# -- Headings ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WaveMapping(ColumnMapping):
    """What somebody said of a file with ratings at several moments; in a wide one fields end in the moment."""

    def field_of(self, heading: str) -> str | None:
        """The field that a heading stands for, in a wide file with its moment; None where it is none."""
        if self.columns is not None:
            return super().field_of(heading)
        return OWN.get(key(heading)) or wide_field(heading)

    def is_known(self, cell: str) -> bool:
        """Whether a cell is a heading, and can be nothing else."""
        if self.columns:
            return super().is_known(cell)
        return is_known(cell) or self.field_of(cell) is not None


def wide_field(heading: str) -> str | None:
    """The field of a heading, with its moment where it ends in one."""
    if found := field_of(heading):
        return "class" if found == "group" else found
    parts = WIDE.fullmatch(heading.casefold().strip())
    if parts is None:
        return None
    field = OWN.get(key(parts["stem"])) or field_of(parts["stem"])
    if field is None or not is_rated(field):
        return None
    by = "week" if parts["by"] in WEEKS else "wave"
    return f"{field}{AT}{by}{AT}{int(parts['number'])}"


def is_rated(field: str) -> bool:
    """Whether a field is a score that may be rated more than once, or an item of one."""
    return item_of(field) is not None or any(column.field == field for column in RATED)


def read_wave_mapping(source: Source) -> WaveMapping:
    """Read a mapping: that of a class list, whose fields may be those of waves, too, and end in a moment.

    ``closeness = "LLRV_N"`` in a long file, ``closeness_1 = "LLRV_N_okt"`` or ``closeness_w10`` in a wide one.

    Raises
    ------
    ClassListError
        With everything that is wrong with it.
    """
    file, data = name_of(source), mapping_data(source)
    columns = data.pop("columns", None)
    plain = ColumnMapping.from_json(data, file)
    if columns is None:
        return WaveMapping(**vars(plain))
    wanted = {"class" if name == "group" else name: heading for name, heading in dict(columns).items()}
    known = (*LISTED, *(column.field for column in WAVE_COLUMNS))
    fields: dict[str, str] = {}
    problems = []
    for name, heading in wanted.items():
        field = name if name in known else wide_field(name)
        if field is None or not isinstance(heading, str) or not key(heading):
            allowed = ", ".join(column.field for column in (*CHILD_COLUMNS[:2], *WAVE_COLUMNS))
            problems.append(Problem(file, None, f"columns.{name}", str(heading), allowed + ", closeness_1 …"))
        else:
            fields[field] = heading
    if problems:
        raise ClassListError(problems)
    return WaveMapping(**{**vars(plain), "columns": fields})


# -- Rows ----------------------------------------------------------------------------------------------------------


def read_waves(source: Source, *, mapping: WaveMapping | None = None, group: str | None = None) -> Waves:
    """Read ratings of children at several moments.

    Parameters
    ----------
    source
        Text or workbook, long or wide.
    mapping
        What somebody said of it.
    group
        The only class that is meant; by default all.

    Raises
    ------
    ClassListError
        With everything that is wrong with the file.
    """
    said = mapping or WaveMapping()
    group = said.group if group is None else group
    problems: list[Problem] = []
    listing = child_table(source, replace(said, group=None), problems)
    table = listing.table
    found = None
    if table is not None and not (problems and not table.rows):
        found = waves_of(table, said, group)
    if problems or found is None:
        raise ClassListError(sorted(problems, key=lambda problem: problem.row or 0))
    return found


def waves_of(table: Table, mapping: WaveMapping, group: str | None) -> Waves | None:
    """The ratings of a table; what is wrong is reported."""
    if not any(field in table.places for field in NAMED_BY):
        misses(table, CHILD_COLUMNS[:1])
        return None
    if group is not None:
        keep_class(table, group)
    parts = list(wide_parts(table))
    long = [by for by in MOMENTS if by in table.places]
    by = by_of(table, parts, long)
    if by is None:
        return None
    told, of_rows = rated_children(table, mapping)
    if long:
        moments = moments_of(table, mapping, by)
        scores = ratings_at([(moments, table)], table, of_rows, by)
    else:
        scores = ratings_at([([at] * len(of_rows), part) for at, part in parts], table, of_rows, None)
    if not scores and not table.problems:
        rated = ", ".join(column.heading for column in RATED)
        allowed = _("ratings under one of the headings {rated}").format(rated=rated)
        table.report(table.headings, None, _("no rating"), allowed)
    ordered = sorted({moment for _child, moment, _field in scores}, key=in_time)
    read = sorted(table.places, key=table.places.__getitem__)
    read_as = tuple((table.heading(name), name) for name in read)
    notes = tuple(dict.fromkeys(table.notes))
    return Waves(tuple(told), by, tuple(ordered), scores, mapping.school_year, notes, read_as)


def ratings_at(
    parts: Sequence[tuple[Sequence[Moment | None], Table]], table: Table, of_rows: Sequence[int], by: By | None
) -> dict[tuple[int, Moment, str], float]:
    """Ratings by child, moment and field; a child that is rated twice at a moment is reported.

    Parameters
    ----------
    parts
        The moment of each row, and a table with what was rated then.
    table, of_rows
        All columns, and the number of the child of each row.
    by
        The column with moments, of a long file.
    """
    scores: dict[tuple[int, Moment, str], float] = {}
    seen: dict[tuple[int, Moment], int] = {}
    named_by: str = next(field for field in NAMED_BY if field in table.places)
    for moments, part in parts:
        values = ratings_of(part)
        for place, (row, number, moment) in enumerate(zip(table.rows, of_rows, moments, strict=True)):
            if moment is None:
                continue
            first = seen.setdefault((number, moment), row.number)
            if first != row.number:
                allowed = _("each child once at each moment; row {row} has it already").format(row=first)
                table.refuse(row, by or named_by, allowed)
                continue
            told = {field: column[place] for field, column in values.items()}
            scores |= {(number, moment, field): value for field, value in told.items() if value is not None}
    return scores


def rated_children(table: Table, mapping: ColumnMapping) -> tuple[list[Rated], list[int]]:
    """The children of a table, and the number of the child of each row; what is wrong is reported."""
    missing: Counter[tuple[str, str]] = Counter()
    age_column = next(column for column in CHILD_COLUMNS if column.field == "age")
    children: dict[tuple[str, str], int] = {}
    told: list[Rated] = []
    of_rows = []
    sexes, ages = sexes_of(table, mapping), ages_of(table, mapping)
    for place, row in enumerate(table.rows):
        name, of = whole_name(table, row), table.cell(row, "class")
        fit_to_be_read(table, row, name, {})
        age = number_of(table, row, age_column, missing) if "age" in table.places else ages[place]
        number = children.setdefault((name_key(of), name_key(name)), len(told))
        of_rows.append(number)
        if number == len(told):
            told.append(Rated(name, of, sexes[place], age))
            continue
        before = told[number]
        if None not in (before.sex, sexes[place]) and before.sex != sexes[place]:
            table.refuse(row, "sex", _("the sex that this child has in the rows above, or blank"))
        told[number] = before._replace(sex=before.sex or sexes[place], age=age if before.age is None else before.age)
    return told, of_rows


def in_time(moment: Moment) -> int:
    """By what moments are put in order."""
    return moment.toordinal() if isinstance(moment, dt.date) else moment


def keep_class(table: Table, group: str) -> None:
    """Keep the rows of one class."""
    names = dict.fromkeys(cell for cell in table.column("class") if cell)
    if name_key(group) not in map(name_key, names):
        shown = ", ".join(map(printable, names)) or _("no column with classes")
        table.report(None, None, _("no class “{group}”").format(group=printable(group)), shown)
    table.rows = [row for row in table.rows if name_key(table.cell(row, "class")) == name_key(group)]


def by_of(table: Table, parts: Sequence[tuple[Moment, Table]], long: Sequence[By]) -> By | None:
    """What tells when the children were rated; None where nothing does, or more than one thing."""
    wide = [by for by in MOMENTS if any(field.split(AT)[1:2] == [by] for field in table.places)]
    plain = [field for field in table.places if is_rated(field)]
    if parts and plain:
        twin = table.heading(plain[0])
        allowed = _("headings that all end in a wave or week, such as “{heading} 1”, or a column that says when")
        table.report(table.headings, twin, twin, allowed.format(heading=printable(twin)))
        return None
    found = [*long, *wide]
    if len(found) == 1:
        return found[0]
    allowed = _(
        "one way to tell when: a column “{week}”, “{wave}” or “{date}”, or headings such as “{conflict} 1”, "
        "“{conflict} 2” (waves) or “{conflict} w10”, “{conflict} w30” (weeks)"
    )
    headings = {name: column.heading for name, column in MOMENTS.items()}
    said = ", ".join(found) or _("nothing")
    table.report(table.headings, None, said, allowed.format(conflict=RATED[1].heading, **headings))
    return None


def wide_parts(table: Table) -> Iterator[tuple[Moment, Table]]:
    """Of a wide file the moments, each with a table of what was rated then."""
    moments = sorted({int(field.rpartition(AT)[2]) for field in table.places if AT in field})
    for moment in moments:
        part = Table(table.file, table.headings, table.rows, table.problems)
        part.listed, part.notes, part.plain = table.listed, table.notes, table.plain
        part.places = {
            field.split(AT)[0]: place
            for field, place in table.places.items()
            if AT in field and int(field.rpartition(AT)[2]) == moment
        }
        yield moment, part


def ratings_of(table: Table) -> dict[str, list[float | None]]:
    """Scores of each row, by field: those that stand there, and those that are made of items."""
    missing: Counter[tuple[str, str]] = Counter()
    found = {field: values for field, values in scores_of(table).items() if is_rated(field)}
    for column in RATED:
        if column.field in table.places:
            found[column.field] = [number_of(table, row, column, missing) for row in table.rows]
    tell_missing(table, missing)
    return found


def moments_of(table: Table, mapping: WaveMapping, by: By) -> list[Moment | None]:
    """The moment of each row of a long file; None where it is wrong."""
    column, found = MOMENTS[by], list[Moment | None]()
    order = mapping.dates or order_of(table.whole(by), table.heading(by)) if by == "date" else None
    for row in table.rows:
        cell = table.cell(row, by)
        moment: Moment | None = None
        if by == "date":
            moment = None if order is None or cell.casefold() in UNKNOWN else date_of(cell, order)
            allowed = _("a date, such as 2026-10-05; in a mapping dates = “day first” says what comes first")
        else:
            digits = re.fullmatch(r"(?:[a-z]+[\s._-]*)?(\d{1,2})", cell.casefold())
            value = parsed(digits[1] if digits else cell)
            moment = int(value) if value is not None and value.is_integer() else None
            if moment is not None and not column.low <= moment <= column.high:
                moment = None
            allowed = _("a whole number from {low} to {high}").format(low=int(column.low), high=int(column.high))
        if moment is None:
            table.refuse(row, by, allowed)
        found.append(moment)
    return found


def start_of(school_year: int | None, dates: Sequence[dt.date]) -> dt.date:
    """First day of the school year that dates lie in."""
    if school_year is not None:
        return first_day(school_year)
    first = min(dates)
    return first_day(first.year if (first.month, first.day) >= (8, 1) else first.year - 1)


# -- Nominations ---------------------------------------------------------------------------------------------------


def read_named(source: Source, waves: Waves, scale: Scale = AS_RATED) -> Nominations:
    """Read who names whom at one moment, in any form of `sim.files.nominations`.

    Parameters
    ----------
    source
        Text or workbook; all classes in one.
    waves
        The children, by whose names, or codes, those who name and are named are found.
    scale
        What ratings mean.

    Returns
    -------
    Nominations
        Those of classmates; how many others there were is told.

    Raises
    ------
    ClassListError
        With everything that is wrong with the file, and for children who cannot be told apart by name.
    """
    file, problems = name_of(source), list[Problem]()
    names = [child.name for child in waves.children]
    twins = [name for name, count in Counter(map(name_key, names)).items() if count > 1]
    if twins:
        found = _("children of several classes with one name")
        raise ClassListError([Problem(file, None, None, found, _("names or codes of which each is that of one child"))])
    said = read_nominations(source, names, problems, scale)
    if problems:
        raise ClassListError(problems)
    group = {child.name: name_key(child.group) for child in waves.children}
    ties = tuple(tie for tie in said.ties if group[tie.who] == group[tie.whom])
    if others := len(said.ties) - len(ties):
        message = ngettext(
            "{count} nomination of a child of another class is left out",
            "{count} nominations of children of another class are left out",
            others,
        )
        said = said._replace(notes=(*said.notes, message.format(count=others)))
    return said._replace(ties=ties)
