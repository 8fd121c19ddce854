"""The equations of `sim.dynamics` as Python calls them: with arrays of records in place of single records.

Handing a single record to compiled code takes numba many times as long as handing over an array. Each function here
therefore takes ``children, i`` where the equation takes a child, and arrays of one record for teacher and parameters;
the rest is the equation's. They are made when they are first asked for.
"""

from __future__ import annotations

import inspect
from typing import Any

from sim import dynamics
from sim.compiled import check_equations, compiled

__all__ = ["check_equations", "for_arrays"]

ARRAYS = {"child": ("children, i", "children[i]"), "teacher": ("teacher", "teacher[0]"), "p": ("p", "p[0]")}
"""For a record: the arguments in its place, and the record that they name."""


def __getattr__(name: str) -> Any:
    """The equation `name`, for arrays."""
    if name.startswith("__") or not hasattr(dynamics, name):
        raise AttributeError(f"sim.dynamics has no equation {name}")
    globals()[name] = made = for_arrays(getattr(dynamics, name))
    return made


def for_arrays(equation: Any, module: str = __name__) -> Any:
    """The same equation for arrays of records; what is no equation, or takes no record, as it is.

    Parameters
    ----------
    equation
        The equation.
    module
        Name of the module that the function belongs to; what is compiled in those of this package is kept on disk.
    """
    if not hasattr(equation, "py_func"):
        return equation
    names = list(inspect.signature(equation.py_func).parameters)
    if not ARRAYS.keys() & set(names):
        return equation
    outside = ", ".join(ARRAYS[name][0] if name in ARRAYS else name for name in names)
    inside = ", ".join(ARRAYS[name][1] if name in ARRAYS else name for name in names)
    name = equation.py_func.__name__
    scope = {"equation": equation, "__name__": module}
    source = compile(f"def {name}({outside}):\n    return equation({inside})", __file__, "exec")
    exec(source, scope)  # noqa: S102 - numba has no other way to give a function its arguments by name
    return compiled(scope[name])
