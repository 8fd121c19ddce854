"""What lasts: the same classes without and with an intervention over several school years, with the same luck.

The children stay together and get a year older; the teacher of the next year is another one, or the same. The effect is
told of the children whom the interventions were for in the first year and who are still there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.files.language import _, number
from sim.files.spreadsheet import write_table
from sim.interventions import REGISTRY
from sim.output import plots
from sim.output.run_folder import (
    Rerun,
    RunManifest,
    arrow,
    made_again,
    parquet,
    read_manifest,
    scenario_of,
    trusted_plugins,
    write_manifest,
    write_scenario,
)
from sim.output.whole_folder import refused
from sim.peers import liked_by
from sim.plugins import Plugin
from sim.run import cores
from sim.scenario import Later, NextTeacher, Scenario, SchoolYears, problems
from sim.state import Records, to_item_mean
from sim.studies.cohort import Scene, Wave, cohort
from sim.year.differences import is_visible
from sim.year.pairs import COMPARED, MEASURES, mean_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


__all__ = [
    "Lasting",
    "LastingError",
    "in_words",
    "lasting",
    "next_teachers",
    "rerun",
    "write_lasting",
]

AT_ONCE = 16
"""Pairs of classes that are simulated at once."""
FEWEST_PAIRS = 2
COLUMNS = ("year", "measure", "without", "with", "difference", "low", "high", "d", "better", "worse", "so_far", "pairs")


class LastingError(Exception):
    """A question about several years that cannot be asked, or a folder that cannot be written; the message says why."""


@dataclass(frozen=True)
class Lasting:
    """What became of the children an intervention was for.

    Attributes
    ----------
    scenario
        The class with its interventions.
    later
        The school years after the first.
    without, with_
        `COMPARED`, means of the children concerned who are still there; shape (pairs, years, weeks + 1, measures). Week
        0 is the evening before the first day of a year. Not a number where none is left.
    spread
        Standard deviations between all children of the classes without, at the end of each year; shape (years,
        measures).
    """

    scenario: Scenario
    later: Later
    without: Records
    with_: Records
    spread: Records

    @property
    def years(self) -> int:
        """How many school years."""
        return int(self.without.shape[1])

    def differences(self, measure: str) -> Records:
        """With minus without, shape (pairs, years, weeks + 1)."""
        place = COMPARED.index(measure)
        return np.asarray((self.with_ - self.without)[..., place])

    @cached_property
    def table(self) -> pd.DataFrame:
        """What is left at the end of each year.

        Returns
        -------
        pandas.DataFrame
            One row for each year and measure: `without` and `with` (means over pairs), `difference` with the ends of
            its 95 % interval (`low`, `high`; of Student's t over pairs), `d` (over the standard deviation between the
            children of the classes without), `better` and `worse` (share of the pairs with a visible difference),
            `so_far` (mean difference over all weeks until then), `pairs` (in which a child is still there).
        """
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(COLUMNS))

    @cached_property
    def courses(self) -> pd.DataFrame:
        """Means over pairs by `measure`, `year` and `week`: `without`, `with`, and `low`, `high` of the difference."""
        import pandas as pd

        rows = []
        for place, measure in enumerate(COMPARED):
            for year in range(self.years):
                for week in range(self.without.shape[2]):
                    without, with_ = (side[:, year, week, place] for side in (self.without, self.with_))
                    there = ~np.isnan(without)
                    low, high = mean_interval((with_ - without)[there])
                    means = (float(side[there].mean()) if there.any() else np.nan for side in (without, with_))
                    rows.append((measure, year + 1, week, *means, low, high))
        return pd.DataFrame(rows, columns=["measure", "year", "week", "without", "with", "low", "high"])

    def rows(self) -> Iterator[tuple[float | int | str, ...]]:
        """Rows of `table`."""
        for year in range(self.years):
            for place, measure in enumerate(COMPARED):
                there = ~np.isnan(self.without[:, year, -1, place])
                without, with_ = self.without[there, year, -1, place], self.with_[there, year, -1, place]
                differences, spread = with_ - without, self.spread[year, place]
                low, high = mean_interval(differences)
                better = is_visible(measure, differences) & (np.sign(differences) == MEASURES.get(measure, 1))
                worse = is_visible(measure, differences) & ~better
                until = self.differences(measure)[there, : year + 1, 1:]
                mean = float(differences.mean()) if len(differences) else np.nan
                yield (
                    year + 1,
                    measure,
                    *(float(x.mean()) if len(x) else np.nan for x in (without, with_)),
                    mean,
                    low,
                    high,
                    mean / spread if spread else np.nan,
                    *(float(x.mean()) if len(x) else np.nan for x in (better, worse)),
                    float(until.mean()) if len(until) else np.nan,
                    int(there.sum()),
                )


def lasting(
    scenario: Scenario,
    pairs: int,
    years: int,
    later: Later,
    progress: Callable[[int], object] = lambda _done: None,
) -> Lasting:
    """Follow classes over several school years, once without and once with the interventions of a scenario.

    Parameters
    ----------
    scenario
        The class, with its interventions.
    pairs
        How many classes; each has its own luck, which is the same without and with.
    years
        School years, from 2.
    later
        Who teaches next, whether classes are mixed anew, and in which years interventions are carried out again.
    progress
        Told how many pairs are done.

    Raises
    ------
    LastingError
        When there is nothing to compare, or classes cannot be followed so long.
    """
    check(scenario, pairs, years, later)
    parts, done = [], 0
    numbers = [
        range(scenario.number + first, scenario.number + min(first + AT_ONCE, pairs))
        for first in range(0, pairs, AT_ONCE)
    ]
    follow = partial(followed, scenario, years, later)
    first = follow(numbers[0])  # equations that are not compiled yet are compiled by one thread alone
    with ThreadPoolExecutor(cores()) as threads:
        for part in chain([first], threads.map(follow, numbers[1:])):
            parts.append(part)
            done += len(part[0])
            progress(done)
    without, with_, all_ = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Lasting(scenario, later, without, with_, all_.std(axis=(0, 2), ddof=1))


def check(scenario: Scenario, pairs: int, years: int, later: Later) -> None:
    """Refuse what cannot be asked."""
    if not scenario.interventions:
        raise LastingError(_("{title}: has no intervention; --with names one").format(title=scenario.title))
    for choice in scenario.interventions:
        if not REGISTRY[choice.name].is_compiled():
            raise LastingError(_("{name}: has no compiled form, which several years need").format(name=choice.name))
    if pairs < FEWEST_PAIRS:
        raise LastingError(_("pairs: found {found}; allowed is {low} or more").format(found=pairs, low=FEWEST_PAIRS))
    for key, problem in problems(scenario, years, later):
        raise LastingError(f"{'years' if key == 'count' else key}: {problem}")


def followed(scenario: Scenario, years: int, later: Later, numbers: Sequence[int]) -> tuple[Records, Records, Records]:
    """Some classes: without, with, and all children of those without at the end of each year."""
    weeks = range(scenario.weeks + 1)
    waves = {f"{year} {week}": Wave(week, year) for year in range(1, years + 1) for week in weeks}
    arms = {"without": (), "with": tuple(choice.build() for choice in scenario.interventions)}
    found = cohort(scenario, numbers, waves, arms, lookback=0, later=later)
    who = concerned(scenario, found.chosen)
    without, with_ = (
        np.stack([mean_of(scene, who) for scene in found.scenes[arm].values()], axis=1).reshape(
            len(numbers), years, len(weeks), len(COMPARED)
        )
        for arm in arms
    )
    ends = [found.scenes["without"][f"{year} {scenario.weeks}"] for year in range(1, years + 1)]
    return without, with_, np.stack([scored(scene) for scene in ends], axis=1)


def concerned(scenario: Scenario, chosen: Records) -> Records:
    """Whose scores are told, shape (c, n): those of whom interventions were, or else the child that is followed."""
    names = [row.name for row in scenario.classroom.rows()]
    followed_child = np.arange(len(names)) == (names.index(scenario.follow) if scenario.follow in names else 0)
    return np.where(chosen.any(axis=1, keepdims=True), chosen, followed_child)


def scored(scene: Scene) -> Records:
    """`COMPARED` of every child, shape (c, n, measures)."""
    scores = [to_item_mean(scene.children[name]) for name in MEASURES]
    return np.stack([*scores, liked_by(scene.liking)], axis=-1)


def mean_of(scene: Scene, who: Records) -> Records:
    """Means of those of some children who are still there, shape (c, measures)."""
    there = who & scene.stayed
    count = there.sum(axis=1)
    sums = np.einsum("cnm,cn->cm", scored(scene), there.astype(float))
    return np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], np.nan)


# --- What is written -----------------------------------------------------------------------------------


class LastingManifest(RunManifest):
    """The manifest of a folder with several school years.

    Attributes
    ----------
    years, pairs
        How many.
    later
        See `sim.scenario.Later`.
    """

    years: int
    pairs: int
    later: Later


def write_lasting(found: Lasting, folder: Path, plugins: Sequence[Plugin] = ()) -> None:
    """Write what is left of the effect (`years`), the courses (`weeks`), the figure, scenario, manifest, checksums.

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
        plots.save(figure(found), folder / "lasting")
        scenario = write_scenario(found.scenario, folder)
        write_manifest(
            LastingManifest,
            folder,
            plugins,
            __name__,
            scenario=scenario,
            parameters=dict(found.scenario.values()),
            years=found.years,
            pairs=len(found.without),
            later=found.later,
        )


def rerun(path: Path, *, trust_plugins: bool = False) -> Rerun:
    """Run again what a manifest describes; see `sim.output.run_folder.rerun`.

    Raises
    ------
    LastingError
        When it cannot be asked.
    """
    manifest = read_manifest(path, LastingManifest)
    plugins = trusted_plugins(manifest, path, trust_plugins=trust_plugins)
    found = lasting(scenario_of(manifest, path), manifest.pairs, manifest.years, manifest.later)

    def write(folder: Path, _tell: Callable[[str], None]) -> None:
        write_lasting(found, folder, plugins)

    return made_again(manifest, path, data_files(found), __name__, write)


def tables(found: Lasting) -> dict[str, pd.DataFrame]:
    """What is left at the ends of years, and the courses."""
    return {"years": found.table, "weeks": found.courses}


def data_files(found: Lasting) -> dict[str, bytes]:
    """The Parquet files, by name. The same question gives the same bytes."""
    return {f"{name}.parquet": parquet(arrow(table)) for name, table in tables(found).items()}


GAP: Final = 4
"""Weeks of a figure between two school years."""
LOWEST, HIGHEST, LEAST = 1.0, 5.0, 1.0
"""The scale of the scores, and how much of it, or how many classmates, a panel shows at least."""
WITHOUT = "#555555"
YEAR_BAND = "#F0F0F0"


def figure(found: Lasting) -> Figure:
    """The courses without and with over the years, a panel for each measure; means over pairs."""
    title = _("What lasts of {what}: the children it was for, over {years} school years")
    what = plots.titles(choice.name for choice in found.scenario.interventions)
    drawn = plots.new_figure("years", title.format(what=what, years=found.years))
    grid = drawn.add_gridspec(2, 2, left=0.065, right=0.985, top=0.86, bottom=0.155, hspace=0.36, wspace=0.16)
    table = found.courses
    for place, measure in enumerate(COMPARED):
        axes = drawn.add_subplot(grid[divmod(place, 2)])
        panel(axes, found, table[table["measure"] == measure], measure)
    drawn.text(0.02, 0.03, key(found), size=plots.TEXT["note"], color=plots.INK)
    return plots.finished(drawn)


def panel(axes: Axes, found: Lasting, rows: pd.DataFrame, measure: str) -> None:
    """One measure: a dashed line without, a solid one with, and the interval of what lies between them."""
    from matplotlib.ticker import MaxNLocator

    plots.plain(axes)
    style = plots.LINE_STYLES.get(measure)
    colour = plots.LINE_STYLES["closeness"].colour if style is None else style.colour
    weeks = found.without.shape[2]
    for year in range(found.years):
        year_rows = rows[rows["year"] == year + 1]
        x = year * (weeks + GAP) + year_rows["week"].to_numpy()
        without, with_ = year_rows["without"].to_numpy(), year_rows["with"].to_numpy()
        axes.plot(x, without, color=WITHOUT, linestyle=(0, (4.0, 2.0)), linewidth=1.4, gid="without")
        axes.plot(x, with_, color=colour, linewidth=2.2, gid="with")
        low, high = without + year_rows["low"].to_numpy(), without + year_rows["high"].to_numpy()
        axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
        if year:
            axes.axvspan(x[0] - GAP - 1, x[0], color=YEAR_BAND, linewidth=0, zorder=0)
    middles = [year * (weeks + GAP) + weeks / 2 for year in range(found.years)]
    axes.set_xticks(middles, labels=[_("year {year}").format(year=year + 1) for year in range(found.years)])
    axes.tick_params(axis="x", length=0)
    axes.margins(x=0.01)
    if measure in MEASURES:
        low, high = axes.get_ylim()
        middle = (low + high) / 2.0
        axes.set_ylim(max(LOWEST, min(low, middle - LEAST / 2.0)), min(HIGHEST, max(high, middle + LEAST / 2.0)))
    else:
        axes.set_ylim(0.0, max(LEAST, axes.get_ylim()[1]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(lambda value, _at: number(float(value), 1))
    name = _("liked by (classmates)") if style is None else _("{measure} (1–5)").format(measure=_(style.name))
    plots.heading(axes, name)


def key(found: Lasting) -> str:
    """What lines and bands are, and who teaches in the next years."""
    message = _(
        "Solid: with; dashed: without, the same classes with the same luck. Band: 95% interval of the difference. "
        "{pairs} pairs; {who}."
    )
    return message.format(pairs=len(found.without), who=next_teachers(found.later.teacher))


def in_words(years: SchoolYears) -> str:
    """Over which school years classes are followed, in words."""
    later = years.later
    said = [
        _("{count} years").format(count=years.count),
        next_teachers(later.teacher),
        _("{share}% of the children change classes each year").format(share=f"{100 * later.remixed:g}")
        if later.remixed
        else _("classes stay together"),
    ]
    again = later.again.items() if isinstance(later.again, Mapping) else [("", later.again)]
    for name, once_more in again:
        what, when = plots.titles([name]) if name else _("all"), ", ".join(map(str, sorted(once_more)))
        if when:
            said.append(_("{what} once more in year {years}").format(what=what, years=when))
    return "; ".join(said)


def next_teachers(spec: NextTeacher) -> str:
    """Who teaches in the next years, in words."""
    if spec is None:
        return _("the next teachers are like the first one")
    if isinstance(spec, str):
        return _("the teacher stays")
    if spec.emotional_support is None:
        return _("the next teachers are drawn")
    return _("the next teachers have an emotional support of {support}").format(
        support=number(spec.emotional_support, 2)
    )
