"""How cells are coded: sex, dates, what is missing, and scales that were filled in item by item.

A code means what the whole column says it means; where that cannot be told, nobody guesses.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "ANSWERS",
    "SCALES",
    "SDQ_ITEMS",
    "SEXES",
    "UNKNOWN",
    "Order",
    "Scale",
    "Sex",
    "age_on",
    "date_of",
    "first_day",
    "is_missing_code",
    "order_of",
    "sex_codes",
    "whole",
]

Sex = Literal["boy", "girl"]
Order = Literal["day", "month"]

UNKNOWN: Final = frozenset(
    (
        *("", "na", "n/a", "#n/a", "#n/b", "nb", "n.b.", "nan", "nvt", "n.v.t.", ".", "-", "–", "—", "?"),
        *("unknown", "onbekend", "not known", "niet bekend", "niet ingevuld", "missing", "ontbreekt", "none", "geen"),
        *("null", "#null", "#null!", "<na>", "#value!", "#waarde!"),
    )
)
"""What may stand in a cell (other than a name) whose content is not known."""

MISSING_CODES: Final = frozenset(
    (77, 88, 99, 777, 888, 999, 9999, -1, -7, -8, -9, -77, -88, -99, -777, -888, -999, -9999)
)
"""Numbers that stand for "not known" where they cannot be a value."""


def is_missing_code(value: float, low: float, high: float) -> bool:
    """Whether a number stands for "not known" in a column with values from `low` to `high`."""
    return value in MISSING_CODES and not low <= value <= high


# -- Sex -----------------------------------------------------------------------------------------------------

SEXES: Final[Mapping[str, Sex]] = {
    **dict.fromkeys(("boy", "b", "male", "man", "jongen", "j", "mannelijk", "♂"), "boy"),
    **dict.fromkeys(("girl", "g", "female", "f", "woman", "w", "meisje", "v", "vrouw", "vrouwelijk", "♀"), "girl"),
}
NEITHER: Final = frozenset(("x", "o", "anders", "other", "divers", "non-binary", "nonbinary", "non-binair"))
"""The model knows boys and girls; which of them it takes for others is drawn."""
MALE_BESIDE: Final = frozenset(("f", "v", "female", "woman", "w", "vrouw", "vrouwelijk"))
"""Beside these "m" stands for *male* or *man* …"""
GIRL_BESIDE: Final = frozenset(("j", "jongen"))
"""… and beside these for *meisje*."""


def sex_codes(cells: Iterable[str], heading: str, told: Mapping[str, Sex | None]) -> dict[str, Sex | None]:
    """What each cell of a column means, in lower case; a cell that is left out cannot be told.

    Parameters
    ----------
    cells
        The column.
    heading
        Its heading, which may tell: ``m/v``, ``j/m``, ``geslacht (1 = jongen, 2 = meisje)``, or ``girl`` over 0 and 1.
    told
        What somebody said that codes mean.
    """
    found = {cell.casefold() for cell in cells}
    heading = heading.casefold()
    codes: dict[str, Sex | None] = {cell: None for cell in found if cell in UNKNOWN or cell in NEITHER}
    codes |= {cell: SEXES[cell] for cell in found if cell in SEXES}
    man, meisje = ({*found, *heading.split("/")} & beside for beside in (MALE_BESIDE, GIRL_BESIDE))
    if bool(man) != bool(meisje):
        codes["m"] = "boy" if man else "girl"
    codes |= numbered(found - set(codes), heading)
    return codes | {code.casefold(): sex for code, sex in told.items()}


def numbered(found: set[str], heading: str) -> dict[str, Sex | None]:
    """What numbers mean: as the heading says, 0 and 1 under the name of a sex, or as in ISO/IEC 5218.

    That standard, which Dutch school administrations follow, has 1 for male, 2 for female, 0 and 9 for not known.
    """
    said = re.findall(r"([0-9])\s*[=:]\s*([a-z]+)|([a-z]+)\s*[=:]\s*([0-9])", heading)
    pairs = {code or code_behind: SEXES.get(word or word_before) for code, word, word_before, code_behind in said}
    if "m" in {word or word_before for _code, word, word_before, _behind in said}:
        pairs = {}
    if len({sex for sex in pairs.values() if sex}) == 2:
        return {**pairs, "9": pairs.get("9")}
    numbers = {cell: value for cell in found if (value := whole(cell)) is not None}
    values = set(numbers.values()) - {code for code in MISSING_CODES if code not in (0, 1, 2, 9)}
    other = {cell: None for cell, value in numbers.items() if value not in values}
    if len(heading) > 1 and heading in SEXES and 2 not in values:
        sex = SEXES[heading]
        other_sex: Sex = "girl" if sex == "boy" else "boy"
        yes = {**dict.fromkeys(("ja", "yes", "true"), sex), **dict.fromkeys(("nee", "no", "false"), other_sex)}
        meant: dict[int, Sex | None] = {1: sex, 0: other_sex}
        return {**other, **yes, **{cell: meant[value] for cell, value in numbers.items() if value in meant}}
    if 2 in values and values <= {0, 1, 2, 9}:
        meant = {0: None, 1: "boy", 2: "girl", 9: None}
    else:
        meant = {} if 1 in values else {0: None, 9: None}
    return other | {cell: meant[value] for cell, value in numbers.items() if value in meant}


def whole(cell: str) -> int | None:
    """The whole number in a cell, as a program may have written it; None where it is none."""
    return int(match[1]) if (match := re.fullmatch(r"(-?[0-9]{1,4})([.,]0+)?", cell)) else None


# -- Dates ---------------------------------------------------------------------------------------------------

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mrt maa", "apr", "may mei", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec"), start=1
    )
    for name in names.split()
}
FIRST_DAY: Final = (9, 1)
"""Month and day on which a school year begins."""
SERIAL: Final = range(36_526, 54_789)
"""Days from 1900, as spreadsheets count them: the years 2000 to 2049."""
THIS_CENTURY: Final = 50


def first_day(year: int | None) -> dt.date:
    """The first day of the school year that begins in a year; by default of the one that today is in."""
    today = dt.date.today()  # noqa: DTZ011 - a school year has no time zone
    if year is None:
        year = today.year if (today.month, today.day) >= (8, 1) else today.year - 1
    return dt.date(year, *FIRST_DAY)


def age_on(day: dt.date, born: dt.date) -> float:
    """Age in years, to the hundredth."""
    return round((day - born).days / 365.25, 2)


def order_of(cells: Iterable[str], heading: str) -> Order | None:
    """Whether the day or the month stands first in dates such as 3/4/2017, as the heading or the whole column tells.

    None where neither does.
    """
    said = re.search(r"\b(d+|m+)[-/. ](d+|m+)[-/. ][jy]+", heading.casefold())
    if said and said[1][0] != said[2][0]:
        return "day" if said[1][0] == "d" else "month"
    pairs = [(int(m[1]), int(m[2])) for cell in cells if (m := re.match(r"(\d{1,2})[-/. ](\d{1,2})[-/. ]\d", cell))]
    day, month = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    if day == month:
        return None if any(first != second for first, second in pairs) else "day"
    return "day" if day else "month"


def date_of(cell: str, order: Order) -> dt.date | None:
    """The date in a cell, in any of the forms that lists have; None where it is none."""
    text = re.sub(r"[t ]\d{1,2}:\d{2}.*$", "", cell.strip().casefold())
    if found := re.fullmatch(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})", text):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})", text):
        first, second, year = map(int, found.groups())
        day, month = (first, second) if order == "day" else (second, first)
    elif found := re.fullmatch(r"(\d{1,2})[-/. ]+([a-z]{3,9})\.?[-/. ,]+(\d{4}|\d{2})", text):
        day, month, year = int(found[1]), MONTHS.get(found[2][:3], 0), int(found[3])
    elif found := re.fullmatch(r"([a-z]{3,9})\.?[-/. ]+(\d{1,2})[-/. ,]+(\d{4}|\d{2})", text):
        day, month, year = int(found[2]), MONTHS.get(found[1][:3], 0), int(found[3])
    elif re.fullmatch(r"\d{5}", text) and int(text) in SERIAL:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(text))
    else:
        return None
    try:
        return dt.date(year + 2000 if year < THIS_CENTURY else year, month, day)
    except ValueError:
        return None


# -- Scales ----------------------------------------------------------------------------------------------------

SDQ_ITEMS: Final = (
    "consid",
    "restles",
    "somatic",
    "shares",
    "tantrum",
    "loner",
    "obeys",
    "worries",
    "caring",
    "fidgety",
    "friend",
    "fights",
    "unhappy",
    "popular",
    "distrac",
    "clingy",
    "kind",
    "lies",
    "bullied",
    "helpout",
    "reflect",
    "steals",
    "oldbest",
    "afraid",
    "attends",
)
"""Names of the 25 items in the official syntax, in their order; a teacher's begin with ``t`` there."""

ANSWERS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("not true", "niet waar"), 0),
    **dict.fromkeys(("somewhat true", "een beetje waar", "beetje waar"), 1),
    **dict.fromkeys(("certainly true", "zeker waar"), 2),
}
"""Answers to an item of the SDQ in words."""


@dataclass(frozen=True)
class Scale:
    """A scale that is made of items.

    Attributes
    ----------
    items, turned
        Numbers of its items, and of those among them that count the other way round.
    low, high
        Lowest and highest answer.
    least
        Number of items that have to be answered.
    total
        Whether the score is a sum of whole answers (missing ones as the mean of the others), not a mean.
    """

    items: tuple[int, ...]
    turned: tuple[int, ...]
    low: int
    high: int
    least: int
    total: bool = False

    def score(self, answers: Mapping[int, float]) -> float | None:
        """The score of one child, from the answers that are there; None where these are too few."""
        given = [
            self.low + self.high - answers[item] if item in self.turned else answers[item]
            for item in self.items
            if item in answers
        ]
        if len(given) < self.least:
            return None
        mean = math.fsum(given) / len(given)
        return float(math.floor(mean * len(self.items) + 0.5)) if self.total else round(mean, 4)


def strs(items: str, turned: str = "") -> Scale:
    """A scale of the STRS, of which half of the items have to be answered."""
    numbers = tuple(map(int, items.split()))
    return Scale(numbers, tuple(map(int, turned.split())), 1, 5, (len(numbers) + 1) // 2)


def sdq(items: Sequence[int], *turned: int) -> Scale:
    """A scale of the SDQ, scored as its official syntax does: at least three items of five."""
    return Scale(tuple(items), turned, 0, 2, 3, total=True)


SCALES: Final[Mapping[str, Mapping[str, Scale]]] = {
    "strs": {  # Pianta (2001), 28 items
        "closeness": strs("1 3 4 5 7 9 12 15 21 27 28", "4"),
        "conflict": strs("2 11 13 16 18 19 20 22 23 24 25 26", "19"),
        "dependency": strs("6 8 10 14 17"),
    },
    "strs_sf": {  # the short form of 15 items
        "closeness": strs("1 3 4 5 6 7 9 15", "4"),
        "conflict": strs("2 8 10 11 12 13 14"),
    },
    "sdq": {
        "sdq_conduct": sdq((5, 7, 12, 18, 22), 7),
        "sdq_hyperactivity": sdq((2, 10, 15, 21, 25), 21, 25),
    },
}
"""Which items make which scale, by questionnaire."""
