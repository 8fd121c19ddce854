"""What children say of each other, held against a class list: who likes whom, and who was asked and named nobody.

Whatever the form of a file, it comes to answers of one child about another. A name that is not in the class list is
refused with the closest one; nothing is guessed. Numbers mean what a scale says, and that is told.

Names are untrusted text: any writing is allowed, and whoever shows a name escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from sim.files.language import _, ngettext, number
from sim.files.names import clean, key
from sim.files.problems import Problem, closest_to, printable, quoted
from sim.files.spreadsheet import harmless

__all__ = [
    "AS_RATED",
    "KINDS",
    "MOST",
    "NO_CODES",
    "Answer",
    "Kind",
    "Nomination",
    "Nominations",
    "Reader",
    "Scale",
    "number_in",
]

Kind = Literal["like", "dislike"]

MOST: Final = 60 * 59
"""Nominations of the largest class."""
HINTED: Final = 200
"""Problems for which a closest name is looked up."""
MOST_SIGNS: Final = 4
"""Commas and the like in a name."""
RATED: Final = (5, 7)
"""Points of the usual scales on which children rate their classmates; they begin at 1."""


@dataclass(frozen=True)
class Nomination:
    """One child's choice of another: `who` likes or dislikes `whom`."""

    who: str
    whom: str
    kind: Kind = "like"


class Scale(NamedTuple):
    """From which number on a child is liked, and up to which it is disliked.

    Where both are None, ratings from 1 to 5 or 7 are cut at a quarter from either end.
    """

    like_from: float | None = None
    dislike_to: float | None = None


AS_RATED: Final = Scale()
NO_CODES: Final[Mapping[str, str]] = {}


class Nominations(NamedTuple):
    """What a file says.

    Attributes
    ----------
    ties
        Who likes or dislikes whom, in the order of the file.
    silent
        Who was asked whom it likes, or dislikes, and named nobody.
    notes
        What had to be found out, in words and without names.
    """

    ties: tuple[Nomination, ...] = ()
    silent: tuple[tuple[str, Kind], ...] = ()
    notes: tuple[str, ...] = ()


# -- Words -----------------------------------------------------------------------------------------------------


KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        (
            *("", "like", "likes", "liked", "likes most", "positive", "friend", "friends", "friendship", "playmate"),
            *("graag", "wel graag", "positief", "leuk", "vriend", "vrienden", "vriendschap", "speelmaatje"),
        ),
        "like",
    ),
    **dict.fromkeys(
        (
            *("dislike", "dislikes", "disliked", "likes least", "negative"),
            *("niet graag", "niet-graag", "negatief", "niet leuk", "liever niet"),
        ),
        "dislike",
    ),
}
NOBODY: Final = frozenset(("nobody", "no one", "no-one", "none", "niemand", "geen", "geen van allen"))
"""In place of a name: asked, and named nobody."""
ABSENT: Final = frozenset(("absent", "not asked", "afwezig", "niet bevraagd", "ziek"))
"""In place of a name: not asked."""


# -- Answers ---------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What a file says of one child about another, as it stands there.

    `said` is a word of `KINDS` or a number; `columns` has the headings of the three.
    """

    who: str
    whom: str
    said: str = ""
    row: int | None = None
    columns: tuple[str | None, str | None, str | None] = (None, None, None)


class Reader:
    """Holds answers against a class list.

    Parameters
    ----------
    file
        The file as the user named it.
    names
        Names in the class list, in its order.
    problems
        Where everything is put that is wrong.
    scale
        What numbers mean.
    codes
        Names by the codes that the class list has for children, which may stand in their place.
    """

    def __init__(
        self,
        file: str,
        names: Iterable[str],
        problems: list[Problem],
        scale: Scale = AS_RATED,
        codes: Mapping[str, str] = NO_CODES,
    ) -> None:
        self.file, self.names, self.problems, self.scale = file, tuple(names), problems, scale
        self.known = {key(code): name for code, name in codes.items()}
        self.known |= {key(harmless(name)): name for name in self.names} | {key(name): name for name in self.names}
        self.answers: list[Answer] = []
        self.silent: dict[tuple[str, Kind], int | None] = {}
        self.rated: dict[str, None] = {}
        self.unasked: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self.are_ratings = True

    def report(self, row: int | None, column: str | None, found: str, allowed: str) -> None:
        """Put something on the list of what is wrong."""
        self.problems.append(Problem(self.file, row, column, found, allowed))

    def note(self, text: str) -> None:
        """Keep what had to be found out."""
        self.notes[text] = None

    def child(self, cell: str, row: int | None, column: str | None) -> str | None:
        """The child that a cell names, spelled as in the class list; reported where there is none."""
        name = self.known.get(key(cell))
        if name is None:
            hint = closest_to(cell, self.names) if len(self.problems) < HINTED else ""
            found = cell if column is not None else quoted(cell)
            self.report(row, column, found, _("a name from the class list") + hint)
        return name

    def names_in(self, cell: str) -> list[str]:
        """The names in a cell, which may stand behind commas, semicolons, slashes or in lines of their own.

        A name of the class list that has such a sign in it is a name.
        """
        parts = re.split(r"([;,/|&\r\n]+|\s(?:en|and)\s)", cell)
        found, start = [], 0
        while start < len(parts):
            ends = range(min(len(parts), start + 2 * MOST_SIGNS + 1), start, -2)
            end = next((end for end in ends if key("".join(parts[start:end])) in self.known), start + 1)
            found.append(clean("".join(parts[start:end])))
            start = end + 1
        return [name for name in found if name]

    def tell(self, answer: Answer) -> None:
        """Take an answer; in place of a name may stand that there was none, or that nobody was asked."""
        whom = key(answer.whom)
        if whom in self.known or whom not in NOBODY | ABSENT:
            self.answers.append(answer)
            return
        who = self.child(answer.who, answer.row, answer.columns[0])
        kind = KINDS.get(key(answer.said))
        if kind is None:
            self.report(answer.row, answer.columns[2], answer.said, _("like or dislike (blank is like)"))
        elif who is not None and whom in NOBODY:
            self.silent[who, kind] = answer.row
        elif who is not None:
            self.unasked[who] = None

    def settled(self) -> Nominations:
        """What the answers come to, if nothing is wrong with them."""
        if len(self.answers) > MOST:
            found = _("{count} nominations").format(count=len(self.answers))
            self.report(None, None, found, _("at most {count} nominations").format(count=MOST))
            return Nominations()
        scale = self.fitting_scale([x for a in self.answers if (x := number_in(a.said)) is not None])
        seen: dict[tuple[str, str], tuple[int | None, Kind]] = {}
        ties = []
        for answer in self.answers:
            nomination = self.nomination(answer, scale)
            if nomination is not None and not self.is_again(nomination, answer, seen):
                ties.append(nomination)
        return Nominations(tuple(ties), tuple(self.named_nobody(ties, scale)))

    def nomination(self, answer: Answer, scale: Scale) -> Nomination | None:
        """The choice that an answer is; None where it is none, or is wrong."""
        rating = number_in(answer.said)
        kind = KINDS.get(key(answer.said)) if rating is None else kind_of(rating, scale)
        who = self.child(answer.who, answer.row, answer.columns[0])
        whom = self.child(answer.whom, answer.row, answer.columns[1])
        if rating is None and kind is None:
            self.report(answer.row, answer.columns[2], answer.said, _("like or dislike (blank is like)"))
        elif who is not None and whom is not None:
            if who == whom:
                self.report(answer.row, answer.columns[1], answer.whom, _("the name of another child"))
                return None
            if rating is not None:
                self.rated[who] = None
            return None if kind is None else Nomination(who, whom, kind)
        return None

    def is_again(self, tie: Nomination, answer: Answer, seen: dict[tuple[str, str], tuple[int | None, Kind]]) -> bool:
        """Whether a choice is there already, which is reported."""
        if (tie.who, tie.whom) not in seen:
            seen[tie.who, tie.whom] = answer.row, tie.kind
            return False
        twin, kind = seen[tie.who, tie.whom]
        if twin is None:
            allowed = _("each choice once")
        elif kind == tie.kind:
            allowed = _("each choice once; row {row} is the same").format(row=twin)
        else:
            allowed = _("like or dislike, not both; row {row} has the same two children").format(row=twin)
        column = answer.columns[1]
        found = answer.whom if column is not None else quoted(answer.whom)
        self.report(answer.row, column, found, allowed)
        return True

    def fitting_scale(self, numbers: Sequence[float]) -> Scale:
        """What the numbers of a file mean: choices, ratings, or what the user says."""
        found = set(numbers)
        if not found or (self.scale == AS_RATED and found <= {0.0, 1.0}):
            return Scale(1.0)
        if self.scale != AS_RATED:
            scale = self.scale
        elif found <= {-1.0, 0.0, 1.0}:
            return Scale(1.0, -1.0)
        elif self.are_ratings and all(x in range(1, RATED[-1] + 1) for x in found) and max(found) > 3.0:
            quarter = (next(top for top in RATED if top >= max(found)) - 1) / 4
            scale = Scale(1.0 + 3.0 * quarter, 1.0 + quarter)
        else:
            low, high = number(min(found), 2), number(max(found), 2)
            allowed = _("0 and 1, −1 to 1, or ratings 1 to 5 or 1 to 7; for others say --like-from and --dislike-to")
            self.report(None, None, _("numbers from {low} to {high}").format(low=low, high=high), allowed)
            return AS_RATED
        texts = [
            _("from {number} on a child is liked").format(number=number(scale.like_from, 1))
            if scale.like_from is not None
            else "",
            _("up to {number} it is disliked").format(number=number(scale.dislike_to, 1))
            if scale.dislike_to is not None
            else "",
        ]
        told = ", ".join(filter(None, texts))
        self.note(_("ratings: {told} (--like-from and --dislike-to change it)").format(told=told))
        return scale

    def named_nobody(self, ties: Sequence[Nomination], scale: Scale) -> Iterator[tuple[str, Kind]]:
        """Who was asked and named nobody: those who say so, and those whose numbers come to nothing."""
        named = {(tie.who, tie.kind) for tie in ties}
        for (who, kind), row in self.silent.items():
            if (who, kind) in named:
                found = quoted(who)
                self.report(row, None, found, _("names, or that there are none; not both"))
            yield who, kind
        kinds: dict[Kind, float | None] = {"like": scale.like_from, "dislike": scale.dislike_to}
        asked = [kind for kind, bound in kinds.items() if bound is not None]
        rated = ((who, kind) for who in self.rated for kind in asked)
        yield from (one for one in rated if one not in named and one not in self.silent)

    def told(self) -> list[str]:
        """What had to be found out to read the file, in words and without names."""
        count = len(self.unasked)
        if count:
            text = ngettext(
                "{count} child has no answers and is taken as not asked; one who was asked and named nobody has"
                " “nobody”",
                "{count} children have no answers and are taken as not asked; those who were asked and named nobody"
                " have “nobody”",
                count,
            )
            self.note(text.format(count=count))
        return [f"{printable(self.file)}: {note}" for note in self.notes]


def kind_of(rating: float, scale: Scale) -> Kind | None:
    """What a number means."""
    if scale.like_from is not None and rating >= scale.like_from:
        return "like"
    return "dislike" if scale.dislike_to is not None and rating <= scale.dislike_to else None


# -- Text ------------------------------------------------------------------------------------------------------


def number_in(cell: str) -> float | None:
    """The number that a cell is, with a point or a comma."""
    text = clean(cell).replace("−", "-").replace(",", ".")
    return float(text) if re.fullmatch(r"[+-]?([0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9})", text) else None
