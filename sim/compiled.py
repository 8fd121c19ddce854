"""Compilation of the equations: one decorator, so that every equation is compiled the same way.

Compiled code is cached on disk beside the sources (or in numba's own cache folder where that is
read-only). Where nothing can be written the equations are compiled anew in each process.
Arithmetic is strict IEEE 754 (no ``fastmath``): that is what makes the two runners agree bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile `function` with numba, cached on disk where a folder for that can be written."""
    try:
        return cast(F, numba.njit(cache=True, error_model="numpy")(function))
    except RuntimeError:  # numba found no folder for its cache
        return cast(F, numba.njit(error_model="numpy")(function))
