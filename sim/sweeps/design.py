"""Designs of a sweep: at which points of the space of uncertainties the model is run.

A factor is what one key of the scenario may be: a range, the whole numbers of a range, or levels. A design picks
points; random designs are drawn in the unit cube by SALib, and `PlanFactor.at` alone says what a coordinate means.
The same design and seed give the same points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sim.files.cells import CellsError, decoded
from sim.files.language import _, number
from sim.files.reading import ReadingError, read_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LEVERS",
    "MOST_KEYS",
    "UNCERTAINTIES",
    "Design",
    "DesignError",
    "Factors",
    "GridDesign",
    "LatinHypercubeDesign",
    "ListDesign",
    "MorrisDesign",
    "PlanFactor",
    "SobolDesign",
    "problem",
]

UNCERTAINTIES = ("class", "parameters", "world", "weeks", "days_per_week", "seed")
"""What the keys of uncertainties begin with: children, class, parameters, plausible worlds, calendar and luck."""
LEVERS = ("teacher", "interventions", "mechanism", "years", "scenario")
"""What the keys of levers begin with: whatever is compared on the same classes."""
MOST = 2**20
"""The largest sample."""
MOST_LEVELS = 10**4
"""The most values or whole numbers of a factor."""
MOST_KEYS = 1000
"""The most factors, or columns of a list; a scenario has a few hundred keys."""
LARGEST_LIST = 50_000_000
"""Bytes of a list of cells; a Parquet file may say that it becomes eight times as large."""
LARGEST = 2.0**53
"""The largest number of a list: above it whole numbers and others cannot be told apart."""

Array = np.ndarray[Any, Any]
Value = int | float | str


class DesignError(Exception):
    """A list of cells that cannot be used; the message names the file, and row and column where there is one."""


class Frozen(BaseModel):
    """Base of all parts: frozen, unknown keys are errors, numbers are finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def distinct(found: object) -> tuple[Value, ...]:
    """Check that levels are all numbers or all texts, each of them once."""
    values = tuple(found) if isinstance(found, (list, tuple)) else ()
    texts = all(isinstance(value, str) for value in values)
    numbers = all(type(value) in {int, float} and abs(value) <= LARGEST for value in values)
    if len(values) > MOST_LEVELS:
        raise ValueError(_("found {count} values; allowed are {most}").format(count=len(values), most=MOST_LEVELS))
    if not values or not (texts or numbers) or len(set(values)) < len(values):
        raise ValueError(_("allowed is a list of numbers or a list of texts, each of them once"))
    return values


class PlanFactor(Frozen):
    """What a key of the scenario may be: from `low` to `high`, the `whole` numbers of that range, or `values`."""

    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    values: Annotated[tuple[Value, ...], BeforeValidator(distinct)] = ()

    @model_validator(mode="after")
    def _has_one_form(self) -> PlanFactor:
        given = self.model_fields_set
        if "values" in given:
            if len(given) > 1:
                raise ValueError(_("found values and a range; allowed is one of the two"))
        elif not {"low", "high"} <= given:
            raise ValueError(_("low and high are missing; or name values"))
        elif self.low >= self.high:
            raise ValueError(_("found low = {low:g}, high = {high:g}; low has to be below high").format(**dict(self)))
        elif self.whole and not (self.low.is_integer() and self.high.is_integer()):
            message = _("found low = {low:g}, high = {high:g}; whole numbers begin and end with whole numbers")
            raise ValueError(message.format(**dict(self)))
        elif self.whole and self.high - self.low >= MOST_LEVELS:
            message = _("found {count:.0f} whole numbers; allowed are {most}")
            raise ValueError(message.format(count=self.high - self.low + 1.0, most=MOST_LEVELS))
        return self

    @property
    def ranged(self) -> bool:
        """Whether this is a range, and not a list of values."""
        return not self.values

    @property
    def continuous(self) -> bool:
        """Whether this is a range of all numbers, which has no levels."""
        return self.ranged and not self.whole

    @property
    def levels(self) -> Array:
        """Whole numbers, numbers or texts that are possible, shape (k,); of a continuous range only the ends."""
        if self.values:
            return np.array(self.values, dtype=object if isinstance(self.values[0], str) else None)
        if self.whole:
            return np.arange(int(self.low), int(self.high) + 1)
        return np.array([self.low, self.high])

    @property
    def corners(self) -> tuple[Value, ...]:
        """What has to be possible for the whole factor to be so: every level, or the ends of the range."""
        return self.values or tuple(self.levels[[0, -1]].tolist())

    def at(self, u: Array) -> Array:
        """Values at coordinates `u` of the unit interval; equal parts of it belong to each level."""
        if self.continuous:
            return np.clip(self.low * (1.0 - u) + self.high * u, self.low, self.high)
        chosen: Array = self.levels[np.minimum((u * len(self.levels)).astype(int), len(self.levels) - 1)]
        return chosen

    def place(self, values: Array) -> Array:
        """Where values stand between the first (0) and the last (1) value of the factor."""
        if self.continuous:
            return (np.asarray(values, dtype=float) - self.low) / (self.high - self.low)
        levels = self.levels.tolist()
        return np.array([levels.index(value) for value in values.tolist()]) / max(1, len(levels) - 1)


Factors = Mapping[str, PlanFactor]
"""Factors by key, in the order in which they were named."""


def problem(factors: Factors) -> dict[str, Any]:
    """What SALib calls the problem: the names of the factors, each of them in the unit interval."""
    return {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}


def in_cube(factors: Factors, unit: Array) -> pd.DataFrame:
    """Points from coordinates in the unit cube, shape (points, factors)."""
    import pandas as pd

    return pd.DataFrame({key: factor.at(unit[:, i]) for i, (key, factor) in enumerate(factors.items())})


def unvaried(factors: Factors) -> dict[str, str]:
    """What keeps factors from being sampled, by key; an empty key is for all of them."""
    if not factors:
        return {"": _("there is nothing to sample; name at least one")}
    message = _("found one value; allowed are two or more, or a range")
    return {key: message for key, factor in factors.items() if len(factor.levels) == 1}


class GridDesign(Frozen):
    """All combinations of levels; those of the last factor follow each other."""

    kind: Literal["grid"] = "grid"

    def complaints(self, factors: Factors) -> dict[str, str]:
        """What is wrong with the factors, by key."""
        message = _("found a range; allowed in a grid is values = [...]")
        return {key: message for key, factor in factors.items() if factor.ranged}

    def count(self, factors: Factors) -> int:
        """How many points there are."""
        return math.prod(max(1, len(factor.values)) for factor in factors.values())

    def points(self, factors: Factors, seed: int, folder: Path) -> pd.DataFrame:
        """One row a point, one column a factor; a single point when there are none."""
        import pandas as pd

        count = self.count(factors)
        shape = [len(factor.values) for factor in factors.values()]
        chosen = np.unravel_index(np.arange(count), shape) if shape else ()
        columns = {key: factor.levels[place] for (key, factor), place in zip(factors.items(), chosen, strict=True)}
        return pd.DataFrame(columns, index=range(count))


class LatinHypercubeDesign(Frozen):
    """A Latin hypercube: every factor alone is spread evenly over its range."""

    kind: Literal["latin-hypercube"] = "latin-hypercube"
    samples: Annotated[int, Field(ge=1, le=MOST)]

    def complaints(self, factors: Factors) -> dict[str, str]:
        """What is wrong with the factors, by key."""
        return unvaried(factors)

    def count(self, factors: Factors) -> int:
        """How many points there are."""
        return self.samples

    def points(self, factors: Factors, seed: int, folder: Path) -> pd.DataFrame:
        """One row a point, one column a factor."""
        from SALib.sample import latin

        return in_cube(factors, latin.sample(problem(factors), self.samples, seed=seed))


class SobolDesign(Frozen):
    """Saltelli's scheme for Sobol indices; with d factors samples × (d + 2), or with second order × (2 d + 2)."""

    kind: Literal["sobol"] = "sobol"
    samples: Annotated[int, Field(ge=2, le=MOST)]
    second_order: bool = False

    @model_validator(mode="after")
    def _is_a_power_of_two(self) -> SobolDesign:
        if self.samples & (self.samples - 1):
            raise ValueError(_("samples: found {samples}; allowed is a power of 2").format(samples=self.samples))
        return self

    def complaints(self, factors: Factors) -> dict[str, str]:
        """What is wrong with the factors, by key."""
        return unvaried(factors)

    def block(self, factors: Factors) -> int:
        """Points that belong together, for they are compared with each other."""
        return 2 * len(factors) + 2 if self.second_order else len(factors) + 2

    def count(self, factors: Factors) -> int:
        """How many points there are."""
        return self.samples * self.block(factors)

    def points(self, factors: Factors, seed: int, folder: Path) -> pd.DataFrame:
        """One row a point, one column a factor."""
        from SALib.sample import sobol

        unit = sobol.sample(problem(factors), self.samples, calc_second_order=self.second_order, seed=seed)
        return in_cube(factors, unit)


class MorrisDesign(Frozen):
    """Morris trajectories: from a random point of a grid of `levels`, one factor after another changes."""

    kind: Literal["morris"] = "morris"
    trajectories: Annotated[int, Field(ge=2, le=MOST)]
    levels: Annotated[int, Field(ge=2, le=100, multiple_of=2)] = 4

    def complaints(self, factors: Factors) -> dict[str, str]:
        """What is wrong with the factors, by key."""
        return unvaried(factors)

    def block(self, factors: Factors) -> int:
        """Points that belong together, for they are compared with each other."""
        return len(factors) + 1

    def count(self, factors: Factors) -> int:
        """How many points there are."""
        return self.trajectories * self.block(factors)

    def points(self, factors: Factors, seed: int, folder: Path) -> pd.DataFrame:
        """One row a point, one column a factor."""
        from SALib.sample import morris

        unit = morris.sample(problem(factors), self.trajectories, num_levels=self.levels, seed=seed)
        step = np.rint(unit * (self.levels - 1))
        continuous = np.array([factor.continuous for factor in factors.values()])
        # Levels and whole numbers are met in the middle of their parts of the interval, not on the borders.
        return in_cube(factors, np.where(continuous, step / (self.levels - 1), (step + 0.5) / self.levels))


class ListDesign(Frozen):
    """Cells that somebody wrote down: a CSV or Parquet file, one row a cell, one column a key."""

    kind: Literal["list"] = "list"
    file: str

    def complaints(self, factors: Factors) -> dict[str, str]:
        """What is wrong with the factors, by key."""
        return {key: _("found beside a list; keys and values stand in the file") for key in factors}

    def cells(self, folder: Path) -> pd.DataFrame:
        """One row a cell, one column a key: uncertainties and levers.

        Raises
        ------
        DesignError
            When the file cannot be read, is too large, or has no rows, an unknown column, a column twice, or an empty
            field or one that is neither number nor text.
        """
        path = folder / self.file
        cells = read_table(path)
        if cells.empty:
            raise DesignError(_("{path}: has no rows; allowed is one row a cell").format(path=path))
        for column in cells.columns:
            if column.split(".")[0] not in (*UNCERTAINTIES, *LEVERS):
                message = _("{path}: column {column}: no such key; keys begin with {allowed}")
                allowed = ", ".join((*UNCERTAINTIES, *LEVERS))
                raise DesignError(message.format(path=path, column=column, allowed=allowed))
            if cells[column].isna().any():
                message = _("{path}: row {row}, column {column}: is empty; allowed is a value")
                row = int(cells[column].isna().to_numpy().argmax()) + 1
                raise DesignError(message.format(path=path, row=row, column=column))
            if cells[column].dtype.kind not in "iuf" and not all(isinstance(value, str) for value in cells[column]):
                message = _("{path}: column {column}: allowed are numbers, or texts")
                raise DesignError(message.format(path=path, column=column))
        return cells

    def points(self, factors: Factors, seed: int, folder: Path) -> pd.DataFrame:
        """The different rows of the columns that are uncertainties, in the order of the file."""
        cells = self.cells(folder)
        uncertain = cells[[column for column in cells.columns if column.split(".")[0] in UNCERTAINTIES]]
        return uncertain.drop_duplicates(ignore_index=True) if uncertain.columns.size else uncertain.iloc[:1]


def read_table(path: Path) -> pd.DataFrame:
    """A table from a Parquet file, or a CSV file with commas or, as in Dutch spreadsheets, semicolons."""
    try:
        content = read_bytes(path, LARGEST_LIST)
        return unpacked(content) if path.suffix == ".parquet" else separated(content)
    except FileNotFoundError as error:
        raise DesignError(f"{path}: {error.strerror}") from None
    except ReadingError as error:
        raise DesignError(f"{path}: {error}") from None
    except CellsError as error:
        raise DesignError(f"{path}: {ReadingError(error.found, error.allowed)}") from None
    except (ValueError, OSError, OverflowError) as error:  # pyarrow calls damage by the name of what it does to a disk
        raise DesignError(_("{path}: is not a table: {error}").format(path=path, error=error)) from None


def separated(content: bytes) -> pd.DataFrame:
    """A table from the content of a CSV file, in Unicode or in what spreadsheets wrote before it.

    Raises
    ------
    CellsError, ReadingError, ValueError
        When it is none, or can be read in several ways.
    """
    import pandas as pd

    text, _encoding = decoded(content, None, [])
    heading = text.partition("\n")[0].strip()
    separator, decimal = (";", ",") if ";" in heading else (",", ".")
    columns = heading.split(separator)
    if len(columns) > MOST_KEYS:
        raise ReadingError(_("{count} columns").format(count=len(columns)), str(MOST_KEYS))
    if len(set(columns)) < len(columns):
        raise ReadingError(_("a column that is there twice"), _("each column once"))
    table = pd.read_csv(StringIO(text), sep=separator, decimal=decimal)
    if not isinstance(table.index, pd.RangeIndex):  # pandas takes a cell without a heading for the name of its row
        raise ReadingError(_("rows with more cells than headings"), _("a heading above each cell"))
    return table


def unpacked(content: bytes) -> pd.DataFrame:
    """A table from the content of a Parquet file, if it says that it is not too large.

    Raises
    ------
    ReadingError
        When it is.
    ValueError, OSError
        When it is damaged.
    """
    import pyarrow.parquet as pq

    file = pq.ParquetFile(BytesIO(content))
    about = file.metadata
    if about.num_columns > MOST_KEYS:
        raise ReadingError(_("{count} columns").format(count=about.num_columns), str(MOST_KEYS))
    size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if max(size, 8 * about.num_rows * about.num_columns) > 8 * LARGEST_LIST:
        found = _("a table of {rows} rows").format(rows=about.num_rows)
        raise ReadingError(found, _("a table of {size} MB").format(size=number(8 * LARGEST_LIST / 1e6, 0)))
    table: pd.DataFrame = file.read().to_pandas(ignore_metadata=True)
    return table


Design = Annotated[
    GridDesign | LatinHypercubeDesign | SobolDesign | MorrisDesign | ListDesign, Field(discriminator="kind")
]
"""One of the designs, told apart by `kind`."""
