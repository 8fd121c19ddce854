"""The children of a class list: rows of text become names, sexes, ages and scores.

Whatever had to be understood on the way (codes, dates, scales made of items, rows that are no children) is said.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from sim.files.cells import CellsError, Row, read_cells
from sim.files.coding import (
    ANSWERS,
    SCALES,
    UNKNOWN,
    Order,
    Scale,
    Sex,
    age_on,
    date_of,
    first_day,
    is_missing_code,
    order_of,
    sex_codes,
    whole,
)
from sim.files.columns import (
    CHILD_COLUMNS,
    SOURCE_COLUMNS,
    Column,
    ColumnMapping,
    called,
    heading_rows,
    is_known,
    item_of,
)
from sim.files.language import _, current, ngettext, number
from sim.files.names import LONGEST_NAME, key
from sim.files.problems import Problem, printable, quoted
from sim.files.reading import Source, name_of
from sim.files.tables import (
    Table,
    closest,
    content_of,
    headings_allowed,
    is_misspelled,
    match_headings,
    misses,
    some,
)

__all__ = [
    "LARGEST_CLASS",
    "LONGEST_NAME",
    "NAMED_BY",
    "SMALLEST_CLASS",
    "ChildRow",
    "Listing",
    "ages_of",
    "child_table",
    "children_of",
    "codes_of",
    "fit_to_be_read",
    "number_of",
    "order_asked",
    "parsed",
    "scores_of",
    "sex_asked",
    "sexes_of",
    "sheet_row",
    "tell_missing",
    "whole_name",
]

SMALLEST_CLASS: Final = 2
LARGEST_CLASS: Final = 60
NAMED_BY: Final = ("name", "call_name", "first_name", "last_name", "identifier")
"""Fields of which one has to be there."""
SHOWN: Final = 12
"""Groups, or headings, that a message lists."""

SUMMARY: Final = re.compile(
    r"(klas(sen|se)?|groeps?|school|class|group)?[\s-]*"
    r"(gemiddelden?|gem\.|(sub|eind)?totaal|totalen|(sub|grand )?total|average|mean|mediaan|median|"
    r"standaard(deviatie|afwijking)|standard deviation|std\.? ?dev\.?)(\W.*)?"
    r"|(klas|groep|class|group|school)\b.*\b(gemiddelde|totaal|average|mean|total)"
    r"|(aantal|number)( of| van)?( de)?( leerlingen| kinderen| children| pupils)?[\s:=\d]*|n\s*=.*"
)
"""What a row of totals is called."""
AT_THE_END: Final = frozenset(
    ("sd", "std", "stdev", "som", "sum", "gem", "avg", "overall", "minimum", "maximum", "modus", "spreiding")
)
"""What it is called where no child comes after it."""
PERHAPS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    **dict.fromkeys(("min", "min."), min),
    **dict.fromkeys(("max", "max."), max),
    "m": statistics.fmean,
    **dict.fromkeys(("n", "count", "aantal"), len),
}
"""What it may be called beside another such row, if its numbers are what it says; each may be a child, too."""
ROUNDED: Final = 0.06
MOST_TOTALS: Final = 20
"""Rows of which that is looked at."""
MOST_CODES: Final = 8
"""Codes for sex that are asked about; a column with more of them holds something else."""
FOOTER: Final = re.compile(
    r"(bron|source|afgedrukt|geprint|printed|exported|geëxporteerd|pagina|page|datum|date)\b.*[:\d].*"
)
"""What may stand below a list."""
NUMBERED: Final = re.compile(r"(?:(?P<number>\d{1,2})[.):]?\s+)?(?P<name>\D*)")
"""A name, which may have a number before it, as in a list that was written by hand."""
NAME_ALONE: Final = re.compile(r"[^\W\d_]+\.?(['’. -]+[^\W\d_]+\.?){0,5}'?")
"""What is taken for a name where no heading says so."""


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


# -- The table ---------------------------------------------------------------------------------------------------


class Listing(NamedTuple):
    """What is found in a file with a row for each child.

    Attributes
    ----------
    table
        None where its rows cannot be looked at.
    groups
        Classes or sheets, of which one is meant; of classes with the number of children.
    group
        The one of them that was read; blank where it cannot be told.
    encoding
        What the text is in where that is not Unicode; blank where it cannot be told.
    """

    table: Table | None
    groups: Mapping[str, int | None]
    group: str
    encoding: str | None


def child_table(source: Source, mapping: ColumnMapping, problems: list[Problem]) -> Listing:
    """Read a file with a row for each child."""
    columns = (*CHILD_COLUMNS, *SOURCE_COLUMNS)
    try:
        cells = read_cells(content_of(source), mapping.is_known, encoding=mapping.encoding, sheet=mapping.group)
        rows = some(cells.rows, CHILD_COLUMNS)
        notes = list(cells.notes)
        if names := names_alone(rows, mapping):
            headings, first, rows = Row(0, ["name"]), 0, names
            said = _("no heading: every row was read as a name, from {name} on")
            notes.append(said.format(name=quoted(names[0].cell(0))))
        else:
            headings, first = heading_rows(rows, mapping)
        if mapping.columns is not None:
            headings = headings._replace(cells=called(headings.cells, rows[first:]))
        table = Table(name_of(source), headings, rows[first:], problems)
        table.notes += notes
        leave_out_totals(table, mapping)

        def unknown(heading: str) -> None:
            near = closest(heading, columns)
            if mapping.columns is None and near is not None and is_misspelled(heading, near):
                table.report(headings, heading, heading, headings_allowed(CHILD_COLUMNS, near))
            else:
                table.unread.append(heading)

        match_headings(table, CHILD_COLUMNS, mapping.field_of, unknown)
    except CellsError as refused:
        problems.append(Problem(name_of(source), refused.row, None, refused.found, refused.allowed))
        return Listing(None, dict.fromkeys(refused.sheets), "", "" if refused.encodings else None)
    if table.unread:
        shown = ", ".join(map(quoted, table.unread[:SHOWN]))
        more = ", …" if len(table.unread) > SHOWN else ""
        table.notes.append(_("not read: {headings}").format(headings=shown + more))
    for name, heading in (mapping.columns or {}).items():
        if name not in table.places:
            table.report(
                headings, None, _("no heading “{heading}”").format(heading=heading), _("the headings of the mapping")
            )
    table.listed = table.rows
    choose_group(table, mapping, cells.sheet)
    if len(table.groups) > 1:
        read = {name for name in table.groups if spelled(name) == spelled(mapping.group or "")}
        return Listing(table, table.groups, next(iter(read), ""), cells.encoding or None)
    sheets = dict.fromkeys(cells.sheets if len(cells.sheets) > 1 else ())
    return Listing(table, sheets, cells.sheet, cells.encoding or None)


def names_alone(rows: Sequence[Row], mapping: ColumnMapping) -> list[Row]:
    """The rows of a list that holds names and nothing else, not even a heading; none where there is anything else.

    Numbers that count them are left out.
    """
    found = [NUMBERED.fullmatch(" ".join(filter(None, row.cells))) for row in rows]
    told = [(one["number"], one["name"].strip()) for one in found if one]
    numbers = {number and int(number) - place for place, (number, _name) in enumerate(told, start=1)}
    alone = all(sum(map(bool, row.cells)) == (2 if row.cell(0).isdecimal() else 1) for row in rows)
    if not alone or len(told) < len(rows) or numbers not in ({None}, {0}):
        return []
    names = [name for _number, name in told]
    near = closest(names[0], CHILD_COLUMNS)
    heads = any(mapping.is_known(name) or is_known(name) for name in names) or (near and is_misspelled(names[0], near))
    if heads or not all(map(NAME_ALONE.fullmatch, names)):
        return []
    return [Row(row.number, [name]) for row, name in zip(rows, names, strict=True)]


def leave_out_totals(table: Table, mapping: ColumnMapping) -> None:
    """Leave out rows that are no children but what a list says of them, or of itself."""
    names = [i for i, heading in enumerate(table.headings.cells) if heading and mapping.field_of(heading) in NAMED_BY]

    def titles(row: Row) -> list[str]:
        first = next((cell for cell in row.cells if cell and parsed(cell) is None), "")
        return [first.casefold(), *(row.cell(place).casefold() for place in names)]

    def is_footer(row: Row) -> bool:
        return sum(map(bool, row.cells)) == 1 and FOOTER.fullmatch(titles(row)[0]) is not None

    out = {row.number for row in table.rows if any(map(SUMMARY.fullmatch, titles(row))) or is_footer(row)}
    for row in reversed(table.rows):
        if row.number not in out and not AT_THE_END.intersection(titles(row)):
            break
        out.add(row.number)
    asked = {row.number: title for row in table.rows for title in titles(row) if title in PERHAPS}
    for rows in (table.rows, table.rows[::-1]) if len(asked) <= MOST_TOTALS else ():
        for before, row in itertools.pairwise(rows):
            if before.number in out and row.number in asked.keys() - out:
                children = [child for child in rows if child.number not in out and child is not row]
                out |= {row.number} if sums_up(row, children, PERHAPS[asked[row.number]]) else set()
    for row in table.rows:
        if row.number in out:
            said = _("row {row} (“{cell}”) was left out: it is no child")
            table.notes.append(said.format(row=row.number, cell=printable(next(filter(None, row.cells)))))
    table.rows = [row for row in table.rows if row.number not in out]


def sums_up(row: Row, children: Sequence[Row], what: Callable[[Sequence[float]], float]) -> bool:
    """Whether a row has numbers, and each is what it should be of the children's."""
    told = {place: value for place, cell in enumerate(row.cells) if (value := parsed(cell)) is not None}
    above = {place: [v for child in children if (v := parsed(child.cell(place))) is not None] for place in told}
    return bool(told) and all(
        above[place] and abs(what(above[place]) - value) <= ROUNDED for place, value in told.items()
    )


def choose_group(table: Table, mapping: ColumnMapping, sheet: str) -> None:
    """Keep the children of one class, where a list has several."""
    asked = mapping.group
    if "group" not in table.places:
        if asked is not None and spelled(asked) != spelled(sheet):
            table.report(
                table.headings,
                None,
                _("no column with classes"),
                _("a column “{heading}”, or no --group").format(heading=SOURCE_COLUMNS[-1].heading),
            )
        return
    names_of_groups = {spelled(cell): cell for cell in reversed(table.column("group")) if cell}
    sizes = Counter(names_of_groups[spelled(cell)] for cell in table.column("group") if cell)
    table.groups = dict(sizes)
    shown = ", ".join(f"{printable(name)} ({count})" for name, count in list(sizes.items())[:SHOWN])
    shown += ", …" if len(sizes) > SHOWN else ""
    if asked is None:
        if len(sizes) > 1:
            found = _("several classes: {groups}").format(groups=shown)
            allowed = _(
                "a list of one of them, or the name of one (--group; “group” in a scenario; “Class” in the dashboard)"
            )
            table.report(None, None, found, allowed)
            table.rows = []
        return
    names = {spelled(name) for name in sizes}
    wanted = {spelled(asked)} if spelled(asked) in names else {spelled(part) for part in asked.split(",")}
    if not wanted <= names:
        table.report(
            None,
            None,
            _("no class “{group}”").format(group=printable(asked)),
            _("one of {groups}").format(groups=shown),
        )
        table.rows = []
        return
    table.rows = [row for row in table.rows if spelled(table.cell(row, "group")) in wanted]


def spelled(group: str) -> str:
    """What two spellings of a class have in common."""
    return "".join(key(group).split())


# -- Children ------------------------------------------------------------------------------------------------------


def children_of(table: Table, mapping: ColumnMapping) -> list[ChildRow | None]:
    """The child of each row, None where something is wrong with its name; none at all where that goes for the table."""
    if not any(field in table.places for field in NAMED_BY):
        for heading in table.unread:
            allowed = headings_allowed(CHILD_COLUMNS, closest(heading, CHILD_COLUMNS))
            table.report(table.headings, heading, heading, allowed)
        misses(table, CHILD_COLUMNS[:1])
        return []
    if table.problems and not table.rows:
        return []
    count = len(table.rows)
    if not SMALLEST_CLASS <= count <= LARGEST_CLASS:
        found = ngettext("{count} child", "{count} children", count).format(count=count)
        allowed = _("{low} to {high} children, each in a row of its own").format(low=SMALLEST_CLASS, high=LARGEST_CLASS)
        table.report(None, None, found, allowed)
        if count > LARGEST_CLASS:
            return []

    names, sexes, born = names_of(table), sexes_of(table, mapping), ages_of(table, mapping)
    scores = scores_of(table)
    missing: Counter[tuple[str, str]] = Counter()
    children: list[ChildRow | None] = []
    for place, row in enumerate(table.rows):
        told = {c.field: number_of(table, row, c, missing) for c in CHILD_COLUMNS if c.is_number}
        made = {"age": born[place]} | {field: values[place] for field, values in scores.items()}
        values = {field: made.get(field) if value is None else value for field, value in told.items()}
        name = names[place]
        children.append(None if name is None else ChildRow(name, sexes[place], **values))
    tell_missing(table, missing)
    return children


def tell_missing(table: Table, missing: Mapping[tuple[str, str], int]) -> None:
    """Say which codes were read as not known, by field and code, and how often."""
    for (field, code), times in missing.items():
        said = _("“{code}” in “{column}” was read as not known ({count}×)")
        table.notes.append(said.format(code=code, column=printable(table.heading(field)), count=times))


def names_of(table: Table) -> list[str | None]:
    """The name of each child, in one piece; None where something is wrong with it."""
    names = [whole_name(table, row) for row in table.rows]
    twice = {name for name, count in Counter(map(key, names)).items() if count > 1}
    if twice and "identifier" in table.places:
        names = [
            f"{name} ({code})" if key(name) in twice and (code := table.cell(row, "identifier")) != name else name
            for name, row in zip(names, table.rows, strict=True)
        ]
    seen: dict[str, int] = {}
    return [
        name if fit_to_be_read(table, row, name, seen) else None for name, row in zip(names, table.rows, strict=True)
    ]


def codes_of(table: Table, children: Sequence[ChildRow | None]) -> dict[str, str]:
    """The name of each child by its code, where a list has codes beside names; a code of two children is none."""
    if "identifier" not in table.places or not children:
        return {}
    codes = [table.cell(row, "identifier") for row in table.rows]
    times = Counter(map(key, codes))
    return {c: child.name for c, child in zip(codes, children, strict=True) if c and child and times[key(c)] == 1}


def whole_name(table: Table, row: Row) -> str:
    """A child's name as it is said: first name, what stands between, last name; else a code."""
    given = table.cell(row, "call_name") or table.cell(row, "first_name")
    name = table.cell(row, "name")
    if name and (not given or given.casefold() in name.casefold()):
        return name
    parts = (given, table.cell(row, "name_prefix"), name or table.cell(row, "last_name"))
    return " ".join(filter(None, parts)) or table.cell(row, "identifier")


def fit_to_be_read(table: Table, row: Row, name: str, seen: dict[str, int]) -> bool:
    """Whether nothing is wrong with a name; reports what is."""
    field = next(field for field in NAMED_BY if field in table.places)
    twin = seen.setdefault(key(name), row.number)
    if not name.strip("\u200c\u200d"):
        allowed = _("a name or code for each child")
    elif len(name) > LONGEST_NAME:
        allowed = _("a name of at most {count} characters").format(count=LONGEST_NAME)
    elif any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        allowed = _("a name without control characters")
    elif twin != row.number:
        allowed = _("a name that no other child has; row {row} has this one").format(row=twin)
    else:
        return True
    table.refuse(row, field, allowed)
    return False


def sheet_row(table: Table, row: Row) -> dict[str, str]:
    """What stands in a row, by the field of a child that it is about: right or wrong, and names in one piece."""
    cells = {column.field: table.cell(row, column.field) for column in CHILD_COLUMNS if column.field in table.places}
    if any(field in table.places for field in NAMED_BY):
        cells["name"] = whole_name(table, row)
    if "birth_date" in table.places:
        cells["age"] = cells.get("age") or table.cell(row, "birth_date")
    return {column.field: cells[column.field] for column in CHILD_COLUMNS if column.field in cells}


def sexes_of(table: Table, mapping: ColumnMapping) -> list[Sex | None]:
    """The sex of each child; a column that cannot be understood is asked about once."""
    if "sex" not in table.places:
        return [None] * len(table.rows)
    codes = sex_codes(table.whole("sex"), table.heading("sex"), mapping.sex)
    words = {"boy": _("boy"), "girl": _("girl"), None: _("not known")}
    sexes, asked = [], False
    for row in table.rows:
        cell = table.cell(row, "sex").casefold()
        sexes.append(codes.get(cell))
        if cell in codes or (asked and (cell == "m" or whole(cell) is not None)):
            continue
        if cell == "m":
            allowed = _("“boy” or “girl” in full: “m” can be a man (male) as well as a “meisje” (girl)")
        elif whole(cell) is not None:
            allowed = _(
                "boy or girl: a heading such as “sex (0 = boy, 1 = girl)”, or a mapping, says what numbers mean"
            )
        else:
            table.refuse(row, "sex", _("boy or girl, or blank if not known"))
            continue
        table.refuse(row, "sex", allowed)
        asked = True
    found = set(map(str.casefold, table.column("sex"))) & set(codes)
    coded = sorted(code for code in found if len(code) == 1 or whole(code) is not None)
    if coded and not table.plain:
        said = ", ".join(f"{code} = {words[codes[code]]}" for code in coded)
        table.notes.append(
            _("“{column}” was read as {codes}").format(column=printable(table.heading("sex")), codes=said)
        )
    return sexes


def sex_asked(table: Table, mapping: ColumnMapping) -> dict[str, Sex | Literal[""] | None]:
    """Each code for sex, with what it means; blank where it stands for "not known", None where it cannot be told."""
    if "sex" not in table.places:
        return {}
    cells = table.column("sex") or table.whole("sex")
    codes = sex_codes(table.whole("sex"), table.heading("sex"), mapping.sex)
    asked = {
        cell.casefold(): cell
        for cell in reversed(cells)
        if cell.casefold() not in UNKNOWN
        and (len(cell) == 1 or whole(cell) is not None or cell.casefold() not in codes or cell in mapping.sex)
    }
    if len(asked) > MOST_CODES:
        return {}
    return {cell: (codes[code] or "") if code in codes else None for code, cell in sorted(asked.items())}


def order_asked(table: Table, mapping: ColumnMapping) -> Order | Literal[""] | None:
    """Which comes first in dates of birth; blank where it cannot be told, None where no date is written so."""
    if "birth_date" not in table.places:
        return None
    cells = table.whole("birth_date")
    if not any(re.match(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d", cell) for cell in cells):
        return None
    return mapping.dates or order_of(cells, table.heading("birth_date")) or ""


def ages_of(table: Table, mapping: ColumnMapping) -> list[float | None]:
    """The age of each child at the start of the school year, from its date of birth."""
    ages: list[float | None] = [None] * len(table.rows)
    if "birth_date" not in table.places:
        return ages
    heading = table.heading("birth_date")
    order = mapping.dates or order_of(table.whole("birth_date"), heading)
    if order is None:
        row = next(row for row in table.listed if re.match(r"\d", table.cell(row, "birth_date")))
        allowed = _(
            "dates of which it is clear whether the day comes first: 2019-04-03, or a heading such as “{heading} "
            "(dd-mm-yyyy)”, or dates = “day first” in a mapping"
        )
        table.refuse(row, "birth_date", allowed.format(heading=printable(heading)))
        return ages
    start = first_day(mapping.school_year)
    low, high = next((column.low, column.high) for column in CHILD_COLUMNS if column.field == "age")
    for place, row in enumerate(table.rows):
        cell = table.cell(row, "birth_date")
        if cell.casefold() in UNKNOWN:
            continue
        born = date_of(cell, order)
        age = None if born is None else age_on(start, born)
        if age is not None and low <= age <= high:
            ages[place] = age
        elif not table.cell(row, "age"):
            allowed = _("a date of birth, such as 2019-04-03, of a child of {low} to {high} years on {day}, or blank")
            table.refuse(
                row, "birth_date", allowed.format(low=number(low, 0), high=number(high, 0), day=written(start))
            )
    said = _("ages were reckoned from “{column}”, on {day}; another school year is set in the mapping")
    table.notes.append(said.format(column=printable(heading), day=written(start)))
    return ages


def written(day: dt.date) -> str:
    """A date for people."""
    from babel.dates import format_date

    return str(format_date(day, "long", locale=current()))


def number_of(table: Table, row: Row, column: Column, missing: Counter[tuple[str, str]]) -> float | None:
    """A number within the range of its column, with a decimal point or comma."""
    cell = table.cell(row, column.field)
    if cell.casefold() in UNKNOWN:
        return None
    value = parsed(cell)
    if value is not None:
        if column.low <= value <= column.high and (column.step is None or value % column.step == 0):
            return value
        if not table.plain and is_missing_code(value, column.low, column.high):
            missing[column.field, cell] += 1
            return None
    allowed = (
        _("a number from {low} to {high}, or blank if not known")
        if column.step is None
        else _("a whole or half number from {low} to {high}, or blank if not known")
    )
    table.refuse(row, column.field, allowed.format(low=number(column.low, 0), high=number(column.high, 0)))
    return None


def parsed(cell: str) -> float | None:
    """The number in a cell; None where it is none."""
    if re.fullmatch(r"[+\-−]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]{1,3})?", cell, re.IGNORECASE):
        return float(cell.replace(",", ".").replace("−", "-"))
    return None


# -- Items ---------------------------------------------------------------------------------------------------------


def scores_of(table: Table) -> dict[str, list[float | None]]:
    """Scores of each child on the scales of which the items are there, by field."""
    items: dict[str, dict[int, str]] = {}
    for field in table.places:
        if item := item_of(field):
            items.setdefault(item[0], {})[item[1]] = field
    if items.get("strs") and max(items["strs"]) <= max(map(max, (scale.items for scale in SCALES["strs_sf"].values()))):
        items["strs_sf"] = items.pop("strs")
    scores: dict[str, list[float | None]] = {}
    for questionnaire, fields in items.items():
        scales = SCALES[questionnaire]
        answers = answers_of(table, fields, next(iter(scales.values())))
        for field, scale in scales.items():
            there = [item for item in scale.items if item in fields]
            if field in table.places or not there:
                continue
            scores[field] = [scale.score(given) for given in answers]
            say_score(table, field, scale, [sum(item in given for item in there) for given in answers])
    return scores


def say_score(table: Table, field: str, scale: Scale, answered: Sequence[int]) -> None:
    """Say of how many items a score was made."""
    title = next(column.heading for column in CHILD_COLUMNS if column.field == field)
    low, high = min(answered, default=0), max(answered, default=0)
    said = _("{scale} was made of {items} items, of which each child has {low} to {high} answered")
    table.notes.append(said.format(scale=title, items=len(scale.items), low=low, high=high))
    few = sum(count < scale.least for count in answered)
    if few:
        said = ngettext(
            "{scale}: {count} child has fewer than {least} answers, and no score",
            "{scale}: {count} children have fewer than {least} answers, and no score",
            few,
        )
        table.notes.append(said.format(scale=title, count=few, least=scale.least))


def answers_of(table: Table, fields: Mapping[int, str], scale: Scale) -> list[dict[int, float]]:
    """The answers of each child, by the number of the item; what may not stand there is reported."""
    first = lowest(table, fields, scale)
    if first is None:
        return [{} for _row in table.rows]
    missing: Counter[tuple[str, str]] = Counter()
    answers = []
    for row in table.rows:
        given: dict[int, float] = {}
        for item, field in fields.items():
            cell = table.cell(row, field).casefold()
            shift = first - scale.low
            column = Column(field, (), (), low=scale.low + shift, high=scale.high + shift, step=1.0)
            value = ANSWERS[cell] + shift if cell in ANSWERS and scale.total else answer_of(table, row, column, missing)
            if value is not None:
                given[item] = value - shift
        answers.append(given)
    if missing:
        codes = ", ".join(sorted({code for _field, code in missing}))
        said = _("“{code}” among the answers was read as not known ({count}×)")
        table.notes.append(said.format(code=codes, count=missing.total()))
    return answers


def answer_of(table: Table, row: Row, column: Column, missing: Counter[tuple[str, str]]) -> float | None:
    """The answer to an item."""
    cell = table.cell(row, column.field)
    value = parsed(cell)
    if cell.casefold() in UNKNOWN:
        return None
    if value is not None and column.low <= value <= column.high and value.is_integer():
        return value
    if value is not None and is_missing_code(value, column.low, column.high):
        missing[column.field, cell] += 1
        return None
    allowed = _("a whole number from {low} to {high}, or blank if not known")
    table.refuse(row, column.field, allowed.format(low=number(column.low, 0), high=number(column.high, 0)))
    return None


def lowest(table: Table, fields: Mapping[int, str], scale: Scale) -> int | None:
    """The number that stands for the lowest answer; some count 0, 1, 2 from 1. None where it cannot be told."""
    if not scale.total:
        return scale.low
    values = {parsed(cell) for field in fields.values() for cell in table.column(field)}
    if scale.low in values or not values & {1.0, 2.0, 3.0}:
        return scale.low
    if scale.high + 1 in values:
        return scale.low + 1
    row, field = table.rows[0], next(iter(fields.values()))
    allowed = _("answers of which it is clear whether they are 0, 1, 2 or 1, 2, 3: nobody has a 0 or a 3")
    table.report(row, table.heading(field), table.cell(row, field), allowed)
    return None
