"""What one visitor has chosen, as the browser sends it and as a link keeps it, and the two classes that it makes.

Nothing that comes from a browser or a link is trusted: unknown keys are ignored, and a value that is not allowed
falls back to the scenario's own. A link has no names of children in it: they are numbers there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, get_args
from urllib.parse import parse_qs, urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from sim.dashboard.factors import OUTCOMES, factors
from sim.dashboard.settings import SCENARIO
from sim.dashboard.stories import story_of
from sim.files.classlist import ClassList
from sim.files.language import Language
from sim.interventions import REGISTRY
from sim.scenario import (
    DEFAULT,
    FEWEST_YEARS,
    MOST_YEARS,
    ClassSpec,
    InterventionChoice,
    Later,
    Scenario,
    Unit,
    load,
    next_teacher,
    shipped,
)
from sim.year.differences import DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ARMS",
    "ARROWS",
    "BEGINNING",
    "CELLS",
    "CLASSES",
    "COLUMNS",
    "EYES",
    "LARGEST_SEED",
    "LOOKS",
    "NEXT_TEACHERS",
    "OF_STORY",
    "OWN",
    "OWN_LIKE",
    "PAGE",
    "POKES",
    "SERVED",
    "STAGES",
    "STEPS",
    "SUPPORT",
    "TEACHER",
    "TEACHERS",
    "VIEWS",
    "YEARS",
    "Arm",
    "Choices",
    "HeatMap",
    "Looks",
    "Onlooker",
    "Pair",
    "SchoolYears",
    "Varied",
    "View",
    "arrows_of",
    "base_of",
    "followed",
    "guide_of",
    "has_its_size",
    "has_names",
    "interventions_of",
    "looked_at",
    "moved",
    "pair_of",
    "programmes",
    "scenarios",
    "school_years_of",
    "school_years_said",
    "teacher_of",
    "varied",
    "with_values",
]

TEACHER: Final = ("emotional_support", "reflective_functioning", "strain")
"""What of the teacher can be moved."""

VERSION: Final = "1"
"""Version of links; another one is not read."""

SERVED: Final = "served"
"""Name of the scenario that the server was started with, where it is no shipped one."""

OWN: Final = "own"
"""Name of the scenario with the visitor's own class."""

TEACHERS: Final = {
    "supportive": "high-support",
    "ordinary": "ordinary-class",
    "irritated": "irritated-teacher",
    "unsure": "one-bad-week",
    "worn_out": "worn-out-teacher",
    "distant": "low-support",
}
"""Teachers to choose from: what each is called, and the shipped scenario whose teacher it is."""

OWN_LIKE: Final = "ordinary-class"
"""Scenario that has the teacher, the calendar and the luck of the visitor's own class."""


POKES: Final = ("sharp-day", "kind-day")
"""Interventions that last a day and are put into both classes, in a week that the visitor points at."""

EVENTS: Final = (*POKES, "bad-week")
"""Interventions that nobody carries out: they happen to a child."""

COLUMNS: Final = 4
"""How many classes stand side by side at most."""

PAGE: Final = "page"
"""Teacher of a column that has that of the page."""


class View(NamedTuple):
    """How a view stands on the page.

    Attributes
    ----------
    panel
        Whether what can be changed stands beside it; otherwise it has the whole width.
    tab
        Whether it is among those to choose from above the page.
    ending
        Whether it tells how the year ends, whatever day is shown: in a guided story it is covered until then.
    """

    panel: bool = True
    tab: bool = True
    ending: bool = False


VIEWS: Final[Mapping[str, View]] = {
    "story": View(),
    "map": View(),
    "trajectories": View(ending=True),
    "grid": View(),
    "circle": View(),
    "portrait": View(ending=True),
    "twins": View(ending=True),
    "side": View(panel=False, ending=True),
    "years": View(ending=True),
    "explore": View(panel=False, ending=True),
    "data": View(panel=False),
    "own": View(panel=False, tab=False),
}
"""Views by name, in the order of their tabs.

A view is a line here, its file (``grid`` is drawn by ``views/grid_view.vue``), its name among `words.view_words`, and
its texts, a module of `sim.dashboard.words`.
"""

LARGEST_SEED: Final = 999_999

CELLS: Final = (5, 7, 9, 11, 13, 15)
"""How many values of a factor a map is offered with."""

CLASSES: Final = (1, 2, 4, 8)
"""How many classes in each cell a map is offered with."""

YEARS: Final = tuple(range(FEWEST_YEARS, MOST_YEARS + 1))
"""How many school years are offered."""

NEXT_TEACHERS: Final = ("drawn", "alike", "same", "supportive")
"""Who teaches in the next years: anybody, another one like the first, the first one, or one who supports a lot; a
scenario may also say how much the next ones support."""

SUPPORT: Final = "0.9"
"""Emotional support of a next teacher who supports a lot."""

Arm = Literal["without", "with"]
ARMS: Final[tuple[Arm, ...]] = get_args(Arm)
"""The two classes: the left one and the right one."""

Arrows = Literal["none", "child", "class"]
ARROWS: Final[tuple[Arrows, ...]] = get_args(Arrows)
"""Whose likes and dislikes are drawn."""

Onlooker = Literal["observer", "teacher", "child"]
EYES: Final[tuple[Onlooker, ...]] = get_args(Onlooker)
"""In whose eyes the class and its contacts are shown (`sim.year.interpersonal.Eyes`): the child is the followed one."""

Stage = Literal["question", "vote", "play", "result", "explanation"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""Steps in which a room full of people is told a guided story, in order."""

Step = Literal[Stage, "classes", "side", "years"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
"""What a room full of people is shown, in order: after the `STAGES`, which only a guided story has, both classes with
all that can be changed, then the views of these names."""

Child = Annotated[int, Field(ge=0, le=59)]
ItemMean = Annotated[float, Field(ge=1.0, le=5.0)]
SchoolWeek = Annotated[int, Field(ge=1, le=60)]


Varied = Literal["luck", "worlds"]
"""What many classes of one kind differ by: their luck, or the plausible world that they are in."""


class HeatMap(BaseModel):
    """A map of two factors; None is "as usual".

    Attributes
    ----------
    x, y
        Keys of the two factors.
    x_from, x_to, y_from, y_to
        Ranges; None is as far as the factor goes.
    cells
        How many values of each factor.
    classes, vary
        How many classes in each cell, and what they differ by: that of the page and others with other luck, or that of
        the page in several plausible worlds (`sim.worlds`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    x: str | None = None
    y: str | None = None
    x_from: float | None = None
    x_to: float | None = None
    y_from: float | None = None
    y_to: float | None = None
    cells: Annotated[int, Field(ge=CELLS[0], le=CELLS[-1])] = 9
    classes: Annotated[int, Field(ge=CLASSES[0], le=CLASSES[-1])] = 1
    vary: Varied = "luck"

    @field_validator("x", "y")
    @classmethod
    def _can_be_varied(cls, key: str | None) -> str | None:
        if key is not None and key not in factors():
            raise ValueError(f"found {key!r}")
        return key


def as_next_teacher(word: str) -> str:
    """Read who teaches in the next years: one of the `NEXT_TEACHERS`, or an emotional support of 0 to 1."""
    if word not in NEXT_TEACHERS:
        next_teacher(word)  # a message where it is none
        word = f"{float(word):g}"
    return "supportive" if word == SUPPORT else word


SchoolYearCount = Annotated[int, Field(ge=YEARS[0], le=YEARS[-1])]
NextTeacher = Annotated[str, Field(max_length=20), AfterValidator(as_next_teacher)]


class SchoolYears(BaseModel):
    """What lasts over several school years.

    Attributes
    ----------
    years
        How many.
    next_teacher
        Who teaches after the first: one of the `NEXT_TEACHERS`, or the emotional support of the next ones.
    again
        Whether interventions are carried out once more in the second.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    years: SchoolYearCount = 3
    next_teacher: NextTeacher = "drawn"
    again: bool = False


class Looks(BaseModel):
    """How views show what is in them, which no class depends on; None is "as usual".

    Attributes
    ----------
    measure
        Which measure of the children is shown, in all views that show one at a time.
    beside
        What *Side by side* shows of each column: all, a map, or its line among those of the others.
    differ
        What the pairs of *Twin classes* differ by.
    told
        What stands beside the class of the story: the year, why it went so, or what drove what.
    loop, station
        How what drove what is told, and which of its five steps is lit.
    recent
        Whether the grid has the contacts of the last weeks alone.
    mean, table, order
        Of *Trajectories*: whether the mean of the class is drawn, whether numbers stand in the place of the lines, and
        the order of all children.
    sort
        By what the table of *Data* is sorted: ``name``, or a measure and the class, such as ``conflict-with``; with
        ``-`` before it the highest first.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    measure: str | None = None
    beside: Literal["all", "maps", "lines"] | None = None
    differ: Varied = "luck"
    told: Literal["year", "why", "loop"] | None = None
    loop: Literal["simply", "everything"] = "simply"
    station: Literal["acts", "sees", "answers", "feels", "learns"] = "acts"
    recent: bool = False
    mean: bool = True
    table: bool = False
    order: Literal["name", "conflict", "difference"] = "name"
    sort: str = "name"

    @field_validator("measure")
    @classmethod
    def _is_a_measure(cls, name: str | None) -> str | None:
        if name is not None and name not in DIGITS:
            raise ValueError(f"found {name!r}; allowed: {', '.join(DIGITS)}")
        return name

    @field_validator("sort")
    @classmethod
    def _is_a_column(cls, name: str) -> str:
        columns = ("name", *(f"{measure}-{arm}" for measure in DIGITS for arm in (*ARMS, "difference")))
        if name.removeprefix("-") not in columns:
            raise ValueError(f"found {name!r}; allowed: {', '.join(columns)}, with - before it or without")
        return name


class Choices(HeatMap, Looks):
    """What a visitor has chosen; None is "as the scenario has it". How views show it: see `Looks`.

    Attributes
    ----------
    language
        Language of all texts.
    scenario
        Name of the scenario.
    seed, number
        Which class and which luck: a seed, and which of its classes.
    emotional_support, reflective_functioning, strain
        The teacher, 0 to 1.
    child
        Number of the child that is followed.
    closeness, aggression
        Closeness and teacher-rated aggression at the start, 1 to 5, of children for whom it was changed.
    interventions
        Pairs of an intervention that is switched on and the number of a child for whom.
    start_week
        School week in which all of them begin.
    pokes
        Single days in both classes: one of `POKES`, the number of a child for whom, and the school week.
    factors
        Values at other keys of the scenario (`sim.dashboard.factors`), in both classes.
    view, mode, step, year, week, arm, arrows, eyes
        What is looked at: which view, as a student or before a room full of teachers, there which of the `STEPS`, and
        up to which school year what lasts; the school week, which of the two classes, whose likes and dislikes, and in
        whose eyes.
    years, next_teacher, again
        Over which school years; see `SchoolYears`.
    columns
        Classes side by side: the teacher of each (`PAGE`, or one of `TEACHERS`), then its `programmes`.
    outcome, whose, shown
        What the heat map shows: which state, of the followed child or the mean of the class, in which of the two.
    """

    language: Language = "en"
    scenario: str | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    number: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    emotional_support: Unit | None = None
    reflective_functioning: Unit | None = None
    strain: Unit | None = None
    child: Child | None = None
    closeness: tuple[tuple[Child, ItemMean], ...] = Field(default=(), max_length=60)
    aggression: tuple[tuple[Child, ItemMean], ...] = Field(default=(), max_length=60)
    interventions: tuple[tuple[str, Child], ...] | None = Field(default=None, max_length=600)
    start_week: SchoolWeek | None = None
    pokes: tuple[tuple[str, Child, SchoolWeek], ...] = Field(default=(), max_length=60)
    factors: tuple[tuple[str, float], ...] = Field(default=(), max_length=200)
    view: str = "story"
    mode: Literal["student", "present"] = "student"
    step: Step = "question"
    year: Annotated[int, Field(ge=1, le=YEARS[-1])] = 1
    week: Annotated[float, Field(ge=0, le=60)] = 0.0
    arm: Arm = "with"
    arrows: Arrows | None = None
    eyes: Onlooker = "observer"
    years: SchoolYearCount | None = None
    next_teacher: NextTeacher | None = None
    again: bool | None = None
    columns: tuple[tuple[str, ...], ...] | None = Field(default=None, min_length=1, max_length=COLUMNS)
    outcome: str | None = None
    whose: Literal["child", "class"] = "child"
    shown: Literal["without", "with", "difference"] = "without"

    @field_validator("scenario")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        if name is not None and name != OWN and name not in scenarios():
            raise ValueError(f"found {name!r}; allowed: {', '.join(scenarios())}")
        return name

    @field_validator("view")
    @classmethod
    def _is_a_view(cls, name: str) -> str:
        if name not in VIEWS:
            raise ValueError(f"found {name!r}; allowed: {', '.join(VIEWS)}")
        return name

    @field_validator("interventions")
    @classmethod
    def _are_known(cls, pairs: tuple[tuple[str, int], ...] | None) -> tuple[tuple[str, int], ...] | None:
        if pairs is not None and any(name not in REGISTRY for name, _ in pairs):
            raise ValueError(f"allowed: {', '.join(REGISTRY)}")
        return pairs

    @field_validator("pokes")
    @classmethod
    def _are_pokes(cls, pokes: tuple[tuple[str, int, int], ...]) -> tuple[tuple[str, int, int], ...]:
        if any(name not in POKES for name, _, _ in pokes):
            raise ValueError(f"allowed: {', '.join(POKES)}")
        return pokes

    @field_validator("columns")
    @classmethod
    def _are_columns(cls, columns: tuple[tuple[str, ...], ...] | None) -> tuple[tuple[str, ...], ...] | None:
        if columns is None:
            return None
        for teacher, *named in (column or ("",) for column in columns):
            if teacher != PAGE and teacher not in TEACHERS:
                raise ValueError(f"found {teacher!r}; allowed: {', '.join((PAGE, *TEACHERS))}")
            if unknown := [name for name in named if name not in programmes()]:
                raise ValueError(f"found {unknown[0]!r}; allowed: {', '.join(programmes())}")
        return tuple((column[0], *(name for name in programmes() if name in column[1:])) for column in columns)

    @field_validator("factors")
    @classmethod
    def _are_in_range(cls, pairs: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        for key, value in pairs:
            factor = factors().get(key)
            if factor is None or not factor.low <= value <= factor.high:
                raise ValueError(f"found {key} {value:g}")
        return pairs

    @field_validator("outcome")
    @classmethod
    def _can_be_shown(cls, name: str | None) -> str | None:
        if name is not None and name not in OUTCOMES:
            raise ValueError(f"found {name!r}; allowed: {', '.join(OUTCOMES)}")
        return name

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> tuple[Choices, tuple[str, ...]]:
        """Read choices from plain data; also names the keys whose values were not allowed and are left out."""
        try:
            return cls.model_validate(dict(data)), ()
        except ValidationError as error:
            wrong = tuple(sorted({str(problem["loc"][0]) for problem in error.errors()}))
            return cls.model_validate({key: value for key, value in data.items() if key not in wrong}), wrong

    @classmethod
    def from_link(cls, query: str, language: Language) -> tuple[Choices, tuple[str, ...]]:
        """Read choices from the query of a link, in `language` where it says none; see `read`."""
        given = {key: values[-1] for key, values in parse_qs(query, keep_blank_values=True).items()}
        if given.get("v", VERSION) != VERSION:
            return cls(language=language), ("v",)
        data: dict[str, Any] = {"language": language, **given}
        for key, parts in LISTS.items():
            if key in data:
                data[key] = [entry.rsplit(":", parts - 1) for entry in data[key].split(",") if entry]
        return cls.read(data)

    def link(self) -> str:
        """Write the query of a link that gives these choices; what is as the scenario has it is left out."""

        def written() -> Iterator[tuple[str, str]]:
            yield "v", VERSION
            yield "language", self.language
            for key in type(self).model_fields:
                value = getattr(self, key)
                if key == "language" or value == type(self).model_fields[key].default:
                    continue
                if key in LISTS:
                    yield key, ",".join(":".join(map(short, entry)) for entry in value)
                else:
                    yield key, short(value)

        return "?" + urlencode(list(written()), safe=":,")


LISTS: Final = {"closeness": 2, "aggression": 2, "interventions": 2, "factors": 2, "pokes": 3, "columns": 0}
"""Choices that are lists, and how many parts an entry has; 0 is any number."""

BEGINNING: Final = ("closeness", "aggression")
"""Choices of how a child begins the year, by the name of the column of a class list that they stand in for."""

LOOKS: Final = tuple(Looks.model_fields)
"""Choices of how views show what is in them."""

OF_STORY: Final = (
    "seed", "number", *TEACHER, "child", *BEGINNING, "interventions", "start_week", "pokes", "factors",
)  # fmt: skip
"""Choices that make a story another one; what a visitor only looks at is no change of it."""


def short(value: object) -> str:
    """Write a value of a link: as short as it can be and still the same."""
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


class Pair(NamedTuple):
    """Two classes with the same luck: the left one, and the right one if there is something to compare with."""

    without: Scenario
    with_: Scenario | None


def programmes() -> tuple[str, ...]:
    """Name the interventions that somebody carries out, those of plug-ins included."""
    return tuple(name for name in REGISTRY if name not in EVENTS)


@cache
def teacher_of(kind: str) -> Mapping[str, float]:
    """Give what one of the `TEACHERS` is like, by the key of a factor."""
    spec = load(TEACHERS[kind]).teacher.model_dump()
    return {f"teacher.{trait}": value for trait, value in spec.items() if f"teacher.{trait}" in factors()}


def with_values(choices: Choices, values: Mapping[str, float]) -> Choices:
    """Choose other values of factors, by key; those of the teacher's sliders are choices of their own."""
    own = {f"teacher.{key}": key for key in TEACHER}
    changes: dict[str, Any] = {own[key]: value for key, value in values.items() if key in own}
    others = {key: value for key, value in values.items() if key not in own}
    changes["factors"] = tuple({**dict(choices.factors), **others}.items())
    return choices.model_copy(update=changes)


@lru_cache(maxsize=1)
def scenarios() -> Mapping[str, Scenario]:
    """Load the scenarios that can be chosen, by name; the first is the one that visitors see first."""
    names = sorted(shipped(), key=lambda name: (name != DEFAULT, name))
    served = os.environ.get(SCENARIO)
    return {**({SERVED: load(served)} if served else {}), **{name: load(name) for name in names}}


def guide_of(choices: Choices) -> dict[str, Any] | None:
    """Tell the story of the scenario that is chosen, if it has one.

    With it come the number of its ``child``, and the choices of each thing to try.
    """
    story = story_of(choices.scenario or next(iter(scenarios())))
    if story is None:
        return None
    told = {**story.told(choices.language), "child": followed(Choices(scenario=story.scenario))}
    for trial in told["trials"]:
        found, _ = Choices.from_link(trial["set"], choices.language)
        trial["choices"] = found.model_dump(exclude_unset=True, exclude={"language"})
    return told


def arrows_of(choices: Choices) -> Arrows:
    """Tell whose likes are drawn where the visitor has not said: those of the child, if the story is about liking."""
    story = story_of(choices.scenario or next(iter(scenarios())))
    return "child" if story is not None and story.measure == "liked_by" else "none"


def has_names(choices: Choices) -> bool:
    """Whether the class may have names of real children: it is not one that comes with the program."""
    return (choices.scenario or next(iter(scenarios()))) not in shipped()


def base_of(choices: Choices, roster: ClassList | None = None) -> Scenario:
    """Find the scenario that is chosen, which may be that of the visitor's own class; without a choice the first."""
    if choices.scenario == OWN and roster is not None:
        return own_scenario(roster)
    name = choices.scenario if choices.scenario in scenarios() else None
    return scenarios()[name or next(iter(scenarios()))]


def own_scenario(roster: ClassList) -> Scenario:
    """Put the visitor's class in the place of an ordinary one."""
    nothing_said = {"title": "", "title_nl": None, "about": "", "about_nl": None}
    return scenarios()[OWN_LIKE].changed(**nothing_said, **{"class": ClassSpec(roster=roster)})


def followed(choices: Choices, roster: ClassList | None = None) -> int | None:
    """Give the number of the child that is followed, as chosen or as the scenario has it."""
    base = varied(base_of(choices, roster), choices)
    names = [row.name for row in base.classroom.rows()]
    if choices.child is not None and choices.child < len(names):
        return choices.child
    return None if base.follow is None else names.index(base.follow)


def pair_of(choices: Choices, roster: ClassList | None = None) -> Pair:
    """Put what was chosen into the two classes; whom a visitor follows and where they look is no part of it.

    The left class is the right one without interventions or, where a story has it so, another scenario. Sliders and
    single days change both; interventions are switched on and off in the right one. Children that are not in the class
    are passed over.
    """
    base = varied(base_of(choices, roster), choices)
    switched_on = list(interventions_of(base, choices))
    right = moved(base, choices, switched_on)
    told = story_of(choices.scenario or next(iter(scenarios())))
    if told is None or told.against is None:
        return Pair(moved(base, choices, []), right if switched_on else None)
    other = varied(scenarios()[told.against], choices)
    return Pair(moved(other, choices, list(other.interventions)), right)


def looked_at(choices: Choices) -> str:
    """Name the view that is looked at, or the step that a room is shown."""
    return choices.step if choices.mode == "present" else choices.view


def school_years_of(base: Scenario) -> SchoolYears:
    """Give the school years that a scenario says, as far as `SchoolYears` have it; see `school_years_said`."""
    said = base.years
    if said is None:
        return SchoolYears()
    again = any(2 in years for years in years_again(base, said.later))
    return SchoolYears(years=said.count, next_teacher=as_next_teacher(said.teacher), again=again)


def school_years_said(base: Scenario) -> bool:
    """Whether that is all that it says: children are not mixed, and all programmes are carried out again together."""
    said = base.years
    if said is None:
        return True
    again = years_again(base, said.later)
    return not said.remixed and (not any(again) or all(years == {2} for years in again))


def years_again(base: Scenario, later: Later) -> list[frozenset[int]]:
    """School years in which each programme of a scenario is carried out once more."""
    return [later.again_in(choice.name) for choice in base.interventions]


def varied(base: Scenario, choices: Choices) -> Scenario:
    """Put the values of `Choices.factors` into a scenario, but no other size into a class with children by name."""
    listed = has_its_size(base)
    values = {key: value for key, value in choices.factors if not (listed and factors()[key].of_drawn_classes)}
    return base.changed(**{key: factors()[key].typed(value) for key, value in values.items()})


def has_its_size(base: Scenario) -> bool:
    """Whether a class cannot have another size: it has a class list, or the scenario names a child of it."""
    named = base.follow is not None or any(choice.aim().names for choice in base.interventions)
    return named or base.classroom.roster is not None


def moved(base: Scenario, choices: Choices, interventions: list[InterventionChoice]) -> Scenario:
    """Move the sliders of a scenario, with these interventions and the single days that were chosen."""
    values: dict[str, Any] = {"follow": None, "interventions": (*interventions, *pokes_of(base, choices))}
    values |= {f"teacher.{key}": value for key in TEACHER if (value := getattr(choices, key)) is not None}
    values |= {key: value for key in ("seed", "number") if (value := getattr(choices, key)) is not None}
    if any(getattr(choices, column) for column in BEGINNING):
        values["class.roster"] = with_beginning(base, choices)
    return base.changed(**values)


def pokes_of(base: Scenario, choices: Choices) -> Iterator[InterventionChoice]:
    """Yield the single days that were chosen; what is not in this class or this year is passed over."""
    names = [row.name for row in base.classroom.rows()]
    for name, child, week in dict.fromkeys(choices.pokes):
        if child < len(names) and week <= base.weeks:
            yield InterventionChoice(name=name, target=names[child], start_week=week)


def interventions_of(base: Scenario, choices: Choices) -> Iterator[InterventionChoice]:
    """Yield the interventions that are switched on: the scenario's own, or those chosen, carried out like its own."""
    names = [row.name for row in base.classroom.rows()]
    own = {choice.name: choice for choice in base.interventions}
    when = {} if choices.start_week is None else {"start_week": min(choices.start_week, base.weeks)}
    if choices.interventions is None:
        yield from (choice.model_copy(update=when) for choice in base.interventions)
        return
    first = {"start_week": min(choice.start_week for choice in base.interventions)} if base.interventions else {}
    for name in REGISTRY:
        children = {child for one, child in choices.interventions if one == name and child < len(names)}
        if children:
            target = tuple(names[child] for child in sorted(children))
            like = own.get(name) or InterventionChoice(name=name, target=target, **first)
            yield like.model_copy(update={"target": target, "count": 1, **when})


def with_beginning(base: Scenario, choices: Choices) -> ClassList:
    """Put what was chosen of how children begin into the class list of a scenario."""
    chosen = {column: dict(getattr(choices, column)) for column in BEGINNING}
    rows = tuple(
        replace(row, **{column: found[number] for column, found in chosen.items() if number in found})
        for number, row in enumerate(base.classroom.rows())
    )
    return replace(base.classroom.roster or ClassList(()), children=rows)
