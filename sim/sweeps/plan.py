"""A plan of a sweep: a question, as a TOML file that names uncertainties, levers, outcomes and a design.

Uncertainties are what nobody chooses (children, class, parameters of the model); a design picks points among them.
Levers are what somebody may choose (teacher, interventions) or what is to be compared on the same classes (a mechanism
of one's own); every combination of them is tried at every point. A
point with a combination of levers is a *cell*. Keys are those of a scenario, with dots: ``class.size``,
``parameters.negativity``, ``interventions.0.start_week``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pydantic
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.files.checksums import sha256
from sim.files.classlist import ColumnMapping, read_class_list, read_mapping
from sim.files.language import _
from sim.files.packaged import packaged
from sim.files.reading import ReadingError, read_toml
from sim.parameters import PARAMETERS
from sim.scenario import (
    LARGEST_SEED,
    OF_A_LIST,
    ClassSpec,
    InterventionChoice,
    Later,
    Scenario,
    ScenarioError,
    SchoolYears,
    TeacherSpec,
    describe,
    load,
    shipped,
)
from sim.sweeps.aggregates import Outcomes, Recording, day_number, intervention_in
from sim.sweeps.case import CLASS_LIST, SCENARIO, YEARS, Case, Sources
from sim.sweeps.design import LEVERS, MOST_KEYS, UNCERTAINTIES, Design, GridDesign, ListDesign, PlanFactor
from sim.sweeps.dyads import DYAD_VARIABLES, cost

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Plan", "PlanError", "cells", "check", "load_plan", "plans", "read_scenario", "read_sources", "rows_of"]

CELL, POINT = "cell", "point"
"""Columns of the design beside the keys."""
MOST_CELLS = 10**7
MOST_VALUES = 5 * 10**7
"""Of a design: cells times columns, which memory has to hold some times over."""
MOST_CLASS_YEARS = 10**8
"""More than this program, on any computer of today, gets done."""
MOST_OUTCOMES = 10**4
"""Columns of the results."""
FACTOR_KEYS = frozenset(PlanFactor.model_fields)


class PlanError(Exception):
    """A plan that cannot be run; the message has a line for each problem."""

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.source = source
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))


class Plan(BaseModel):
    """What a plan file says."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: str
    title_nl: str | None = None
    about: str = ""
    about_nl: str | None = None
    scenario: str
    replications: Annotated[int, Field(ge=1, le=10**7)]
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 1
    years: SchoolYears | None = None
    design: Design
    uncertainties: Annotated[dict[str, PlanFactor], Field(max_length=MOST_KEYS)] = Field(default_factory=dict)
    levers: Annotated[dict[str, PlanFactor], Field(max_length=MOST_KEYS)] = Field(default_factory=dict)
    outcomes: Annotated[tuple[Outcomes, ...], Field(min_length=1)]

    @field_validator("uncertainties", "levers", mode="before")
    @classmethod
    def _keys_without_quotes(cls, table: object) -> object:
        return dict(dotted(table)) if isinstance(table, Mapping) else table

    @model_validator(mode="after")
    def _is_not_too_large(self) -> Plan:
        if not isinstance(self.design, ListDesign):  # of which the file is not read yet
            count = self.design.count(self.uncertainties) * GridDesign().count(self.levers)
            if problem := too_large(count, len(self.uncertainties) + len(self.levers), self.class_years_of_a_cell):
                raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _results_are_not_too_wide(self) -> Plan:
        every = 1 if self.years is None else self.years.count
        count = sum(
            len(group.variables) * max(1, len(group.of)) * len(group.days) * (len(group.years) or every)
            for group in self.outcomes
        )
        if count > MOST_OUTCOMES:
            message = _("outcomes: found {count} columns; allowed are {most}")
            raise ValueError(message.format(count=count, most=MOST_OUTCOMES))
        return self

    @model_validator(mode="after")
    def _keys_stand_where_they_belong(self) -> Plan:
        message = _("{key}: no such key here; keys here begin with {roots}")
        lines = [
            message.format(key=key, roots=", ".join(roots))
            for factors, roots in ((self.uncertainties, UNCERTAINTIES), (self.levers, LEVERS))
            for key in factors
            if key.partition(".")[0] not in roots
        ]
        if lines:
            raise ValueError("\n".join(lines))
        return self

    @model_validator(mode="after")
    def _outcomes_are_of_its_years(self) -> Plan:
        for place, group in enumerate(self.outcomes):
            of_dyads = [name for name in group.variables if name in DYAD_VARIABLES]
            if of_dyads and self.years is not None:
                message = _("outcomes.{place}.variables: found {found}; allowed only in a plan without [years]")
                raise ValueError(message.format(place=place, found=", ".join(of_dyads)))
            if group.years and self.years is None:
                message = _("outcomes.{place}.years: found {found}; the plan has no [years]")
                raise ValueError(message.format(place=place, found=", ".join(map(str, group.years))))
            for year in group.years:
                if self.years is not None and not 1 <= year <= self.years.count:
                    message = _("outcomes.{place}.years: found {found}; allowed is 1 to {last}")
                    raise ValueError(message.format(place=place, found=year, last=self.years.count))
        return self

    @model_validator(mode="after")
    def _factors_fit_the_design(self) -> Plan:
        crossing = self.design if isinstance(self.design, ListDesign) else GridDesign()
        complaints = (
            ("uncertainties", self.design.complaints(self.uncertainties)),
            ("levers", crossing.complaints(self.levers)),
        )
        lines = [
            ".".join(filter(None, (section, key))) + f": {complaint}"
            for section, found in complaints
            for key, complaint in found.items()
        ]
        if lines:
            raise ValueError("\n".join(lines))
        return self

    def titled(self, language: str) -> str:
        """The title in a language."""
        return (language == "nl" and self.title_nl) or self.title

    def told(self, language: str) -> str:
        """What the plan is about, in a language."""
        return (language == "nl" and self.about_nl) or self.about

    @property
    def recording(self) -> Recording:
        """The columns that the outcomes make."""
        return Recording(self.outcomes, None if self.years is None else self.years.count)

    @property
    def class_years_of_a_cell(self) -> int:
        """How many classes a cell has, times the school years of each."""
        return self.replications * (1 if self.years is None else self.years.count)

    @property
    def of_dyads(self) -> tuple[str, ...]:
        """What is seen of one dyad of each class from above."""
        return tuple(dict.fromkeys(c.variable for c in self.recording.columns if c.variable in DYAD_VARIABLES))

    @property
    def cost_of_dyads(self) -> int:
        """How many class-years take about as long as that, in each class."""
        days = {column.day for column in self.recording.columns if column.variable in DYAD_VARIABLES}
        return len(days) * cost(self.of_dyads)


def too_large(count: int, keys: int, class_years: int) -> str:
    """What is too large about so many cells with so many keys and class-years each; empty when nothing is."""
    if count > MOST_CELLS:
        return _("found {count} combinations; allowed are {most}").format(count=count, most=MOST_CELLS)
    if count * (keys + 2) > MOST_VALUES:
        message = _("found {count} combinations of {keys} keys; allowed are {most} values in all")
        return message.format(count=count, keys=keys, most=MOST_VALUES)
    if count * class_years > MOST_CLASS_YEARS:
        message = _("found {count} class-years; allowed are {most}")
        return message.format(count=count * class_years, most=MOST_CLASS_YEARS)
    return ""


def dotted(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Keys and factors of a table, for TOML takes a dotted key without quotes for a table within a table."""
    for key, value in table.items():
        if isinstance(value, Mapping) and value and not FACTOR_KEYS & value.keys():
            yield from dotted(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def plans() -> dict[str, Path]:
    """The plans that come with the program, by name."""
    return {path.stem: path for path in sorted((packaged("experiments") / "plans").glob("*.toml"))}


def load_plan(source: str | Path) -> tuple[Plan, Path]:
    """Read a plan: a shipped one by name, or a TOML file; returns the folder in which its files are found, too.

    Raises
    ------
    PlanError
        For a file that cannot be read or is no valid plan.
    """
    path = plans().get(str(source), Path(source))
    try:
        return Plan.model_validate(read_toml(path)), path.parent
    except FileNotFoundError:
        message = _("no such file, nor a shipped plan; shipped are {names}").format(names=", ".join(plans()))
        raise PlanError(str(source), [message]) from None
    except ReadingError as error:
        message = _("not a readable TOML file: {error}").format(error=error)
        raise PlanError(str(source), [message]) from None
    except pydantic.ValidationError as error:
        lines = [line for problem in error.errors() for line in complaint(problem)]
        raise PlanError(str(source), lines) from None


def complaint(problem: Mapping[str, Any]) -> list[str]:
    """One problem that pydantic found, as lines: key, what was found, what is allowed."""
    place = list(problem["loc"])
    if place[0:1] == ["design"]:
        del place[1:2]  # the kind of design, which is no key
    key = ".".join(str(part) for part in place)
    kinds = str(problem.get("ctx", {}).get("expected_tags", "")).replace("'", "")
    match problem["type"]:
        case "missing":
            return [_("{key}: is missing").format(key=key)]
        case "union_tag_not_found":
            return [_("{key}.kind: is missing; allowed is one of {kinds}").format(key=key, kinds=DESIGNS)]
        case "union_tag_invalid":
            found = problem["ctx"]["tag"]
            message = _("{key}.kind: found {found!r}; allowed is one of {kinds}")
            return [message.format(key=key, found=found, kinds=kinds)]
        case "value_error":
            return [below(key, line) for line in str(problem["ctx"]["error"]).splitlines()]
    return [describe({**problem, "loc": place})]


def below(key: str, line: str) -> str:
    """A problem with a key, or with one below it that the line begins with."""
    if not key:
        return line
    return f"{key}.{line}" if re.match(r"[\w.]+: ", line) else f"{key}: {line}"


DESIGNS = "grid, latin-hypercube, sobol, morris, list"


def read_scenario(name: str, plan: Plan, folder: Path, source: str) -> Scenario:
    """A scenario that a plan names, with the plan's seed; a file is found beside the plan.

    Raises
    ------
    PlanError
        When there is no such scenario.
    ScenarioError, ClassListError
        When it is not valid.
    """
    if name not in shipped() and not is_file(folder / name):
        message = _("scenario: found {found!r}; allowed is a file beside the plan or one of {names}")
        raise PlanError(source, [message.format(found=name, names=", ".join(shipped()))])
    return load(place_of(name, folder)).model_copy(update={"seed": plan.seed})


def place_of(name: str, folder: Path) -> Path:
    """Where a scenario is: a shipped one, or beside a plan."""
    return shipped().get(name, folder / name)


def is_file(path: Path) -> bool:
    """Whether there is such a file; `Path.is_file` stumbles over a name that is too long."""
    return os.path.isfile(path)  # noqa: PTH113


def read_sources(plan: Plan, scenario: Scenario, design: pd.DataFrame, folder: Path, source: str) -> Sources:
    """The scenarios and class lists that cells name; files are found beside the plan.

    Class lists are read as the plan's own scenario says: with its `mapping`, and of several classes its `group`.

    Raises
    ------
    PlanError
        When there is no such file.
    ScenarioError, ClassListError
        When one is not valid.
    """
    names = {key: list(dict.fromkeys(design[key].tolist())) for key in (SCENARIO, CLASS_LIST) if key in design}
    for key, found in names.items():
        for name in found:
            if not isinstance(name, str):
                raise PlanError(
                    source, [_("{key}: found {found}; allowed are names of files").format(key=key, found=name)]
                )
    scenarios = {name: read_scenario(name, plan, folder, source) for name in names.get(SCENARIO, [])}
    hashes = {name: sha256(place_of(name, folder)) for name in scenarios}
    lists, spec, mapping = {}, scenario.classroom, ColumnMapping()
    if CLASS_LIST in names and spec.mapping is not None:
        mapping = read_mapping(place_of(plan.scenario, folder).parent / spec.mapping)
    for name in names.get(CLASS_LIST, []):
        if not is_file(folder / name):
            message = _("{key}: found {found!r}; there is no such file beside the plan")
            raise PlanError(source, [message.format(key=CLASS_LIST, found=name)])
        if spec.nominations is not None:
            message = _("{key}: the scenario names nominations, which go with one list alone")
            raise PlanError(source, [message.format(key=CLASS_LIST)])
        lists[name] = read_class_list(folder / name, mapping=mapping, group=spec.group)
        hashes[name] = sha256(folder / name)
    return Sources(scenarios, lists, hashes)


def cells(plan: Plan, folder: Path) -> pd.DataFrame:
    """The cells of a plan: columns ``cell``, ``point`` and the keys, one row a cell; points go first.

    Raises
    ------
    DesignError
        When the file of a list cannot be used.
    """
    import numpy as np
    import pandas as pd

    if isinstance(plan.design, ListDesign):
        listed = plan.design.cells(folder)
        found = pd.DataFrame({str(key): listed[key].tolist() for key in listed})
        uncertain = [key for key in found if str(key).partition(".")[0] in UNCERTAINTIES]
        point = np.asarray(found.groupby(uncertain, sort=False).ngroup() if uncertain else [0] * len(found))
    else:
        points = plan.design.points(plan.uncertainties, plan.seed, folder)
        levers = GridDesign().points(plan.levers, plan.seed, folder)
        point, combination = np.divmod(np.arange(len(points) * len(levers)), len(levers))
        halves = (points.iloc[point], levers.iloc[combination])
        found = pd.concat([half.reset_index(drop=True) for half in halves], axis=1)
    numbered = pd.DataFrame({CELL: np.arange(len(found)), POINT: point})
    return pd.concat([numbered, found.reset_index(drop=True)], axis=1)


def check(plan: Plan, base: Case, design: pd.DataFrame, source: str) -> None:
    """Check a plan against what it changes: keys, the corners of what they may be, children and days of the outcomes.

    The corners are those of every scenario with every class list.

    Raises
    ------
    PlanError
        With all that is wrong.
    """
    keys = [str(key) for key in design if key not in {CELL, POINT}]
    if problem := too_large(len(design), len(keys), plan.class_years_of_a_cell):
        raise PlanError(source, [problem])
    listed = isinstance(plan.design, ListDesign)
    named = [key for key in (SCENARIO, CLASS_LIST) if key in keys]
    alike = design.drop_duplicates(named)[named] if named else design.iloc[:1, :0]
    bases = {
        " ({})".format(", ".join(f"{key} = {values[key]}" for key in named)) if named else "": replace(
            base, scenario=base.started(values)
        )
        for values in rows_of(alike)
    }
    problems = [
        f"{key}: {problem}{where}"
        for where, case in bases.items()
        for key in keys
        if (problem := key_problem(key, case))
    ]
    problems += problems_of_choice(plan, [case.scenario for case in bases.values()], design)
    if problems:
        raise PlanError(source, problems)
    others = [key for key in keys if key not in named]
    factors = {key: factor for key, factor in {**plan.uncertainties, **plan.levers}.items() if key not in named}
    for where, case in bases.items():
        for values in corners_of_list(design[others]) if listed else corners(factors):
            problems += [f"{problem}{where}" for problem in problems_of(values, plan, case)]
    if problems:
        raise PlanError(source, problems)


def problems_of_choice(plan: Plan, scenarios: Sequence[Scenario], design: pd.DataFrame) -> list[str]:
    """Outcomes of the children of an intervention that no cell has."""
    names = dict.fromkeys(choice.name for scenario in scenarios for choice in scenario.interventions)
    for key in design:
        if re.fullmatch(r"interventions\.\d+\.name", str(key)):
            names |= dict.fromkeys(map(str, design[key].unique()))
    message = _("outcomes.{place}.of: found {found!r}; behind the dot stands an intervention of the scenario: {names}")
    return [
        message.format(place=place, found=of, names=", ".join(names) or _("it has none"))
        for place, group in enumerate(plan.outcomes)
        for of in group.of
        if (name := intervention_in(of)) and name not in names
    ]


def key_problem(key: str, case: Case) -> str:
    """What is wrong with a key; empty when nothing is."""
    root = key.partition(".")[0]
    if key == "class.size" and case.scenario.classroom.roster is not None:
        return _("the scenario has a class list, which decides the size")
    allowed = [name for name in keys_of(case) if name.partition(".")[0] == root]
    if key in allowed:
        return ""
    if root == "parameters":
        return _("no such key; `spiraal scenario parameters` lists them")
    if not allowed:
        return _("the plan has no [years]") if root == YEARS else _("the scenario has no interventions")
    return _("no such key; allowed are {keys}").format(keys=", ".join(allowed))


def keys_of(case: Case) -> list[str]:
    """All keys that a plan may change."""
    keys = [f"class.{name}" for name in ClassSpec.model_fields if name not in OF_A_LIST]
    keys += [SCENARIO, CLASS_LIST, "seed"]
    keys += [f"parameters.{name}" for name in PARAMETERS]
    keys += ["world", "weeks", "days_per_week", "mechanism"]
    keys += [f"teacher.{name}" for name in TeacherSpec.model_fields]
    if case.years is not None:
        keys += [f"{YEARS}.{name}" for name in Later._fields]
    for number in range(len(case.scenario.interventions)):
        keys += [f"interventions.{number}.{name}" for name in InterventionChoice.model_fields]
    return keys


def corners(factors: Mapping[str, PlanFactor]) -> Iterator[dict[str, object]]:
    """The first corner of all factors, then every corner of each with the others at their first."""
    first: dict[str, object] = {key: factor.corners[0] for key, factor in factors.items()}
    yield first
    for key, factor in factors.items():
        for value in factor.corners[1:]:
            yield {**first, key: value}


def corners_of_list(cells: pd.DataFrame) -> Iterator[dict[str, object]]:
    """The cells in which a column is lowest or highest, or has a text for the first time."""
    rows = {0}
    for key in cells:
        column = cells[key]
        if column.dtype.kind in "iuf":
            rows |= {int(column.argmin()), int(column.argmax())}
        else:
            rows |= {int(row) for row in (~column.duplicated()).to_numpy().nonzero()[0]}
    for row in sorted(rows):
        yield rows_of(cells.iloc[[row]])[0]


def rows_of(cells: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as keys and plain values."""
    columns = {str(key): cells[key].tolist() for key in cells}
    return [{key: values[row] for key, values in columns.items()} for row in range(len(cells))]


def problems_of(values: Mapping[str, object], plan: Plan, base: Case) -> list[str]:
    """What is wrong with a case that has other values at these keys."""
    try:
        case = base.changed(values)
    except ScenarioError as error:
        return list(error.problems)
    problems, calendar = [], case.scenario.calendar()
    for place, group in enumerate(plan.outcomes):
        for day in group.days:
            try:
                day_number(day, calendar)
            except ValueError as error:
                problems.append(f"outcomes.{place}.days: {error}")
    return problems
