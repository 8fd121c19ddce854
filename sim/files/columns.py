"""Which column of a list is which: by its heading, in Dutch or in English, or as a mapping says.

A mapping is a small TOML file that somebody makes once for the lists of one system: it says under which heading each
thing stands, and whatever else a list does not tell of itself.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sim.files.cells import ENCODINGS, LOOKED_AT, Row
from sim.files.coding import ANSWERS, SCALES, SDQ_ITEMS, Order, Sex
from sim.files.language import _, current
from sim.files.problems import ClassListError, Problem, letter
from sim.files.reading import ReadingError, Source, name_of, read_toml

Known = Callable[[str], bool]

__all__ = [
    "CHILD_COLUMNS",
    "SOURCE_COLUMNS",
    "Column",
    "ColumnMapping",
    "called",
    "field_of",
    "heading_rows",
    "is_known",
    "item_of",
    "key",
    "mapping_data",
    "read_mapping",
]


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
        ("name", "child", "child name", "pupil", "pupil name", "student", "student name", "full name"),
        (
            *("naam", "leerling", "leerlingnaam", "naam leerling", "kind", "volledige naam", "voor- en achternaam"),
            *("achternaam, voornaam", "naam en voornaam"),
        ),
    ),
    Column("sex", ("sex", "gender", "m/f", "boy/girl"), ("geslacht", "jongen/meisje", "j/m", "m/v", "sekse")),
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
        ("SDQ conduct", "SDQ conduct problems", "conduct", "conduct problems", "tconduct"),
        ("SDQ gedragsproblemen", "gedragsproblemen", "SDQ gedrag"),
        low=0,
        high=10,
        step=0.5,
    ),
    Column(
        "sdq_hyperactivity",
        ("SDQ hyperactivity", "hyperactivity", "SDQ hyperactivity/inattention", "thyper"),
        ("SDQ hyperactiviteit", "hyperactiviteit", "SDQ hyperactiviteit/aandachtstekort"),
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
"""What can be said of a child."""

SOURCE_COLUMNS: Final = (
    Column("call_name", ("call name", "preferred name"), ("roepnaam",)),
    Column("first_name", ("first name", "forename", "given name"), ("voornaam", "voornamen")),
    Column("name_prefix", ("name prefix", "prefix"), ("tussenvoegsel", "tussenvoegsels", "voorvoegsel", "tussenv")),
    Column("last_name", ("last name", "surname", "family name"), ("achternaam", "familienaam")),
    Column(
        "identifier",
        ("id", "child id", "pupil id", "student id", "code", "pupil number", "student number", "external reference"),
        ("leerlingnummer", "nummer", "leerlingcode", "leerling id", "stamnummer", "stamboeknummer"),
    ),
    Column(
        "birth_date",
        ("date of birth", "birth date", "birthday", "dob"),
        ("geboortedatum", "geb datum", "gebdatum", "geb dat", "geboren", "geboren op"),
    ),
    Column(
        "group",
        ("class", "group", "class name", "group name", "classroom", "homeroom"),
        ("klas", "groep", "klasnaam", "groepsnaam", "stamgroep", "klasgroep", "klas/groep", "stamklas"),
    ),
)
"""What the name, the age and the class of a child can be told from."""

DUMMIES: Final = ("boy", "girl", "male", "female", "jongen", "meisje", "man", "vrouw")
"""Headings over 0 and 1 for sex; among the cells of a row they are no headings."""
FILLERS: Final = frozenset(
    (
        "de",
        "het",
        "een",
        "van",
        "is",
        "wat",
        "kind",
        "leerling",
        "kinds",
        "leerlings",
        "of",
        "the",
        "a",
        "an",
        "child",
        "pupil",
        "student",
        "pupils",
        "students",
        "what",
        "s",
        "was",
        "or",
        "je",
        "jouw",
        "your",
        "in",
        "welke",
        "zit",
        "which",
        "mean",
        "score",
        "scale",
        "gemiddelde",
        "schaal",
    )
)
"""Words in a question that do not tell what it asks for."""
ITEM: Final = re.compile(
    r"(t?sdq|strs(?:[\s_-]*(?:sf|short|15(?=[\s_.\[-])))?)(?:[\s_-]*28(?=[\s_.\[-]))?"
    r"[\s_.\[-]*(?:item|vraag|sq|q|i|v)?[\s_.-]*0*(\d{1,2})\]?"
)
"""Headings of items by number: ``STRS 1``, ``strs_sf_01``, ``SDQ[SQ005]``."""


def key(heading: str) -> str:
    """What two spellings of a heading have in common."""
    composed = unicodedata.normalize("NFC", heading.casefold())
    return "".join(character for character in composed if character.isalnum())


def telling(question: str) -> str:
    """What is left of a question without the words that do not tell what it asks for."""
    words = re.findall(r"[^\W_]+", re.sub(r"\(.*?\)|\[.*?\]", " ", question.casefold()))
    return "".join(word for word in words if word not in FILLERS)


SPELLED: Final = [
    (heading, column.field)
    for column in (*CHILD_COLUMNS, *SOURCE_COLUMNS)
    for heading in (column.field, *column.headings)
]
KNOWN: Final = {key(heading): name for heading, name in SPELLED}
ASKED: Final = {short: name for heading, name in SPELLED if (short := telling(heading)) and len(short) > 1}


def item_of(name: str) -> tuple[str, int] | None:
    """Questionnaire and number of an item: of a field such as ``strs_4``, or None where it is none."""
    questionnaire, _line, digits = name.rpartition("_")
    return (questionnaire, int(digits)) if questionnaire in SCALES and digits.isdigit() else None


def field_of(heading: str) -> str | None:
    """The field that a heading stands for; None where nobody knows it."""
    text = heading.casefold().strip()
    if found := KNOWN.get(key(text)):
        return found
    if text in DUMMIES:
        return "sex"
    if item := ITEM.fullmatch(text):
        questionnaire = "sdq" if "sdq" in item[1] else "strs" if item[1] == "strs" else "strs_sf"
        return asked_in(questionnaire, int(item[2]))
    if text.startswith("t") and text[1:] in SDQ_ITEMS:
        return asked_in("sdq", SDQ_ITEMS.index(text[1:]) + 1)
    if numbered := re.match(r"(?:(?:vraag|question|q|v)\s*)?\d+\s*[.:)]\s*(?=\S)|(?=[\w\[\]]+\.\s)", text):
        return field_of(text[numbered.end() :] if numbered[0] else text[: text.index(".")])
    found = ASKED.get(telling(text))
    return None if found is None or counts_otherwise(text, found) else found


def counts_otherwise(heading: str, name: str) -> bool:
    """Whether a heading says that its numbers have another range than those of a field."""
    said = re.search(r"(\d+)\s*(?:[-–]|to|tot)\s*(\d+)", heading)
    return said is not None and any(
        column.is_number and (float(said[1]), float(said[2])) != (column.low, column.high)
        for column in CHILD_COLUMNS
        if column.field == name
    )


def asked_in(questionnaire: str, number: int) -> str | None:
    """The field of an item, if the questionnaire has so many."""
    most = {"strs": 28, "strs_sf": 15, "sdq": 25}[questionnaire]
    return f"{questionnaire}_{number}" if 1 <= number <= most else None


def is_known(cell: str) -> bool:
    """Whether a cell is a heading, and can be nothing else."""
    return len(cell) <= LONGEST_HEADING and cell.casefold() not in DUMMIES and field_of(cell) is not None


LONGEST_HEADING: Final = 200


# -- Where the headings are --------------------------------------------------------------------------------------


def heading_rows(rows: Sequence[Row], mapping: ColumnMapping) -> tuple[Row, int]:
    """The headings of a list, and how many rows stand above the first child.

    Above them may stand a title; they may take two rows, of which the upper one fills what the lower one leaves
    open; and below them may stand what a questionnaire asked, or what it calls its questions.
    """

    def known(cell: str) -> bool:
        return mapping.is_known(cell) or is_known(cell)

    counts = [0]
    if mapping.columns:
        names = [called(row.cells, rows[i + 1 :]) for i, row in enumerate(rows[:LOOKED_AT])]
        counts = [sum(map(mapping.is_known, cells)) for cells in names]
    if not any(counts):
        counts = [sum(map(known, row.cells)) for row in rows[:LOOKED_AT]]
    place = counts.index(max(counts))
    cells = list(rows[place].cells)
    if place and counts[place]:
        above = rows[place - 1]
        cells += [""] * (len(above.cells) - len(cells))
        cells = [cell or (above.cell(i) if known(above.cell(i)) else "") for i, cell in enumerate(cells)]
    first = place + 1
    told = [i for i, row in enumerate(rows[:LOOKED_AT]) if i > place and any('"ImportId"' in c for c in row.cells)]
    if told:
        first = told[0] + 1
    while counts[place] and first < len(rows) and names_columns(rows[first], cells, known):
        first += 1
    return Row(rows[place].number, cells), first


def called(headings: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """What each column is called, so that it can be told from the others; blank where there is nothing below.

    That is its heading, with a number where an earlier one has the same; and, as in a spreadsheet, a letter where it
    has none.
    """
    width = max((len(row.cells) for row in rows), default=0)
    seen: Counter[str] = Counter()
    names = []
    for place in range(max(len(headings), width)):
        heading = headings[place] if place < len(headings) else ""
        name = heading if key(heading) else letter(place) if any(row.cell(place) for row in rows) else ""
        seen[key(name)] += 1
        names.append(f"{name} ({seen[key(name)]})" if name and seen[key(name)] > 1 else name)
    return names


def names_columns(row: Row, headings: Sequence[str], known: Known) -> bool:
    """Whether a row below the headings says more of them: in headings, units or sentences."""
    cells = [cell for cell in row.cells if cell]
    numbers = [
        cell
        for cell, heading in zip(row.cells, headings, strict=False)
        if cell and is_number_heading(heading, known) and cell.casefold() not in ANSWERS
    ]
    units = len(cells) > 1 and all(cell.startswith("(") and cell.endswith(")") for cell in cells)
    sentences = bool(numbers) and all(len(re.findall(r"[^\W\d_]{2,}", cell)) > 2 for cell in numbers)
    return units or sentences or (len(cells) > 1 and sum(map(known, cells)) * 2 >= len(cells))


def is_number_heading(heading: str, known: Known) -> bool:
    """Whether the cells below a heading are numbers."""
    name = field_of(heading) if known(heading) else None
    return name is not None and (
        item_of(name) is not None or any(c.field == name and c.is_number for c in CHILD_COLUMNS)
    )


# -- Mappings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ColumnMapping:
    """What somebody said of a list.

    Attributes
    ----------
    columns
        The heading of each field, as `called` has it; fields that are left out are not read. None: as the headings
        say.
    sex
        What codes for sex mean; None is "not known".
    dates
        Whether day or month stands first in dates.
    school_year
        Year in which the school year begins, for ages.
    encoding
        Encoding of the text, one of `sim.files.cells.ENCODINGS`.
    group
        The class that is meant, where a list has several.
    """

    columns: Mapping[str, str] | None = None
    sex: Mapping[str, Sex | None] = field(default_factory=dict)
    dates: Order | None = None
    school_year: int | None = None
    encoding: str | None = None
    group: str | None = None

    def field_of(self, heading: str) -> str | None:
        """The field that a heading stands for; None where it is none."""
        if self.columns is None:
            return field_of(heading)
        return next((name for name, said in self.columns.items() if key(said) == key(heading)), None)

    def is_known(self, cell: str) -> bool:
        """Whether a cell is a heading, and can be nothing else."""
        return bool(cell) and self.field_of(cell) is not None if self.columns else is_known(cell)

    def to_json(self) -> dict[str, Any]:
        """What was said, as plain data that a mapping file holds."""
        said = {
            "school_year": self.school_year,
            "dates": next((words for words, order in ORDERS.items() if order == self.dates), None),
            "encoding": self.encoding,
            "group": self.group,
            "columns": None if self.columns is None else dict(self.columns),
            "sex": {code: sex or "" for code, sex in self.sex.items()} or None,
        }
        return {name: value for name, value in said.items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], file: str) -> ColumnMapping:
        """A mapping from plain data, such as :meth:`to_json` gave; `file` is what errors call it.

        Raises
        ------
        ClassListError
            With everything that is wrong with it.
        """
        problems = list(wrong_with(file, data))
        if problems:
            raise ClassListError(problems)
        return cls(
            columns=data.get("columns"),
            sex={code: SEX_WORDS[word] for code, word in data.get("sex", {}).items()},
            dates=ORDERS.get(data.get("dates", "")),
            school_year=data.get("school_year"),
            encoding=data.get("encoding"),
            group=data.get("group"),
        )


FIELDS: Final = (
    *(column.field for column in CHILD_COLUMNS),
    *(column.field for column in SOURCE_COLUMNS),
    *(f"{name}_{item}" for name, most in (("strs", 28), ("strs_sf", 15), ("sdq", 25)) for item in range(1, most + 1)),
)
SEX_WORDS: Final[Mapping[str, Sex | None]] = {"boy": "boy", "girl": "girl", "": None}
ORDERS: Final[Mapping[str, Order]] = {"day first": "day", "month first": "month"}


def read_mapping(source: Source) -> ColumnMapping:
    """Read a mapping from its file.

    Raises
    ------
    ClassListError
        With everything that is wrong with it.
    """
    return ColumnMapping.from_json(mapping_data(source), name_of(source))


def mapping_data(source: Source) -> dict[str, Any]:
    """What stands in the file of a mapping.

    Raises
    ------
    ClassListError
        When it is not there, or cannot be read.
    """
    file = name_of(source)
    try:
        return read_toml(source)
    except FileNotFoundError:
        raise ClassListError([Problem(file, None, None, _("no file with this name"), _("a mapping"))]) from None
    except ReadingError as error:
        raise ClassListError([Problem(file, None, None, error.found, error.allowed)]) from None


def wrong_with(file: str, data: Mapping[str, Any]) -> Iterable[Problem]:
    """Everything in a mapping that is not as it should be."""
    allowed: dict[str, tuple[Any, str]] = {
        "columns": (lambda value: isinstance(value, dict), _("a table: field = “heading”")),
        "sex": (lambda value: isinstance(value, dict), _("a table: “code” = “boy”, “girl” or blank")),
        "dates": (lambda value: value in list(ORDERS), " / ".join(ORDERS)),
        "school_year": (lambda value: type(value) is int and 1950 <= value <= 2100, _("a year, such as 2026")),
        "encoding": (lambda value: value in list(ENCODINGS), ", ".join(ENCODINGS)),
        "group": (lambda value: isinstance(value, str), _("the name of a class")),
    }
    for name, value in data.items():
        if name not in allowed:
            yield Problem(file, None, name, name, ", ".join(allowed))
        elif not allowed[name][0](value):
            yield Problem(file, None, name, str(value), allowed[name][1])
    tables = {name: value for name, value in data.items() if isinstance(value, dict)}
    taken: set[str] = set()
    for name, heading in tables.get("columns", {}).items():
        if name not in FIELDS:
            some = ", ".join(itertools.islice(FIELDS, len(CHILD_COLUMNS) + len(SOURCE_COLUMNS)))
            yield Problem(file, None, f"columns.{name}", name, f"{some}, strs_1 …, strs_sf_1 …, sdq_1 …")
        elif not isinstance(heading, str) or not key(heading):
            yield Problem(file, None, f"columns.{name}", str(heading), _("a heading of the list"))
        elif key(heading) in taken:
            yield Problem(file, None, f"columns.{name}", heading, _("each heading once"))
        else:
            taken.add(key(heading))
    for code, word in tables.get("sex", {}).items():
        if not isinstance(word, str) or word not in SEX_WORDS:
            yield Problem(file, None, f"sex.{code}", str(word), _("boy or girl, or blank if not known"))
