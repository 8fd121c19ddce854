"""What to run: class, teacher, parameters, interventions, calendar, length and seed, as a TOML file.

A scenario is frozen and complete: the same scenario gives the same numbers. Wrong keys and values are reported
all at once, each with its key, what was found and what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from sim.calendar import Calendar, Holiday
from sim.files.classlist import ChildRow, ClassList, ClassListError, ColumnMapping, read_class_list, read_mapping
from sim.files.language import _
from sim.files.names import as_spelled
from sim.files.packaged import packaged
from sim.files.problems import closest_to
from sim.files.reading import ReadingError, read_toml
from sim.interventions import REGISTRY, Intervention
from sim.mechanisms import MECHANISMS, NONE
from sim.parameters import PARAMETERS, Parameters
from sim.population import OLDEST
from sim.target import RULES, Target
from sim.worlds import plausible

__all__ = [
    "DRAWN",
    "EXAMPLES",
    "MOST_YEARS",
    "SAME",
    "ClassListError",
    "ClassSpec",
    "InterventionChoice",
    "Later",
    "NextTeacher",
    "Scenario",
    "ScenarioError",
    "SchoolYears",
    "SchoolYearsError",
    "TeacherSpec",
    "describe",
    "load",
    "most_years",
    "next_teacher",
    "parse",
    "problems",
    "shipped",
]

EXAMPLES = packaged("examples")
DEFAULT = "irritated-teacher"
# For children of whom nothing is known, not even the sex; as many as the largest class has.
# fmt: off
NAMES = (
    "Robin", "Sam", "Noa", "Luca", "Alex", "Jamie", "Quinn", "Bo", "Sascha", "Jip", "Puck", "Mika", "Kai",
    "Nikki", "Lou", "Rowan", "Elia", "Jona", "Senne", "Lennox", "Charlie", "Riley", "Eden", "Sky", "Ariel",
    "Dani", "Andrea", "Chris", "Kim", "Kris", "Dominique", "Pascal", "Remy", "Valery", "Yoni", "Jules",
    "Maxime", "Camille", "Sidney", "Morgan", "Noor", "Imani", "Jaimy", "Indy", "Jessy", "Joey", "Micah", "Nova",
    "River", "Romy", "Storm", "Vesper", "Wannes", "Yuki", "Zion", "Ash", "Blake", "Casey", "Devon", "Ezra",
)
# fmt: on
AGE_OF_KINDERGARTEN = 5.5
LONGEST_QUOTATION = 200
LARGEST_SEED = 2**53 - 1
OF_A_LIST = ("list", "mapping", "group", "nominations", "roster")
"""Keys of the class that go with its class list."""

Unit = Annotated[float, Field(ge=0.0, le=1.0)]


class ScenarioError(Exception):
    """A scenario that cannot be run; the message has a line for each problem."""

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[str, tuple[str, ...]]]:
        """How it comes from one process to another."""
        return ScenarioError, (self.source, self.problems)


class Frozen(BaseModel):
    """Base of all parts: frozen, unknown keys are errors, numbers are finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _truth_is_no_number(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError(_("allowed is a number or a text, neither true nor false"))  # noqa: TRY004
        return value


class TeacherSpec(Frozen):
    """The teacher; what is left out is drawn from the population."""

    emotional_support: Unit | None = None
    reflective_functioning: Unit | None = None
    self_efficacy: Unit | None = None
    strain: Unit | None = None
    autonomy_support: Unit | None = None
    pace: Annotated[float, Field(gt=0.0, le=5.0)] | None = 1.0


class ClassSpec(Frozen):
    """The class: a class list, or how to draw one.

    Attributes
    ----------
    size, boys, grade, age, problem_behaviour, acquaintance
        What is drawn: how many children, the share of boys, the school grade (0 is the last year of kindergarten), the
        mean age in place of that of the grade, problem behaviour in standard deviations from the population's mean, and
        how well children and teacher know each other already.
    list, mapping, group, nominations
        Files of the class list, of how it is read and of who likes whom, beside the scenario, and the class that is
        meant where the list has several.
    roster
        What was read of them.
    """

    size: Annotated[int, Field(ge=2, le=60)] = 25
    boys: Unit = 0.5
    grade: Annotated[int, Field(ge=0, le=6)] = 2
    age: Annotated[float, Field(ge=3.0, le=13.0)] | None = None
    problem_behaviour: Annotated[float, Field(ge=-2.0, le=2.0)] = 0.0
    acquaintance: Unit = 0.9
    list: str | None = None
    mapping: str | None = None
    group: str | None = None
    nominations: str | None = None
    roster: ClassList | None = None

    @model_validator(mode="after")
    def _says_nothing_of_no_list(self) -> ClassSpec:
        if self.list is None and self.roster is None:
            for key in OF_A_LIST:
                if key != "list" and getattr(self, key) is not None:
                    raise ValueError(_("{key}: found beside no class list; list names one").format(key=key))
        return self

    @field_validator("roster", mode="before")
    @classmethod
    def _roster_from_json(cls, value: object) -> object:
        return ClassList.from_json(value) if isinstance(value, Mapping) else value

    @pydantic.field_serializer("roster")
    def _roster_to_json(self, roster: ClassList | None) -> dict[str, Any] | None:
        return None if roster is None else roster.to_json()

    @property
    def mean_age(self) -> float:
        """Mean age in years: as given, or that of the grade (0 is the last year of kindergarten)."""
        return AGE_OF_KINDERGARTEN + self.grade if self.age is None else self.age

    def rows(self) -> tuple[ChildRow, ...]:
        """One row a child; without a class list, children of whom nothing is known."""
        if self.roster is not None:
            return self.roster.children
        return tuple(ChildRow(name=name) for name in NAMES[: self.size])


class InterventionChoice(Frozen):
    """An intervention that is switched on: which, for whom, from when, how well."""

    name: str
    target: str | tuple[str, ...] | None = None
    count: Annotated[int, Field(ge=1, le=60)] = 1
    start_week: Annotated[int, Field(ge=1, le=60)] = 1
    fidelity: Unit = 1.0
    dose: Annotated[float, Field(gt=0.0, le=2.5)] = 1.0

    @field_validator("name")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in REGISTRY:
            raise ValueError(f"allowed are {', '.join(sorted(REGISTRY))}, or one from a plug-in")
        return value

    @field_validator("target")
    @classmethod
    def _rule_as_spelled(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        return as_spelled(value, RULES) or value if isinstance(value, str) else value

    @model_validator(mode="after")
    def _sessions_fit(self) -> InterventionChoice:
        sessions = REGISTRY[self.name].sessions_per_week
        if sessions is None and self.dose != 1.0:
            raise ValueError(f"dose: found {self.dose:g}; allowed is 1, for {self.name} has no sessions")
        if sessions is not None and self.target is None:
            rules = ", ".join(RULES)
            raise ValueError(f"target: is missing; {self.name} is for chosen children: names, or a rule ({rules})")
        return self

    def aim(self) -> Target:
        """The target: a rule where `target` is one, names otherwise."""
        if self.target is None:
            return Target()
        if isinstance(self.target, str):
            if self.target in RULES:
                return Target(rule=self.target, count=self.count)
            return Target(names=(self.target,))
        return Target(names=self.target)

    def build(self) -> Intervention:
        """A fresh instance for one run."""
        return REGISTRY[self.name](self.aim(), self.start_week, self.fidelity, self.dose)


# --- School years after the first ----------------------------------------------------------------------

FEWEST_YEARS, MOST_YEARS = 2, 6
"""School years that a class may be followed: at most a whole primary school."""
DRAWN, ALIKE = "drawn", "alike"
SAME: Final = "same"
"""In place of what is known of the next teachers: the first one stays."""
NEVER = "never"
NextTeacher = TeacherSpec | Literal["same"] | None
"""What is known of the next teachers, who are drawn apart from that; None: what the scenario says of the first."""


class SchoolYearsError(ValueError):
    """School years that cannot be; the message says what was found, and what is allowed."""


class Later(NamedTuple):
    """The school years after the first.

    Attributes
    ----------
    teacher
        The next teachers.
    remixed
        Share of the children who change places with children of a parallel class between two school years, where the
        teacher does not stay.
    again
        School years, from 2, in which programmes are carried out once more, for the children of the first year who are
        still there: of all programmes, or by the name of each.
    """

    teacher: NextTeacher = None
    remixed: float = 0.0
    again: frozenset[int] | Mapping[str, frozenset[int]] = frozenset()

    def again_in(self, programme: str) -> frozenset[int]:
        """School years in which a programme is carried out once more."""
        return self.again.get(programme, frozenset()) if isinstance(self.again, Mapping) else self.again


def next_teacher(word: str, key: str = "next teacher") -> NextTeacher:
    """What is known of the next teachers, for `Later`.

    Parameters
    ----------
    word
        ``drawn`` (anybody), ``alike`` (another one of whom the scenario says the same), ``same`` (the first one stays),
        or the emotional support of the next teachers, 0 to 1.
    key
        What a message calls it.

    Raises
    ------
    SchoolYearsError
        For another word.
    """
    known: dict[str, NextTeacher] = {DRAWN: TeacherSpec(), ALIKE: None, SAME: SAME}
    if word in known:
        return known[word]
    try:
        support = float(word)
    except ValueError:
        support = -1.0
    if not 0.0 <= support <= 1.0:
        message = _("{key}: found {found!r}; allowed is drawn, alike, same, or an emotional support of 0 to 1")
        raise SchoolYearsError(message.format(key=key, found=word))
    return TeacherSpec(emotional_support=support)


def as_word(found: object) -> object:
    """A number as the word that the command line has for it."""
    return f"{found:g}" if isinstance(found, (int, float)) and not isinstance(found, bool) else found


YearsAgain = tuple[int, ...] | dict[str, tuple[int, ...]]
"""School years in which programmes are carried out once more: of all programmes, or by the name of each."""


def as_again(found: object) -> YearsAgain:
    """Read them: ``2``, ``[2, 3]``, ``{samen-spel = [2]}``, or in words ``never``, ``2 3``, ``samen-spel:2``.

    Raises
    ------
    SchoolYearsError
        For anything else.
    """
    if isinstance(found, Mapping):
        entries = [(str(name), year) for name, years in found.items() for year in listed(years)]
    else:
        parts = [word.rpartition(":") if isinstance(word, str) else ("", "", word) for word in listed(found)]
        entries = [(name, year) for name, _colon, year in parts]
    again: dict[str, tuple[int, ...]] = {}
    for name, year in entries:
        again[name] = tuple(sorted({*again.get(name, ()), later_year(year)}))
    if "" in again and len(again) > 1:
        raise SchoolYearsError(_("again: found years of all programmes beside those of one; allowed is either"))
    return again if again and "" not in again else again.get("", ())


def listed(found: object) -> list[Any]:
    """What was found as a list, a text word by word; what is never done has none."""
    if isinstance(found, str):
        return [] if found == NEVER else found.replace(",", " ").split() or [found]
    return list(found) if isinstance(found, (list, tuple)) else [found]


def later_year(found: object) -> int:
    """A school year after the first."""
    year = int(found) if isinstance(found, str) and found.isdecimal() and len(found) < 3 else found
    if isinstance(year, int) and not isinstance(year, bool) and FEWEST_YEARS <= year <= MOST_YEARS:
        return year
    message = _(
        "again: found {found}; allowed are school years from 2 on, such as 2 3, those of a programme, such as "
        "samen-spel:2, or never"
    )
    raise SchoolYearsError(message.format(found=shown(found)))


class SchoolYears(Frozen):
    """Over which school years classes are followed.

    Attributes
    ----------
    count
        How many; the first is that of the scenario.
    teacher
        The next teachers, as `next_teacher` has them.
    remixed, again
        See `Later`.
    """

    count: Annotated[int, Field(ge=FEWEST_YEARS, le=MOST_YEARS)]
    teacher: Annotated[str, BeforeValidator(as_word)] = DRAWN
    remixed: Unit = 0.0
    again: YearsAgain = ()

    @model_validator(mode="before")
    @classmethod
    def _again_in_one_form(cls, data: object) -> object:
        return {**data, "again": as_again(data["again"])} if isinstance(data, Mapping) and "again" in data else data

    @model_validator(mode="after")
    def _teacher_is_known(self) -> SchoolYears:
        next_teacher(self.teacher, "teacher")
        return self

    @property
    def later(self) -> Later:
        """The school years after the first."""
        teacher = next_teacher(self.teacher)
        if isinstance(self.again, dict):
            return Later(teacher, self.remixed, {name: frozenset(years) for name, years in self.again.items()})
        return Later(teacher, self.remixed, frozenset(self.again))


class HolidaySpec(Frozen):
    """A holiday of `weeks` weeks after school week `after_week`."""

    after_week: Annotated[int, Field(ge=1, le=60)]
    weeks: Annotated[int, Field(ge=1, le=10)] = 1


FLEMISH_YEAR = (
    HolidaySpec(after_week=8, weeks=1),
    HolidaySpec(after_week=15, weeks=2),
    HolidaySpec(after_week=23, weeks=1),
    HolidaySpec(after_week=28, weeks=2),
)


class Scenario(Frozen):
    """One class and one school year, with and without its interventions, and the years that may come after it."""

    version: Literal[1] = 1
    title: str = "A class"
    title_nl: str | None = None
    about: str = ""
    about_nl: str | None = None
    classroom: Annotated[ClassSpec, Field(alias="class")] = ClassSpec()
    teacher: TeacherSpec = TeacherSpec()
    parameters: dict[str, float] = Field(default_factory=dict)
    world: Annotated[int, Field(ge=0)] = 0
    interventions: tuple[InterventionChoice, ...] = ()
    years: SchoolYears | None = None
    mechanism: str | None = None
    follow: str | None = None
    weeks: Annotated[int, Field(ge=1, le=60)] = 36
    days_per_week: Annotated[int, Field(ge=1, le=5)] = 5
    holidays: tuple[HolidaySpec, ...] = FLEMISH_YEAR
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 1
    number: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 0

    model_config = ConfigDict(populate_by_name=True)

    @field_validator("parameters")
    @classmethod
    def _parameters_in_range(cls, values: dict[str, float]) -> dict[str, float]:
        problems = []
        for name, value in values.items():
            if name not in PARAMETERS:
                problems.append(f"{name}: no such parameter; `spiraal scenario parameters` lists them")
                continue
            known = PARAMETERS[name]
            if not known.low <= value <= known.high:
                problems.append(f"{name}: found {value:g}; allowed is {known.low:g} to {known.high:g} ({known.unit})")
        if problems:
            raise ValueError("; ".join(problems))
        return values

    @field_validator("world")
    @classmethod
    def _world_is_there(cls, number: int) -> int:
        if number >= len(plausible()):
            raise ValueError(f"allowed is 0 (the values in use) to {len(plausible()) - 1}")
        return number

    @field_validator("mechanism")
    @classmethod
    def _mechanism_is_known(cls, name: str | None) -> str | None:
        if name is None or name == NONE:
            return None
        if name not in MECHANISMS:
            known = ", ".join(["none", *MECHANISMS])
            message = _("allowed is one of {known}, or one of a plug-in; --plugin names its file")
            raise ValueError(message.format(known=known) + closest_to(name, MECHANISMS))
        return name

    @model_validator(mode="after")
    def _names_are_in_the_class(self) -> Scenario:
        if self.classroom.roster is None and self.classroom.list is not None:
            return self  # the list has yet to be read
        names = [row.name for row in self.classroom.rows()]
        choices = []
        for number, choice in enumerate(self.interventions):
            spelled = {name: as_spelled(name, names) for name in choice.aim().names}
            for name, found in spelled.items():
                if found is None:
                    raise ValueError(
                        f"interventions.{number}.target: found {name!r}; allowed is a name of the class, "
                        f"a list of them, or a rule: {', '.join(RULES)}{closest_to(name, [*names, *RULES])}"
                    )
            if choice.start_week > self.weeks:
                raise ValueError(
                    f"interventions.{number}.start_week: found {choice.start_week}; allowed is 1 to {self.weeks}"
                )
            targets = tuple(spelled.values())
            target = targets[0] if isinstance(choice.target, str) and targets else targets
            choices.append(choice.model_copy(update={"target": target}) if targets else choice)
        follow = None if self.follow is None else as_spelled(self.follow, names)
        if self.follow is not None and follow is None:
            raise ValueError(
                f"follow: found {self.follow!r}; allowed is a name of the class{closest_to(self.follow, names)}"
            )
        vars(self).update(interventions=tuple(choices), follow=follow)  # as the class spells them
        return self

    def values(self) -> Parameters:
        """Values of all parameters: those that the scenario names, else those of its world."""
        world = plausible().values(self.world) if self.world else {}
        return Parameters({**world, **self.parameters})

    def calendar(self) -> Calendar:
        """The school days of this scenario."""
        holidays = tuple(Holiday(spec.after_week, spec.weeks) for spec in self.holidays)
        return Calendar(self.weeks, self.days_per_week, holidays)

    def titled(self, language: str) -> str:
        """The title in a language."""
        return (language == "nl" and self.title_nl) or self.title

    def told(self, language: str) -> str:
        """What the scenario is about, in a language."""
        return (language == "nl" and self.about_nl) or self.about

    def changed(self, **changes: Any) -> Scenario:
        """Change some values; only what changes is checked again.

        Parameters
        ----------
        **changes
            Values by key; a key may lead further in, with dots: ``**{"class.size": 20, "interventions.0.dose": 0.5}``.

        Raises
        ------
        ScenarioError
            When the result is no valid scenario.
        """
        parts: dict[str, Any] = dict(self)
        parts["class"] = parts.pop("classroom")
        for key, value in changes.items():
            root, *inner = key.split(".")
            if root == "class" and inner and inner[0] in OF_A_LIST[:-1] and self.classroom.roster is not None:
                raise ScenarioError(self.title, [_("{key}: the class list has been read already").format(key=key)])
            if not inner:
                parts[root] = value
            elif root == "interventions":
                number, name = int(inner[0]), inner[1]
                choices = list(parts[root])
                choices[number] = {**dict(choices[number]), name: value}
                parts[root] = tuple(choices)
            else:
                parts[root] = {**dict(parts[root] or {}), inner[0]: value}
        try:
            return Scenario.model_validate(parts)
        except pydantic.ValidationError as error:
            raise ScenarioError(self.title, [describe(problem) for problem in error.errors()]) from None


def shipped() -> dict[str, Path]:
    """The scenarios that come with the program, by name."""
    return {path.stem: path for path in sorted(EXAMPLES.glob("*.toml"))}


def load(source: str | Path = DEFAULT) -> Scenario:
    """Read a scenario: a shipped one by name, or a TOML file; class lists are found beside the file.

    Raises
    ------
    ScenarioError
        For a file that cannot be read or is no valid scenario.
    ClassListError
        For a class list that is not right.
    """
    path = shipped().get(str(source), Path(source))
    try:
        data = read_toml(path)
    except FileNotFoundError:
        raise ScenarioError(
            str(source), [f"no such file, nor a shipped scenario; shipped are {', '.join(shipped())}"]
        ) from None
    except ReadingError as error:
        raise ScenarioError(str(source), [_("not a readable TOML file: {error}").format(error=error)]) from None
    scenario = parse(data, str(source), folder=path.parent)
    years = scenario.years
    if years is not None and (wrong := [*problems(scenario, years.count, years.later)]):
        raise ScenarioError(str(source), [f"years.{key}: {problem}" for key, problem in wrong])
    return scenario


def parse(data: Mapping[str, Any], source: str, folder: Path | None = None) -> Scenario:
    """A scenario from plain data; class lists are read from `folder`."""
    try:
        scenario = Scenario.model_validate(data)
        spec = scenario.classroom
        if spec.list is not None and spec.roster is None:
            folder = folder or Path()
            nominations = None if spec.nominations is None else folder / spec.nominations
            mapping = ColumnMapping() if spec.mapping is None else read_mapping(folder / spec.mapping)
            roster = read_class_list(folder / spec.list, nominations, mapping=mapping, group=spec.group)
            with_roster = {**scenario.model_dump(by_alias=True), "class": {**spec.model_dump(), "roster": roster}}
            scenario = Scenario.model_validate(with_roster)
    except pydantic.ValidationError as error:
        raise ScenarioError(source, [describe(problem) for problem in error.errors()]) from None
    return scenario


def problems(scenario: Scenario, count: int, later: Later) -> Iterator[tuple[str, str]]:
    """What keeps classes from being followed so long: ``count`` or the field of `Later`, and what is wrong, in words.

    Parameters
    ----------
    scenario
        The class, with its interventions.
    count
        How many school years.
    later
        The school years after the first.
    """
    most = most_years(scenario)
    if not FEWEST_YEARS <= count <= most:
        message = _("found {found}; allowed is {low} to {high}, for children of {age} on average")
        age = f"{scenario.classroom.mean_age:g}"
        yield "count", message.format(found=count, low=FEWEST_YEARS, high=most, age=age)
    if not 0.0 <= later.remixed <= 1.0:
        yield "remixed", _("found {found}; allowed is 0 to 1").format(found=f"{later.remixed:g}")
    if later.teacher == SAME and later.remixed:
        message = _("found {found}; allowed is 0 where the teacher stays")
        yield "remixed", message.format(found=f"{later.remixed:g}")
    programmes = dict.fromkeys(choice.name for choice in scenario.interventions)
    for name in later.again if isinstance(later.again, Mapping) else ():
        if name not in programmes:
            message = _("found {found!r}; allowed are interventions of the scenario: {names}")
            yield "again", message.format(found=name, names=", ".join(programmes))
    again = later.again.values() if isinstance(later.again, Mapping) else [later.again]
    for year in sorted(frozenset().union(*again)):
        if not FEWEST_YEARS <= year <= count:
            yield "again", _("found {found}; allowed is 2 to {high}").format(found=year, high=count)


def most_years(scenario: Scenario) -> int:
    """How many school years classes can be followed, until the children are too old."""
    return min(MOST_YEARS, int(OLDEST - scenario.classroom.mean_age) + 1)


def describe(problem: Mapping[str, Any]) -> str:
    """One problem that pydantic found, as a line: key, what was found, what is allowed."""
    key = ".".join(str(part) for part in problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    if problem["type"] == "value_error" and not isinstance(problem["input"], (str, int, float)):
        return f"{key}.{message}" if key else message  # the message names what is below the key
    found = problem["input"]
    return f"{key}: found {shown(found)}; {message}"


def shown(found: object) -> str:
    """A value in a message: short, whatever it is."""
    if isinstance(found, int) and found.bit_length() > LONGEST_QUOTATION:
        return _("a number of {digits} digits").format(digits=round(found.bit_length() * math.log10(2.0)))
    if not isinstance(found, (str, int, float)):
        return type(found).__name__
    text = repr(found)
    return text if len(text) <= LONGEST_QUOTATION else text[: LONGEST_QUOTATION - 1] + "…"
