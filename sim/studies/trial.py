"""A planned trial: a programme in half of the classes, a pre-test, a post-test, and who is lost between them.

What may be asked of `sim.studies.power`. Classes are of one grade and size. In each of them the children with most
complaints on a screening instrument take part; classes are randomized, half to the programme and half to care as usual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.files.language import _
from sim.interventions import REGISTRY, Intervention
from sim.mechanisms import MECHANISMS, NONE
from sim.scenario import LARGEST_SEED
from sim.studies.cohort import Wave
from sim.studies.instruments import INSTRUMENTS, ContactRating, Instrument, Rating, Status
from sim.studies.study import Design, Programme, Selection, Study, primary
from sim.worlds import plausible

__all__ = [
    "FEWEST_CLASSES",
    "MEASURES",
    "MOST_CLASSES",
    "NOBODY",
    "POST",
    "PRE",
    "PROGRAMME",
    "SCREENS",
    "USUAL",
    "Trial",
    "TrialError",
    "numbers_of_classes",
]

PRE, POST = "pre", "post"
USUAL, PROGRAMME = "usual", "programme"
MEASURES = tuple(
    name for name, one in INSTRUMENTS.items() if not (one.reads_contacts or isinstance(one, Status | ContactRating))
)
"""What an effect can be measured with: every instrument that gives each child a number without following contacts."""
SCREENS = tuple(name for name, one in INSTRUMENTS.items() if isinstance(one, Rating) and one.good < 0)
"""Instruments that children can be screened by: complaints, of which the highest are taken."""
NOBODY = "none"
"""In place of a screening instrument: children are taken at random."""
FEWEST_CLASSES, MOST_CLASSES, MOST_POINTS = 6, 1000, 50
SMALLEST_CLASS, LARGEST_CLASS = 2, 60
HIGHEST_GRADE = 6
FEWEST_STUDIES, MOST_STUDIES = 20, 100_000
INTERVALS = 5
"""Into at least so many steps a range of classes is cut."""
STEPS = tuple(leading * 10**power for power in range(3) for leading in (1, 2, 5))
RANGE = re.compile(r"(\d{1,6}):(\d{1,6})(?::(\d{1,6}))?")


class TrialError(Exception):
    """A trial that cannot be done; the message has a line for each problem."""


class Trial(BaseModel):
    """What is planned.

    Attributes
    ----------
    programme
        Name of an intervention.
    classes
        How many classes take part, in both arms together: each of these sizes of the trial.
    per_class
        Children of a class who take part: those whom the programme is for, or those who are measured where it is for
        the whole class.
    measure
        Name of the instrument; one of `MEASURES`.
    screened_by
        By what children are chosen before the year begins, the highest first: one of `SCREENS`, or `NOBODY` (at
        random). By default by conflict, and at random where the programme is for the whole class.
    sex
        ``"boy"`` or ``"girl"``; None: both.
    grade, size
        Of the classes; grade 0 is the last year of kindergarten.
    pre, post
        School weeks at whose end the tests are. The programme begins in the week after the pre-test. By default the
        post-test is at the end of the programme, or of the year where the programme goes on.
    fidelity
        How closely teachers carry the programme out, 0 to 1.
    attrition, classes_lost
        Share of children, and of whole classes, of whom there is no post-test; who is lost is lost by chance.
    alpha
        Level of the two-sided test.
    target
        The power that is wanted.
    replications
        How often the trial is repeated.
    seed
        Luck.
    world
        Number of the plausible world; 0 has the values in use.
    mechanism
        Name of a mechanism of `sim.mechanisms` that is in force; None: the model as it is.

    Raises
    ------
    TrialError
        With all that is wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    programme: str
    classes: tuple[int, ...]
    per_class: int = 1
    measure: str = "conflict"
    screened_by: str | None = None
    sex: str | None = None
    grade: int = 0
    size: int = 20
    pre: int = 7
    post: int | None = None
    fidelity: float = 1.0
    attrition: float = 0.0
    classes_lost: float = 0.0
    alpha: float = 0.05
    target: float = 0.8
    replications: int = 1000
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 1
    world: int = 0
    mechanism: str | None = None

    @field_validator("classes")
    @classmethod
    def _from_the_smallest_on(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        check_count(len(sizes))
        return tuple(sorted(set(sizes)))

    @model_validator(mode="after")
    def _can_be_done(self) -> Trial:
        if found := list(self.problems()):
            raise TrialError("\n".join(found))
        return self

    def problems(self) -> Iterator[str]:
        """What is wrong, a line each."""
        yield from self.problems_of_names()
        yield from self.problems_of_numbers()
        yield from self.problems_of_shares()
        if self.programme in REGISTRY:
            yield from self.problems_of_programme()

    def problems_of_names(self) -> Iterator[str]:
        """Names of nothing that there is."""
        names: tuple[tuple[str, str, tuple[str, ...]], ...] = (
            ("PROGRAMME", self.programme, tuple(REGISTRY)),
            ("--measure", self.measure, MEASURES),
            ("--screened-by", self.screened_by or NOBODY, (*SCREENS, NOBODY)),
            ("--sex", self.sex or "boy", ("boy", "girl")),
            ("--mechanism", self.mechanism or NONE, (NONE, *MECHANISMS)),
        )
        message = _("{what}: found {found!r}; allowed is one of {names}")
        for option, name, known in names:
            if name not in known:
                yield message.format(what=option, found=name, names=", ".join(known))

    def problems_of_numbers(self) -> Iterator[str]:
        """Whole numbers that are too small or too large."""
        numbers = (
            ("--classes", min(self.classes, default=0), FEWEST_CLASSES, MOST_CLASSES),
            ("--classes", max(self.classes, default=0), FEWEST_CLASSES, MOST_CLASSES),
            ("--grade", self.grade, 0, HIGHEST_GRADE),
            ("--size", self.size, SMALLEST_CLASS, LARGEST_CLASS),
            ("--replications", self.replications, FEWEST_STUDIES, MOST_STUDIES),
            ("--world", self.world, 0, len(plausible()) - 1),
            ("--pre", self.pre, 0, self.weeks - 1),
        )
        for option, number, low, high in dict.fromkeys(numbers):
            if not low <= number <= high:
                yield not_within(option, number, low, high)
        if not 1 <= self.per_class <= self.size:
            message = _("--per-class: found {found}; allowed is 1 to {size}, the children of a class")
            yield message.format(found=self.per_class, size=self.size)

    def problems_of_shares(self) -> Iterator[str]:
        """Shares that are none."""
        if not 0.0 <= self.fidelity <= 1.0:
            yield not_within("--fidelity", self.fidelity, 0, 1)
        for option, share in (("--attrition", self.attrition), ("--classes-lost", self.classes_lost)):
            if not 0.0 <= share < 1.0:
                message = _("{what}: found {found}; allowed is 0 or more, and less than 1")
                yield message.format(what=option, found=f"{share:g}")
        for option, share in (("--alpha", self.alpha), ("--target", self.target)):
            if not 0.0 < share < 1.0:
                message = _("{what}: found {found}; allowed is more than 0, and less than 1")
                yield message.format(what=option, found=f"{share:g}")

    def problems_of_programme(self) -> Iterator[str]:
        """What is wrong with the programme and its weeks."""
        if not self.kind.is_compiled():
            message = _("{programme}: has no compiled form; so many classes would take too long agent by agent")
            yield message.format(programme=self.programme)
        if 0 <= self.pre < self.weeks and not self.pre < self.week_of_post <= self.weeks:
            yield not_within("--post", self.week_of_post, self.pre + 1, self.weeks)

    @property
    def weeks(self) -> int:
        """Weeks of the school year."""
        return primary(0).weeks

    @property
    def kind(self) -> type[Intervention]:
        """The programme."""
        return REGISTRY[self.programme]

    @property
    def week_of_post(self) -> int:
        """School week of the post-test."""
        if self.post is not None:
            return self.post
        return self.weeks if self.kind.weeks is None else min(self.pre + self.kind.weeks, self.weeks)

    @property
    def screening(self) -> str:
        """By what children are chosen, or `NOBODY`."""
        return self.screened_by or (NOBODY if self.kind.whole_class else "conflict")

    @property
    def instrument(self) -> Instrument:
        """What is measured."""
        return INSTRUMENTS[self.measure]

    @property
    def study(self) -> Study:
        """The trial in its largest size, as a virtual study; its analysis is that of `sim.studies.power`."""
        most = max(self.classes)
        screened = self.screening != NOBODY
        by = self.screening if screened else None
        design = Design(
            population=primary(self.grade, self.size, seed=self.seed, world=self.world, mechanism=self.mechanism),
            classes=most,
            children=most * self.per_class,
            waves={PRE: Wave(self.pre), POST: Wave(self.week_of_post)},
            measures=(self.measure,),
            selection=Selection(per_class=self.per_class, sex=self.sex, by=by, highest=screened),
            arms={USUAL: (), PROGRAMME: (Programme(self.programme, self.pre + 1, self.fidelity),)},
            assigned="class",
            attrition=self.attrition,
        )
        return Study("", self.kind.title, "", design, lambda _sample: {}, ())


def not_within(option: str, found: float, low: int, high: int) -> str:
    """What is said of a number that is too small or too large."""
    message = _("{what}: found {found}; allowed is {low} to {high}")
    return message.format(what=option, found=found if isinstance(found, int) else f"{found:g}", low=low, high=high)


def numbers_of_classes(text: str) -> tuple[int, ...]:
    """Numbers of classes as they are typed: a range (``10:80``, ``10:80:5``), or numbers (``10,20,40``).

    A range without a step is cut into steps of 1, 2, 5, 10, … classes: the largest of which it has five or more.

    Raises
    ------
    TrialError
        When the text is neither.
    """
    plain = text.replace(" ", "")
    found: tuple[int, ...] = ()
    if match := RANGE.fullmatch(plain):
        first, last = int(match[1]), int(match[2])
        step = int(match[3]) if match[3] else sensible(last - first)
        if first <= last and step > 0:
            check_count(-(-(last - first) // step) + 1)
            found = (*range(first, last, step), last)
    elif re.fullmatch(r"\d{1,6}(,\d{1,6})*", plain):
        check_count(plain.count(",") + 1)
        found = tuple(sorted({int(part) for part in plain.split(",")}))
    if not found:
        message = _("--classes: found {found!r}; allowed is a range such as 10:80, or numbers such as 10,20,40")
        raise TrialError(message.format(found=text))
    return found


def check_count(count: int) -> None:
    """Refuse more sizes of a trial than anybody looks at."""
    if count > MOST_POINTS:
        message = _("--classes: found {count} numbers; allowed are {most}")
        raise TrialError(message.format(count=count, most=MOST_POINTS))


def sensible(span: int) -> int:
    """A step for a range."""
    return max((step for step in STEPS if span >= INTERVALS * step), default=1)
