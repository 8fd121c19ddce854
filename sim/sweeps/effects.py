"""What levers change: effects between their levels, class by class, with intervals.

Levers share their luck: the same class is there at every level. So an effect is a number of each class: a weighted
sum of its outcomes at some levels (`Contrast`). A difference, a slope, what two levers do together: they are other
weights. The table has the mean over classes, how far classes differ, and an interval.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.files.language import _, number
from sim.state import Records, from_item_mean
from sim.sweeps.aggregates import BY_CHOICE, Column
from sim.sweeps.design import LEVERS, LatinHypercubeDesign, MorrisDesign, SobolDesign
from sim.sweeps.plan import CELL, POINT
from sim.year.differences import VISIBLE
from sim.year.pairs import CONFIDENCE, MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from sim.sweeps.results import Results

__all__ = ["THRESHOLD", "Effects", "EffectsError", "analyse", "in_words", "titled", "write_effects"]

COMPARED = ("effect", "lever", "level", "against", "by", "group")
"""Columns of the table that say what is compared; fields of a `Contrast`."""
FOUND = ("estimate", "low", "high", "d", "d_low", "d_high", "spread", "gains", "loses")
COLUMNS = ("outcome", *COMPARED, *FOUND, "pairs", "units", "worlds", "same_sign")
NUMBER, CHILD, CHOSEN, WORLD = "number", "child", "chosen", "world"
TIMES = " × "
"""Between the names of two levers, and between their levels."""
FEW = 4
"""Values of a moderator up to which each is a group of its own; more are cut into thirds."""
POINTS = VISIBLE["conflict"]
THRESHOLD = from_item_mean(POINTS) - from_item_mean(0.0)
"""What a visible difference comes to in the outcomes of a sweep, 0 to 1."""


class EffectsError(Exception):
    """A sweep that has no such effects, or a file that cannot be written; the message says why."""


class Interval(NamedTuple):
    """An estimate and the ends of its interval, which are not numbers where there is only one unit."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Contrast:
    """What is compared.

    Attributes
    ----------
    effect
        ``difference``, ``slope``, ``both``, ``interaction`` or ``between groups``.
    lever
        Key of the lever; of two levers both, with `TIMES` between them.
    weights
        Of the outcome at each level; at each pair of levels where there are two levers.
    base
        The level, or pair of levels, between whose classes the standard deviation is taken.
    level, against
        Levels in words, where two are compared.
    by, group
        Which pairs it is about: a key, and its value in words; empty for all.
    """

    effect: str
    lever: str
    weights: Mapping[Any, float]
    base: Any
    level: str = ""
    against: str = ""
    by: str = ""
    group: str = ""


@dataclass(frozen=True)
class Effects:
    """Effects of the levers of a sweep.

    Attributes
    ----------
    title
        Title of the plan.
    table
        The `COLUMNS`: `outcome`; what is compared (`Contrast`); `estimate`, `low`, `high` (mean over units with its 95%
        interval, in the unit of the outcome); `d`, `d_low`, `d_high` (the same over the standard deviation of the
        outcome at the first level); `spread` (standard deviation between pairs); `gains`, `loses` (share of pairs
        that get better or worse by a visible difference); `pairs`; `units` (classes or, where the design draws them,
        points); `worlds`, and `same_sign` (in how many of them the mean has the sign of `estimate`).
    remarks
        What has to be known before the table is believed, in words.
    """

    title: str
    table: pd.DataFrame
    remarks: tuple[str, ...]


# --- Numbers -------------------------------------------------------------------------------------------


def estimate(
    values: Records, unit: Records, of: Records, *, minus: Records | None = None, over: Records | None = None
) -> Interval:
    """A mean over some pairs, minus that over others, over a standard deviation; with its 95% interval.

    The interval is that of Student's t over units. Differences of groups and standard deviations are no means over
    units, so they are linearized, as cluster-robust standard errors do it.

    Parameters
    ----------
    values
        The effect in each pair, shape (pairs,).
    unit
        Number of the unit of each pair, from 0 on, shape (pairs,).
    of, minus
        Which pairs: truth values, shape (pairs,). Without `minus` nothing is subtracted.
    over
        The outcome of which the standard deviation is taken, shape (pairs,). Where it never differs, nothing is
        estimated.
    """
    from scipy import stats

    groups = [of] if minus is None else [of, minus]
    means = [values[group].mean() for group in groups]
    found = means[0] - sum(means[1:])
    influence = np.zeros(len(values))
    for sign, group, mean in zip((1.0, -1.0), groups, means, strict=False):
        influence += sign * group * (values - mean) / group.sum()
    if over is not None:
        variance = over.var(ddof=1) if len(over) > 1 else 0.0
        if variance == 0.0:
            return Interval(np.nan, np.nan, np.nan)
        squares = (over - over.mean()) ** 2
        influence = (influence - found / (2.0 * variance) * (squares - squares.mean()) / len(over)) / np.sqrt(variance)
        found /= np.sqrt(variance)
    units = len(np.unique(unit[np.any(groups, axis=0)]))
    free = units - len(groups)
    if free < 1:
        return Interval(float(found), np.nan, np.nan)
    error = np.sqrt(units / free * (np.bincount(unit, influence) ** 2).sum())
    reach = stats.t.ppf(0.5 + CONFIDENCE / 2.0, free) * error
    return Interval(*(float(x) for x in (found, found - reach, found + reach)))


# --- Pairs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairs:
    """An outcome at several levels of levers, with the same luck.

    Attributes
    ----------
    wide
        A row for each class or child and setting of the other levers, a column for each level or pair of levels.
    unit
        Level of the index of which values are drawn: ``number`` of the class or, where the design draws it, ``point``.
    column
        What the outcome is.
    """

    wide: pd.DataFrame
    unit: str
    column: Column

    def rows(self, contrast: Contrast, split: pd.Series | None = None) -> Iterator[dict[str, Any]]:
        """Rows of `Effects.table` for a contrast: one, or for each group of a moderator and for what they differ in.

        Parameters
        ----------
        contrast
            What is compared.
        split
            The moderator, with the index of `wide`; None: all pairs together.
        """
        if not set(contrast.weights) <= set(self.wide):
            return
        kept = self.wide[list(contrast.weights)].dropna()
        if split is not None:
            kept = kept[split.reindex(kept.index).notna().to_numpy()]
        if kept.empty:
            return
        unit = np.unique(kept.index.get_level_values(self.unit), return_inverse=True)[1]
        values = kept.to_numpy(dtype=float) @ np.array(list(contrast.weights.values()))
        base = kept[contrast.base].to_numpy(dtype=float)
        everyone = np.ones(len(kept), dtype=bool)
        groups = {contrast.group: everyone} if split is None else groups_of(split.reindex(kept.index))
        for group, members in groups.items():
            mean, d = (estimate(values, unit, members, over=scale) for scale in (None, base))
            worlds = kept.index.get_level_values(WORLD)[members] if WORLD in kept.index.names else None
            yield row(replace(contrast, group=group), mean, d, values[members], unit[members]) | {
                **shares(contrast, self.column, values[members]),
                **in_worlds(values[members], worlds, mean.estimate),
            }
        if split is not None and contrast.by != WORLD and not is_text(split) and len(groups) > 1:
            (first, lowest), *_rest, (last, highest) = groups.items()
            between = replace(contrast, effect="between groups", group=f"{last} − {first}")
            chosen = lowest | highest
            mean, d = (estimate(values, unit, highest, minus=lowest, over=scale) for scale in (None, base))
            yield row(between, mean, d, values[chosen], unit[chosen]) | {"spread": np.nan}


def is_text(values: pd.Series) -> bool:
    """Whether a moderator has texts, which have no order; truth values have one."""
    return isinstance(values.dropna().iloc[0], str)


def groups_of(split: pd.Series) -> dict[str, Records]:
    """The groups of a moderator, from the lowest on: its values where they are few or texts, thirds otherwise."""
    values = split.to_numpy()
    found = list(dict.fromkeys(values)) if is_text(split) else sorted(set(values))
    if len(found) <= FEW or is_text(split):
        return {said(value): values == value for value in found}
    lowest, highest = np.quantile(values.astype(float), (1.0 / 3.0, 2.0 / 3.0))
    low, high = values <= lowest, values > highest
    thirds = {
        f"≤ {number(lowest, 2)}": low,
        f"{number(lowest, 2)} – {number(highest, 2)}": ~low & ~high,
        f"> {number(highest, 2)}": high,
    }
    return {name: members for name, members in thirds.items() if members.any()}


def row(contrast: Contrast, mean: Interval, d: Interval, values: Records, unit: Records) -> dict[str, Any]:
    """A row of `Effects.table`, without what is not known of every effect."""
    return {
        **{name: getattr(contrast, name) for name in COMPARED},
        **mean._asdict(),
        **dict(zip(("d", "d_low", "d_high"), d, strict=True)),
        "spread": float(values.std(ddof=1)) if len(values) > 1 else np.nan,
        "pairs": len(values),
        "units": len(np.unique(unit)),
    }


def shares(contrast: Contrast, column: Column, values: Records) -> dict[str, float]:
    """Share of pairs that gain and lose by a visible difference, where better and worse are known."""
    better = MEASURES.get(column.variable)
    plain = contrast.effect in {"difference", "both"}
    if better is None or not plain or column.of == "sd" or column.of.startswith("share"):
        return {}
    return {
        "gains": float((better * values >= THRESHOLD).mean()),
        "loses": float((better * values <= -THRESHOLD).mean()),
    }


def in_worlds(values: Records, worlds: pd.Index | None, estimate: float) -> dict[str, int]:
    """How many worlds there are, and in how many of them the mean has the sign of the estimate."""
    if worlds is None:
        return {}
    names, world = np.unique(worlds, return_inverse=True)
    means = np.bincount(world, values) / np.bincount(world)
    return {"worlds": len(names), "same_sign": int((means * estimate > 0.0).sum())}


# --- Contrasts -----------------------------------------------------------------------------------------


def said(level: object) -> str:
    """A level in words."""
    return f"{level:g}" if isinstance(level, float) else str(level)


def differences(levels: Sequence[Any], lever: str, by: str = "") -> Iterator[Contrast]:
    """Each level against the first."""
    first, *others = levels
    for level in others:
        yield Contrast("difference", lever, {level: 1.0, first: -1.0}, first, said(level), said(first), by)


def slope(levels: Sequence[Any], lever: str) -> Contrast:
    """By how much the outcome grows with a lever, a unit of it: least squares through the levels of each class."""
    x = np.array(levels, dtype=float) - np.mean(levels)
    return Contrast("slope", lever, dict(zip(levels, (x / (x @ x)).tolist(), strict=True)), levels[0])


def together(one: tuple[str, Sequence[Any]], other: tuple[str, Sequence[Any]]) -> Iterator[Contrast]:
    """Two levers from their first level to their last: each alone, both, and what both do beyond the sum."""
    (a, (a0, *_, a1)), (b, (b0, *_, b1)) = one, other
    base = (a0, b0)
    yield Contrast("difference", a, {(a1, b0): 1.0, base: -1.0}, base, said(a1), said(a0), b, said(b0))
    yield Contrast("difference", b, {(a0, b1): 1.0, base: -1.0}, base, said(b1), said(b0), a, said(a0))
    names = (a + TIMES + b, said(a1) + TIMES + said(b1), said(a0) + TIMES + said(b0))
    lever, level, against = names
    yield Contrast("both", lever, {(a1, b1): 1.0, base: -1.0}, base, level, against)
    every = {(a1, b1): 1.0, (a1, b0): -1.0, (a0, b1): -1.0, base: 1.0}
    yield Contrast("interaction", lever, every, base, level, against)


# --- A sweep -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A sweep as it is asked: one row a class or child, the levers that differ, and what is drawn."""

    table: pd.DataFrame
    levers: tuple[str, ...]
    unit: str

    def wide(self, name: str, levers: Sequence[str]) -> pd.DataFrame:
        """A column of the table at the levels of some levers; see `Pairs.wide`."""
        who = [key for key in (POINT, NUMBER, CHILD, WORLD) if key in self.table]
        others = [lever for lever in self.levers if lever not in levers]
        keys = [self.table[key] for key in (*who, *others, *levers)]
        values = self.table[name].groupby(keys, sort=False).first()
        return values.unstack(list(levers) if len(levers) > 1 else levers[0])  # noqa: PD010 - keys are in the index

    def levels(self, lever: str) -> list[Any]:
        """Levels of a lever: numbers from the lowest on, texts as the plan has them."""
        found = self.table[lever].drop_duplicates().tolist()
        return found if isinstance(found[0], str) else sorted(found)

    def rows(self, column: Column, levers: Sequence[str], by: str) -> Iterator[dict[str, Any]]:
        """Rows of `Effects.table` for one outcome."""
        for lever in levers:
            levels = self.levels(lever)
            pairs = Pairs(self.wide(column.name, [lever]), self.unit, column)
            numeric = not isinstance(levels[0], str) and len(levels) > 2
            for contrast in (*differences(levels, lever), *([slope(levels, lever)] if numeric else [])):
                yield from pairs.rows(contrast)
            if by and by != lever:
                split = self.wide(by, [lever])[levels[0]]
                for contrast in differences(levels, lever, by):
                    yield from pairs.rows(contrast, split)
        for a, b in combinations(levers, 2):
            pairs = Pairs(self.wide(column.name, [a, b]), self.unit, column)
            for contrast in together((a, self.levels(a)), (b, self.levels(b))):
                yield from pairs.rows(contrast)


def analyse(
    results: Results,
    *,
    outcomes: Sequence[str] = (),
    levers: Sequence[str] = (),
    by: str = "",
    children: bool = False,
) -> Effects:
    """Effects of the levers of a sweep on its outcomes.

    Parameters
    ----------
    results
        The sweep, finished or not.
    outcomes, levers
        Which of them; all by default. Only levers with several levels are compared.
    by
        What the effects are split by: an uncertainty, another lever, or an outcome as it is at the first level.
    children
        Whether pairs are those of children, and not of classes.

    Raises
    ------
    EffectsError
        When there is nothing to compare, or no such outcome, lever or moderator.
    ResultsError
        When the results cannot be read, or hold no children.
    """
    import pandas as pd

    plan = results.plan
    table = results.children() if children else results.table()
    columns = {column.name: column for column in (plan.recording.each if children else plan.recording.columns)}
    keys = [str(key) for key in results.design if key not in {CELL, POINT}]
    of_somebody = [key for key in keys if key.partition(".")[0] in LEVERS]
    varied = tuple(key for key in of_somebody if len(table[key].unique()) > 1)
    if not varied:
        raise EffectsError(_("{title}: no lever has two levels to compare").format(title=plan.title))
    outcomes = wanted(outcomes, tuple(columns), "--outcome")
    levers = wanted(levers, varied, "--lever")
    if by:
        uncertain = [key for key in keys if key not in of_somebody]
        others = [key for key in varied if levers != (key,)]
        wanted([by], (*uncertain, *others, *columns, *([CHOSEN] if children else [])), "--by")
    drawn = isinstance(plan.design, LatinHypercubeDesign | SobolDesign | MorrisDesign)
    question = Question(table, varied, POINT if drawn else NUMBER)
    rows = [{"outcome": name, **row} for name in outcomes for row in question.rows(columns[name], levers, by)]
    if not rows:
        raise EffectsError(_("{title}: no class is there at two levels of a lever").format(title=plan.title))
    found = pd.DataFrame(rows).reindex(columns=list(COLUMNS)).astype({"worlds": "Int64", "same_sign": "Int64"})
    return Effects(plan.title, found, tuple(remarks(results, [columns[name] for name in outcomes])))


def wanted(found: Sequence[str], allowed: tuple[str, ...], option: str) -> tuple[str, ...]:
    """The names that are asked for; all that are allowed without any."""
    for name in found:
        if name not in allowed:
            message = _("{what}: found {found!r}; allowed is one of {names}")
            raise EffectsError(message.format(what=option, found=name, names=", ".join(allowed)))
    return tuple(dict.fromkeys(found)) or allowed


def remarks(results: Results, columns: Sequence[Column]) -> Iterator[str]:
    """What has to be known before effects are believed: classes left out, and whose children these are."""
    table = results.table(columns=[])
    all_ = len(results.design) * results.plan.replications
    if missing := all_ - int(table["error"].isna().sum()):
        message = _("{missing} of {all} classes are left out: failed or not done.")
        yield message.format(missing=number(missing, 0), all=number(all_, 0))
    kept = [source.content for source in results.manifest.sources.values() if source.parameters]
    named = [choice["name"] for scenario in kept or [results.manifest.scenario] for choice in scenario["interventions"]]
    names = list(dict.fromkeys(named))
    if len(names) > 1 and any(column.of in BY_CHOICE for column in columns):
        message = _(
            "chosen and others: chosen by any of {names}, also where it is switched off; "
            'of = ["chosen.{name}"] in a plan keeps the children of one intervention.'
        )
        yield message.format(names=", ".join(names), name=names[0])
    if any(column.variable in MEASURES for column in columns):
        message = _(
            "Better and worse: by a visible difference, {points} points of a scale of 1 to 5; "
            "that is {threshold} in these outcomes."
        )
        yield message.format(points=number(POINTS, 2), threshold=number(THRESHOLD, 4))
    if WORLD in results.design:
        yield _("Worlds: in how many plausible worlds the difference has this sign.")


def titled(row: Mapping[Hashable, Any]) -> str:
    """What a row of the table, and those like it, are about."""
    title = f"{row['outcome']}, {row['lever']}"
    return _("{what}, by {by}").format(what=title, by=row["by"]) if row["by"] else title


def in_words(row: Mapping[Hashable, Any]) -> str:
    """What a row of the table compares, and in which group."""
    special = {"slope": _("for each 1 more"), "interaction": _("both, beyond the sum of each alone")}
    plain = _("{level} against {against}").format(level=row["level"], against=row["against"])
    text = special.get(row["effect"], plain)
    return f"{row['group']}: {text}" if row["by"] else text


def write_effects(effects: Effects, path: Path) -> None:
    """Write the table as CSV.

    Raises
    ------
    EffectsError
        When the file cannot be written.
    """
    from sim.files.spreadsheet import write_table
    from sim.output.whole_folder import refused

    with refused(path, EffectsError):
        write_table(effects.table, path)
