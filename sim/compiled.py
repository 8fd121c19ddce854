"""Compilation of the equations: one decorator, so that every equation is compiled the same way.

Compiled code is cached on disk: beside the sources, in a folder that is named after their content, because
compiled code holds what it calls, and a cache that looks at one file alone would go on using old equations. Where
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

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])

config: Any = numba_config
SOURCES = Path(__file__).parent


def cache_folder() -> str:
    """Folder for the compiled code of these very sources; empty where numba is to choose one."""
    beside = SOURCES / "__pycache__"
    if config.CACHE_DIR or not os.access(beside if beside.is_dir() else SOURCES, os.W_OK):
        return str(config.CACHE_DIR)
    content = hashlib.sha256()
    for path in sorted(SOURCES.glob("*.py")):
        content.update(path.read_bytes())
    return str(beside / f"compiled-{content.hexdigest()[:16]}")


CACHE = cache_folder()


def compiled(function: F) -> F:
    """Compile `function` with numba, cached on disk where a folder for that can be written."""
    before, config.CACHE_DIR = config.CACHE_DIR, CACHE
    try:
        return cast("F", numba.njit(cache=True, error_model="numpy")(function))
    except RuntimeError:  # numba found no folder for its cache
        return cast("F", numba.njit(error_model="numpy")(function))
    finally:
        config.CACHE_DIR = before
