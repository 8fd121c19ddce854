"""The equations in force: those of `sim.dynamics`, or with some of a mechanism of somebody's own in their place.

Compiled code holds the equations that it calls. So where one is replaced, what calls it is compiled once more, beside
the ordinary engine, which stays as it is: classes with and without a mechanism run in one process, in any order.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numba import boolean, float64, int64, typeof

from sim import dynamics
from sim.compiled import Anew, compiled, kernel
from sim.engine import arrays
from sim.engine.contacts import contacts
from sim.engine.evenings import learn
from sim.engine.lanes import child_lane, parameter_lane, teacher_lane
from sim.engine.layout import CHILD_AT, CHILD_FIELDS, LANES_SIZE, PARAMETERS_AT, TEACHER_AT
from sim.engine.mornings import arrive
from sim.engine.play import play
from sim.files.language import _
from sim.mechanisms import MECHANISMS, Mechanism, MechanismError, check_state, equations
from sim.parameters import Parameters
from sim.state import CHILD, CHILD_DTYPE, TEACHER, TEACHER_DTYPE, Field, Records

__all__ = ["Equations", "in_force"]

ALL_FIELDS = (0, CHILD_FIELDS)
WITHOUT_SHORTCUTS: Mapping[Any, Mapping[str, object]] = {
    arrive: {"MORNING_READS": ALL_FIELDS},
    contacts: {"CONTACT_READS": ALL_FIELDS, "EVERY_TONE_TELLS": True},
    play: {"PLAY_READS": ALL_FIELDS},
    learn: {"EVENING_READS": ALL_FIELDS},
}
"""Constants of steps that leave out what the model's own equations do not need, as they are for other equations."""
SAMPLES = (0.0, -0.6, 0.3, 1.0)
"""Plain numbers that an equation is tried with."""
NOT_SAYING = "Failed in nopython mode pipeline"
"""How lines of numba's messages begin that say nothing of a function."""
ELSEWHERE = "mechanisms"
"""In place of the name of a module, for functions that are not kept on disk."""

_one_at_a_time = RLock()


def in_force(name: str | None) -> Equations:
    """The equations of a mechanism, or those of the model for None.

    Raises
    ------
    MechanismError
        When it is not known here, or a function of it cannot be compiled, or gives no number.
    """
    if name is not None and name not in MECHANISMS:
        raise MechanismError(_("mechanism {name!r}: is not known; its plug-in has not been read").format(name=name))
    with _one_at_a_time:
        return made(None if name is None else MECHANISMS[name])


@cache
def made(mechanism: Mechanism | None) -> Equations:
    """See `in_force`."""
    return Equations(mechanism)


class Equations:
    """Equations as Python calls them, each as an attribute (see `sim.engine.arrays`), and what is made with them."""

    def __init__(self, mechanism: Mechanism | None) -> None:
        instead = {}
        if mechanism is not None:
            for name, mine in mechanism.equations.items():
                check_function(mechanism, name)
                instead[equations()[name]] = with_its_type(equations()[name], mine)
        concerned = [step for step in WITHOUT_SHORTCUTS if instead and Anew(instead)(step) is not step]
        constants = {name: value for step in concerned for name, value in WITHOUT_SHORTCUTS[step].items()}
        self._mechanism = mechanism
        self._anew = Anew(instead, constants)

    def compiled(self, function: Any) -> Any:
        """A compiled function with these equations in it."""
        if self._mechanism is None:
            return function
        with _one_at_a_time:
            return self._anew(function)

    def check(self, children: Records, teachers: Records, liking: Records) -> None:
        """Check what these equations led to; see `sim.mechanisms.check_state`."""
        if self._mechanism is not None:
            check_state(self._mechanism, children, teachers, liking)

    def __getattr__(self, name: str) -> Any:
        """The equation `name`, for arrays; constants of `sim.dynamics` as they are."""
        ordinary = getattr(dynamics, name, None)
        mine = self.compiled(ordinary) if hasattr(ordinary, "py_func") else ordinary
        found = getattr(arrays, name) if mine is ordinary else arrays.for_arrays(mine, ELSEWHERE)
        setattr(self, name, found)
        return found


def with_its_type(equation: Any, mine: Any) -> Any:
    """A function in the place of an equation that gives numbers of the equation's type, as a whole number may be none.

    That is what makes both runners, and lanes and records, go on with the same numbers.
    """
    kind, name = str(equation.py_func.__annotations__["return"]), equation.py_func.__name__
    arguments = ", ".join(inspect.signature(equation.py_func).parameters)
    if kind == "None":
        lines = [f"mine({arguments})"]
    elif kind.startswith("tuple"):
        numbers = (f"{one}(found[{place}])" for place, one in enumerate(numbers_in(kind)))
        lines = [f"found = mine({arguments})", f"return {', '.join(numbers)}"]
    else:
        lines = [f"return {kind}(mine({arguments}))"]
    scope = {"mine": mine, "__name__": ELSEWHERE}
    source = "\n    ".join([f"def {name}({arguments}):", *lines])
    exec(compile(source, __file__, "exec"), scope)  # noqa: S102 - numba has no other way to hand over arguments by name
    return compiled(scope[name])


def numbers_in(kind: str) -> list[str]:
    """The types of the numbers in an annotation of what an equation gives."""
    return re.findall(r"float|int|bool", kind)


# --- Whether they can be used ----------------------------------------------------------------------------


def check_function(mechanism: Mechanism, name: str) -> None:
    """Compile the function in the place of an equation, for records and for lanes, and try it.

    Raises
    ------
    MechanismError
        When it cannot be compiled, or gives no number.
    """
    mine, place = mechanism.equations[name], mechanism.place(name)
    python = equations()[name].py_func
    types = {argument: str(kind) for argument, kind in python.__annotations__.items() if argument != "return"}
    kind = str(python.__annotations__["return"])
    try:
        compile_for_lanes(mine, types)
        given = [arrays.for_arrays(mine, ELSEWHERE)(*sample(types, number)) for number in range(len(SAMPLES))]
    except Exception as error:  # whatever numba, or somebody's function, comes upon
        message = _("{place}: cannot be compiled or run: {why}")
        raise MechanismError(message.format(place=place, why=why(error, mine))) from error
    for found in given:
        if not fits(found, kind):
            message = _("{place}: gives {found}; {equation} gives {kind}")
            raise MechanismError(message.format(place=place, found=found, equation=name, kind=kind))


def compile_for_lanes(function: Any, types: Mapping[str, str]) -> None:
    """Compile a function for lanes, where it takes records."""
    lanes = {
        "child": (child_lane, CHILD_AT),
        "teacher": (teacher_lane, TEACHER_AT),
        "p": (parameter_lane, PARAMETERS_AT),
    }
    numbers = [name for name in types if name not in lanes]
    if len(numbers) == len(types):
        return
    inside = ", ".join(f"{name}_lane(lanes, {lanes[name][1]})" if name in lanes else name for name in types)
    scope: dict[str, Any] = {f"{name}_lane": make for name, (make, _at) in lanes.items()}
    source = f"def in_lanes({', '.join(['lanes', *numbers])}):\n    return function({inside})"
    exec(compile(source, __file__, "exec"), {**scope, "function": function, "__name__": ELSEWHERE}, scope)  # noqa: S102
    numba_types = {"float": float64, "int": int64, "bool": boolean}
    kernel(scope["in_lanes"]).compile((typeof(np.zeros(LANES_SIZE)), *(numba_types[types[name]] for name in numbers)))


def sample(types: Mapping[str, str], number: int) -> list[Any]:
    """Arguments of an equation for arrays: records in the middle of their bounds, and some plain numbers."""
    records: dict[str, list[Any]] = {
        "child": [in_the_middle(CHILD, CHILD_DTYPE), 0],
        "teacher": [in_the_middle(TEACHER, TEACHER_DTYPE)],
        "p": [Parameters({}).record()],
    }
    numbers: dict[str, Any] = {"float": SAMPLES[number], "int": number % 2, "bool": bool(number % 2)}
    given = [records.get(name) or [number if name == "setting" else numbers[kind]] for name, kind in types.items()]
    return [argument for arguments in given for argument in arguments]


def in_the_middle(table: Sequence[Field], dtype: np.dtype[Any]) -> Records:
    """One record in the middle of its bounds."""
    record = np.zeros(1, dtype)
    for one in table:
        record[one.name] = 0.5 * (one.low + one.high)
    return record


def fits(found: object, kind: str) -> bool:
    """Whether a function gave what an equation that is annotated so gives."""
    if kind == "None":
        return found is None
    values = found if isinstance(found, tuple) else (found,)
    numbers = (bool, int, float, np.bool_)
    return len(values) == len(numbers_in(kind)) and all(
        isinstance(value, numbers) and math.isfinite(value) for value in values
    )


def why(error: Exception, function: Any) -> str:
    """What numba has to say of a function, on one line, with the line of its file where it says so."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = next((line for line in lines if not line.startswith(NOT_SAYING)), type(error).__name__)
    file = re.escape(Path(function.py_func.__code__.co_filename).name)
    where = re.findall(rf'File "[^"]*{file}", line (\d+)', str(error))
    return f"{said} ({_('line {line}').format(line=where[-1])})" if where else said
