"""Designs of a sweep: at which points of the space of uncertainties the model is run.

A factor is what one key of the scenario may be: a range, the whole numbers of a range, or levels. A design picks
points; random designs are drawn in the unit cube by SALib, and `PlanFactor.at` alone says what a coordinate means.
The same design and seed give the same points.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sim.files.language import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LEVERS",
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

UNCERTAINTIES = ("class", "parameters", "world", "weeks", "days_per_week")
"""What the keys of uncertainties begin with: children, class, parameters of the model and plausible worlds."""
LEVERS = ("teacher", "interventions")
"""What the keys of levers begin with."""
MOST = 2**20
"""The largest sample."""
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

    def points(self, factors: Factors, seed: int, folder: Path) -> pd.DataFrame:
        """One row a point, one column a factor; a single point when there are none."""
        import pandas as pd

        chosen = np.array(list(product(*(range(len(factor.levels)) for factor in factors.values()))), dtype=int)
        columns = {key: factor.levels[chosen[:, i]] for i, (key, factor) in enumerate(factors.items())}
        return pd.DataFrame(columns, index=range(len(chosen)))


class LatinHypercubeDesign(Frozen):
    """A Latin hypercube: every factor alone is spread evenly over its range."""

    kind: Literal["latin-hypercube"] = "latin-hypercube"
    samples: Annotated[int, Field(ge=1, le=MOST)]

    def complaints(self, factors: Factors) -> dict[str, str]:
        """What is wrong with the factors, by key."""
        return unvaried(factors)

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
            When the file cannot be read, or has no rows, an unknown column, a column twice, or an empty field.
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
        return cells

    def points(self, factors: Factors, seed: int, folder: Path) -> pd.DataFrame:
        """The different rows of the columns that are uncertainties, in the order of the file."""
        cells = self.cells(folder)
        uncertain = cells[[column for column in cells.columns if column.split(".")[0] in UNCERTAINTIES]]
        return uncertain.drop_duplicates(ignore_index=True) if uncertain.columns.size else uncertain.iloc[:1]


def read_table(path: Path) -> pd.DataFrame:
    """A table from a Parquet file, or a CSV file with commas or, as in Dutch spreadsheets, semicolons."""
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        with path.open(encoding="utf-8-sig") as file:
            heading = file.readline().strip()
        dutch = ";" in heading
        columns = heading.split(";" if dutch else ",")
        if len(set(columns)) < len(columns):
            raise DesignError(_("{path}: a column is there twice").format(path=path))
        return pd.read_csv(path, sep=";" if dutch else ",", decimal="," if dutch else ".", encoding="utf-8-sig")
    except OSError as error:
        raise DesignError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise DesignError(_("{path}: is not a table: {error}").format(path=path, error=error)) from None


Design = Annotated[
    GridDesign | LatinHypercubeDesign | SobolDesign | MorrisDesign | ListDesign, Field(discriminator="kind")
]
"""One of the designs, told apart by `kind`."""
