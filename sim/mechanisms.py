"""Mechanisms of one's own: another equation in the place of one of `sim.dynamics`, to ask what would follow from it.

A mechanism is a function with the arguments of the equation that it replaces, in a file of yours::

    from sim.mechanisms import mechanism

    @mechanism("no-working-model", replaces="teacher_perceives")
    def as_it_is(child, teacher, tone, p):
        return tone  # the teacher sees what the child does, and nothing that she expects of it

and runs with ``spiraal run --plugin my_file.py --mechanism no-working-model``, in both runners. The file is a plug-in
like one with interventions, and may hold both: there is one way for a program of somebody's own to come in, to be
trusted, and to be kept with results. The name of the mechanism is part of the scenario, as those of interventions are,
so that whatever keeps, changes or repeats a scenario knows it. Both of a pair of twins have it: it says how the world
works, not what a teacher does.

To replace several equations at once, use the name of the mechanism for several functions. Within them `sim.dynamics` is
as ever, so that an equation may be built upon the one that it replaces.
"""

from __future__ import annotations

import dis
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

from sim import dynamics
from sim.compiled import called_by, compiled
from sim.files.fingerprint import told
from sim.files.language import _
from sim.files.problems import closest_to
from sim.state import CHILD, TEACHER, Field, Records

__all__ = [
    "MECHANISMS",
    "NONE",
    "Mechanism",
    "MechanismError",
    "check_state",
    "described",
    "equations",
    "fields_set",
    "mechanism",
    "replaced_by",
]

NONE = "none"
"""What stands for the equations as they are where a name is asked for, as among the values of a lever."""
OPERATORS = frozenset(
    {
        *("strengthen", "weaken", "approach", "reinforce", "either", "bounded", "chance", "positive", "negative"),
        *("next_chance", "number_of_bids"),
    }
)
"""Arithmetic in which equations are written; interventions and analyses rely on it, so that it stays as it is."""
OF_THE_CLASS = frozenset(("children", "liking", "weights", "affinity"))
"""Arguments of what goes through the whole class: that is an order of things, and no equation."""
ROUNDING = 1e-9
"""How far beyond its bounds a state may be."""


class MechanismError(Exception):
    """A mechanism that cannot be used; the message names the file and the function."""


@dataclass(frozen=True, eq=False)
class Mechanism:
    """Equations of somebody's own, by the names of those that they replace.

    Attributes
    ----------
    name
        Its name.
    file
        Name of the file that it is in.
    equations
        Compiled functions.
    """

    name: str
    file: str
    equations: Mapping[str, Any] = field(default_factory=dict)

    def place(self, equation: str) -> str:
        """File, line and name of the function in the place of an equation, for messages."""
        code = self.equations[equation].py_func.__code__
        return f"{self.file}: {_('line {line}').format(line=code.co_firstlineno)}: {code.co_name}"


MECHANISMS: dict[str, Mechanism] = {}
"""The mechanisms that are known, by name; plug-ins bring them."""

F = TypeVar("F", bound=Callable[..., Any])


def mechanism(name: str, *, replaces: str) -> Callable[[F], F]:
    """Put a function in the place of an equation, as part of the mechanism of that name (decorator).

    The function is compiled, so that others may call it.

    Parameters
    ----------
    name
        Name of the mechanism.
    replaces
        Name of an equation; see `equations`.

    Raises
    ------
    MechanismError
        When there is no such equation, or the function does not fit in its place.
    """

    def put(function: F) -> F:
        python = getattr(function, "py_func", function)
        if not isinstance(python, FunctionType):
            raise MechanismError(_("{name}: is no function").format(name=getattr(function, "__name__", function)))
        made = function if hasattr(function, "py_func") else compiled(function)
        file = Path(python.__code__.co_filename).name
        whole = MECHANISMS.get(name) or Mechanism(name, file)
        if replaces in whole.equations:
            message = _("mechanism {name!r} replaces {equation} twice")
            raise MechanismError(message.format(name=name, equation=replaces))
        whole = replace(whole, equations={**whole.equations, replaces: made})
        check_name(name)
        check_equation(whole, replaces)
        MECHANISMS[name] = whole
        return made

    return put


@cache
def equations() -> dict[str, Any]:
    """The equations that can be replaced, by name, in the order of `sim.dynamics`.

    They are those of a child, its teacher and plain numbers: all of them but `OPERATORS` and what goes through the
    whole class.
    """
    found = {}
    for name, value in vars(dynamics).items():
        if not hasattr(value, "py_func") or value.py_func.__module__ != dynamics.__name__ or name in OPERATORS:
            continue
        if not OF_THE_CLASS & inspect.signature(value.py_func).parameters.keys():
            found[name] = value
    return found


def replaced_by(name: str | None) -> dict[str, str]:
    """What a mechanism replaces, as a fingerprint tells it: names of equations, each with a hash of what it is now."""
    own = {} if name is None else MECHANISMS[name].equations
    return {f"{dynamics.__name__}.{equation}": told(function) for equation, function in own.items()}


def described(name: str) -> tuple[str, str]:
    """An equation with its arguments, and what it is: what it gives, and what it sets."""
    python = equations()[name].py_func
    what = (inspect.getdoc(python) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")
    return f"{name}{inspect.signature(plain(python))}", what


def fields_set(function: Any) -> frozenset[str]:
    """Names of the fields of records that a compiled function sets, itself or by what it calls."""
    code = function.py_func.__code__
    own = {entry.argval for entry in dis.get_instructions(code) if entry.opname == "STORE_ATTR"}
    return frozenset(own.union(*(fields_set(called) for *_names, called in called_by(function))))


def check_name(name: str) -> None:
    """Refuse what is no name."""
    if not isinstance(name, str) or not name or name == NONE or not name.isprintable():
        message = _("found {name!r} as the name of a mechanism; allowed is a word other than {none!r}")
        raise MechanismError(message.format(name=name, none=NONE))


def check_equation(of: Mechanism, equation: str) -> None:
    """Check what can be seen of a function without running it: its place, its arguments, what it sets.

    Raises
    ------
    MechanismError
        When something is wrong with it.
    """
    place, known = of.place(equation), equations()
    if equation not in known:
        message = _("{place}: replaces {found!r}; allowed is one of {names}")
        near = closest_to(str(equation), known)
        raise MechanismError(message.format(place=place, found=equation, names=", ".join(known)) + near)
    mine, theirs = of.equations[equation], known[equation]
    found, wanted = (str(inspect.signature(plain(one.py_func))) for one in (mine, theirs))
    if found != wanted:
        message = _("{place}: has the arguments {found}; those of {equation} are {wanted}")
        raise MechanismError(message.format(place=place, found=found, equation=equation, wanted=wanted))
    if more := sorted(fields_set(mine) - fields_set(theirs)):
        message = _("{place}: sets {fields}; {equation} sets {allowed}")
        allowed = ", ".join(sorted(fields_set(theirs))) or _("nothing, and returns a number")
        raise MechanismError(message.format(place=place, fields=", ".join(more), equation=equation, allowed=allowed))
    for entry in dis.get_instructions(mine.py_func.__code__):
        if entry.opname == "RAISE_VARARGS":
            raise MechanismError(
                _("{place}: raises an error; an equation gives a number whatever comes").format(place=place)
            )
        if entry.argval == "random":
            raise MechanismError(_("{place}: draws random numbers; luck comes as an argument").format(place=place))


def plain(function: FunctionType) -> FunctionType:
    """A function without annotations, for its arguments."""
    bare = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    bare.__kwdefaults__ = function.__kwdefaults__
    return bare


def check_state(of: Mechanism, children: Records, teachers: Records, liking: Records) -> None:
    """Check that what a mechanism led to is a state of a class.

    Parameters
    ----------
    of
        The mechanism.
    children, teachers, liking
        Records of children and teachers, and likings, of any shape.

    Raises
    ------
    MechanismError
        When a state is no number, or lies beyond its bounds.
    """
    for records, table in ((children, CHILD), (teachers, TEACHER)):
        for one in table:
            refuse_beyond(of, one, records[one.name])
    refuse_beyond(of, Field("liking", "state", -1, 1, ""), liking)


def refuse_beyond(of: Mechanism, state: Field, values: Records) -> None:
    """Refuse states that are no numbers, or beyond their bounds."""
    wrong = values[~((values >= state.low - ROUNDING) & (values <= state.high + ROUNDING))]
    if not wrong.size:
        return
    found = float(wrong.flat[0])
    message = _("{places}: mechanism {name!r} makes {state} {found}; allowed is {low:g} to {high:g}")
    places = "; ".join(of.place(equation) for equation in of.equations)
    value = _("no number") if math.isnan(found) else f"{found:.4g}"
    raise MechanismError(
        message.format(places=places, name=of.name, state=state.name, found=value, low=state.low, high=state.high)
    )
