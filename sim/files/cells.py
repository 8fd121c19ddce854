"""From the bytes of a file to rows of text: the formats and encodings that spreadsheets and school systems write.

Text with semicolons, commas, tabs or bars, in Unicode or in what Windows, the Mac and DOS had before; workbooks of
Excel (``.xlsx``) and of LibreOffice (``.ods``). An encoding that the names do not tell is asked about, never guessed.
Nothing is unpacked that is larger than a class list can be.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import itertools
import math
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sim.files.language import N_, _, number
from sim.files.names import clean
from sim.files.problems import printable, quoted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # only its type: what is read comes from defusedxml

__all__ = ["ENCODINGS", "LOOKED_AT", "MOST_COLUMNS", "Cells", "CellsError", "Row", "read_cells"]

MOST_COLUMNS: Final = 150
"""What a questionnaire exports of a child, with room to spare."""
MOST_ROWS: Final = 5_000
"""Rows of a sheet of a workbook: a large school."""
MOST_SHEETS: Final = 40
MOST_MEMBERS: Final = 1_000
LARGEST_UNPACKED: Final = 16_000_000
"""Bytes of a workbook that is unpacked."""
LOOKED_AT: Final = 30
"""Rows among which the headings are."""

ENCODINGS: Final = {
    "cp1252": "Windows",
    "mac_roman": "Mac",
    "cp850": "DOS",
    "cp1250": N_("Windows, Central Europe"),
    "cp1254": N_("Windows, Turkish"),
}
"""What text may be in where it is not Unicode; the first wins wherever it is as likely as any other."""
USUAL: Final = frozenset("éëèïíöóòüúáàäçñ")
SELDOM: Final[dict[str, float]] = dict.fromkeys("êîìôûùâã", 0.25) | dict.fromkeys("õåøæœß", 0.5)
"""Letters that names in western Europe have, often or seldom; any other is a doubt …"""
ICELANDIC: Final = frozenset("ðþÐÞÝ")
"""… and these are more likely to be Turkish."""


MOST_LETTERS: Final = 20_000
"""Letters beyond ASCII of which that is looked at …"""
NEAR: Final = 60
"""… and characters before and behind."""
MARGIN: Final = 0.5
"""By how much one reading has to be better than another."""
WITHIN: Final = frozenset("’–—\u00a0")
BEFORE: Final = frozenset("“‘’„«¿¡–—•§©\u00a0")
BEHIND: Final = {"”": math.inf, "»": math.inf, "’": 1.0, "…": 1.0} | dict.fromkeys("–—\u00a0®°²³", 0.0)
"""Marks that may stand within, before and behind a word, with how unlikely one behind it is …"""
OPENED: Final = {"”": "“", "»": "«", "’": "‘", "…": " "}
"""… unless this stands before it in the cell."""


class CellsError(Exception):
    """A file that holds no rows of text; the one who asked for it names it.

    Attributes
    ----------
    sheets
        Titles of sheets, where it cannot be told which of them is meant.
    encodings
        Whether it cannot be told which of `ENCODINGS` its text is in.
    """

    def __init__(
        self,
        found: str,
        allowed: str,
        row: int | None = None,
        *,
        sheets: tuple[str, ...] = (),
        encodings: bool = False,
    ) -> None:
        super().__init__(found, allowed, row)
        self.found, self.allowed, self.row = found, allowed, row
        self.sheets, self.encodings = sheets, encodings


class Row(NamedTuple):
    """A row that is not blank, with its number as a spreadsheet shows it."""

    number: int
    cells: Sequence[str]

    def cell(self, place: int) -> str:
        """A cell; spreadsheets leave out the last ones where they are blank."""
        return self.cells[place] if place < len(self.cells) else ""


class Cells(NamedTuple):
    """The rows of a file.

    Attributes
    ----------
    rows
        Those that are not blank.
    notes
        What had to be found out to read them, in words.
    sheet, sheets
        Title of the sheet that was read, and of all that are not blank; of a text there are none.
    encoding
        That of a text which is not in Unicode, one of `ENCODINGS`; blank for all others.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    encoding: str = ""


def read_cells(
    content: bytes, known: Callable[[str], bool], *, encoding: str | None = None, sheet: str | None = None
) -> Cells:
    """Read the rows of a file that are not blank.

    Parameters
    ----------
    content
        The bytes of a text file or a workbook.
    known
        Whether a heading is a known one; what separates columns, and which sheet is meant, is told by that.
    encoding
        One of `ENCODINGS`, where somebody knows it.
    sheet
        Title of a sheet that is preferred, should a workbook have it.

    Raises
    ------
    CellsError
        When there are none, or it cannot be told what they are.
    """
    notes: list[str] = []
    title, sheets, read_in = "", dict[str, list[Row]](), ""
    if content.startswith(b"PK"):
        sheets = {title: rows for title, rows in workbook(content).items() if rows}
        title, rows = chosen_sheet(sheets, known, sheet, notes)
    else:
        text, read_in = decoded(content, encoding, notes)
        rows = text_rows(text, known)
    if any(re.search(r"[^\W\d_]\?[^\W\d_]", cell) for row in rows for cell in row.cells):
        notes.append(_("“?” stands within a word: perhaps a letter that was lost when the file was saved"))
    return Cells(tuple(rows), tuple(notes), title, tuple(sheets), read_in)


def headings_found(rows: Iterable[Sequence[str]], known: Callable[[str], bool]) -> tuple[int, int]:
    """The most known headings in a row, and the most cells of such a row."""
    return max(((sum(map(known, row)), len(row)) for row in itertools.islice(rows, LOOKED_AT)), default=(0, 0))


def unreadable() -> CellsError:
    """What to say of a file that is none of all this."""
    return CellsError(
        _("something other than text"),
        _("a spreadsheet (.xlsx, .ods) without a password, or a CSV file (in a spreadsheet: save as “CSV UTF-8”)"),
    )


# -- Text ----------------------------------------------------------------------------------------------------


def text_rows(text: str, known: Callable[[str], bool]) -> list[Row]:
    """The rows of a text."""
    text = text.removesuffix("\x1a")  # where files ended under DOS
    told = re.match(r"sep=([;,\t])\r?\n", text, re.IGNORECASE)  # a spreadsheet obeys this line and hides it
    if told:
        text = text[told.end() :]
    if not text.strip(" ;,\t\r\n"):
        return []
    reader = csv_rows(text, told[1] if told else delimiter(text, known))
    rows: list[Row] = []
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            cleaned = [clean(cell) for cell in cells]
            if any(cleaned):
                rows.append(Row(row, cleaned))
    except csv.Error as error:
        raise CellsError(
            _("a cell that does not end where it should"),
            _("quotation marks in pairs, around a whole cell"),
            row + 1,
        ) from error
    return rows


def csv_rows(text: str, separator: str) -> Iterator[list[str]]:
    """The rows of a text, cut at a separator."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def delimiter(text: str, known: Callable[[str], bool]) -> str:
    """The delimiter that finds most known headings in a row; in doubt, that gives most columns."""

    def until_broken(separator: str) -> Iterator[list[str]]:
        try:
            yield from (row for row in csv_rows(text, separator) if any(map(clean, row)))
        except csv.Error:
            return

    return max(";\t,|", key=lambda separator: headings_found(until_broken(separator), known))


def decoded(content: bytes, encoding: str | None, notes: list[str]) -> tuple[str, str]:
    """The text of a file, in any of the encodings that spreadsheets write, and which of `ENCODINGS` it is in."""
    text: str | None
    read_in = ""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = decoded_as(content, "utf-16")
    elif b"\0" in content:
        raise unreadable()
    elif encoding is not None:
        text, read_in = decoded_as(content, encoding), encoding
    elif (text := decoded_as(content, "utf-8-sig")) is not None:
        text = decoded_once(text, notes)
    else:
        text, read_in = eight_bit(content, notes)
    if text is None or "\0" in text:
        raise unreadable()
    if re.search(r"\w\ufffd|\ufffd\w", text):
        raise CellsError(
            _("“{character}”, where a letter was lost").format(character="\ufffd"),
            _("the list saved anew, as “CSV UTF-8”, from where its names are still whole"),
        )
    return text, read_in


def decoded_as(content: bytes, encoding: str) -> str | None:
    """The text of a file in one encoding; None where it is in another."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def decoded_once(text: str, notes: list[str]) -> str:
    """Text that was taken for Windows and saved as UTF-8 once more, as it was before."""
    if re.search("[ÂÃÄÅ]", text):
        try:
            once = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return text
        notes.append(_("the text was in UTF-8 twice; it was read as it was meant"))
        return once
    return text


def eight_bit(content: bytes, notes: list[str]) -> tuple[str | None, str]:
    """Text from before Unicode in the one encoding in which its words are words, and which that is.

    Raises
    ------
    CellsError
        When it could be in several.
    """
    readings = {name: text for name in ENCODINGS if (text := decoded_as(content, name)) is not None}
    doubts = {name: doubt(text) for name, text in readings.items()}
    least = min(doubts.values(), default=math.inf)
    if least == math.inf:
        return None, ""
    best = min(readings, key=lambda name: doubts[name])
    windows = doubts.get("cp1252", math.inf)
    others = [name for name in readings if doubts[name] <= least + MARGIN and readings[name] != readings[best]]
    if best == "cp1252" or (windows == math.inf and not others):
        if best != "cp1252" or least > 0:
            said = _("the text was read as {encoding}: look whether its names are right")
            notes.append(said.format(encoding=_(ENCODINGS[best])))
        return readings[best], best
    asked = [name for name in readings if doubts[name] < math.inf]
    words = {name: re.findall(r"[^\s;,\"]*[^\x00-\x7f][^\s;,\"]*", readings[name]) for name in asked}
    place = next((i for i, those in enumerate(zip(*words.values(), strict=False)) if len(set(those)) > 1), 0)
    shown: dict[str, str] = {}
    for name in asked:
        if words[name][place:]:
            shown.setdefault(words[name][place], f"{quoted(words[name][place])} ({name}: {_(ENCODINGS[name])})")
    raise CellsError(
        _("letters that can be read in several ways: {readings}").format(readings=", ".join(shown.values())),
        _("a file saved as “CSV UTF-8”, or one with a mapping that says which: encoding = “{encoding}”").format(
            encoding=best
        ),
        encodings=True,
    )


def doubt(text: str) -> float:
    """How unlikely it is that a text was meant so: 0 is fine, infinity impossible."""
    total = 0.0
    for match in itertools.islice(re.finditer(r"[^\x00-\x7f]", text), MOST_LETTERS):
        begin = max(0, match.start() - NEAR)
        total += doubt_of(text[begin : match.end() + NEAR], match.start() - begin)
        if total == math.inf:
            break
    return total


def doubt_of(text: str, place: int) -> float:
    """How unlikely a character is between its neighbours."""
    character, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if unicodedata.category(character) in ("Lu", "Ll"):
        return doubt_of_letter(text, place)
    if before.isalpha() and after.isalpha():
        likely = after.isupper() or before.isupper() or re.match(r"s\b", text[place + 1 : place + 3]) is not None
        return math.inf if character not in WITHIN else 0.0 if likely else 1.0
    if before.isalpha():
        cell = re.split(r"[;,\t\r\n]", text[:place])[-1]
        opened = OPENED.get(character, "") in cell
        return math.inf if character not in BEHIND else 0.0 if opened else BEHIND[character]
    if after.isalpha():
        short = character != "’" or re.match(r"[a-z]\b", text[place + 1 : place + 3]) is not None
        return math.inf if character not in BEFORE else 0.0 if short else 1.0
    return math.inf if unicodedata.category(character) == "Cc" else 0.0


def doubt_of_letter(text: str, place: int) -> float:
    """How unlikely a letter is within its word."""
    character, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    word = re.search(r"[^\W\d_]*$", text[:place])[0] + re.match(r"[^\W\d_]*", text[place + 1 :])[0]  # type: ignore[index]
    strange = character in "ƒªº" or (
        character.isupper() and (before.islower() or (before.isalpha() and after.islower()))
    )
    if strange or not re.search("[A-Za-z]", word):
        return math.inf
    if character.islower() and before.isupper() and after.isupper():
        return math.inf
    begins = character.islower() and not before.isalpha()
    ends = 0.25 if character == "á" and not after.isalpha() else 0.0
    usual = 0.0 if character.lower() in USUAL else SELDOM.get(character.lower(), 1.0)
    return (2.0 if character in ICELANDIC else usual) + begins + ends


# -- Workbooks -----------------------------------------------------------------------------------------------


def chosen_sheet(
    sheets: dict[str, list[Row]], known: Callable[[str], bool], sheet: str | None, notes: list[str]
) -> tuple[str, list[Row]]:
    """Title and rows of the sheet that is asked for, or else of the one with most known headings."""
    wanted = next((title for title in sheets if sheet and clean(title).casefold() == clean(sheet).casefold()), None)
    if wanted is None and len(sheets) > 1:
        found = {title: headings_found((row.cells for row in rows), known)[0] for title, rows in sheets.items()}
        best = [title for title in found if found[title] == max(found.values())]
        if len(best) > 1:
            allowed = _(
                "a list of one of them, or the name of one (--group; “group” in a scenario; “Class” in the dashboard)"
            )
            raise CellsError(
                _("several sheets with the same headings: {titles}").format(titles=", ".join(map(printable, best))),
                allowed,
                sheets=tuple(sheets),
            )
        wanted = best[0]
    if wanted is not None and len(sheets) > 1:
        notes.append(_("read was the sheet “{title}”").format(title=printable(wanted)))
    return (wanted, sheets[wanted]) if wanted is not None else next(iter(sheets.items()), ("", []))


def workbook(content: bytes) -> dict[str, list[Row]]:
    """The sheets of a workbook by their titles."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_unpacked(archive)
            names = set(archive.namelist())
            if "content.xml" in names:
                return open_document(archive.read("content.xml"))
            if "xl/workbook.xml" in names:
                return excel(content)
    except (CellsError, ImportError):
        raise
    except Exception as error:  # whatever is broken in there: a message says it all
        raise unreadable() from error
    raise unreadable()


def check_unpacked(archive: zipfile.ZipFile) -> None:
    """Check what a workbook says of its size; what says too little is damaged, and is read no further than it says.

    Raises
    ------
    CellsError
        When it is too large.
    """
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNPACKED:
        allowed = _("at most {size} MB").format(size=number(LARGEST_UNPACKED / 1e6, 0))
        raise CellsError(_("a workbook that is too large once it is unpacked"), allowed)


def bounded(rows: Iterable[Sequence[str]]) -> list[Row]:
    """Rows that are not blank, numbered, unless there are too many."""
    kept: list[Row] = []
    same: Sequence[str] = ()  # rows that are repeated are one row many times
    cleaned: list[str] = []
    for place, cells in enumerate(rows, start=1):
        if place > MOST_ROWS:
            raise CellsError(_("more than {count} rows").format(count=MOST_ROWS), _("a list with fewer rows"))
        if cells and cells is not same:
            same, cleaned = cells, [clean(cell) for cell in cells]
        if cells and any(cleaned):
            kept.append(Row(place, cleaned))
    return kept


def excel(content: bytes) -> dict[str, list[Row]]:
    """The sheets of a workbook of Excel, with what formulas gave when it was saved."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validation, which nobody reads here
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {}
        for sheet in book.worksheets[:MOST_SHEETS]:
            sheet.reset_dimensions()  # what a file says of its own size is not believed
            rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
            sheets[sheet.title] = bounded(
                [written(value) for value in row] if any(value is not None for value in row) else [] for row in rows
            )
        return sheets


def written(value: object) -> str:
    """The value of a cell as text."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)


TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def open_document(content: bytes) -> dict[str, list[Row]]:
    """The sheets of a workbook in the OpenDocument format."""
    from defusedxml.ElementTree import fromstring

    tables = itertools.islice(fromstring(content).iter(f"{TABLE}table"), MOST_SHEETS)
    return {table.get(f"{TABLE}name", ""): bounded(table_rows(table)) for table in tables}


def table_rows(table: Element) -> Iterator[list[str]]:
    """The rows of a table up to the last that is not blank; what is repeated is written once in such a file."""
    blank = 0
    for row in table.iter(f"{TABLE}table-row"):
        cells: list[str] = []
        for cell in row:
            if cell.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                room = MOST_COLUMNS + 1 - len(cells)
                cells += [cell_text(cell)] * min(repeated(cell, "columns"), room)
        if any(cells):
            yield from itertools.repeat([], blank)
            yield from itertools.repeat(cells, repeated(row, "rows"))
            blank = 0
        else:
            blank += repeated(row, "rows")


def repeated(element: Element, what: str) -> int:
    """How often a row or cell stands there."""
    return max(1, int(element.get(f"{TABLE}number-{what}-repeated", "1")))


def cell_text(cell: Element) -> str:
    """What a cell holds: numbers and dates exactly, else its paragraphs."""
    kept: Any = cell.get(f"{OFFICE}value") or (cell.get(f"{OFFICE}date-value") or "")[:10]
    return kept or " ".join("".join(paragraph.itertext()) for paragraph in cell.findall(f"{TEXT}p"))
