"""Results of a run for other programs: networks, state-space grids, longitudinal network models, statistics.

All is made from the Parquet files of a run's folder. Tables of children have rows of children alone, whatever these are
called; a class is told by the column `arm`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from sim.files.language import _, current
from sim.files.reading import ReadingError, read_bytes
from sim.files.spreadsheet import as_csv
from sim.output.gridware import Trajectory, project
from sim.output.run_folder import ARMS, MANIFEST, OutputError, whole_folder
from sim.output.sociogram import write_graphml
from sim.peers import nominations, sociogram
from sim.state import CHILD, TEACHER, Records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PROGRAMS", "Results", "export", "read_results"]

LARGEST: Final = 500_000_000
"""Bytes of a Parquet file; those of a class of 60 have a fiftieth of it."""
MOST_ROWS: Final = 20_000_000
COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "contacts": frozenset(("arm", "child", "tone", "response")),
    "days": frozenset(("arm", "day", "week", "child", "name", "acceptance", *(field.name for field in CHILD))),
    "liking": frozenset(("arm", "day", "who", "whom", "liking")),
    "teacher": frozenset(("arm", "day", *(field.name for field in TEACHER))),
}
"""Tables that are read, and what they have to have."""
CONSTANT: Final = ("sex", "age", "ability", "ses_risk", "security")
CHANGING: Final = ("closeness", "conflict", "dependency", "aggression", "engagement", "acceptance")
"""Traits and states that go with networks."""


class Results(NamedTuple):
    """Tables of a run's folder.

    Attributes
    ----------
    tables
        Those of `COLUMNS`, by name.
    names
        Names of the children, by number.
    sex
        0 girl, 1 boy, for each child.
    """

    tables: Mapping[str, pd.DataFrame]
    names: tuple[str, ...]
    sex: Records

    def waves(self) -> list[tuple[int, int]]:
        """Day and school week of each wave at which liking was kept."""
        days = self.tables["days"]
        weeks = dict(zip(days["day"], days["week"], strict=True))
        return [(int(day), int(weeks[day])) for day in dict.fromkeys(self.tables["liking"]["day"])]

    def liking(self, arm: str, day: int) -> Records:
        """Who likes whom how much on an evening, shape (n, n): who likes, who is liked."""
        table = self.tables["liking"]
        kept = table[(table["arm"] == arm) & (table["day"] == day)]
        matrix = np.zeros((len(self.names), len(self.names)))
        matrix[kept["who"], kept["whom"]] = kept["liking"]
        return matrix


def export(folder: Path, program: str, out: Path) -> None:
    """Write the results of a run for another program.

    Parameters
    ----------
    folder
        The run's folder.
    program
        One of `PROGRAMS`.
    out
        The folder to write; it appears when everything is written.

    Raises
    ------
    OutputError
        When there are no results, the folder cannot be written, or a library is missing.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(_("{path}: is there already; choose another folder").format(path=out))
    results = read_results(folder)
    with whole_folder(out, replace=False) as place:
        PROGRAMS[program](results, place)


def read_results(folder: Path) -> Results:
    """The tables of a run's folder.

    Raises
    ------
    OutputError
        When they are not there, or are not those of a run.
    """
    if not (folder / MANIFEST).is_file():
        raise OutputError(_("{path}: holds no results of a run").format(path=folder))
    tables = {name: read_table(folder / f"{name}.parquet", columns) for name, columns in COLUMNS.items()}
    first = tables["days"].drop_duplicates("child").sort_values("child")
    count = len(first)
    numbers = [tables["contacts"]["child"], tables["liking"]["who"], tables["liking"]["whom"], first["child"]]
    if not count or not all(column.between(0, count - 1).all() for column in numbers):
        raise OutputError(_("{path}: is not a table of a run").format(path=folder / "days.parquet"))
    return Results(tables, tuple(map(str, first["name"])), first["sex"].to_numpy())


def read_table(path: Path, columns: frozenset[str]) -> pd.DataFrame:
    """A table, unless it is too large or something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(BytesIO(read_bytes(path, LARGEST)))
        if file.metadata.num_rows > MOST_ROWS or not columns <= set(file.schema_arrow.names):
            raise OutputError(_("{path}: is not a table of a run").format(path=path))
        table: pd.DataFrame = file.read().to_pandas()
    except FileNotFoundError:
        raise OutputError(_("{path}: is missing").format(path=path)) from None
    except ReadingError as error:
        raise OutputError(f"{path}: {error}") from None
    except (pa.ArrowException, OSError):
        raise OutputError(_("{path}: is not a table of a run").format(path=path)) from None
    for column in table.select_dtypes("bool"):
        table[column] = table[column].astype("int8")
    return table


def wide(days: pd.DataFrame) -> pd.DataFrame:
    """One row a child and class: traits once, states at the end of every school week."""
    traits = [field.name for field in CHILD if field.kind == "trait"]
    states = [*(field.name for field in CHILD if field.kind == "state"), "acceptance"]
    ends = days.loc[days.groupby(["arm", "child", "week"])["day"].idxmax()]
    pivoted = ends.pivot_table(states, index=["arm", "child"], columns="week", sort=False)[states]
    pivoted.columns = [f"{column[0]}_w{int(column[1]):02d}" for column in pivoted.columns]
    told = days.drop_duplicates(["arm", "child"]).set_index(["arm", "child"])[["name", *traits]]
    joined: pd.DataFrame = told.join(pivoted).reset_index()
    return joined


def statistics(results: Results) -> dict[str, pd.DataFrame]:
    """Tables for programs for statistics: long ones, and a wide one of children."""
    return {**results.tables, "wide": wide(results.tables["days"])}


def meanings(table: pd.DataFrame, longest: int) -> dict[str, Any]:
    """What columns are, cut to a length."""
    told = {field.name: field.meaning for field in (*TEACHER, *CHILD)}
    labels = {}
    for column in table:
        state, _separator, week = str(column).rpartition("_w")
        text = told.get(str(column)) or (
            f"{told.get(state, state)}, week {int(week)}" if week.isdigit() else str(column)
        )
        labels[str(column)] = text[:longest]
    return labels


def to_gephi(results: Results, folder: Path) -> None:
    """Sociograms at every wave, as GraphML."""
    for arm in ARMS:
        for day, week in results.waves():
            graph = sociogram(results.names, results.liking(arm, day), results.sex)
            write_graphml(graph, folder / f"sociogram-{arm}-week-{week:02d}.graphml")


def to_gridware(results: Results, folder: Path) -> None:
    """Contacts of every child with the teacher as a project of GridWare."""
    contacts = results.tables["contacts"]
    labels = {"without": _("without"), "with": _("with")}
    grids = [
        Trajectory(arm, labels[arm], child, name, met.to_records(index=False))
        for arm in ARMS
        for child, name in enumerate(results.names)
        for met in [contacts[(contacts["arm"] == arm) & (contacts["child"] == child)]]
    ]
    for file, content in project(grids).items():
        (folder / file).write_bytes(content)


def to_csv(results: Results, folder: Path) -> None:
    """Tables for a spreadsheet in the current language."""
    for name, table in statistics(results).items():
        (folder / f"{name}.csv").write_bytes(as_csv(table, decimal_comma=current() == "nl"))


def to_stata(results: Results, folder: Path) -> None:
    """Tables for Stata 14 and later."""
    for name, table in statistics(results).items():
        table.to_stata(folder / f"{name}.dta", write_index=False, version=118, variable_labels=meanings(table, 80))


def to_spss(results: Results, folder: Path) -> None:
    """Tables for SPSS."""
    try:
        import pyreadstat
    except ModuleNotFoundError:
        raise OutputError(_('Files for SPSS need pyreadstat: pip install "spiraal[spss]"')) from None
    for name, table in statistics(results).items():
        pyreadstat.write_sav(table, folder / f"{name}.sav", column_labels=meanings(table, 256))


SIENA: Final = """\
# Loads both classes into RSiena: source this file in its own folder.
# likes and dislikes are networks, 1 where the row names the column; covariates are those of the evenings of the waves.
library(RSiena)

waves <- {waves}
children <- {children}
arms <- c({arms})

numbers <- function(file) as.matrix(read.table(file))
network <- function(kind, arm) {{
  files <- sprintf("%s-%s-wave-%d.txt", kind, arm, seq_len(waves))
  sienaDependent(array(unlist(lapply(files, numbers)), c(children, children, waves)))
}}
changing <- function(state, arm) varCovar(numbers(sprintf("%s-%s.txt", state, arm)))
constant <- read.table("constant.txt", header = TRUE)

load_class <- function(arm) {{
  sienaDataCreate(
    likes = network("likes", arm),
    dislikes = network("dislikes", arm),
{constant}
{changing}
    composition = sienaCompositionChangeFromFile("composition.txt")
  )
}}

classes <- setNames(lapply(arms, load_class), arms)
"""


def to_rsiena(results: Results, folder: Path) -> None:
    """Networks of each wave, covariates, composition, and a script of R that loads them; no names."""
    waves = results.waves()
    days = results.tables["days"]
    for arm in ARMS:
        for wave, (day, _week) in enumerate(waves, start=1):
            liked, disliked = nominations(results.liking(arm, day))
            for kind, named in (("likes", liked), ("dislikes", disliked)):
                np.savetxt(folder / f"{kind}-{arm}-wave-{wave}.txt", named, fmt="%d")
        for state in CHANGING:
            ends = days[(days["arm"] == arm) & days["day"].isin([day for day, _week in waves])]
            values = ends.pivot_table(state, index="child", columns="day")
            np.savetxt(folder / f"{state}-{arm}.txt", values, fmt="%.6f")
    first = days[days["arm"] == ARMS[0]].drop_duplicates("child").sort_values("child")
    np.savetxt(folder / "constant.txt", first[list(CONSTANT)], fmt="%.6f", header=" ".join(CONSTANT), comments="")
    np.savetxt(folder / "composition.txt", [[1, len(waves)]] * len(results.names), fmt="%d")
    script = SIENA.format(
        waves=len(waves),
        children=len(results.names),
        arms=", ".join(f'"{arm}"' for arm in ARMS),
        constant="\n".join(f"    {name} = coCovar(constant${name})," for name in CONSTANT),
        changing="\n".join(f'    {state} = changing("{state}", arm),' for state in CHANGING),
    )
    (folder / "load.R").write_text(script, encoding="utf-8")


PROGRAMS: Final[Mapping[str, Callable[[Results, Path], None]]] = {
    "gephi": to_gephi,
    "gridware": to_gridware,
    "rsiena": to_rsiena,
    "spss": to_spss,
    "stata": to_stata,
    "csv": to_csv,
}
"""Programs, and what writes for them."""
