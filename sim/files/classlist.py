"""Class lists: who is in a class, and who likes whom, from the files that a school or a study has.

A class list is a CSV file with a row for each child; a second one may hold nominations ("who likes to play
with whom"). Only a name or code for each child is needed; what is not known stays blank, and the simulation
draws it. Files come as spreadsheets write them, in Dutch or in English, and *every* wrong cell is reported
at once, where a person sees it in the spreadsheet.

Names are untrusted text: any writing is allowed, and whoever shows a name escapes it.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from sim.files.answers import AS_RATED, KINDS, Answer, Kind, Nomination, Nominations, Reader, Scale, clean
from sim.files.language import _, current, ngettext, number
from sim.files.nominations import HEADINGS, read_nominations
from sim.files.problems import ClassListError, Problem, letter, printable
from sim.files.reading import ReadingError, read_bytes, within

__all__ = [
    "CHILD_COLUMNS",
    "NOMINATION_COLUMNS",
    "ChildRow",
    "ClassList",
    "ClassListError",
    "Column",
    "Kind",
    "Nomination",
    "Problem",
    "Sex",
    "Sheet",
    "Upload",
    "read_class_list",
    "read_sheet",
]

Sex = Literal["boy", "girl"]

SMALLEST_CLASS: Final = 2
LARGEST_CLASS: Final = 60
LONGEST_NAME: Final = 60
LARGEST_FILE: Final = 1_000_000
"""Bytes; a class of 60 with every column filled takes less than a hundredth of it."""
MOST_COLUMNS: Final = 100


# -- What a file may hold ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column that a file may have.

    The first heading of a language is the one that messages use; upper and lower case, spaces, hyphens and
    underscores make no difference. Numbers lie between `low` and `high`, in steps of `step` if given.
    """

    field: str
    english: tuple[str, ...]
    dutch: tuple[str, ...]
    low: float = 0.0
    high: float = 0.0
    step: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers; only those have a range."""
        return self.low < self.high

    @property
    def heading(self) -> str:
        """The heading in the current language."""
        return (self.dutch if current() == "nl" else self.english)[0]

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading in both languages."""
        return self.english + self.dutch


CHILD_COLUMNS: Final = (
    Column(
        "name",
        (
            "name",
            "id",
            "child",
            "child id",
            "child name",
            "pupil",
            "pupil id",
            "student",
            "student id",
            "code",
        ),
        ("naam", "leerling", "leerlingnaam", "naam leerling", "leerlingnummer", "kind", "voornaam", "nummer"),
    ),
    Column("sex", ("sex", "gender", "m/f", "boy/girl"), ("geslacht", "jongen/meisje", "j/m", "m/v")),
    Column(
        "age",
        ("age", "age (years)", "age in years"),
        ("leeftijd", "leeftijd (jaar)", "leeftijd (jaren)", "leeftijd in jaren"),
        low=3,
        high=13,
    ),
    Column(
        "closeness",
        ("closeness", "STRS closeness"),
        ("nabijheid", "STRS nabijheid", "LLRV nabijheid"),
        low=1,
        high=5,
    ),
    Column("conflict", ("conflict", "STRS conflict"), ("conflict", "LLRV conflict"), low=1, high=5),
    Column(
        "dependency",
        ("dependency", "STRS dependency"),
        ("afhankelijkheid", "STRS afhankelijkheid", "LLRV afhankelijkheid"),
        low=1,
        high=5,
    ),
    Column(
        "aggression",
        ("aggression", "teacher-rated aggression"),
        ("agressie", "aggressie", "agressief gedrag"),
        low=1,
        high=5,
    ),
    Column(
        "sdq_conduct",
        ("SDQ conduct", "SDQ conduct problems", "conduct", "conduct problems"),
        ("SDQ gedragsproblemen", "gedragsproblemen", "SDQ gedrag"),
        low=0,
        high=10,
        step=0.5,
    ),
    Column(
        "sdq_hyperactivity",
        ("SDQ hyperactivity", "hyperactivity"),
        ("SDQ hyperactiviteit", "hyperactiviteit"),
        low=0,
        high=10,
        step=0.5,
    ),
    Column(
        "attachment_security",
        ("attachment security", "attachment", "security"),
        ("gehechtheid", "hechting", "veilige gehechtheid", "veilige hechting", "gehechtheidsveiligheid"),
        low=0,
        high=1,
    ),
    Column("self_regulation", ("self-regulation",), ("zelfregulatie", "zelfsturing"), low=0, high=1),
    Column(
        "ability",
        ("ability", "cognitive ability", "ability z"),
        ("vaardigheid", "cognitieve vaardigheid", "capaciteit", "vaardigheid z"),
        low=-4,
        high=4,
    ),
    Column(
        "ses_risk",
        ("SES risk", "socio-economic risk"),
        ("SES-risico", "sociaal-economisch risico"),
        low=0,
        high=1,
    ),
)

NOMINATION_COLUMNS: Final = tuple(Column(field, english, dutch) for field, (english, dutch) in HEADINGS.items())

IGNORED: Final = ("_", "note", "opmerking")
"""Headings that begin so are the teacher's own."""

UNKNOWN: Final = frozenset(
    (
        "",
        "na",
        "n/a",
        "#n/a",
        "#n/b",
        "nb",
        "n.b.",
        "nan",
        "nvt",
        "n.v.t.",
        ".",
        "-",
        "–",
        "—",
        "?",
        "unknown",
        "onbekend",
    )
)
"""What may stand in a cell (other than a name) whose content is not known."""

SEXES: Final[Mapping[str, Sex]] = {
    **dict.fromkeys(("boy", "b", "male", "man", "jongen", "j", "mannelijk"), "boy"),
    **dict.fromkeys(("girl", "g", "female", "f", "woman", "w", "meisje", "v", "vrouw", "vrouwelijk"), "girl"),
}
MALE_BESIDE: Final = frozenset(("f", "v", "female", "woman", "w", "vrouw", "vrouwelijk"))
"""Beside these "m" stands for *male* or *man* …"""
GIRL_BESIDE: Final = frozenset(("j", "jongen"))
"""… and beside these for *meisje*."""


# -- What comes out ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChildRow:
    """What a class list says of one child; None is "not known".

    Attributes
    ----------
    name
        Name or code, unique in the class.
    sex
        ``"boy"`` or ``"girl"``.
    age
        Years.
    closeness, conflict, dependency
        STRS item means as the teacher reports them, 1–5.
    aggression
        Teacher-rated, item mean, 1–5.
    sdq_conduct, sdq_hyperactivity
        SDQ scales, 0–10.
    attachment_security, self_regulation, ses_risk
        0–1.
    ability
        Cognitive and language ability, z.
    """

    name: str
    sex: Sex | None = None
    age: float | None = None
    closeness: float | None = None
    conflict: float | None = None
    dependency: float | None = None
    aggression: float | None = None
    sdq_conduct: float | None = None
    sdq_hyperactivity: float | None = None
    attachment_security: float | None = None
    self_regulation: float | None = None
    ability: float | None = None
    ses_risk: float | None = None


@dataclass(frozen=True)
class ClassList:
    """A class as the files have it."""

    children: tuple[ChildRow, ...]
    nominations: tuple[Nomination, ...] = ()
    silent: tuple[tuple[str, Kind], ...] = ()
    """Who was asked whom it likes, or dislikes, and named nobody."""

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
        children = _plain_table(data, "children", CHILD_COLUMNS, problems)
        listed = _children(children) if children else []
        found = _plain_nominations(data, [child.name for child in listed], problems)
        return _class_list(listed, found, problems)


class Upload(NamedTuple):
    """A file that is not on disk."""

    name: str
    content: bytes


Source = str | os.PathLike[str] | Upload


def read_class_list(
    path: Source,
    nominations: Source | None = None,
    *,
    scale: Scale = AS_RATED,
    told: Callable[[str], None] = lambda _note: None,
) -> ClassList:
    """Read a class list and, if there is one, a list of nominations.

    Parameters
    ----------
    path
        CSV file with a row for each child; `CHILD_COLUMNS` has the columns.
    nominations
        File that says who likes whom, in any form that :mod:`sim.files.nominations` reads.
    scale
        What numbers in that mean.
    told
        Told, in words and without names, what had to be found out to read it.

    Returns
    -------
    ClassList
        Children and nominations in the order of the files.

    Raises
    ------
    ClassListError
        With every problem of both files. Nothing else is raised, whatever the files hold.

    Notes
    -----
    Columns are separated by semicolons, commas or tabs, decimals by a comma or a point; the text is UTF-8,
    UTF-16 with a byte order mark ("Unicode text") or Windows-1252.
    """
    problems: list[Problem] = []
    children = _table(path, CHILD_COLUMNS, problems)
    listed = _children(children) if children else []
    found = Nominations((), ())
    if nominations is not None:
        file = nominations.name if isinstance(nominations, Upload) else os.fspath(nominations)
        try:
            text = _text(_content(nominations))
        except _FileError as refused:
            problems.append(Problem(file, refused.row, None, refused.found, refused.allowed))
        else:
            names = [child.name for child in listed]
            found = read_nominations(text, file, names, problems, scale=scale, told=told)
    return _class_list(listed, found, problems)


class Sheet(NamedTuple):
    """What stands in a file under the headings that are known, be it right or wrong.

    `fields` has the field of each heading, spelled as in the file; `rows` the cells of each row, by row number as a
    spreadsheet shows it and by field.
    """

    fields: Mapping[str, str]
    rows: Mapping[int, Mapping[str, str]]


def read_sheet(path: Source, columns: Sequence[Column] = CHILD_COLUMNS) -> Sheet:
    """Read what stands in a file, so that what is wrong can be shown and mended.

    Parameters
    ----------
    path
        CSV file, as :func:`read_class_list` takes it.
    columns
        Columns that it may have.

    Returns
    -------
    Sheet
        Without anything where the file as a whole cannot be read.
    """
    table = _table(path, columns, [])
    if table is None:
        return Sheet({}, {})
    return Sheet(
        {table.headings.cell(place): field for field, place in table.places.items()},
        {row.number: {field: row.cell(place) for field, place in table.places.items()} for row in table.rows},
    )


# -- From bytes to rows --------------------------------------------------------------------------------------


class _FileError(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, found: str, allowed: str, row: int | None = None) -> None:
        self.found, self.allowed, self.row = found, allowed, row


class _Row(NamedTuple):
    number: int
    cells: Sequence[str]

    def cell(self, place: int) -> str:
        """A cell; spreadsheets leave out the last ones where they are blank."""
        return self.cells[place] if place < len(self.cells) else ""


def _content(source: Source) -> bytes:
    """The bytes of a file that has a reasonable size."""
    try:
        if isinstance(source, Upload):
            return within(source.content, LARGEST_FILE)
        return read_bytes(Path(source), LARGEST_FILE)
    except FileNotFoundError:
        raise _FileError(_("no file with this name"), _("the name of a CSV file")) from None
    except ReadingError as error:
        raise _FileError(error.found, error.allowed) from None


def _text(content: bytes) -> str:
    """The text of a file, in any of the encodings that spreadsheets write."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _FileError(
        _("something other than text"),
        _("a CSV file (in a spreadsheet: save as “CSV UTF-8”)"),
    )


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _delimiter(text: str, columns: Sequence[Column]) -> str:
    """The delimiter that finds most known headings in the first row; in doubt, that gives most columns."""
    known = _known(columns)

    def columns_found(delimiter: str) -> tuple[int, int]:
        try:
            headings = next((row for row in _cells(text, delimiter) if any(map(clean, row))), [])
        except csv.Error:
            return 0, 0
        return sum(_key(heading) in known for heading in headings), len(headings)

    return max(";\t,", key=columns_found)


def _rows(content: bytes, columns: Sequence[Column]) -> list[_Row]:
    """The rows of a file that are not blank, numbered as a spreadsheet numbers them."""
    text = _text(content)
    headings = _("a row with the headings {headings}").format(headings=_list(columns))
    if not text.strip(" ;,\t\r\n"):
        raise _FileError(_("an empty file"), headings)
    told = re.match(r"sep=([;,\t])\r?\n", text, re.IGNORECASE)  # a spreadsheet obeys this line and hides it
    if told:
        text = text[told.end() :]
    reader = _cells(text, told[1] if told else _delimiter(text, columns))
    rows: list[_Row] = []
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            cleaned = [clean(cell) for cell in cells]
            if any(cleaned):
                rows.append(_Row(row, cleaned))
    except csv.Error as error:
        raise _FileError(
            _("a cell that does not end where it should"),
            _("quotation marks in pairs, around a whole cell"),
            row + 1,
        ) from error
    if not rows:
        raise _FileError(_("an empty file"), headings)
    return rows


# -- From rows to columns ------------------------------------------------------------------------------------


class _Table:
    """Rows under headings, and the list on which their problems are put."""

    def __init__(self, file: str, rows: Sequence[_Row], problems: list[Problem]) -> None:
        self.file, self.headings, self.rows = file, rows[0], rows[1:]
        self.problems = problems
        self.places: dict[str, int] = {}

    def cell(self, row: _Row, field: str) -> str:
        """What stands in a row under a heading; blank where the table has no such column."""
        return row.cell(self.places[field]) if field in self.places else ""

    def report(self, row: _Row | None, column: str | None, found: str, allowed: str) -> None:
        """Report whatever is wrong; plain data has no row of headings to point at."""
        number = row.number or None if row else None
        self.problems.append(Problem(self.file, number, column, found, allowed))

    def refuse(self, row: _Row, field: str, allowed: str) -> None:
        """Report a cell."""
        self.report(row, self.headings.cell(self.places[field]), self.cell(row, field), allowed)


def _table(source: Source, columns: Sequence[Column], problems: list[Problem]) -> _Table | None:
    """Read a file; None where its rows cannot be looked at."""
    file = source.name if isinstance(source, Upload) else os.fspath(source)
    try:
        rows = _rows(_content(source), columns)
        table = _Table(file, rows, problems)
        _match_headings(table, columns)
    except _FileError as refused:
        problems.append(Problem(file, refused.row, None, refused.found, refused.allowed))
        return None
    return table


def _plain_table(data: object, part: str, columns: Sequence[Column], problems: list[Problem]) -> _Table | None:
    """A table from plain data: a list of mappings, of which each key is a heading."""
    entries = data.get(part, []) if isinstance(data, Mapping) else None
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, Mapping) for entry in entries):
        problems.append(Problem(part, None, None, _("something else"), _("a list of tables with named values")))
        return None
    keys = dict.fromkeys(key for entry in entries for key in entry) or [column.field for column in columns]
    rows = [_Row(0, [clean(str(key)) for key in keys])]
    for position, entry in enumerate(entries, start=1):
        values = (entry.get(key) for key in keys)
        rows.append(_Row(position, ["" if value is None else clean(str(value)) for value in values]))
    table = _Table(part, rows, problems)
    try:
        _match_headings(table, columns)
    except _FileError as refused:
        table.report(None, None, refused.found, refused.allowed)
        return None
    return table


def _match_headings(table: _Table, columns: Sequence[Column]) -> None:
    """Find out which column is which; report headings that nobody knows and cells that have none."""
    headings = table.headings.cells
    width = max((place for place, heading in enumerate(headings, start=1) if heading), default=0)
    if width > MOST_COLUMNS:
        found = _("{count} columns").format(count=width)
        allowed = _("a row with the headings {headings}").format(headings=_list(columns))
        raise _FileError(found, allowed, table.headings.number)

    known = _known(columns)
    for place, heading in enumerate(headings[:width]):
        field = known.get(_key(heading))
        if not heading:
            if any(row.cell(place) for row in table.rows):
                table.report(table.headings, letter(place), "", _("a heading above these cells"))
        elif field is None:
            if not heading.casefold().startswith(IGNORED):
                table.report(table.headings, heading, heading, _headings_allowed(heading, columns))
        elif field in table.places:
            twin = printable(headings[table.places[field]])
            allowed = _("one column for this; “{heading}” is one already").format(heading=twin)
            table.report(table.headings, heading, heading, allowed)
        else:
            table.places[field] = place
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


def _list(columns: Sequence[Column]) -> str:
    """The headings in the current language, as a part of a message."""
    return ", ".join(column.heading for column in columns)


def _headings_allowed(heading: str, columns: Sequence[Column]) -> str:
    """What may stand in place of a heading that is not known."""
    allowed = _("{headings}, or a heading that begins with “_”").format(headings=_list(columns))
    known = {_key(known): known for column in columns for known in column.headings}
    near = difflib.get_close_matches(_key(heading), known, n=1, cutoff=0.6)
    return allowed + (_("; the closest is “{heading}”").format(heading=known[near[0]]) if near else "")


def _known(columns: Sequence[Column]) -> dict[str, str]:
    """The field that each heading stands for."""
    return {_key(heading): column.field for column in columns for heading in (column.field, *column.headings)}


# -- From columns to children and nominations ----------------------------------------------------------------


def _class_list(children: Sequence[ChildRow], found: Nominations, problems: list[Problem]) -> ClassList:
    """Put a class list together, or report everything that stands in its way."""
    if problems:
        files = list(dict.fromkeys(problem.file for problem in problems))
        raise ClassListError(sorted(problems, key=lambda problem: (files.index(problem.file), problem.row or 0)))
    return ClassList(tuple(children), found.ties, found.silent)


def _children(table: _Table) -> list[ChildRow]:
    """The children of a table; none where they cannot be told apart."""
    if _misses(table, CHILD_COLUMNS[:1]):
        return []
    count = len(table.rows)
    if not SMALLEST_CLASS <= count <= LARGEST_CLASS:
        found = ngettext("{count} child", "{count} children", count).format(count=count)
        allowed = _("{low} to {high} children, each in a row of its own").format(low=SMALLEST_CLASS, high=LARGEST_CLASS)
        table.report(None, None, found, allowed)
        if count > LARGEST_CLASS:
            return []

    abbreviated = _m_stands_for(table)
    seen: dict[str, int] = {}
    children = []
    for row in table.rows:
        name = _name(table, row, seen)
        sex = _sex(table, row, abbreviated)
        numbers = {c.field: _number(table, row, c) for c in CHILD_COLUMNS if c.is_number}
        if name is not None:
            children.append(ChildRow(name, sex, **numbers))
    return children


def _name(table: _Table, row: _Row, seen: dict[str, int]) -> str | None:
    """A child's name, unless something is wrong with it."""
    name = table.cell(row, "name")
    twin = seen.setdefault(name.casefold(), row.number)
    if not name.strip("\u200c\u200d"):
        allowed = _("a name or code for each child")
    elif len(name) > LONGEST_NAME:
        allowed = _("a name of at most {count} characters").format(count=LONGEST_NAME)
    elif any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        allowed = _("a name without control characters")
    elif twin != row.number:
        allowed = _("a name that no other child has; row {row} has this one").format(row=twin)
    else:
        return name
    table.refuse(row, "name", allowed)
    return None


def _m_stands_for(table: _Table) -> Sex | None:
    """What "m" means in a column: *man* beside "v" or "f", *meisje* beside "j", else it cannot be told.

    A heading such as "j/m" tells it too.
    """
    values = {table.cell(row, "sex").casefold() for row in table.rows}
    values.update(table.cell(table.headings, "sex").casefold().split("/"))
    man, meisje = bool(values & MALE_BESIDE), bool(values & GIRL_BESIDE)
    if man == meisje:
        return None
    return "boy" if man else "girl"


def _sex(table: _Table, row: _Row, abbreviated: Sex | None) -> Sex | None:
    cell = table.cell(row, "sex").casefold()
    sex = abbreviated if cell == "m" else SEXES.get(cell)
    if cell == "m" and sex is None:
        table.refuse(row, "sex", _("“boy” or “girl” in full: “m” can be a man (male) as well as a “meisje” (girl)"))
    elif sex is None and cell not in UNKNOWN:
        table.refuse(row, "sex", _("boy or girl, or blank if not known"))
    return sex


def _number(table: _Table, row: _Row, column: Column) -> float | None:
    """A number within the range of its column, with a decimal point or comma."""
    cell = table.cell(row, column.field)
    if cell.casefold() in UNKNOWN:
        return None
    if re.fullmatch(r"[+\-−]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]{1,3})?", cell, re.IGNORECASE):
        value = float(cell.replace(",", ".").replace("−", "-"))
        if column.low <= value <= column.high and (column.step is None or value % column.step == 0):
            return value
    allowed = (
        _("a number from {low} to {high}, or blank if not known")
        if column.step is None
        else _("a whole or half number from {low} to {high}, or blank if not known")
    )
    table.refuse(row, column.field, allowed.format(low=number(column.low, 0), high=number(column.high, 0)))
    return None


def _misses(table: _Table, needed: Sequence[Column]) -> bool:
    """Whether the table lacks a column that it needs; each is reported."""
    missing = [column for column in needed if column.field not in table.places]
    for column in missing:
        allowed = _("a column “{heading}”").format(heading=column.heading)
        table.report(table.headings, None, _("no heading “{heading}”").format(heading=column.heading), allowed)
    return bool(missing)


def _plain_nominations(data: object, names: Sequence[str], problems: list[Problem]) -> Nominations:
    """Who likes whom, from plain data; names are not looked up where the class list could not be read."""
    reader = Reader("nominations", names, problems)
    table = _plain_table(data, "nominations", NOMINATION_COLUMNS, problems)
    silent = _plain_table(data, "silent", (NOMINATION_COLUMNS[0], NOMINATION_COLUMNS[2]), problems)
    if table is None or silent is None or _misses(table, NOMINATION_COLUMNS[:2]) or not names:
        return Nominations((), ())
    headings = [table.headings.cell(table.places[field]) if field in table.places else None for field in HEADINGS]
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


# -- Text ----------------------------------------------------------------------------------------------------


def _key(heading: str) -> str:
    """What two spellings of a heading have in common."""
    return "".join(character for character in heading.casefold() if character.isalnum())
