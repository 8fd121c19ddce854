"""Who likes whom, from whatever a school, a questionnaire or a program for networks writes.

A file is one of: a tie a row; a child a row, with its choices beside each other or several in a cell; a matrix of
choices or ratings; a network (`sim.files.networks`). Which it is, it says itself. All come to answers of a child about
another, which `sim.files.answers` holds against the class list.
"""

from __future__ import annotations

import csv
import difflib
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from sim.files.answers import (
    AS_RATED,
    KINDS,
    MOST,
    NO_CODES,
    Answer,
    Kind,
    Nominations,
    Reader,
    Scale,
    number_in,
)
from sim.files.cells import CellsError, Row, decoded, read_cells
from sim.files.language import _, current, ngettext
from sim.files.names import LONGEST_NAME, clean, key
from sim.files.networks import in_xml, pajek, ucinet
from sim.files.problems import Problem, printable
from sim.files.reading import Source, name_of
from sim.files.tables import content_of

__all__ = ["HEADINGS", "read_nominations"]

MOST_COLUMNS: Final = 100
LOOKED_AT: Final = 10
"""Rows in which headings are looked for."""

HEADINGS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "who": (
        (
            *("who", "from", "chooser", "nominator", "name", "child", "source", "ego", "sender", "rater"),
            *("pupil", "student", "respondent", "participant"),
        ),
        ("wie", "wie kiest", "kiezer", "van", "naam", "leerling", "beoordelaar"),
    ),
    "whom": (
        (
            *("whom", "to", "chosen", "nominated", "nominee", "chooses", "target", "alter", "receiver", "rated"),
            *("ratee", "with whom", "peer", "classmate", "partner"),
        ),
        (
            *("gekozen", "kiest", "wie gekozen", "wie wordt gekozen", "kiest wie", "naar", "beoordeelde", "met wie"),
            *("wie met", "genomineerde", "klasgenoot"),
        ),
    ),
    "kind": (
        ("kind", "type", "nomination", "question", "relation"),
        ("soort", "nominatie", "graag/niet graag", "vraag", "relatie"),
    ),
}
"""Headings of a file with a tie a row, in English and in Dutch; the first is the one that messages use."""


CHILD: Final = ("kind", "voornaam", "firstname", "id", "code")
"""Headings that say who chooses where no other does; the first is Dutch for a child."""


def headings_of(*fields: str) -> str:
    """The headings that messages use, in the current language."""
    return ", ".join(HEADINGS[field][current() == "nl"][0] for field in fields)


RATINGS: Final = frozenset(("rating", "score", "beoordeling", "cijfer"))
WEIGHTS: Final = frozenset(("weight", "value", "strength", "gewicht", "waarde", "sterkte", "liking"))
WHICH: Final = r"(\d+(e|de|ste|st|nd|rd|th)?|eerste|tweede|derde|vierde|vijfde|first|second|third|fourth|fifth)?"
"""What counts choices, before or behind the word."""
LIKES: Final = re.compile(
    rf"{WHICH}(choices?|nominat(ion|ee)s?|friends?|bestfriends?|likes?(most)?|liked(most)?|playmates?|playswith"
    rf"|keu(s|ze[ns]?)|vriend(jes?|en)?|(wel)?graag|speel(t|maatjes?)(met)?|leuk|aardig){WHICH}"
)
DISLIKES: Final = re.compile(
    rf"{WHICH}(dislikes?|disliked|likes?least|likedleast|dislikes?most|(liever)?niet(graag|leuk|aardig)?|nietmet){WHICH}"
)
"""Headings over choices, without spaces and in small letters."""
QUESTION: Final = re.compile(
    rf"(met)?(wie|who|whom|withwho).*(graag|leuk|aardig|speel|vriend|like|play|friend).*{WHICH}"
)
REFUSAL: Final = re.compile(r".*(niet|liever|minst|least|dislike|not|dont).*")
"""The same where they are asked as whole questions, and how those ask who is disliked."""

MISSING: Final = frozenset(("", "na", "n/a", "#n/a", "#n/b", "nan", "nvt", "n.v.t.", ".", "-", "–", "—", "?"))
"""What may stand in a matrix where nothing was answered."""
TICKS: Final = frozenset(("x", "✓", "✔", "ja", "yes"))
"""What may stand in a matrix for a choice."""
TOTALS: Final = frozenset(("total", "totals", "totaal", "sum", "som", "mean", "gemiddelde"))


# -- Forms -----------------------------------------------------------------------------------------------------


def read_nominations(
    source: Source,
    names: Iterable[str],
    problems: list[Problem],
    scale: Scale = AS_RATED,
    codes: Mapping[str, str] = NO_CODES,
) -> Nominations:
    """Read who likes whom.

    Parameters
    ----------
    source
        Text or workbook.
    names, problems, scale, codes
        See `sim.files.answers.Reader`. Where there are no names, nothing is looked up; what is returned counts only
        where nothing was put among the problems.

    Returns
    -------
    Nominations
        Ties in the order of the file.
    """
    reader = Reader(name_of(source), names, problems, scale, codes)
    notes: list[str] = []
    try:
        content = content_of(source)
        if content.startswith(b"PK"):
            table(reader, read_cells(content, is_heading).rows)
        else:
            text, _encoding = decoded(content, None, notes)
            form_of(text)(reader, text)
    except CellsError as refused:
        reader.report(refused.row, None, refused.found, refused.allowed)
    found = reader.settled() if reader.names else Nominations()
    return found._replace(notes=(*notes, *reader.told()))


def is_heading(cell: str) -> bool:
    """Whether a heading is one of those of ties or choices."""
    return bool(columns_of([cell]) or choices_of([cell]))


def form_of(text: str) -> Callable[[Reader, str], None]:
    """The way in which a text is read."""
    start = text.lstrip()[:200].casefold()
    if start.startswith("<"):
        return in_xml
    if re.match(r"dl[\s,]", start):
        return ucinet
    if re.match(r"(%[^\n]*\n\s*)*\*(network|vertices)", start):
        return pajek
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and all(re.fullmatch(r"[^:]+:(\s.*)?", line) for line in lines):
        return written_out
    if lines and all(re.fullmatch(r"\s*[^\s;,]+[ \t]+([0-9]+-[0-9]*|-[0-9]+)\s*", line) for line in lines):
        return rows_of_digits
    return lambda reader, text: table(reader, rows_of(text))


def written_out(reader: Reader, text: str) -> None:
    """A line for each child, as it is written by hand: its name, a colon, and whom it names."""
    rows = [(row, line.split(":", 1)) for row, line in enumerate(text.splitlines(), start=1) if line.strip()]
    rows_without_headings(reader, [Row(row, cells) for row, cells in rows])


def rows_of_digits(reader: Reader, text: str) -> None:
    """Ratings without anything between: a child, then a digit for each classmate (0 for none) and "-" for itself.

    Columns are in the order of rows, class after class; a column in which nobody has its "-" is that of a child that
    has no row.
    """
    blocks: list[dict[int, tuple[int, str, str]]] = []
    last = (-1, -1)
    for number_, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            who, digits = line.split()
            place = digits.index("-")
            if last[0] != len(digits) or place <= last[1]:
                blocks.append({})
            blocks[-1][place] = number_, who, digits
            last = len(digits), place
    ours = [block for block in blocks if any(key(who) in reader.known for _row, who, _digits in block.values())]
    if len(ours) < len(blocks):
        reader.note(
            ngettext(
                "{count} other class was left out", "{count} other classes were left out", len(blocks) - len(ours)
            ).format(count=len(blocks) - len(ours))
        )
    for block in ours or blocks[:1]:
        children = {place: reader.child(who, row, None) for place, (row, who, _digits) in block.items()}
        for own, (row, _who, digits) in block.items():
            chooser = children[own]
            if chooser is not None:
                rated = [(place, whom) for place, whom in children.items() if whom and digits[place] not in "-0"]
                for place, whom in rated:
                    reader.tell(Answer(chooser, whom, digits[place], row))
                if not rated:
                    reader.unasked[chooser] = None


def table(reader: Reader, rows: Sequence[Row]) -> None:
    """A file of rows: ties, choices of a child, or a matrix."""
    rows = below_title(bounded(rows))
    headings = [clean(cell) for cell in rows[0].cells]
    fields = columns_of(headings)
    choices = choices_of(headings)
    known = [key(cell) in reader.known for cell in headings]
    if "who" in fields and "whom" in fields:
        tie_rows(reader, rows, fields)
    elif "who" in fields and choices:
        choice_rows(reader, rows, fields["who"], choices)
    elif not reader.names:
        return
    elif is_matrix(rows) and len(rows) == len(headings) == len(reader.names):
        reader.note(_("rows and columns are in the order of the class list"))
        matrix(reader, [Row(0, reader.names), *rows])
    elif sum(known[1:]) >= 2 and (not known[0] or is_matrix(rows[1:])):
        matrix(reader, rows)
    elif any(known) and known[0]:
        rows_without_headings(reader, rows)
    elif is_numbered(headings) and len(rows) == len(headings) and not is_matrix(rows[1:]):
        reader.note(_("columns are in the order of rows"))
        matrix(reader, [Row(rows[0].number, ["", *(row.cell(0) for row in rows[1:])]), *rows[1:]])
    else:
        for field in ("who", "whom"):
            if field not in fields:
                heading = headings_of(field)
                found = _("no heading “{heading}”").format(heading=heading)
                reader.report(rows[0].number, None, found, _("a column “{heading}”").format(heading=heading))


def below_title(rows: Sequence[Row]) -> Sequence[Row]:
    """The same rows without those above the headings of ties or choices, if there are such headings."""
    for place, row in enumerate(rows[:LOOKED_AT]):
        fields = columns_of(row.cells)
        if "who" in fields and ("whom" in fields or choices_of(row.cells)):
            return rows[place:]
    return rows


def rows_of(text: str) -> Sequence[Row]:
    """The rows of a text that are not blank, whatever stands between cells."""
    told = re.match(r"sep=([;,\t])\r?\n", text, re.IGNORECASE)  # a spreadsheet obeys this line and hides it
    text = text[told.end() :] if told else text
    try:
        separator = told[1] if told else max(";\t,", key=lambda separator: columns_found(text, separator))
        rows = [Row(n, cells) for n, cells in enumerate(cells_of(text, separator), start=1) if any(map(clean, cells))]
    except csv.Error:
        raise CellsError(
            _("a cell that does not end where it should"), _("quotation marks in pairs, around a whole cell")
        ) from None
    if all(len(row.cells) == 1 for row in rows) and not re.search("[;,\t]", text):
        spaced = [row._replace(cells=row.cells[0].split()) for row in rows]
        if len({len(row.cells) for row in spaced}) == 1:
            rows = spaced
    return rows


def bounded(rows: Sequence[Row]) -> list[Row]:
    """The same rows without blank cells at their ends, unless there are none, or too many."""
    allowed = _("a row with the headings {headings}").format(headings=headings_of(*HEADINGS))
    if not rows:
        raise CellsError(_("an empty file"), allowed)
    if len(rows) - 1 > MOST:
        found = _("{count} nominations").format(count=len(rows) - 1)
        raise CellsError(found, _("at most {count} nominations").format(count=MOST))
    trimmed = []
    for row in rows:
        width = max(place for place, cell in enumerate(row.cells, start=1) if clean(cell))
        if width > MOST_COLUMNS:
            raise CellsError(_("{count} columns").format(count=width), allowed, row.number)
        trimmed.append(Row(row.number, row.cells[:width]))
    return trimmed


def cells_of(text: str, separator: str) -> Iterator[list[str]]:
    """The rows of a text, cut at a separator."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def columns_found(text: str, separator: str) -> tuple[int, int]:
    """How many known headings, and how many cells, the row has that has most of them: the first, but for a title."""
    try:
        rows = [row for row in itertools.islice(cells_of(text, separator), LOOKED_AT) if any(map(clean, row))]
    except csv.Error:
        return 0, 0
    known = [len(columns_of(row)) + len(choices_of(row)) for row in rows]
    return max(known, default=0), len(rows[known.index(max(known))]) if rows else 0


def bare(heading: str) -> str:
    """What two spellings of a heading have in common."""
    return "".join(character for character in key(heading) if character.isalnum())


SPELLED: Final[Mapping[str, str]] = {
    **{bare(each): field for field, both in HEADINGS.items() for each in (field, *both[0], *both[1])},
    **dict.fromkeys(RATINGS, "rating"),
    **dict.fromkeys(WEIGHTS, "weight"),
}
"""What a column of ties is about, by its heading."""


def columns_of(headings: Sequence[str]) -> dict[str, int]:
    """Where the columns of ties are; the first that is known counts."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        field = SPELLED.get(bare(heading))
        if field is not None:
            places.setdefault(field, place)
    plain = [bare(heading) for heading in headings]
    child = next((plain.index(word) for word in CHILD if word in plain), None)
    if "who" not in places and child is not None:
        places = {field: place for field, place in places.items() if place != child} | {"who": child}
    return places


def choices_of(headings: Sequence[str]) -> dict[int, Kind]:
    """Where choices are, and which."""
    found: dict[int, Kind] = {}
    for place, heading in enumerate(headings):
        asked = QUESTION.fullmatch(bare(heading))
        if DISLIKES.fullmatch(bare(heading)) or (asked and REFUSAL.fullmatch(bare(heading))):
            found[place] = "dislike"
        elif LIKES.fullmatch(bare(heading)) or asked:
            found[place] = "like"
    return found


def is_numbered(headings: Sequence[str]) -> bool:
    """Whether columns behind the first are numbered from 1."""
    return len(headings) > 2 and [clean(heading) for heading in headings[1:]] == [
        str(place) for place in range(1, len(headings))
    ]


def is_matrix(rows: Sequence[Row]) -> bool:
    """Whether all cells are numbers or blank."""
    return bool(rows) and all(key(cell) in MISSING or number_in(cell) is not None for row in rows for cell in row.cells)


def tie_rows(reader: Reader, rows: Sequence[Row], fields: Mapping[str, int]) -> None:
    """A tie a row."""
    headings = [clean(cell) for cell in rows[0].cells]
    if "kind" in fields and {key(row.cell(fields["kind"])) for row in rows[1:]} == {"directed"}:
        fields = {**fields, "direction": fields["kind"]}
        del fields["kind"]
    said = next((field for field in ("kind", "rating", "weight") if field in fields), "")
    reader.are_ratings = said != "weight"
    unknown = [place for place, heading in enumerate(headings) if heading and place not in fields.values()]
    for place in unknown:
        refuse_column(reader, rows, place, kind_is_known="kind" in fields)
    columns = tuple(headings[fields[field]] if field in fields else None for field in ("who", "whom", said))
    who, whom, kind = columns
    for row in rows[1:]:
        cells = reader.names_in(row.cell(fields["whom"])) or [""]
        meant = clean(row.cell(fields[said])) if said else ""
        for cell in cells:
            reader.tell(Answer(clean(row.cell(fields["who"])), cell, meant, row.number, (who, whom, kind)))


def refuse_column(reader: Reader, rows: Sequence[Row], place: int, *, kind_is_known: bool) -> None:
    """Report a column that is not known but may say which tie is meant; others are told, and not read."""
    heading = clean(rows[0].cell(place))
    headings = {bare(each): each for both in HEADINGS.values() for each in (*both[0], *both[1])}
    near = difflib.get_close_matches(bare(heading[:LONGEST_NAME]), headings, n=1, cutoff=0.7)
    cells = {key(row.cell(place)) for row in rows[1:]} - {""}
    if not kind_is_known and (near or (cells and cells <= KINDS.keys())):
        allowed = _("{headings}, or a heading that begins with “_”").format(headings=headings_of(*HEADINGS))
        hint = _("; the closest is “{heading}”").format(heading=headings[near[0]]) if near else ""
        reader.report(rows[0].number, heading, heading, allowed + hint)
    else:
        reader.note(_("column “{column}” is not read").format(column=printable(heading)))


def choice_rows(reader: Reader, rows: Sequence[Row], who: int, choices: Mapping[int, Kind]) -> None:
    """A child a row, with its choices beside each other."""
    headings = [clean(cell) for cell in rows[0].cells]
    unknown = [place for place, heading in enumerate(headings) if heading and place != who and place not in choices]
    for place in unknown:
        reader.note(_("column “{column}” is not read").format(column=printable(headings[place])))
    for row in rows[1:]:
        child, named = clean(row.cell(who)), False
        for place, kind in choices.items():
            for cell in reader.names_in(row.cell(place)):
                columns = headings[who], headings[place], headings[place]
                reader.tell(Answer(child, cell, kind, row.number, columns))
                named = True
        if not named and reader.names:
            name = reader.child(child, row.number, headings[who])
            reader.unasked |= {} if name is None else {name: None}


def rows_without_headings(reader: Reader, rows: Sequence[Row]) -> None:
    """Who stands first, and whom behind it; a third cell may say which kind of tie it is."""
    reader.note(_("no headings: the first of a row names the others"))
    last = [clean(row.cell(2)) for row in rows]
    says = max(len(row.cells) for row in rows) == 3 and all(
        key(cell) in KINDS or number_in(cell) is not None for cell in last if key(cell) not in reader.known
    )
    says = says and not any(cell and key(cell) in reader.known for cell in last)
    reader.are_ratings = False
    for row, said in zip(rows, last, strict=True):
        for cell in row.cells[1:2] if says else row.cells[1:]:
            for name in reader.names_in(cell):
                reader.tell(Answer(clean(row.cell(0)), name, said if says else "", row.number))


def matrix(reader: Reader, rows: Sequence[Row]) -> None:
    """Rows choose, columns are chosen; with the names of both, or of columns alone, which rows then follow."""
    headings = [clean(cell) for cell in rows[0].cells]
    labelled = key(headings[0]) not in reader.known or any(number_in(row.cell(0)) is None for row in rows[1:])
    labelled = labelled and not (len(headings) == len(rows) - 1 and is_matrix(rows[1:]))
    if not labelled and len(rows) - 1 != len(headings):
        count = len(rows) - 1
        raise CellsError(
            _("{count} rows").format(count=count), _("as many rows as columns: {count}").format(count=len(headings))
        )
    reader.note(_("a matrix: rows choose, columns are chosen"))
    chosen = {
        place: reader.child(heading, rows[0].number or None, None)
        for place, heading in enumerate(headings)
        if heading and (place or not labelled) and key(heading) not in TOTALS
    }
    for position, row in enumerate(rows[1:]):
        label = clean(row.cell(0)) if labelled else headings[position]
        if key(label) not in TOTALS or key(label) in reader.known:
            who = reader.child(label, row.number, headings[0] if labelled and headings[0] else None)
            if who is not None:
                matrix_row(reader, row, who, chosen, headings)


def matrix_row(reader: Reader, row: Row, who: str, chosen: Mapping[int, str | None], headings: Sequence[str]) -> None:
    """The answers of one child about all others."""
    answered = False
    for place, whom in chosen.items():
        cell = clean(row.cell(place))
        if whom is None or whom == who or key(cell) in MISSING:
            continue
        if key(cell) in TICKS:
            cell = "like"
        elif number_in(cell) is None and key(cell) not in KINDS:
            reader.report(row.number, headings[place], cell, _("a number, or blank"))
            continue
        answered = True
        reader.tell(Answer(who, whom, cell, row.number, (None, headings[place], headings[place])))
    if not answered:
        reader.unasked[who] = None
