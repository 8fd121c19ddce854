"""Compiled hooks: how the compiled runner calls what an intervention does, also one that it has never seen.

A hook is a compiled function of a fixed form. The runner knows it by its address, as a C library would, so that it
need not be compiled anew for each intervention.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.extending import intrinsic
from numba.np.numpy_support import carray

from sim.compiled import compiled, entry_point, kernel
from sim.parameters import PARAMETERS_DTYPE
from sim.state import CHILD_DTYPE, TEACHER_DTYPE, Record

__all__ = ["COURSE_DTYPE", "Hook", "HookError", "call_hook", "set_day"]

COURSE_DTYPE = np.dtype(
    [
        (name, np.float64)
        for name in (
            "first_day",  # school day on which it begins
            "days_per_week",
            "fidelity",
            "dose",
            "sessions_per_week",  # 0 for a programme without sessions
            "rule",  # for whom: place in sim.target.RULES, or sim.target.NAMED or EVERYONE
            "count",  # how many children by that rule
            "whole_class",  # 1: acts once a day, not once a child
            "course_day",  # school days since it began, from 0
            "week",  # week of the programme, from 0
            "session",  # 1: a session falls on this day
        )
    ]
)
"""One intervention in one class: what was chosen, and where it stands today."""

ROUNDING = 1e-9


@compiled
def set_day(course: Record, day: int) -> None:
    """Where the programme stands on school day `day`.

    As many sessions a week as programme and dose say, evenly spread.
    """
    course.course_day = day - course.first_day
    course.week = math.floor(course.course_day / course.days_per_week)
    a_day = course.sessions_per_week * course.dose / course.days_per_week
    before = math.floor(course.course_day * a_day + ROUNDING)
    course.session = 1.0 if math.floor((course.course_day + 1.0) * a_day + ROUNDING) > before else 0.0


CHILD, TEACHER, COURSE, PARAMETERS = (
    numba.from_dtype(dtype) for dtype in (CHILD_DTYPE, TEACHER_DTYPE, COURSE_DTYPE, PARAMETERS_DTYPE)
)
ENTRY = types.void(
    types.CPointer(CHILD),
    types.intp,
    types.CPointer(TEACHER),
    types.intp,
    types.CPointer(COURSE),
    types.CPointer(PARAMETERS),
)


class HookError(Exception):
    """A hook that cannot be compiled; the message says why."""


class Hook:
    """What an intervention does on one day for one child, as a compiled function.

    Parameters
    ----------
    act
        A function ``(children, teacher, child, course, p)`` in the part of Python that numba compiles: `children` are
        the records of the class, `teacher`, `course` (`COURSE_DTYPE`) and `p` (parameters) are records, `child` is a
        number.
    """

    def __init__(self, act: Callable[..., None]) -> None:
        self.act: Any = act if hasattr(act, "py_func") else kernel(act)

    @cached_property
    def entry(self) -> Any:
        """The function as C sees it; compiled when first asked for."""
        act, view = self.act, carray
        name = getattr(act, "__name__", "hook")

        def entry(children: Any, n: int, teacher: Any, child: int, course: Any, p: Any) -> None:
            act(view(children, n), view(teacher, 1)[0], child, view(course, 1)[0], view(p, 1)[0])

        try:
            made = entry_point(entry, ENTRY, act.py_func)
            made.compile()
        except Exception as error:  # numba raises whatever it comes upon in a user's function
            lines = [line for line in str(error).splitlines() if line.strip()]
            why = lines[-1].strip() if lines else ""
            raise HookError(f"{name}: numba cannot compile this hook: {type(error).__name__}: {why}") from error
        return made

    @property
    def address(self) -> int:
        """Where the function is in memory."""
        return int(self.entry.address)


def build_call(_typing: Any, address: Any, children: Any, teacher: Any, child: Any, course: Any, p: Any) -> Any:
    """How to call the hook at `address`; `teacher`, `course` and `p` are arrays of one record."""
    signature = types.void(address, children, teacher, child, course, p)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, number = cgutils.voidptr_t, context.get_value_type(types.intp)
        where, class_, teacher_, child_, course_, p_ = arguments
        kinds = signature.args

        def data(place: int, value: Any) -> Any:
            return builder.bitcast(context.make_array(kinds[place])(context, builder, value).data, pointer)

        n = builder.extract_value(context.make_array(kinds[1])(context, builder, class_).shape, 0)
        form = ir.FunctionType(ir.VoidType(), [pointer, number, pointer, number, pointer, pointer])
        function = builder.inttoptr(where, form.as_pointer())
        place = context.cast(builder, child_, kinds[3], types.intp)
        builder.call(function, [data(1, class_), n, data(2, teacher_), place, data(4, course_), data(5, p_)])
        return context.get_dummy_value()

    return signature, generate


call_hook: Any = intrinsic(build_call)
"""For compiled code: ``call_hook(address, children, teacher, child, course, p)``."""
