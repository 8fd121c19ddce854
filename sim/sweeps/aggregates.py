"""What a sweep keeps: some variables, on some days, of the teacher, of the class, of each child, or of all together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.calendar import Calendar
from sim.files.language import _
from sim.run import CHILD_VARIABLES, CLASS_VARIABLES, TEACHER_VARIABLES, Keep, Kept
from sim.state import Records
from sim.sweeps.dyads import DYAD_VARIABLES
from sim.year.outcomes import WAVES

__all__ = ["BY_CHOICE", "Column", "Outcomes", "Recording", "Seen", "day_number", "intervention_in"]

WHOLE: Mapping[str, Callable[[Records], Records]] = {
    "mean": lambda values: values.mean(axis=-1),
    "sd": lambda values: values.std(axis=-1),
    "min": lambda values: values.min(axis=-1),
    "max": lambda values: values.max(axis=-1),
    "p10": lambda values: np.quantile(values, 0.1, axis=-1),
    "p90": lambda values: np.quantile(values, 0.9, axis=-1),
}
"""Statistics over all children of a class: the last axis."""
BY_CHOICE = ("chosen", "others")
GROUPS = (*BY_CHOICE, "boys", "girls")
"""Means over part of the class; with `BY_CHOICE` goes the name of one intervention, as in ``chosen.samen-spel``."""
OF_ONE = re.compile(rf"({'|'.join(BY_CHOICE)})\.(?P<name>[^\s.]+)")
SHARE = re.compile(r"share\s*>\s*(?P<threshold>-?\d+(?:\.\d+)?)")
EACH = "each"
DYAD = "dyad"
SEX = "sex"


class Outcomes(BaseModel):
    """Variables of children, teacher, class or a dyad, the days on which they are kept, what is kept of the children.

    `years` are the school years in which they are kept, in a plan that has several; all of them by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    variables: Annotated[tuple[str, ...], Field(min_length=1)]
    days: Annotated[tuple[str | int, ...], Field(min_length=1)] = ("end",)
    of: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

    @field_validator("variables")
    @classmethod
    def _known_variables(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        allowed = (*CHILD_VARIABLES, *TEACHER_VARIABLES, *CLASS_VARIABLES, *DYAD_VARIABLES)
        return tuple(one_of(name, allowed) for name in names)

    @field_validator("days")
    @classmethod
    def _known_days(cls, days: tuple[str | int, ...]) -> tuple[str | int, ...]:
        for day in days:
            if isinstance(day, str) and day not in WAVES:
                message = _("found {found!r}; allowed is a school day or one of {names}")
                raise ValueError(message.format(found=day, names=", ".join(WAVES)))
        return days

    @field_validator("of")
    @classmethod
    def _known_statistics(cls, found: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(statistic(name) for name in found)

    @model_validator(mode="after")
    def _says_what_is_kept_of_children(self) -> Outcomes:
        of_children = [name for name in self.variables if name in CHILD_VARIABLES]
        if of_children and not self.of:
            message = _("of: is missing; {names} is of each child: name what is kept of the class, such as mean")
            raise ValueError(message.format(names=", ".join(of_children)))
        if self.of and not of_children:
            raise ValueError(_("of: goes with variables of children; there are none"))
        return self


def one_of(name: str, allowed: Sequence[str]) -> str:
    """A name that is allowed."""
    if name not in allowed:
        raise ValueError(_("found {found!r}; allowed is one of {names}").format(found=name, names=", ".join(allowed)))
    return name


def statistic(name: str) -> str:
    """What is kept of the children, written in the one way that columns are named by."""
    if share := SHARE.fullmatch(name):
        return f"share > {float(share['threshold']):g}"
    if OF_ONE.fullmatch(name):
        return name
    return one_of(name, (*WHOLE, *GROUPS, "share > 0.5", EACH))


def intervention_in(of: str) -> str:
    """Name of the one intervention whose children a statistic is about; empty where it is about others."""
    one = OF_ONE.fullmatch(of)
    return one["name"] if one else ""


@dataclass(frozen=True)
class Column:
    """One column of the results: a variable on a day; of the teacher and the class `of` is empty.

    The school year is None in a plan that has only one.
    """

    variable: str
    of: str
    day: str | int
    year: int | None = None

    @property
    def name(self) -> str:
        """Heading, such as ``conflict_mean_end``, ``conflict_share_above_0.5_day_60``, ``teacher_mood_end_year_2``."""
        day = f"day_{self.day}" if isinstance(self.day, int) else self.day
        year = "" if self.year is None else f"year_{self.year}"
        parts = (self.variable, self.of.replace(">", "above"), day, year)
        return "_".join(filter(None, parts)).replace(" ", "_")


def day_number(day: str | int, calendar: Calendar) -> int:
    """School day that a name or number stands for; 0 is the evening before the first.

    Raises
    ------
    ValueError
        When the calendar has no such day.
    """
    found = calendar.waves.get(day) if isinstance(day, str) else day
    if found is None or not 0 <= found <= calendar.days:
        message = _("found {found}; allowed is 0 to {last} or one of {names}")
        raise ValueError(message.format(found=day, last=calendar.days, names=", ".join(calendar.waves)))
    return found


class Seen(NamedTuple):
    """What is left of classes: what was kept of them on the days of all school years, one after the other.

    Attributes
    ----------
    kept
        What the engine kept; `Kept.chosen_by` says for whom interventions were in the first year.
    stayed
        Whether the child on this place is the one who was there on the first day of all, shape (classes, days, n).
    dyads
        What is seen of one dyad from above, shape (classes, days of the dyads, variables of the dyads).
    """

    kept: Kept
    stayed: Records
    dyads: Records


class Recording:
    """Which columns the outcomes of a plan make.

    Parameters
    ----------
    outcomes
        The outcomes.
    years
        How many school years the plan has; None where it does not say so.
    """

    def __init__(self, outcomes: Sequence[Outcomes], years: int | None = None) -> None:
        every: Sequence[int | None] = (None,) if years is None else range(1, years + 1)
        of_children = [
            Column(variable, of, day, year)
            for group in outcomes
            for variable, of, day, year in product(group.variables, group.of, group.days, group.years or every)
            if variable in CHILD_VARIABLES
        ]
        alone = [
            Column(variable, "", day, year)
            for group in outcomes
            for variable, day, year in product(group.variables, group.days, group.years or every)
            if variable not in CHILD_VARIABLES
        ]
        together = [column for column in of_children if column.of != EACH]
        self.columns = tuple(dict.fromkeys((*together, *alone)))
        """One value a class."""
        self.each = tuple(dict.fromkeys(Column(c.variable, "", c.day, c.year) for c in of_children if c.of == EACH))
        """One value a child."""
        self._layouts: dict[tuple[Calendar, tuple[str, ...]], Layout] = {}

    def layout(self, calendar: Calendar, interventions: tuple[str, ...]) -> Layout:
        """What has to be kept of classes with a calendar and interventions, and where the columns are found in it.

        Raises
        ------
        ValueError
            When the calendar lacks a day.
        """
        if (calendar, interventions) not in self._layouts:
            by_sex = any(column.of in {"boys", "girls"} for column in self.columns)
            needed = [c.variable for c in (*self.columns, *self.each) if c.variable not in DYAD_VARIABLES]
            days = {day_number(column.day, calendar) for column in (*self.columns, *self.each)}
            keep = Keep(tuple(dict.fromkeys((*needed, SEX) if by_sex else needed)), tuple(sorted(days)))
            self._layouts[calendar, interventions] = Layout(self, keep, calendar, interventions)
        return self._layouts[calendar, interventions]


class Layout:
    """Where columns are found in what is kept of classes with one calendar and the same interventions.

    Attributes
    ----------
    keep
        What the engine has to keep.
    interventions
        Their names, shape (interventions,).
    dyads, dyad_days
        What is seen of one dyad from above, and on which days.
    """

    def __init__(self, recording: Recording, keep: Keep, calendar: Calendar, interventions: tuple[str, ...]) -> None:
        self.keep = keep
        self.interventions = np.array(interventions, dtype=object)
        of_dyads = [column for column in recording.columns if column.variable in DYAD_VARIABLES]
        self.dyads = tuple(dict.fromkeys(column.variable for column in of_dyads))
        self.dyad_days = tuple(sorted({day_number(column.day, calendar) for column in of_dyads}))
        self.columns = [self.place(column, calendar) for column in recording.columns]
        self.each = np.array([self.place(column, calendar)[1:] for column in recording.each], dtype=int).reshape(-1, 2)
        self.sex = keep.of_children.index(SEX) if SEX in keep.of_children else None

    def place(self, column: Column, calendar: Calendar) -> tuple[str, int, int]:
        """Statistic, number of the day among all days of all years, and number of the variable of a column."""
        if column.variable in DYAD_VARIABLES:
            day = self.dyad_days.index(day_number(column.day, calendar))
            return DYAD, day, self.dyads.index(column.variable)
        alone = (*self.keep.of_teachers, *self.keep.of_classes)
        names = self.keep.of_children if column.variable in CHILD_VARIABLES else alone
        day = self.keep.days.index(day_number(column.day, calendar))
        return column.of, len(self.keep.days) * ((column.year or 1) - 1) + day, names.index(column.variable)

    def of_classes(self, seen: Seen) -> Records:
        """Values of the columns, shape (classes, columns); not a number for a mean or share of what is empty."""
        kept = seen.kept
        summaries = {"": np.concatenate([kept.teachers, kept.classes], axis=-1), DYAD: seen.dyads}
        found = np.empty((len(kept.children), len(self.columns)))
        for place, (of, day, variable) in enumerate(self.columns):
            if of not in summaries:
                summaries[of] = self.over_children(of, seen)
            found[:, place] = summaries[of][:, day, variable]
        return found

    def over_children(self, of: str, seen: Seen) -> Records:
        """A statistic over the children of a class, shape (classes, days, variables)."""
        values = seen.kept.children
        if of in WHOLE:
            return WHOLE[of](values)
        if of.startswith("share >"):
            above: Records = values > float(of.removeprefix("share >"))
            return WHOLE["mean"](above)
        part = self.part(of, seen)[:, :, None, :]
        with np.errstate(invalid="ignore"):
            mean: Records = np.where(part, values, 0.0).sum(axis=-1) / part.sum(axis=-1)
        return mean

    def part(self, of: str, seen: Seen) -> Records:
        """The children of a group, shape (classes, days, n); who has come since the first day is not chosen."""
        kept, name = seen.kept, intervention_in(of)
        if of in {"boys", "girls"}:
            boys = kept.children[:, :, self.sex] > 0.5
            return np.asarray(boys if of == "boys" else ~boys)
        chosen = (
            kept.chosen_by[:, self.interventions == name].any(axis=1, keepdims=True) if name else kept.chosen[:, None]
        )
        chosen = chosen & seen.stayed
        return np.asarray(~chosen if of.startswith("others") else chosen)

    def of_each(self, seen: Seen) -> Records:
        """Values of each child, shape (columns, classes, n); not a number once it has left the class."""
        days, variables = self.each.T
        found: Records = np.moveaxis(seen.kept.children, 0, 2)[days, variables]
        return np.where(np.moveaxis(seen.stayed, 0, 1)[days], found, np.nan)
