"""Compilation of the equations: one decorator, so that every equation is compiled the same way.

Compiled code is cached on disk: beside the sources, in a folder that is named after the content of all that is
compiled, because compiled code holds what it calls, and a cache that looks at one file alone would go on using old
equations. Where
the sources cannot be written to, numba's own cache folder serves; where nothing can be written, the equations are
compiled anew in each process. Arithmetic is strict IEEE 754 (no ``fastmath``): that is what makes the two runners
agree bit for bit.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config as numba_config

__all__ = ["compiled", "kernel", "outer"]

F = TypeVar("F", bound=Callable[..., Any])

config: Any = numba_config
SOURCES = Path(__file__).parent
RECORDS = frozenset(("compiled.py", "state.py", "parameters.py"))
"""Sources that compiled code depends on though nothing in them is compiled."""


def cache_folder() -> str:
    """Folder for the compiled code of these very sources; empty where numba is to choose one."""
    beside = SOURCES / "__pycache__"
    if config.CACHE_DIR or not os.access(beside if beside.is_dir() else SOURCES, os.W_OK):
        return str(config.CACHE_DIR)
    content = hashlib.sha256()
    for path in sorted(SOURCES.glob("*.py")):
        source = path.read_bytes()
        if path.name in RECORDS or b"sim.compiled" in source:
            content.update(source)
    return str(beside / f"compiled-{content.hexdigest()[:16]}")


CACHE = cache_folder()


def compile_with(function: F, **special: bool) -> F:
    """Compile `function` with numba, cached on disk where a folder for that can be written."""
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True, **special}
    before, config.CACHE_DIR = config.CACHE_DIR, CACHE
    try:
        return cast("F", numba.njit(cache=True, **options)(function))
    except RuntimeError:  # numba found no folder for its cache
        return cast("F", numba.njit(**options)(function))
    finally:
        config.CACHE_DIR = before


def compiled(function: F) -> F:
    """Compile an equation; it becomes part of every compiled function that calls it.

    It may not make arrays: without numba's counting of references, views of arrays cost nothing.
    """
    return compile_with(function, forceinline=True, _nrt=False)


def kernel(function: F) -> F:
    """Compile a function that stays one, since it is large; it may not make arrays either."""
    return compile_with(function, _nrt=False)


def outer(function: F) -> F:
    """Compile a function that makes arrays."""
    return compile_with(function)
