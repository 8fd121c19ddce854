"""The same class is read from whatever form a school, a study or a spreadsheet has; what cannot be told is asked."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sweeps import spiraal

from sim.files.classlist import (
    ChildRow,
    ClassList,
    ClassListError,
    ColumnMapping,
    Sex,
    Upload,
    look,
    propose_mapping,
    read_class_list,
    read_mapping,
)
from sim.files.coding import SCALES, SDQ_ITEMS
from sim.files.language import use

Rows = list[list[str]]
THIS_YEAR = ColumnMapping(school_year=2025)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use("en"):
        yield


def read(content: str | bytes, mapping: ColumnMapping = THIS_YEAR, group: str | None = None) -> ClassList:
    written = content if isinstance(content, bytes) else content.encode()
    return read_class_list(Upload("klas", written), mapping=mapping, group=group)


def refused(content: str | bytes, mapping: ColumnMapping = THIS_YEAR, group: str | None = None) -> list[str]:
    with pytest.raises(ClassListError) as caught:
        read(content, mapping, group)
    return [str(problem) for problem in caught.value.problems]


# -- One class -----------------------------------------------------------------------------------------------


class Child:
    """A made-up child, with answers to the items of two questionnaires."""

    def __init__(self, first: str, prefix: str, last: str, sex: Sex, born: dt.date, strs: int, sdq: int) -> None:
        self.first, self.prefix, self.last, self.sex, self.born = first, prefix, last, sex, born
        self.strs = {item: (item * strs) % 5 + 1 for item in range(1, 29)}
        self.sdq = {item: (item * sdq) % 3 for item in range(1, 26)}

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.first, self.prefix, self.last)))

    @property
    def age(self) -> float:
        return round((dt.date(2025, 9, 1) - self.born).days / 365.25, 2)

    def expected(self) -> ChildRow:
        closeness = [self.strs[item] for item in (1, 3, 5, 7, 9, 12, 15, 21, 27, 28)] + [6 - self.strs[4]]
        conflict = [self.strs[item] for item in (2, 11, 13, 16, 18, 20, 22, 23, 24, 25, 26)] + [6 - self.strs[19]]
        conduct = [self.sdq[item] for item in (5, 12, 18, 22)] + [2 - self.sdq[7]]
        return ChildRow(
            self.name,
            self.sex,
            self.age,
            closeness=round(sum(closeness) / 11, 4),
            conflict=round(sum(conflict) / 12, 4),
            dependency=round(sum(self.strs[item] for item in (6, 8, 10, 14, 17)) / 5, 4),
            sdq_conduct=float(sum(conduct)),
            sdq_hyperactivity=float(sum(self.sdq[item] for item in (2, 10, 15)) + 4 - self.sdq[21] - self.sdq[25]),
        )


CLASS = (
    Child("Zoë", "de", "Vries", "girl", dt.date(2018, 3, 13), 1, 1),
    Child("René", "", "Bakker", "boy", dt.date(2017, 11, 30), 2, 2),
    Child("Jürgen", "van den", "Berg", "boy", dt.date(2018, 5, 4), 3, 4),
    Child("Amélie", "", "Peeters", "girl", dt.date(2018, 1, 21), 4, 5),
)
EXPECTED = tuple(child.expected() for child in CLASS)
SCORES = ("closeness", "conflict", "dependency", "sdq_conduct", "sdq_hyperactivity")


def scores(child: Child) -> list[str]:
    return [str(getattr(child.expected(), field)) for field in SCORES]


def plain() -> Rows:
    rows = [[child.name, child.sex, str(child.age), *scores(child)] for child in CLASS]
    return [["name", "sex", "age", *SCORES], *rows]


def dutch_administration() -> Rows:
    """A title, names in parts, sex as in the register, dates as the Dutch write them, two classes, a total, an end."""
    headings = ["Achternaam", "Voorvoegsel", "Roepnaam", "Geslacht", "Geboortedatum", "Groep", "BSN", "LLRV nabijheid"]
    headings += ["LLRV conflict", "LLRV afhankelijkheid", "SDQ gedrag", "SDQ hyperactiviteit"]
    rows = [
        [c.last, c.prefix, c.first, "1" if c.sex == "boy" else "2", f"{c.born:%d-%m-%Y}", "4a", "123", *scores(c)]
        for c in CLASS
    ]
    other = ["Ander", "", "Kind", "2", "01-02-2017", "5b", "456", "", "", "", "", ""]
    total = ["Gemiddelde", "", "", "", "", "", "", "3,1", "", "", "", ""]
    return [["Klassenlijst 2025-2026"], [], headings, *rows[:2], other, *rows[2:], total, [], ["Afgedrukt op 1-9-2025"]]


def flemish_administration() -> Rows:
    """The family name is called *Naam*, and sex is as the Flemish write it."""
    headings = ["Stamboeknummer", "Naam", "Voornaam", "m/v", "Geb. datum", *SCORES]
    rows = [
        [str(i), f"{c.prefix} {c.last}".strip(), c.first, "mv"[c.sex == "girl"], f"{c.born:%d/%m/%Y}", *scores(c)]
        for i, c in enumerate(CLASS)
    ]
    return [headings, *rows]


def items() -> Rows:
    """Items by number and by the names of the official syntax; identifiers beside names."""
    headings = ["id", "full name", "j/m", "date of birth (dd-mm-jjjj)"]
    headings += [f"strs_{item:02}" for item in range(1, 29)] + [f"t{name}" for name in SDQ_ITEMS]
    rows = [
        [str(i), c.name, "jm"[c.sex == "girl"], f"{c.born:%d-%m-%y}"]
        + [str(answer) for answer in (*c.strs.values(), *c.sdq.values())]
        for i, c in enumerate(CLASS)
    ]
    return [headings, *rows]


def qualtrics() -> Rows:
    """Three rows of headings: names of variables, questions, and what the program calls them."""
    rows = items()
    questions = ["Response", "What is the name of the child?", "Sex", "Born"]
    questions += ["To what extent does this apply to the child?"] * (len(rows[0]) - 4)
    return [rows[0], questions, ['{"ImportId":"QID1"}'] * len(rows[0]), *rows[1:]]


def google_forms() -> Rows:
    """Whole questions as headings, a time stamp, answers in words."""
    words = ("niet waar", "een beetje waar", "zeker waar")
    headings = ["Tijdstempel", "Wat is de naam van het kind?", "Is het kind een jongen of een meisje?"]
    headings += ["Wat is de geboortedatum van het kind?"]
    headings += [f"STRS [{item}]" for item in range(1, 29)] + [f"SDQ [{item}]" for item in range(1, 26)]
    rows = [
        ["2025/09/01 09:00:00", c.name, "meisje" if c.sex == "girl" else "jongen", f"{c.born:%d %B %Y}"]
        + [str(answer) for answer in c.strs.values()]
        + [words[answer] for answer in c.sdq.values()]
        for c in CLASS
    ]
    return [headings, *rows]


def spss() -> Rows:
    """Codes for everything: 0 and 1 for sex with their labels in the heading, answers from 1, missing ones as 99."""
    headings = ["naam", "geslacht (0 = meisje, 1 = jongen)", "leeftijd", "agressie"]
    headings += [f"STRS{item}" for item in range(1, 29)] + [f"sdq{item}" for item in range(1, 26)]
    rows = [
        [c.name, str(int(c.sex == "boy")), str(c.age), ("99", "-9", "#NULL!", "n.v.t.")[i]]
        + [str(answer) for answer in c.strs.values()]
        + [str(answer + 1) for answer in c.sdq.values()]
        for i, c in enumerate(CLASS)
    ]
    return [headings, *rows]


def two_rows_of_headings() -> Rows:
    rows = [[c.name, c.sex, str(c.age), *scores(c)] for c in CLASS]
    above = ["naam", "geslacht", "leeftijd", "STRS", "", "", "SDQ", ""]
    return [
        above,
        ["", "", "", "nabijheid", "conflict", "afhankelijkheid", "gedragsproblemen", "hyperactiviteit"],
        *rows,
    ]


def text(separator: str, encoding: str, *, comma: bool = False, before: str = "") -> Callable[[Rows], bytes]:
    def write(rows: Rows) -> bytes:
        file = io.StringIO()
        numbers = [[cell.replace(".", ",") if comma and is_number(cell) else cell for cell in row] for row in rows]
        csv.writer(file, delimiter=separator).writerows(numbers)
        return (before + file.getvalue()).encode(encoding)

    return write


def is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


def xlsx(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([float(cell) if is_number(cell) else cell for cell in row])
    book.create_sheet("blank")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def opendocument(rows: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        body = f'<office:spreadsheet><table:table table:name="Blad1">{rows}</table:table></office:spreadsheet>'
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:body>{body}</office:body></office:document-content>",
        )
    return file.getvalue()


def ods(rows: Rows) -> bytes:
    def cell(value: str) -> str:
        kind = f'office:value-type="float" office:value={quoteattr(value)}' if is_number(value) else ""
        return f"<table:table-cell {kind}><text:p>{escape(value)}</text:p></table:table-cell>"

    end = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    wide = '<table:table-cell table:number-columns-repeated="16000"/>'
    lines = (f"<table:table-row>{''.join(map(cell, row))}{wide}</table:table-row>" for row in rows)
    return opendocument("".join(lines) + end)


LAYOUTS = (
    plain,
    dutch_administration,
    flemish_administration,
    items,
    qualtrics,
    google_forms,
    spss,
    two_rows_of_headings,
)
WRITERS = {
    "semicolons": text(";", "utf-8", comma=True),
    "commas": text(",", "utf-8-sig"),
    "tabs": text("\t", "utf-16"),
    "windows": text(";", "cp1252", comma=True),
    "mac": text(";", "mac_roman"),
    "dos": text(";", "cp850", comma=True),
    "told": text("\t", "utf-8", before="sep=\t\r\n"),
    "twice": lambda rows: text(",", "utf-8")(rows).decode("cp1252").encode(),
    "xlsx": xlsx,
    "ods": ods,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_same_class_in_every_form(layout: Callable[[], Rows], writer: str) -> None:
    found = read(WRITERS[writer](layout()), group="4A" if layout is dutch_administration else None)
    assert found.children == EXPECTED


# -- What is said, and what is asked -------------------------------------------------------------------------


def test_what_is_read_of_an_administration_is_told() -> None:
    notes = read(text(";", "cp850")(dutch_administration()), group="4a").notes
    assert notes == (
        "the text was read as DOS: look whether its names are right",
        "row 9 (“Gemiddelde”) was left out: it is no child",
        "row 11 (“Afgedrukt op 1-9-2025”) was left out: it is no child",
        "not read: “BSN”",
        "“Geslacht” was read as 1 = boy, 2 = girl",
        "ages were reckoned from “Geboortedatum”, on September 1, 2025; another school year is set in the mapping",
    )


def test_what_is_read_of_items_is_told() -> None:
    rows = items()
    rows[1][rows[0].index("tobeys")] = "99"
    notes = read(text(",", "utf-8")(rows)).notes
    assert "“99” among the answers was read as not known (1×)" in notes
    assert "closeness was made of 11 items, of which each child has 11 to 11 answered" in notes
    assert "SDQ conduct was made of 5 items, of which each child has 4 to 5 answered" in notes


def test_a_list_of_several_classes_names_them() -> None:
    content = "naam;klas\nA;3a\nB;3a\nC;3b\nD;3b\nE;3b\n"
    assert refused(content) == [
        (
            "klas: found several classes: 3a (2), 3b (3); "
            "allowed: a list of one of them, or the name of one "
            "(--group; “group” in a scenario; “Class” in the dashboard)"
        )
    ]
    assert [child.name for child in read(content, group="3 B").children] == ["C", "D", "E"]
    assert [child.name for child in read(content, group="3a,3b").children] == ["A", "B", "C", "D", "E"]
    assert refused(content, group="3c") == ["klas: found no class “3c”; allowed: one of 3a (2), 3b (3)"]
    assert len(read("naam;klas\nA;3a\nB;3A\nC;3 a\n").children) == 3
    assert "no column with classes" in refused("naam\nA\nB\n", group="3c")[0]


def test_a_workbook_of_several_classes_names_its_sheets() -> None:
    book = openpyxl.Workbook()
    for title, first in (("3a", "A"), ("3b", "B")):
        sheet = book.create_sheet(title)
        for name in ("naam", first, f"{first}2"):
            sheet.append([name])
    file = io.BytesIO()
    book.save(file)
    assert "several sheets with the same headings: 3a, 3b" in refused(file.getvalue())[0]
    assert [child.name for child in read(file.getvalue(), group="3B").children] == ["B", "B2"]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("naam\nMaría\nBo\n".encode("mac_roman"), ("“Mar’a” (cp1252: Windows)", "“María” (mac_roman: Mac)")),
        ("naam\nYağmur\nBo\n".encode("cp1254"), ("“Yaðmur” (cp1252: Windows)", "“Yağmur” (cp1254: Windows, Turkish)")),
        ("naam\nŁukasz\nBo\n".encode("cp1250"), ("“Łukasz” (cp1250: Windows, Central Europe)",)),
    ],
)
def test_an_encoding_that_cannot_be_told_is_asked_about(content: bytes, shown: Sequence[str]) -> None:
    (message,) = refused(content)
    assert all(reading in message for reading in shown)
    assert "CSV UTF-8" in message
    assert "encoding = " in message


@pytest.mark.parametrize(("name", "encoding"), [("Yağmur", "cp1254"), ("María", "mac_roman"), ("Łukasz", "cp1250")])
def test_whoever_knows_the_encoding_says_so(name: str, encoding: str) -> None:
    found = read(f"naam\n{name}\nBo\n".encode(encoding), ColumnMapping(encoding=encoding))
    assert [child.name for child in found.children] == [name, "Bo"]


@pytest.mark.parametrize(
    "note", ["zo’n “fijn” kind – heel druk…", "foto’s", "D’Angelo", "£ 3", "de school ‘De Vlieger’"]
)
def test_the_marks_of_windows_are_no_doubt(note: str) -> None:
    assert [child.name for child in read(f"naam;opmerking\nZoë;{note}\nBo;\n".encode("cp1252")).children] == [
        "Zoë",
        "Bo",
    ]


def test_letters_that_were_lost_before_are_not_taken_for_names() -> None:
    assert "where a letter was lost" in refused("naam\nZo\ufffd\nBo\n")[0]
    assert any("perhaps a letter that was lost" in note for note in read("naam\nYa?mur\nBo\n").notes)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("1 2", ["boy", "girl"]),
        ("1 2 9 0", ["boy", "girl", None, None]),
        ("m v x", ["boy", "girl", None]),
        ("j m", ["boy", "girl"]),
        ("M F X", ["boy", "girl", None]),
        ("1.0 2.0 99", ["boy", "girl", None]),
    ],
)
def test_codes_for_sex(codes: str, expected: list[Sex | None]) -> None:
    cells = codes.split()
    found = read("naam;geslacht\n" + "".join(f"{i};{code}\n" for i, code in enumerate(cells)))
    assert [child.sex for child in found.children] == expected


@pytest.mark.parametrize("codes", ["0 1 1 0", "1 1 1", "m m m", "0 1 9"])
def test_codes_for_sex_that_cannot_be_told_are_asked_about_once(codes: str) -> None:
    cells = codes.split()
    (message,) = refused("naam;geslacht\n" + "".join(f"{i};{code}\n" for i, code in enumerate(cells)))
    assert "boy" in message
    assert "girl" in message


def test_a_heading_of_one_letter_says_nothing_of_codes() -> None:
    said = ColumnMapping(columns={"name": "naam", "sex": "G"})
    assert "“0”; allowed: boy or girl" in refused("naam;G\nA;0\nB;1\n", said)[0]


def test_the_whole_list_tells_what_codes_and_dates_of_one_class_mean() -> None:
    content = "naam;klas;geslacht;geboortedatum\nA;3a;m;03/04/2018\nB;3a;m;05/06/2018\nC;3b;v;31/12/2018\nD;3b;m;\n"
    found = read(content, group="3a").children
    assert [child.sex for child in found] == ["boy", "boy"]
    assert [child.age for child in found] == [7.41, 7.24]


@pytest.mark.parametrize(
    ("heading", "zero"), [("girl", "boy"), ("male", "girl"), ("jongen", "girl"), ("sex (0 = boy, 1 = girl)", "boy")]
)
def test_a_heading_says_what_0_and_1_mean(heading: str, zero: Sex) -> None:
    assert read(f"name;{heading}\nA;0\nB;1\n").children[0].sex == zero


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d",
        "%Y%m%d",
        "%d-%m-%Y",
        "%d/%m/%Y",
        "%d.%m.%Y",
        "%m/%d/%Y",
        "%d %B %Y",
        "%B %d, %Y",
        "%d-%b-%y",
        "%Y-%m-%dT00:00:00Z",
    ],
)
def test_forms_of_dates(form: str) -> None:
    rows = "".join(f"{child.first}\t{child.born.strftime(form)}\n" for child in CLASS)
    assert [child.age for child in read(f"name\tdate of birth\n{rows}").children] == [child.age for child in CLASS]


def test_dates_of_a_spreadsheet() -> None:
    book = openpyxl.Workbook()
    for row in (["naam", "geboortedatum"], *([child.first, child.born] for child in CLASS)):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    assert [child.age for child in read(file.getvalue()).children] == [child.age for child in CLASS]


@pytest.mark.parametrize(
    "content",
    ["Zoë\nJan-Willem\nAn de Boer\n", "1. Zoë\n2. Jan-Willem\n3. An de Boer\n", "1;Zoë\n2;Jan-Willem\n3;An de Boer\n"],
)
def test_names_and_nothing_else_need_no_heading(content: str) -> None:
    found = read(content)
    assert [child.name for child in found.children] == ["Zoë", "Jan-Willem", "An de Boer"]
    assert "no heading: every row was read as a name, from “Zoë” on" in found.notes
    seen = look(Upload("klas", content.encode()))
    assert [(column.heading, column.field) for column in seen.columns] == [("name", "name")]


@pytest.mark.parametrize(
    "content", ["nam\nJan\nEmma\n", "Zoë;x\nJan;y\n", "2;Zoë\n3;Jan\n", "Zoë\nJan2\n", "5\n6\n", "a:b\nc\n"]
)
def test_other_lists_need_one(content: str) -> None:
    assert any("no heading “name”" in message for message in refused(content))


def test_dates_that_can_be_read_in_two_ways_are_asked_about_once() -> None:
    content = "naam;geboortedatum\nA;03/04/2018\nB;05/06/2018\n"
    (message,) = refused(content)
    assert "whether the day comes first" in message
    found = [read(content, ColumnMapping(dates=order, school_year=2025)).children[0].age for order in ("day", "month")]
    assert found == [7.41, 7.5]
    assert read(content.replace("datum", "datum (dd-mm-jjjj)")).children[0].age == 7.41


@pytest.mark.parametrize("date", ["31-02-2018", "13-13-2018", "1998-01-01", "gisteren", "2031-01-01"])
def test_a_date_that_cannot_be_is_refused_where_it_stands(date: str) -> None:
    (message,) = refused(f"naam;geboortedatum\nA;{date}\nB;25-06-2018\n")
    assert f"row 2, column “geboortedatum”: found “{date}”" in message


def test_a_child_may_be_called_max() -> None:
    assert [child.name for child in read("naam;leeftijd\nAda;7\nMax;7\n").children] == ["Ada", "Max"]
    found = read("naam;leeftijd\nAda;7\nBo;8\nMin;7\nMax;8\nGemiddelde;7,5\nSD;0,5\n")
    assert [child.name for child in found.children] == ["Ada", "Bo"]
    found = read("naam;leeftijd\nAda;7\nBo;8\nMax;7\nN;6\nGemiddelde;7,0\n")
    assert [child.name for child in found.children] == ["Ada", "Bo", "Max", "N"]


def test_totals_are_known_behind_the_class_of_a_child() -> None:
    found = read("klas;naam;leeftijd\n4a;Ada;7\n4a;Bo;8\n4a;Gemiddelde;7,5\n")
    assert [child.name for child in found.children] == ["Ada", "Bo"]


@pytest.mark.parametrize(
    "name",
    [
        "Som",
        "Gem.",
        "SD",
        "Klassengemiddelde",
        "Gemiddelde",
        "Klasgemiddelde",
        "Totaal",
        "Gemiddelde klas",
        "Average",
        "Mean (SD)",
    ],
)
def test_rows_of_totals_are_left_out_with_a_word(name: str) -> None:
    found = read(f"naam;nabijheid\nA;4\nB;5\n{name};4,5\n")
    assert [child.name for child in found.children] == ["A", "B"]
    assert found.notes == (f"row 4 (“{name}”) was left out: it is no child",)


@pytest.mark.parametrize("code", ["99", "-9", "999", "NULL", "#NULL!", "<NA>", "geen", "n.v.t.", "-99"])
def test_codes_for_what_is_missing(code: str) -> None:
    assert read(f"naam;leeftijd;nabijheid\nA;{code};{code}\nB;7;4\n").children[0] == ChildRow("A")


def test_what_can_be_a_value_is_one() -> None:
    assert read("naam;leeftijd;SDQ gedrag\nA;9;9\nB;7;4\n").children[0] == ChildRow("A", age=9.0, sdq_conduct=9.0)


@pytest.mark.parametrize(
    "heading", ["Nabijheid (1-5)", "nabijheid gemiddelde", "Vraag 3. Nabijheid", "nabijheid. Hoe nabij is dit kind?"]
)
def test_what_stands_around_a_heading_is_no_matter(heading: str) -> None:
    assert read(f"naam;{heading}\nA;4\nB;5\n").children[0].closeness == 4.0


@pytest.mark.parametrize(
    "heading", ["Nabijheid (1-7)", "nabijheid (0 tot 100)", "Naam leerkracht", "Leerjaar", "E-mail"]
)
def test_what_is_something_else_is_told_and_not_read(heading: str) -> None:
    found = read(f"naam;{heading}\nA;4\nB;5\n")
    assert found.children == (ChildRow("A"), ChildRow("B"))
    assert found.notes == (f"not read: “{heading}”",)


def test_units_below_the_headings_are_no_child() -> None:
    assert len(read("naam;leeftijd\n(code);(jaren)\nA;7\nB;8\n").children) == 2


def test_a_file_may_end_as_under_dos() -> None:
    assert len(read(b"naam;leeftijd\r\nA;7\r\nB;8\r\n\x1a").children) == 2


def test_two_children_with_one_name_are_told_apart_by_their_codes() -> None:
    found = read("leerlingnummer;voornaam\n11;Emma\n12;Emma\n13;Bo\n")
    assert [child.name for child in found.children] == ["Emma (11)", "Emma (12)", "Bo"]


def test_answers_of_which_nobody_knows_where_they_begin_are_asked_about() -> None:
    rows = [["name", *(f"sdq{item}" for item in range(1, 26))], ["A", *"1" * 25], ["B", *"2" * 25]]
    (message,) = refused(text(",", "utf-8")(rows))
    assert "0, 1, 2 or 1, 2, 3" in message


def test_too_few_answers_make_no_score() -> None:
    found = read("name,sdq5,sdq7,sdq12,sdq18,sdq22\nA,2,0,,,\nB,2,0,1,,\n")
    assert [child.sdq_conduct for child in found.children] == [None, 8.0]
    assert "SDQ conduct: 1 child has fewer than 3 answers, and no score" in found.notes


@pytest.mark.parametrize("questionnaire", SCALES)
def test_no_item_counts_in_two_scales(questionnaire: str) -> None:
    used = [item for scale in SCALES[questionnaire].values() for item in scale.items]
    assert len(used) == len(set(used))
    assert all(set(scale.turned) <= set(scale.items) for scale in SCALES[questionnaire].values())


# -- Mappings ------------------------------------------------------------------------------------------------


OWN = "Kode;Geslacht L;Warmte\nK1;0;4\nK2;1;5\n"
MAPPING = '[columns]\nname = "Kode"\nsex = "Geslacht L"\ncloseness = "Warmte"\n[sex]\n0 = "girl"\n1 = "boy"\n'


def test_a_mapping_says_what_no_heading_tells(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(MAPPING, encoding="utf-8")
    found = read(OWN, read_mapping(tmp_path / "own.toml"))
    assert found.children == (ChildRow("K1", "girl", closeness=4.0), ChildRow("K2", "boy", closeness=5.0))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_proposed_mapping_reads_the_same(layout: Callable[[], Rows], tmp_path: Path) -> None:
    content = text(";", "utf-8")(layout())
    group = "4a" if layout is dutch_administration else None
    (tmp_path / "own.toml").write_text(propose_mapping(Upload("klas", content), group=group), encoding="utf-8")
    lines = (tmp_path / "own.toml").read_text(encoding="utf-8").replace("# school_year = 2026", "school_year = 2025")
    (tmp_path / "own.toml").write_text(lines.replace("# school_year = 20", "school_year = 2025 # "), encoding="utf-8")
    assert read(content, read_mapping(tmp_path / "own.toml"), group).children == EXPECTED


def test_a_proposed_mapping_holds_headings_and_no_names() -> None:
    proposed = propose_mapping(Upload("klas", text(";", "utf-8")(dutch_administration())))
    assert 'call_name = "Roepnaam"' in proposed
    assert '# … = "BSN"' in proposed
    assert not any(part in proposed for child in CLASS for part in (child.first, child.last))


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("kolom = 1", "found “kolom”; allowed: columns, sex"),
        ("columns = 1", "“columns”: found “1”"),
        ('[columns]\nnam = "Kode"', "“columns.nam”: found “nam”; allowed: name, sex"),
        ('[columns]\nname = "Kode"\nsex = "KODE"', "each heading once"),
        ('[sex]\n1 = "male"', "“sex.1”: found “male”; allowed: boy or girl"),
        ("school_year = 1", "“school_year”: found “1”; allowed: a year"),
        ('encoding = "utf-7"', "cp1252, mac_roman"),
        ('dates = "american"', "day first / month first"),
        ("group = [", "allowed: TOML"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_in_words(toml: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(ClassListError) as caught:
        read_mapping(tmp_path / "own.toml")
    assert told in str(caught.value)


def test_a_mapping_whose_headings_are_not_there_is_refused() -> None:
    assert "no heading “Kode”" in refused("naam\nA\nB\n", ColumnMapping(columns={"name": "Kode"}))[0]


# -- What is seen, be it right or wrong ----------------------------------------------------------------------


@pytest.mark.parametrize("writer", ["windows", "xlsx"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_what_was_read_as_what_reads_the_same_again(layout: Callable[[], Rows], writer: str, tmp_path: Path) -> None:
    content = Upload("klas", WRITERS[writer](layout()))
    seen = look(content, mapping=THIS_YEAR, group="4a" if layout is dutch_administration else None)
    assert seen.class_list is not None
    assert seen.class_list.children == EXPECTED
    assert ColumnMapping.from_json(seen.mapping.to_json(), "said") == seen.mapping
    (tmp_path / "own.toml").write_text(seen.as_toml(), encoding="utf-8")
    assert read_mapping(tmp_path / "own.toml") == seen.mapping
    assert look(content, mapping=seen.mapping).columns == seen.columns


def test_a_mapping_tells_columns_of_one_heading_apart_and_names_those_without() -> None:
    content = b"Lijst van 3b\nNaam;;Naam;Naam\nA;v;Ma;8\nB;j;Pa;9\n"
    seen = look(Upload("klas", content), mapping=THIS_YEAR)
    assert [column.called for column in seen.columns] == ["Naam", "B", "Naam (2)", "Naam (3)"]
    assert [column.first for column in seen.columns] == [("A", "B"), ("v", "j"), ("Ma", "Pa"), ("8", "9")]
    assert [column.field for column in seen.columns] == ["name", None, None, None]
    assert len(seen.problems) == 3
    said = ColumnMapping(columns={"name": "Naam (2)", "sex": "B", "age": "naam 3"})
    assert read(content, said).children == (ChildRow("Ma", "girl", 8.0), ChildRow("Pa", "boy", 9.0))


@pytest.mark.parametrize("columns", [{}, {"group": "Groep"}], ids=["none", "one"])
def test_headings_stay_where_they_are_whatever_is_left_out(columns: dict[str, str]) -> None:
    content = Upload("klas", text(";", "utf-8")(dutch_administration()))
    seen = look(content, mapping=ColumnMapping(columns=columns, group="4a" if columns else None))
    assert seen.headings == 3
    assert [column.called for column in seen.columns] == dutch_administration()[2]
    assert {column.called: column.field for column in seen.columns if column.field} == {
        v: k for k, v in columns.items()
    }
    assert any("no heading “name”" in str(problem) for problem in seen.problems)


def test_codes_and_dates_that_cannot_be_told_are_seen_and_can_be_said() -> None:
    content = Upload("klas", b"naam;geslacht;geboortedatum\nA;0;03/04/2018\nB;1;05/06/2018\nC;?;\n")
    seen = look(content)
    assert (seen.sexes, seen.order) == ({"0": None, "1": None}, "")
    assert [problem.column for problem in seen.problems] == ["geslacht", "geboortedatum"]
    said = ColumnMapping(sex={"0": "girl", "1": None}, dates="month", school_year=2025)
    again = look(content, mapping=said)
    assert (again.sexes, again.order, again.problems) == ({"0": "girl", "1": ""}, "month", ())
    assert again.class_list is not None
    assert [child.sex for child in again.class_list.children] == ["girl", None, None]
    assert 'dates = "month first"' in again.as_toml()
    assert '[sex]\n0 = "girl"\n1 = ""' in again.as_toml()
    many = "naam;geslacht\n" + "".join(f"k{i};{i}\n" for i in range(20))
    assert look(Upload("klas", many.encode())).sexes == {}, "a column of numbers holds no codes"


def test_classes_and_sheets_to_choose_from_are_seen() -> None:
    content = Upload("klas", b"naam;klas\nA;3a\nB;3a\nC;3b\nD;3 B\n")
    seen = look(content)
    assert (seen.groups, seen.group, seen.rows) == ({"3a": 2, "3b": 2}, "", {})
    assert [column.first for column in seen.columns] == [("A", "B", "C"), ("3a", "3b", "3 B")]
    assert (look(content, group="3B").group, len(look(content, group="3B").children)) == ("3b", 2)
    book = openpyxl.Workbook()
    for title in ("3a", "3b"):
        for name in ("naam", "A", "B"):
            (book[title] if title in book else book.create_sheet(title)).append([name])
    file = io.BytesIO()
    book.save(file)
    sheets = Upload("klas", file.getvalue())
    assert (look(sheets).groups, look(sheets).columns) == ({"3a": None, "3b": None}, ())
    assert (look(sheets, group="3b").group, len(look(sheets, group="3b").rows)) == ("3b", 2)


def test_an_encoding_that_cannot_be_told_is_seen() -> None:
    mac = Upload("klas", "naam\nMaría\nBo\n".encode("mac_roman"))
    assert (look(mac).encoding, look(mac).columns) == ("", ())
    assert look(mac, mapping=ColumnMapping(encoding="mac_roman")).rows[2] == {"name": "María"}
    assert look(Upload("klas", "naam\nZoë\nBo\n".encode("cp1252"))).encoding == "cp1252"
    assert look(Upload("klas", "naam\nZoë\nBo\n".encode())).encoding is None


# -- What is hostile -----------------------------------------------------------------------------------------


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 200_000_000)
    return file.getvalue()


def far_away() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "naam"
    book.active["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def entities() -> bytes:
    file = io.BytesIO()
    declared = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "x"}">' for i in range(12))
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", f"<!DOCTYPE x [{declared}]><x>&e11;</x>")
    return file.getvalue()


REPEATED = (
    '<table:table-row table:number-rows-repeated="99999999"><table:table-cell table:number-columns-repeated="9999999">'
    "<text:p>x</text:p></table:table-cell></table:table-row>"
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bomb, "a workbook that is too large once it is unpacked"),
        (far_away, "more than 5000 rows"),
        (entities, "something other than text"),
        (
            lambda: opendocument(REPEATED),
            "more than 5000 rows",
        ),
        (lambda: opendocument("<table:table-row><table:table-cell>"), "something other than text"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "something other than text"),
    ],
)
def test_a_hostile_workbook_is_refused_soon_and_takes_little(content: Callable[[], bytes], told: str) -> None:
    written = content()
    tracemalloc.start()
    begin = time.process_time()
    try:
        assert told in refused(written)[0]
        assert time.process_time() - begin < 10
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [
        "naam\n" + "x\n" * 400_000,
        "naam;leeftijd\nGemiddelde;1\n" + "m;1\n" * 200_000,
        "naam;geboortedatum\n" + "x;1-1-2018\n" * 60_000,
        "naam;klas\n" + "".join(f"x;{i}\n" for i in range(60_000)),
        "é" * 400_000,
        "naam;" * 150_000,
    ],
    ids=len,
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_long_list_is_refused_soon(content: str, encoding: str) -> None:
    begin = time.process_time()
    assert refused(content.encode(encoding))
    assert time.process_time() - begin < 20


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(("xlsx", "ods")), st.integers(0), st.binary(min_size=1, max_size=6))
def test_a_damaged_workbook_raises_nothing_else(kind: str, place: int, damage: bytes) -> None:
    whole = WRITERS[kind](plain())
    place %= len(whole)
    try:
        read(whole[:place] + damage + whole[place + len(damage) :])
    except ClassListError as error:
        assert str(error)


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                (
                    "naam",
                    "geslacht",
                    "klas",
                    "geboortedatum",
                    "sdq1",
                    "tobeys",
                    "strs_4",
                    "id",
                    "0",
                    "1",
                    "99",
                    "m",
                    "3-4-18",
                    "Zoë",
                    "",
                    '{"ImportId":1}',
                    "Totaal",
                    "x" * 70,
                    "voornaam",
                    "leeftijd",
                )
            ),
            max_size=8,
        ),
        max_size=12,
    ),
    st.sampled_from(("utf-8", "cp1252", "mac_roman", "cp850")),
)
def test_no_table_raises_anything_else(rows: Rows, encoding: str) -> None:
    content = text(";", encoding)(rows)
    for group in (None, "1"):
        try:
            found = read(content, group=group)
        except ClassListError as error:
            assert len(str(error).split("\n")) == len(error.problems)
        else:
            assert ClassList.from_json(found.to_json()) == found
    try:
        propose_mapping(Upload("klas", content))
    except ClassListError as error:
        assert str(error)


# -- The command ---------------------------------------------------------------------------------------------


def test_check_shows_what_is_read_as_what_and_no_names(tmp_path: Path) -> None:
    (tmp_path / "klas.csv").write_bytes(text(";", "cp1252")(dutch_administration()))
    said = spiraal(tmp_path, "class", "check", "klas.csv", "--group", "4a")
    for part in ("Geboortedatum", "date of birth", "4 of 4 children", "not read: “BSN”"):
        assert part in said
    assert not any(part in said for child in CLASS for part in (child.first, child.last))
    assert [file.name for file in tmp_path.iterdir()] == ["klas.csv"]


def test_a_mapping_is_proposed_and_used(tmp_path: Path) -> None:
    (tmp_path / "klas.csv").write_text(OWN.replace("Kode", "code"), encoding="utf-8")
    spiraal(tmp_path, "class", "map", "klas.csv", "--out", "own.toml")
    assert 'identifier = "code"' in (tmp_path / "own.toml").read_text(encoding="utf-8")
    assert "nothing was written" in spiraal(tmp_path, "class", "map", "klas.csv", "--out", "own.toml", code=2)
    (tmp_path / "own.toml").write_text(MAPPING.replace("Kode", "code"), encoding="utf-8")
    assert "0 = girl, 1 = boy" in spiraal(tmp_path, "class", "check", "klas.csv", "--mapping", "own.toml")


def test_options_of_a_list_need_a_list(tmp_path: Path) -> None:
    assert "--group needs --class" in spiraal(tmp_path, "run", "ordinary-class", "--group", "3b", code=2)


@pytest.mark.slow
def test_a_run_takes_its_class_from_a_list_of_several(tmp_path: Path) -> None:
    (tmp_path / "klas.csv").write_bytes(text(";", "cp850")(dutch_administration()))
    said = spiraal(tmp_path, "run", "--class", "klas.csv", "--group", "4a", "--weeks", "1", "--out", "out")
    assert "row 9 (“Gemiddelde”) was left out" in said
    manifest = (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")
    assert "Zoë de Vries" in manifest
    assert "Gemiddelde" not in manifest
    assert "irritated" not in manifest, "the teacher of a class of one's own is like most"
