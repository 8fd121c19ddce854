"""Virtual studies: a published study repeated on simulated classes, with its design, instruments and analysis.

A study is a file in the folder of experiments that defines ``STUDY``::

    STUDY = Study(
        id="X1",
        title="Closeness and engagement",
        source="Author (2020), Journal 1:1",
        design=Design(population=kindergarten(), classes=30, children=120, waves={"T1": Wave(8)},
                      measures=("closeness", "engagement")),
        analyse=lambda sample: {"r": correlation(sample.wide, "closeness_T1", "engagement_T1")},
        claims=(Claim("r", "Close children are engaged", value=0.39, direction=1),),
    )

It says who was studied and how; what comes out is left to the model. ``docs/studies.md`` has a worked example.
"""

from __future__ import annotations

import ast
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.files.packaged import packaged
from sim.interventions import REGISTRY, Intervention
from sim.scenario import Later, Scenario
from sim.state import Records
from sim.studies.cohort import FIRST_DAYS, Choose, Cohort, Scene, Wave, cohort
from sim.studies.instruments import INSTRUMENTS, Instrument, Occasion
from sim.target import Target

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EXPERIMENTS",
    "Claim",
    "Design",
    "Estimate",
    "Programme",
    "Sample",
    "Selection",
    "Study",
    "Wave",
    "kindergarten",
    "load_study",
    "primary",
    "studies",
    "title",
]

EXPERIMENTS = packaged("experiments")
ENTRY = "STUDY"
SEED = 2026


# --- Who is studied ------------------------------------------------------------------------------------


def kindergarten(size: int = 20, **changes: Any) -> Scenario:
    """The last year of kindergarten; `changes` are keys of `sim.scenario.Scenario`."""
    return primary(0, size, **changes)


def primary(grade: int, size: int = 23, **changes: Any) -> Scenario:
    """A grade of primary school (0: the last year of kindergarten); keys of ``classroom`` add to grade and size."""
    classroom = {"grade": grade, "size": size, **changes.pop("classroom", {})}
    return Scenario.model_validate({"seed": SEED, "classroom": classroom, **changes})


@dataclass(frozen=True)
class Selection:
    """Which children of a class take part.

    Attributes
    ----------
    per_class
        How many at most; None: all.
    sex
        ``"boy"`` or ``"girl"``; None: both.
    by
        An instrument by which children are screened before the year begins.
    above
        Only children above this percentile (0 to 1) of their class on `by`.
    highest
        Whether those who are highest on `by` are taken first; at random otherwise.
    """

    per_class: int | None = None
    sex: str | None = None
    by: str | None = None
    above: float | None = None
    highest: bool = False

    def __post_init__(self) -> None:
        if self.sex not in {None, "boy", "girl"}:
            raise ValueError(f"sex: found {self.sex!r}; allowed is boy or girl")
        if self.by is None and (self.above is not None or self.highest):
            raise ValueError("by: is missing; allowed is the name of an instrument")
        if self.by is not None and self.by not in INSTRUMENTS:
            raise ValueError(f"by: no such instrument: {self.by}; known are {', '.join(INSTRUMENTS)}")
        if self.by is not None and INSTRUMENTS[self.by].reads_contacts:
            raise ValueError(f"by: found {self.by}; allowed is what can be measured before the first contact")
        if self.above is not None and not 0.0 <= self.above < 1.0:
            raise ValueError(f"above: found {self.above:g}; allowed is 0 to 1")

    def choose(self, scene: Scene, luck: np.random.Generator) -> Records:
        """Children who are eligible and asked, shape (c, n)."""
        shape = scene.children.shape
        order, eligible = luck.random(shape), np.ones(shape, dtype=bool)
        if self.sex is not None:
            eligible &= scene.children["sex"] == (1.0 if self.sex == "boy" else 0.0)
        if self.by is not None:
            score = measured(INSTRUMENTS[self.by], occasion(scene, luck))[self.by] + 1e-6 * order
            if self.above is not None:
                eligible &= score > np.quantile(score, self.above, axis=1, keepdims=True)
            if self.highest:
                order = -score
        rank = np.where(eligible, order, np.inf).argsort(axis=1).argsort(axis=1)
        return eligible if self.per_class is None else eligible & (rank < self.per_class)


@dataclass(frozen=True)
class Programme:
    """An intervention as an arm of a trial carries it out, for the children whom the selection chose.

    `name` is that of an intervention of the model, or a class of the study's own.
    """

    name: str | type[Intervention]
    start_week: int = 1
    fidelity: float = 1.0
    dose: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.name, str) and self.name not in REGISTRY:
            known = ", ".join(sorted(REGISTRY))
            raise ValueError(f"name: no such programme: {self.name}; known are {known}, and those of plug-ins")
        if self.start_week < 1:
            raise ValueError(f"start_week: found {self.start_week}; allowed is 1 or later")
        if not 0.0 <= self.fidelity <= 1.0:
            raise ValueError(f"fidelity: found {self.fidelity:g}; allowed is 0 to 1")
        if self.dose <= 0.0:
            raise ValueError(f"dose: found {self.dose:g}; allowed is more than 0")

    def build(self) -> Intervention:
        """A fresh instance."""
        kind = REGISTRY[self.name] if isinstance(self.name, str) else self.name
        return kind(Target(), self.start_week, self.fidelity, self.dose)


@dataclass(frozen=True)
class Design:
    """Who is measured, when, with what.

    Attributes
    ----------
    population
        Classes as they are found; see `kindergarten`, `primary`.
    classes, children
        Size of the study; of the selected children, `children` at most take part.
    waves
        Occasions by name, in order of time.
    measures
        Names of instruments (see `sim.studies.instruments.INSTRUMENTS`), or instruments of one's own.
    selection
        Which children of a class.
    schools
        Number of schools over which the classes are spread; one class a school where it is None.
    arms
        Programmes by arm; the first arm is the one that others are compared with.
    assigned
        What is assigned to arms at random: ``"school"`` or ``"class"``.
    attrition
        Share of children who are lost from one wave to the next.
    lookback
        School days up to an occasion, its own included, over which observers and counts look back.
    remixed
        Share of the children who change places with children of a parallel class between two school years: they are
        lost to the study, and their places are taken by children whom it does not follow.
    """

    population: Scenario
    classes: int
    children: int
    waves: Mapping[str, Wave]
    measures: Sequence[str | Instrument]
    selection: Selection = Selection()
    schools: int | None = None
    arms: Mapping[str, Sequence[Programme]] = field(default_factory=dict)
    assigned: str = "school"
    attrition: float = 0.0
    lookback: int = FIRST_DAYS
    remixed: float = 0.0

    def __post_init__(self) -> None:
        unknown = [name for name in self.measures if isinstance(name, str) and name not in INSTRUMENTS]
        if unknown:
            raise ValueError(f"measures: no such instrument: {', '.join(unknown)}; known are {', '.join(INSTRUMENTS)}")
        if self.assigned not in {"school", "class"}:
            raise ValueError(f"assigned: found {self.assigned!r}; allowed is school or class")
        if self.schools is not None and not 1 <= self.schools <= self.classes:
            raise ValueError(f"schools: found {self.schools}; allowed is 1 to {self.classes}, the number of classes")
        if not self.waves:
            raise ValueError("waves: found none; allowed are one or more")
        if not 0.0 <= self.attrition < 1.0:
            raise ValueError(f"attrition: found {self.attrition:g}; allowed is 0 or more, and less than 1")
        if self.lookback < 1:
            raise ValueError(f"lookback: found {self.lookback}; allowed is 1 or more school days")
        if not 0.0 <= self.remixed <= 1.0:
            raise ValueError(f"remixed: found {self.remixed:g}; allowed is 0 to 1")
        for what, found in (("classes", self.classes), ("children", self.children)):
            if found < 1:
                raise ValueError(f"{what}: found {found}; allowed is 1 or more")
        self.check_programmes()
        self.check_waves()

    def check_programmes(self) -> None:
        """Programmes begin within the year."""
        for arm, programmes in self.arms.items():
            for programme in programmes:
                if programme.start_week > self.population.weeks:
                    found = f"arms: {arm}: found start week {programme.start_week}"
                    raise ValueError(f"{found}; allowed is 1 to {self.population.weeks}, the weeks of the year")

    def check_waves(self) -> None:
        """Occasions lie in school years, one after the other."""
        calendar = self.population.calendar()
        for name, wave in self.waves.items():
            if not (0 <= wave.week <= calendar.weeks and wave.year >= 1):
                found = f"waves: {name}: found week {wave.week} of year {wave.year}"
                raise ValueError(f"{found}; allowed is week 0 to {calendar.weeks} of year 1 or later")
            if wave.day is not None and not (wave.week > 0 and 1 <= wave.day <= calendar.days_per_week):
                found = f"waves: {name}: found day {wave.day} of week {wave.week}"
                raise ValueError(f"{found}; allowed is day 1 to {calendar.days_per_week} of week 1 or later")
        times = [(wave.year, wave.school_day(calendar)) for wave in self.waves.values()]
        if times != sorted(times):
            raise ValueError(f"waves: found {', '.join(self.waves)}; allowed is the order of time")

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments."""
        return tuple(INSTRUMENTS[one] if isinstance(one, str) else one for one in self.measures)

    def chooser(self) -> Choose | None:
        """How children are found for the programmes."""
        return self.selection.choose if self.arms else None


# --- What is measured ----------------------------------------------------------------------------------


def occasion(scene: Scene, luck: np.random.Generator, leniency: Records | None = None) -> Occasion:
    """An occasion with raters' biases of its own; a teacher's leniency may be given."""
    halo = luck.standard_normal(scene.children.shape)
    return Occasion(scene, halo, luck.standard_normal(len(halo)) if leniency is None else leniency, luck)


def measured(instrument: Instrument, at: Occasion, truth: bool = False) -> dict[str, Records]:
    """Columns of one instrument; with `truth` what is there instead of what is seen."""
    return instrument.without_error(at) if truth else instrument.administer(at)


@dataclass(frozen=True)
class Sample:
    """What a study has in hand.

    Attributes
    ----------
    table
        Tidy: one row a child and wave; columns ``school``, ``classroom``, ``child``, ``seat`` (its place in the arrays
        of `scenes`, where ``classroom`` is the class), ``arm``, ``wave``, ``boy``, ``age``, and the scores of the
        instruments.
    scenes
        The occasions as they are in the classes of the study, by wave, for analyses of pairs of children; the classes
        are in the order of their numbers in `table`.
    """

    table: pd.DataFrame
    scenes: Mapping[str, Scene]

    @cached_property
    def wide(self) -> pd.DataFrame:
        """One row a child; scores as ``name_wave``. Children who miss a wave miss its scores."""
        fixed = ["school", "classroom", "child", "seat", "arm", "boy", "age"]
        scores = [name for name in self.table.columns if name not in {*fixed, "wave"}]
        wide = self.table.pivot_table(index="child", columns="wave", values=scores, aggfunc="first", sort=False)
        wide.columns = ["_".join(column) for column in wide.columns]
        first = self.table.drop_duplicates("child").set_index("child")[[name for name in fixed if name != "child"]]
        return first.join(wide).reset_index()


class Estimate(NamedTuple):
    """What an analysis finds: a number, and how likely one as far from none is by chance (nan: not tested)."""

    value: float
    p: float = np.nan


@dataclass(frozen=True)
class Claim:
    """One published finding.

    Attributes
    ----------
    name
        Key of the estimate that the analysis gives for it.
    says
        The finding in words.
    value
        The published figure, for statistics.
    between
        A published range of figures.
    direction
        Sign of a published finding; 0 where none was found to be significant.
    significant
        Whether the published finding was significant.
    role
        ``"fit"`` where parameters are adjusted to it, ``"pattern"`` otherwise.
    trust
        ``"A"`` or ``"B"``; figures of trust C are no claims.
    built_in
        Whether the mechanism was put in by hand, so that the finding does not emerge.
    """

    name: str
    says: str
    value: float | None = None
    between: tuple[float, float] | None = None
    direction: int | None = None
    significant: bool = True
    role: str = "pattern"
    trust: str = "A"
    built_in: bool = False


@dataclass(frozen=True)
class Study:
    """A published study; see the top of this file.

    Attributes
    ----------
    id
        Row of the evidence table.
    title, source
        What it is about, and where it was published.
    design
        Who is measured, when, with what.
    analyse
        The study's own analysis: from a sample to estimates by name.
    claims
        What was published.
    beside
        Further analyses of one large sample, for the report only.
    notes
        What the reader of the report should know: what is assumed, what the model does not have.
    pattern
        Which of the model's known patterns it is about (``"P1"``, …).
    """

    id: str
    title: str
    source: str
    design: Design
    analyse: Callable[[Sample], Mapping[str, Estimate]]
    claims: tuple[Claim, ...]
    beside: Callable[[Sample, Sample], Mapping[str, Estimate]] | None = None
    """Takes the large sample as it is measured, and as it is."""
    notes: str = ""
    pattern: str = ""

    def with_mechanism(self, name: str | None) -> Study:
        """The same study of classes in which a mechanism of somebody's own is in force; see `sim.mechanisms`."""
        population = self.design.population.changed(mechanism=name)
        return replace(self, design=replace(self.design, population=population))

    def cohort(self, classes: int, parameters: Mapping[str, float] | None = None, first: int = 0) -> Cohort:
        """Simulate classes from which studies can be drawn."""
        design = self.design
        scenario = design.population
        if parameters:
            scenario = scenario.changed(parameters={**scenario.parameters, **parameters})
        arms = {arm: [programme.build() for programme in programmes] for arm, programmes in design.arms.items()}
        numbers = range(first, first + classes)
        return cohort(
            scenario,
            numbers,
            design.waves,
            arms,
            design.chooser(),
            design.lookback,
            Later(remixed=design.remixed),
            contacts=any(one.reads_contacts for one in design.instruments),
        )

    def draw(self, source: Cohort, luck: np.random.Generator, *, large: bool = False, truth: bool = False) -> Sample:
        """One study of the published size, or one with all classes of the cohort.

        Parameters
        ----------
        source
            Simulated classes.
        luck
            For who takes part, and for the instruments; the same luck gives the same children whatever is measured.
        large
            Whether all classes take part, and all who are selected in them.
        truth
            Whether the table has what is there instead of what the instruments see.
        """
        return Draw(self.design, source, luck, large, truth).sample()


class Draw:
    """Drawing one study out of a cohort.

    Instruments have luck of their own, so that the same children take part whatever is measured of them.
    """

    def __init__(self, design: Design, source: Cohort, luck: np.random.Generator, large: bool, truth: bool) -> None:
        self.design, self.source, self.truth = design, source, truth
        self.luck, self.errors = luck.spawn(2)
        wanted = len(source) if large else design.classes
        if wanted > len(source):
            raise ValueError(f"classes: found {len(source)} in the cohort; the study needs {wanted}")
        missing = [wave for wave in design.waves if wave not in next(iter(source.scenes.values()))]
        if missing or set(source.scenes) != set(design.arms or [""]):
            raise ValueError("source: found a cohort of another design; allowed is one of this study")
        if not source.like(design.population):
            raise ValueError("source: found a cohort of another population; allowed is one of this study")
        self.classes = self.luck.choice(len(source), wanted, replace=False)
        schools = min(wanted, round(wanted * (design.schools or design.classes) / design.classes))
        self.school = np.arange(wanted) * schools // wanted
        self.arms = tuple(source.scenes)
        self.arm = self.assign()
        self.most = None if large else design.children

    def assign(self) -> Records:
        """Place of each class's arm in `arms`, at random and balanced."""
        units = self.school if self.design.assigned == "school" else np.arange(len(self.classes))
        places = np.arange(units.max() + 1) % len(self.arms)
        return self.luck.permutation(places)[units]

    def sample(self) -> Sample:
        """The study."""
        waves = self.design.waves
        leniency = {
            year: self.errors.standard_normal(len(self.classes))
            for year in sorted({wave.year for wave in waves.values()})
        }
        columns = {name: self.columns(name, leniency[wave.year]) for name, wave in waves.items()}
        taken = self.taken()
        return Sample(self.tabulate(columns, taken), {wave: self.scene(wave) for wave in self.design.waves})

    def columns(self, wave: str, leniency: Records) -> dict[str, Records]:
        """All scores of a wave, each shape (classes, n)."""
        scene = self.scene(wave)
        at = occasion(scene, self.errors, leniency)
        found: dict[str, Records] = {"boy": scene.children["sex"], "age": scene.children["age"]}
        for instrument in self.design.instruments:
            found |= measured(instrument, at, self.truth)
        return found

    def scene(self, wave: str) -> Scene:
        """An occasion in the classes of the study, each as its arm made it."""
        if len(self.arms) == 1:
            return self.source.scenes[self.arms[0]][wave].of(self.classes)
        return mixed([self.source.scenes[arm][wave].of(self.classes) for arm in self.arms], self.arm)

    def taken(self) -> Records:
        """Children who take part, shape (classes, n)."""
        if self.design.arms:
            chosen = self.source.chosen[self.classes]
        else:
            first = self.source.scenes[self.arms[0]][next(iter(self.design.waves))].of(self.classes)
            chosen = self.design.selection.choose(first, self.luck)
        if self.most is not None and chosen.sum() > self.most:
            places = np.flatnonzero(chosen)
            chosen = np.zeros(chosen.shape, dtype=bool)
            chosen.flat[self.luck.choice(places, self.most, replace=False)] = True
        return chosen

    def tabulate(self, columns: Mapping[str, Mapping[str, Records]], taken: Records) -> pd.DataFrame:
        """The tidy table."""
        import pandas as pd

        where, seat = np.nonzero(taken)
        stays = np.ones(len(where), dtype=bool)
        parts: list[pd.DataFrame] = []
        for wave, scores in columns.items():
            if parts and self.design.attrition:
                stays &= self.luck.random(len(where)) >= self.design.attrition
            fixed = {
                "school": self.school[where],
                "classroom": where,
                "child": np.arange(len(where)),
                "seat": seat,
                "arm": np.array(self.arms, dtype=object)[self.arm[where]],
                "wave": wave,
            }
            present = stays & self.scene(wave).stayed[taken]
            parts.append(pd.DataFrame({**fixed, **{name: score[taken] for name, score in scores.items()}})[present])
        return pd.concat(parts, ignore_index=True)


def mixed(scenes: Sequence[Scene], which: Records) -> Scene:
    """Classes taken from several scenes of the same classes: `which` says from which scene each is."""
    rows = np.arange(len(which))

    def pick(arrays: Sequence[Records]) -> Records:
        return np.stack(arrays)[which, rows]

    first = scenes[0]
    return Scene(
        children=pick([scene.children for scene in scenes]),
        teachers=pick([scene.teachers for scene in scenes]),
        acceptance=pick([scene.acceptance for scene in scenes]),
        liking=pick([scene.liking for scene in scenes]),
        so_far={name: pick([scene.so_far[name] for scene in scenes]) for name in first.so_far},
        lately={name: pick([scene.lately[name] for scene in scenes]) for name in first.lately},
        days=first.days,
        days_lately=first.days_lately,
        stayed=pick([scene.stayed for scene in scenes]),
        contacts=tuple(scenes[arm].contacts[k] for k, arm in enumerate(which)) if first.contacts else (),
    )


# --- The folder of experiments -------------------------------------------------------------------------


def studies() -> dict[str, Path]:
    """Files of all studies, by name."""
    return {path.stem: path for path in sorted(EXPERIMENTS.glob("*.py")) if ENTRY in defined(path)}


def defined(path: Path) -> set[str]:
    """Names that a file assigns at its top level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    targets = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def title(path: Path) -> str:
    """First line of a study's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    return text.splitlines()[0]


def load_study(name: str) -> Study:
    """The study of that name.

    Raises
    ------
    KeyError
        When there is none.
    """
    study = runpy.run_path(str(studies()[name]))[ENTRY]
    if not isinstance(study, Study):
        raise TypeError(f"{name}: {ENTRY} is no Study")
    return study
