"""What is told, and written, of a sample that was held against simulated classes (`sim.studies.fit`)."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.calendar import WEEK, Calendar
from sim.files.answers import Kind, Nominations
from sim.files.language import N_, _, number, signed
from sim.files.spreadsheet import write_table
from sim.files.waves import Moment, Waves, start_of
from sim.output import fonts, plots
from sim.output.run_folder import (
    Rerun,
    RunManifest,
    arrow,
    check_worlds,
    made_again,
    parquet,
    read_manifest,
    scenario_of,
    write_manifest,
    write_scenario,
)
from sim.output.whole_folder import refused
from sim.scenario import ClassSpec, Scenario, TeacherSpec
from sim.state import Records
from sim.studies.fit import (
    INTERVAL,
    NOMINATED,
    SMALLEST,
    Fit,
    FitError,
    Informed,
    Sample,
    draw_ensemble,
    fit,
    instrument,
    mean,
    scale_of,
    statistic_names,
)
from sim.studies.instruments import Rating
from sim.worlds import plausible

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["NO_DIAGNOSIS", "population_for", "rerun", "sample_of", "tables", "told_in_words", "write_fit"]

INSTRUMENT_OF: Final = {"sdq_conduct": "conduct", "sdq_hyperactivity": "hyperactivity"}
"""The instrument of a rated field, where it is called otherwise."""
NAMES: Final = {
    "closeness": N_("closeness"),
    "conflict": N_("conflict"),
    "dependency": N_("dependency"),
    "aggression": N_("aggression"),
    "conduct": N_("conduct problems"),
    "hyperactivity": N_("hyperactivity"),
    "engagement": N_("engagement"),
    "liked_most": N_("named as liked"),
    "liked_least": N_("named as disliked"),
}
KINDS: Final = {
    "mean": N_("mean"),
    "sd": N_("spread"),
    "change": N_("change"),
    "stability": N_("stability"),
    "correlation": N_("correlation"),
}
TEACHER: Final = {
    "emotional_support": N_("emotional support"),
    "reflective_functioning": N_("reflective functioning"),
    "self_efficacy": N_("self-efficacy"),
    "strain": N_("strain"),
    "autonomy_support": N_("autonomy support"),
    "leniency": N_("leniency in rating"),
}
NO_DIAGNOSIS: Final = N_(
    "This says what children with such ratings are like in a model. It is never a diagnosis: it must not be used to "
    "label, place or judge a child or a teacher."
)
KINDS_NAMED: Final[tuple[Kind, ...]] = ("like", "dislike")
"""What the nominations of `NOMINATED` say, in the same order."""
STRANGE: Final = 0.01
"""A child is strange to the model when it has fewer like it than all but so many of the simulated children."""
LINE: Final = 150
"""Characters of a line below a figure."""
MOST_DRAWN: Final = 60
"""Children who are drawn one by one."""
MOST_LINES: Final = 3
"""Measures in the panel of a child."""
OTHER_COLOURS: Final = {
    "dependency": "#009E73",
    "engagement": "#E69F00",
    "conduct": "#56B4E9",
    "hyperactivity": "#555555",
    "liked_most": "#009E73",
    "liked_least": "#D55E00",
}
"""Colours of what `sim.output.plots.LINE_STYLES` has no line for (Okabe-Ito)."""


# --- From a file to a sample -------------------------------------------------------------------------------


def sample_of(
    waves: Waves,
    weeks: Sequence[int] | None,
    calendar: Calendar,
    nominations: Mapping[int, Nominations] = MappingProxyType({}),
) -> Sample:
    """A sample from what was read.

    Parameters
    ----------
    waves
        What was read.
    weeks
        School week of each wave, where the file has waves.
    calendar
        School weeks and holidays, to which dates are put.
    nominations
        Who names whom, by school week; see `sim.files.waves.read_named`.

    Raises
    ------
    FitError
        When it cannot be told in which weeks the children were rated, or a child was rated twice in one.
    """
    week_of = weeks_of(waves, weeks, calendar)
    ordered = tuple(sorted({*week_of.values(), *nominations}))
    named = shares_of(waves, nominations)
    told = {measure for _week, measure in named}
    measures = (*waves.measures, *(measure for measure in NOMINATED if measure in told))
    scores = np.full((len(waves.children), len(ordered), len(measures)), np.nan)
    asked = np.full(scores.shape[1:], np.nan)
    for (week, measure), (shares, count) in named.items():
        at = ordered.index(week), measures.index(measure)
        scores[:, *at], asked[at] = shares, count
    for (child, moment, field), score in waves.scores.items():
        place = child, ordered.index(week_of[moment]), measures.index(field)
        if np.isfinite(scores[place]):
            message = _("a child has two ratings in school week {week}; allowed is one")
            raise FitError(message.format(week=week_of[moment]))
        scores[place] = score
    sexes = [{"boy": 1.0, "girl": 0.0}.get(child.sex or "", np.nan) for child in waves.children]
    found = Sample(
        tuple(child.name for child in waves.children),
        tuple(child.group for child in waves.children),
        np.array(sexes),
        ordered,
        tuple(INSTRUMENT_OF.get(measure, measure) for measure in measures),
        scores,
        asked if named else None,
    )
    most = 60
    if found.largest > most:
        message = _("classes: found one of {count} children; allowed is {most}. A column “class” tells classes apart")
        raise FitError(message.format(count=found.largest, most=most))
    return found


def shares_of(waves: Waves, nominations: Mapping[int, Nominations]) -> dict[tuple[int, str], tuple[Records, float]]:
    """By week and measure: the share of the classmates who were asked that name each child, and how many were asked.

    The one has the shape (children,), not a number where nobody was asked; the other is a mean over the classes in
    which somebody was.
    """
    groups = np.array([child.group for child in waves.children])
    numbers = {child.name: number for number, child in enumerate(waves.children)}
    alike = groups[:, None] == groups
    np.fill_diagonal(alike, val=False)
    found = {}
    for week, said in nominations.items():
        for kind, measure in zip(KINDS_NAMED, NOMINATED, strict=True):
            ties = [(numbers[tie.who], numbers[tie.whom]) for tie in said.ties if tie.kind == kind]
            who = sorted({who for who, _whom in ties} | {numbers[name] for name, of in said.silent if of == kind})
            if not who:
                continue
            named = np.zeros(alike.shape, dtype=bool)
            for chooser, chosen in ties:
                named[chooser, chosen] = True
            voters = alike[who]
            count = voters.sum(axis=0)
            shares = np.where(count > 0, (named[who] & voters).sum(axis=0) / np.maximum(count, 1), np.nan)
            _classes, of_class = np.unique(groups[who], return_counts=True)
            found[week, measure] = shares, float(of_class.mean())
    return found


def weeks_of(waves: Waves, weeks: Sequence[int] | None, calendar: Calendar) -> dict[Moment, int]:
    """The school week of each moment."""
    count = len(waves.moments)
    if waves.by == "wave":
        if weeks is None or len(weeks) != count:
            found = _("none") if weeks is None else ", ".join(map(str, weeks))
            message = _("--weeks: found {found}; allowed are {count} school weeks, one for each wave of the file")
            raise FitError(message.format(found=found, count=count))
        if list(weeks) != sorted(set(weeks)):
            message = _("--weeks: found {found}; allowed are school weeks, each later than the one before")
            raise FitError(message.format(found=", ".join(map(str, weeks))))
        return dict(zip(waves.moments, weeks, strict=True))
    if weeks is not None:
        raise FitError(_("--weeks: the file says itself when children were rated; leave it out"))
    if waves.by == "week":
        return {moment: moment for moment in waves.moments if isinstance(moment, int)}
    dates = [moment for moment in waves.moments if isinstance(moment, dt.date)]
    first = start_of(waves.school_year, dates)
    return {date: school_week(date, first, calendar) for date in dates}


def school_week(date: dt.date, first: dt.date, calendar: Calendar) -> int:
    """The school week in which a date lies, or after which, where it lies in a holiday.

    Raises
    ------
    FitError
        For a date outside of the school year.
    """
    monday = first - dt.timedelta(days=first.weekday())
    passed = (date - monday).days // WEEK
    off = {entry.after_week: entry.weeks for entry in calendar.holidays}
    begin = np.arange(calendar.weeks) + np.array(
        [sum(off.get(w, 0) for w in range(k + 1)) for k in range(calendar.weeks)]
    )
    if not 0 <= passed <= begin[-1]:
        message = _("date: found {found}; allowed is a date in the school year that begins on {first}")
        raise FitError(message.format(found=date.isoformat(), first=first.isoformat()))
    return int(np.searchsorted(begin, passed, side="right"))


def population_for(waves: Waves, sample: Sample, size: int | None, grade: int | None, seed: int) -> Scenario:
    """Classes like those of a sample: as many children, as old, as many boys; the teacher may be anybody.

    Parameters
    ----------
    waves, sample
        What was read.
    size
        Children in a class; by default as many as the largest has, and at least `SMALLEST`.
    grade
        Grade of the children; by default it follows from their ages, where they are known.
    seed
        Luck.

    Raises
    ------
    ScenarioError
        For values that are not allowed.
    """
    ages = [child.age for child in waves.children if child.age is not None]
    known = sample.sexes[np.isfinite(sample.sexes)]
    spec: dict[str, Any] = {"size": max(SMALLEST, sample.largest) if size is None else size}
    if len(known):  # one of each at least, where there is one
        boys = np.clip(round(known.mean() * spec["size"]), int(known.any()), spec["size"] - int((known == 0.0).any()))
        spec["boys"] = float(boys / spec["size"])
    if grade is not None:
        spec["grade"] = grade
    elif ages:
        spec["age"] = float(np.round(np.mean(ages), 1))
    plain = Scenario(title="Classes like those of the file", teacher=TeacherSpec(pace=None))
    changes = {f"class.{key}": value for key, value in spec.items()}
    return plain.changed(seed=seed, **{"class": ClassSpec()}).changed(**changes)


# --- Tables ------------------------------------------------------------------------------------------------


def tables(found: Fit) -> dict[str, pd.DataFrame]:
    """The tables by name: of the children, of the parameters, and the comparison."""
    return {"children": children_table(found), "parameters": parameters_table(found), "comparison": comparison(found)}


def children_table(found: Fit) -> pd.DataFrame:
    """One row for each child, measure and week: `observed`, and the true score with its 90 % interval.

    Columns `low`, `median`, `high`; `alike` is the effective number of simulated children behind it, `strange` the
    share of simulated children who have even fewer like them.
    """
    import pandas as pd

    sample = found.sample
    children, _quantiles, weeks, told = found.courses.shape
    observed = np.full((children, weeks, told), np.nan)
    for place, measure in enumerate(sample.measures):
        observed[:, list(sample.weeks), found.ensemble.told.index(measure)] = sample.scores[..., place]
    low, median, high = (found.courses[:, place].transpose(0, 2, 1).ravel() for place in range(len(INTERVAL)))
    return pd.DataFrame(
        {
            "child": np.repeat(np.array(sample.names, dtype=object), told * weeks),
            "class": np.repeat(np.array(sample.groups, dtype=object), told * weeks),
            "measure": np.tile(np.repeat(np.array(found.ensemble.told, dtype=object), weeks), children),
            "week": np.tile(np.arange(weeks), children * told),
            "observed": observed.transpose(0, 2, 1).ravel(),
            "low": low,
            "median": median,
            "high": high,
            "alike": np.repeat(found.alike, told * weeks),
            "strange": np.repeat(found.strange, told * weeks),
        }
    )


def parameters_table(found: Fit) -> pd.DataFrame:
    """One row for each parameter of the worlds, and for each trait of a teacher: what it is known by, before and after.

    Columns `what` (parameter, teacher), `class`, `name`, `low_before`, `median_before`, `high_before`, the same after,
    `contraction` (share of the variance that is gone), `by_chance`, `told` (1 where it is more than that).
    """
    import pandas as pd

    parts = [("parameter", "", found.parameters), *(("teacher", name, one) for name, one in found.teachers.items())]
    rows = [
        (what, group, name, *told.before[:, place], *told.after[:, place], told.contraction[place], told.by_chance,
         int(told.contraction[place] > told.by_chance))
        for what, group, told in parts
        for place, name in enumerate(told.names)
    ]  # fmt: skip
    columns = ["what", "class", "name", *(f"{q}_{when}" for when in ("before", "after") for q in QUANTILES)]
    return pd.DataFrame(rows, columns=[*columns, "contraction", "by_chance", "told"])


QUANTILES: Final = ("low", "median", "high")


def comparison(found: Fit) -> pd.DataFrame:
    """One row for each statistic of the sample, a mean over its classes, beside simulated and published ones.

    Columns `measure`, `statistic`, `observed`, `published` (of the instrument's source; of means and standard
    deviations), `low`, `median`, `high` of samples of the population as large, `percentile` of the observed one among
    them; `again_low` to `again_high`: what such children would show when they are rated once more.
    """
    import pandas as pd

    rows = []
    for place, (measure, kind) in enumerate(statistic_names(found.sample.weeks, found.sample.measures)):
        observed = found.observed[place]
        if not np.isfinite(observed):
            continue
        expected, again = found.expected[:, place], found.replicated[:, place]
        again = again[np.isfinite(again)]
        below = (expected < observed).mean() + 0.5 * (expected == observed).mean()
        told = [natural(kind, np.quantile(values, INTERVAL)) for values in (expected, again)]
        rows.append(
            (measure, kind, float(natural(kind, observed)), published(measure, kind), *told[0], below, *told[1])
        )
    columns = ["measure", "statistic", "observed", "published", *QUANTILES, "percentile"]
    return pd.DataFrame(rows, columns=[*columns, *(f"again_{name}" for name in QUANTILES)])


def natural(kind: str, values: Any) -> Any:
    """A statistic as people know it: standard deviations and correlations in place of their logarithms and z."""
    return np.exp(values) if kind == "sd" else np.tanh(values) if kind in ("stability", "correlation") else values


def published(measure: str, kind: str) -> float:
    """What is published of an instrument; not a number where nothing is."""
    one = instrument(measure) if kind in ("mean", "sd") else None
    if not isinstance(one, Rating) or one.reliability is None:
        return float("nan")
    return one.mean if kind == "mean" else one.sd


# --- Words -------------------------------------------------------------------------------------------------


def rows_in_words(found: Fit) -> Iterator[tuple[str, ...]]:
    """Cells of the comparison, for people."""
    span = _("{low} to {high}")
    for row in comparison(found).to_dict("records"):
        kind = str(row["statistic"])
        told = {name: value for name, value in row.items() if isinstance(value, float)}
        said = {name: number(value, 2) if kind in ("mean", "sd") else signed(value) for name, value in told.items()}
        yield (
            ", ".join(_(NAMES[name]) for name in str(row["measure"]).split()),
            _(KINDS[kind]),
            said["observed"],
            "" if np.isnan(row["published"]) else said["published"],
            span.format(low=said["low"], high=said["high"]),
            number(100.0 * row["percentile"], 0),
            span.format(low=said["again_low"], high=said["again_high"]),
        )


def told_in_words(found: Fit) -> list[str]:
    """What the data tell, and what stays open, in sentences without names of children."""
    return [*about_children(found), *about_parameters(found), *about_teachers(found), _(NO_DIAGNOSIS)]


def about_children(found: Fit) -> Iterator[str]:
    """How exactly the true scores of the children are known, and on how many particles that stands."""
    before = np.quantile(found.ensemble.courses.astype(float), (INTERVAL[0], INTERVAL[-1]), axis=(0, 1))
    widths, usual = (found.courses[:, -1] - found.courses[:, 0]).mean(axis=0), before[1] - before[0]
    for place, measure in enumerate(found.ensemble.told):
        last = found.sample.weeks[-1]
        line = _("{measure}: a child's 90% interval is {width} wide in week {week}, and {end} at the end of the year;"
                 " of a child of whom nothing is known it is {usual} wide.")  # fmt: skip
        if measure not in found.sample.measures:
            line = _("{measure}, which was not rated: a child's 90% interval is {width} wide in week {week}, and {end} "
                     "at the end of the year; of a child of whom nothing is known it is {usual} wide.")  # fmt: skip
        yield line.format(
            measure=capital(_(NAMES[measure])), week=last, width=number(widths[last, place], 2),
            end=number(widths[-1, place], 2), usual=number(usual[-1, place], 2),
        )  # fmt: skip
    said = _("Effective number of simulated children behind each child: {low} to {high}, of {all}.")
    low, high = number(found.alike.min(), 0), number(found.alike.max(), 0)
    yield said.format(low=low, high=high, all=number(found.ensemble.boys.size, 0))
    if few := int((found.strange < STRANGE).sum()):
        said = _("{count} of {all} children have fewer like them in the model than 99% of simulated children have: of "
                 "these it knows little.")  # fmt: skip
        yield said.format(count=few, all=len(found.strange))


def about_parameters(found: Fit) -> Iterator[str]:
    """Which parameters of the worlds are told, and which stay open."""
    told, count = found.parameters, len(found.parameters.names)
    chance = number(100.0 * told.by_chance, 0)
    order = np.argsort(-told.contraction)
    known = [place for place in order if told.contraction[place] > told.by_chance]
    if not known:
        said = _("All {count} parameters stay open: of none the data take away more than {chance}% of the variance "
                 "over plausible worlds, as much as the best of them would seem to lose by chance.")  # fmt: skip
        yield said.format(count=count, chance=chance)
        return
    said = _("The data tell something of {known} of {count} parameters: they take away more than {chance}% of its "
             "variance over plausible worlds, as much as the best of them would seem to lose by chance.")  # fmt: skip
    yield said.format(known=len(known), count=count, chance=chance)
    for place in known:
        line = _("{name}: {low} to {high}, where it was {low_before} to {high_before} (−{share}%)")
        yield "  " + line.format(
            name=told.names[place], share=number(100.0 * told.contraction[place], 0), **ends(told, place)
        )


def about_teachers(found: Fit) -> Iterator[str]:
    """What the ratings of a class tell of who gave them."""
    shares = np.mean([one.contraction for one in found.teachers.values()], axis=0)
    names = next(iter(found.teachers.values())).names
    listed = ", ".join(
        f"{_(TEACHER[name])} {number(100.0 * share, 0)}%" for name, share in zip(names, shares, strict=True)
    )
    said = _("Of a teacher of the model, the ratings of a class take away so much of the variance: {listed}.")
    yield said.format(listed=listed)


def ends(told: Informed, place: int) -> dict[str, str]:
    """Ends of intervals before and after, for people."""
    return {
        "low": number(told.after[0, place], 3),
        "high": number(told.after[-1, place], 3),
        "low_before": number(told.before[0, place], 3),
        "high_before": number(told.before[-1, place], 3),
    }


def capital(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


# --- Figures -----------------------------------------------------------------------------------------------


def figure(found: Fit) -> Figure:
    """The mean of all children over the year, of each measure: what was observed, what is known, what is usual."""
    shown = found.ensemble.told
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    drawn = plots.new_figure("years", _("What the ratings tell: the mean of {count} children").format(
        count=len(found.sample.names)), taller=3.1 * (rows - 2) + 0.2)  # fmt: skip
    frame = {"left": 0.06, "right": 0.985, "top": 1.0 - 0.17 / rows - 0.03, "bottom": 0.36 / rows, "hspace": 0.5}
    grid = drawn.add_gridspec(rows, columns, wspace=0.18, **frame)
    calendar = found.ensemble.scenario.calendar()
    x = weekly(calendar)
    usual = np.quantile(found.ensemble.courses.mean(axis=1, dtype=float), (INTERVAL[0], INTERVAL[-1]), axis=0)
    for place, measure in enumerate(shown):
        axes = drawn.add_subplot(grid[divmod(place, columns)])
        panel(axes, found, measure, x)
        axes.fill_between(x, usual[0, :, place], usual[1, :, place], color=plots.HOLIDAY, linewidth=0, zorder=0)
        band(axes, x, found.means[:, :, place], measure)
        if measure in found.sample.measures:
            at = x[list(found.sample.weeks)]
            means = mean(found.sample.scores[..., found.sample.measures.index(measure)], 0)
            axes.plot(at, means, "o", color=plots.INK, markersize=5, zorder=4)
    note = _("Dots: mean rating. Line and band: the true mean of the class, with its 90% interval. Grey: nine in ten "
             "simulated classes.")  # fmt: skip
    drawn.text(0.02, 0.02, below(note), size=plots.TEXT["note"], color=plots.INK)
    return plots.finished(drawn)


def children_figure(found: Fit) -> Figure:
    """A panel for each child: scores on up to `MOST_LINES` measures of one scale, and what they tell of its course."""
    sample, told = found.sample, found.ensemble.told
    first = ends_of(sample.measures[:1])
    measures = [measure for measure in sample.measures if ends_of([measure]) == first][:MOST_LINES]
    rated = np.isfinite(sample.scores[..., [sample.measures.index(measure) for measure in measures]])
    weeks = [week for week, some in zip(sample.weeks, np.asarray(rated.any(axis=(0, 2))), strict=True) if some]
    columns = 5
    rows = -(-len(sample.names) // columns)
    title = _("Each child: ratings and what they tell of its course")
    drawn = plots.new_figure("years", title, taller=1.35 * rows + 1.4 - plots.SIZES["years"][1])
    height = 1.35 * rows + 1.4
    frame = {"left": 0.045, "right": 0.99, "top": 1.0 - 0.9 / height, "bottom": 1.0 / height}
    grid = drawn.add_gridspec(rows, columns, hspace=0.5, wspace=0.14, **frame)
    x = weekly(found.ensemble.scenario.calendar())
    for child, name in enumerate(sample.names):
        axes = drawn.add_subplot(grid[divmod(child, columns)])
        plots.plain(axes)
        axes.set_title(plots.shown(name, 22), loc="left", size=plots.TEXT["name"], color=plots.INK, pad=3)
        for measure in measures:
            place = told.index(measure)
            band(axes, x, found.courses[child, :, :, place], measure)
            at, scores = x[list(sample.weeks)], sample.scores[child, :, sample.measures.index(measure)]
            axes.plot(
                at, scores, "o", color=line_of(measure)["color"], markeredgecolor="white", markersize=4.5, zorder=4
            )
        bounds(axes, measures)
        axes.set_xticks(x[weeks], labels=[number(week, 0) for week in weeks])
        axes.tick_params(labelsize=7.5, length=2)
    handles = [
        drawn.axes[0].plot([], [], linewidth=2.0, label=_(NAMES[measure]), **line_of(measure))[0]
        for measure in measures
    ]
    corner = (0.012, 1.0 - 0.32 / height)
    drawn.legend(handles=handles, loc="upper left", bbox_to_anchor=corner, ncols=len(handles), frameon=False,
                 fontsize=plots.TEXT["note"])  # fmt: skip
    note = below(_("Dots: ratings. Line and band: the true score, with its 90% interval. School weeks."))
    drawn.text(0.02, 0.12 / height, note, size=plots.TEXT["note"], color=plots.INK)
    return plots.finished(drawn)


def below(note: str) -> str:
    """Lines below a figure: what is drawn, and what it is not."""
    return "\n".join([*textwrap.wrap(note, LINE), *textwrap.wrap(_(NO_DIAGNOSIS), LINE)])


def weekly(calendar: Calendar) -> Records:
    """Where the end of each school week lies, in weeks of the calendar."""
    passed = plots.weeks_passed(calendar)
    return np.array([passed[calendar.last_day(week)] for week in range(calendar.weeks + 1)])


def panel(axes: Axes, found: Fit, measure: str, x: Records) -> None:
    """An empty panel for a measure."""
    plots.plain(axes)
    told = _("share") if measure in NOMINATED else ""
    plots.heading(axes, capital(_(NAMES[measure])), told if measure in found.sample.measures else _("not rated"))
    bounds(axes, [measure])
    plots.week_axis(axes, found.ensemble.scenario.calendar())
    axes.set_xlabel(_("school week"), size=plots.TEXT["label"])
    axes.set_xlim(x[0], x[-1])


def bounds(axes: Axes, measures: Sequence[str]) -> None:
    """The scale of measures that have the same one."""
    low, high = ends_of(measures)
    axes.set_ylim(low - 0.02 * (high - low), high + 0.02 * (high - low))
    step = 0.5 if high - low <= 1.0 else 1.0 if high - low < 5.0 else 2.0
    plots.numbered(axes.yaxis, np.arange(low, high + step, step).tolist())


def ends_of(measures: Sequence[str]) -> tuple[float, float]:
    """The lowest and the highest score of measures."""
    low, high = zip(*map(scale_of, measures), strict=True)
    return min(low), max(high)


def band(axes: Axes, x: Records, quantiles: Records, measure: str) -> None:
    """An interval with its median."""
    style = line_of(measure)
    axes.fill_between(x, quantiles[0], quantiles[-1], color=style["color"], alpha=0.25, linewidth=0)
    axes.plot(x, quantiles[1], linewidth=1.6, **style)


def line_of(measure: str) -> dict[str, Any]:
    """Colour and dashes of a measure."""
    style = plots.LINE_STYLES.get(measure)
    return {"color": OTHER_COLOURS[measure]} if style is None else style.line()


# --- What is written ---------------------------------------------------------------------------------------


class FitManifest(RunManifest):
    """The manifest of a folder with what ratings tell.

    Attributes
    ----------
    sample
        What was read: names, classes, sexes, weeks, measures, scores, and how many were asked whom they name.
    per_world
        Classes of each world.
    """

    sample: dict[str, Any]
    per_world: int


def write_fit(found: Fit, folder: Path, *, tell: Callable[[str], None] = lambda _what: None) -> None:
    """Write tables (CSV and Parquet), figures, words, scenario, manifest and checksums into a folder.

    Raises
    ------
    OutputError
        When a file cannot be written.
    """
    with refused(folder):
        for name, content in data_files(found).items():
            (folder / name).write_bytes(content)
        for name, table in tables(found).items():
            write_table(table, folder / f"{name}.csv")
        plots.save(figure(found), folder / "class")
        if len(found.sample.names) <= MOST_DRAWN:
            plots.save(children_figure(found), folder / "children")
            if said := fonts.notice(found.sample.names):
                tell(said)
        (folder / "told.txt").write_text("\n".join(told_in_words(found)) + "\n", encoding="utf-8")
        scenario = write_scenario(found.ensemble.scenario, folder)
        write_manifest(
            FitManifest,
            folder,
            (),
            __name__,
            scenario=scenario,
            parameters=dict(found.ensemble.scenario.values()),
            worlds=plausible().fingerprint,
            sample=plain(found.sample),
            per_world=found.ensemble.per_world,
        )


def data_files(found: Fit) -> dict[str, bytes]:
    """The Parquet files, by name. The same question gives the same bytes."""
    return {f"{name}.parquet": parquet(arrow(table)) for name, table in tables(found).items()}


def plain(sample: Sample) -> dict[str, Any]:
    """A sample as plain data; None is what is not known."""
    return {
        "names": list(sample.names),
        "groups": list(sample.groups),
        "sexes": [known(sex) for sex in sample.sexes.tolist()],
        "weeks": list(sample.weeks),
        "measures": list(sample.measures),
        "scores": [[[known(x) for x in week] for week in child] for child in sample.scores.tolist()],
        **({} if sample.asked is None else {"asked": [[known(x) for x in week] for week in sample.asked.tolist()]}),
    }


def known(value: float) -> float | None:
    """A number, or None."""
    return None if np.isnan(value) else value


def rerun(path: Path, *, trust_plugins: bool = False) -> Rerun:  # noqa: ARG001 - there are none
    """Run again what a manifest describes; see `sim.output.run_folder.rerun`.

    Raises
    ------
    ManifestError
        When the manifest cannot be used.
    """
    manifest = read_manifest(path, FitManifest)
    check_worlds(manifest.worlds or "", path)
    told = manifest.sample
    sample = Sample(
        tuple(told["names"]),
        tuple(told["groups"]),
        np.array(told["sexes"], dtype=float),
        tuple(told["weeks"]),
        tuple(told["measures"]),
        np.array(told["scores"], dtype=float),
        np.array(told["asked"], dtype=float) if "asked" in told else None,
    )
    scenario = scenario_of(manifest, path)
    ensemble = draw_ensemble(scenario, sample.weeks, sample.measures, manifest.per_world, asked=sample.asked)
    found = fit(sample, ensemble)

    def write(folder: Path, tell: Callable[[str], None]) -> None:
        write_fit(found, folder, tell=tell)

    return made_again(manifest, path, data_files(found), __name__, write)
