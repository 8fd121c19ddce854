"""Compilation of the equations: one decorator, so that every equation is compiled the same way.

Compiled code is kept on disk, where numba finds a folder that can be written. It holds what it calls, so it is found
again only as long as nothing has changed that the function's module depends on (`sim.files.fingerprint`), whichever
folder that is. Functions of somebody else are never kept, nor is what is compiled once more with them (`Anew`); and
nothing is while something of ours is replaced.

An equation may be replaced until the first one is compiled: whatever is compiled then holds the new one. Later
`check_equations` refuses, for compiled code would go on using the old one.

Arithmetic is strict IEEE 754 (no ``fastmath``): that is what makes the two runners, and any two computers, agree bit
for bit. Exponentials and the like are those of `sim.arithmetic`.
"""

from __future__ import annotations

import dis
import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.ccallback import CFunc
from numba.core.registry import cpu_target
from numba.core.sigutils import normalize_signature

from sim.files.fingerprint import fingerprint, replaced_in

__all__ = [
    "Anew",
    "ReplacedError",
    "called_by",
    "check_equations",
    "compiled",
    "entry_point",
    "is_kept",
    "is_to_be_kept",
    "kernel",
    "outer",
]

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = __name__.partition(".")[0]

_in_compiled_code: list[Mapping[str, str]] = []
"""What was replaced when the first function was compiled; empty until then."""


class ReplacedError(Exception):
    """An equation was replaced after others had been compiled; the message says which."""


def check_equations() -> None:
    """Check that compiled code holds the equations that are in force.

    Raises
    ------
    ReplacedError
        When one was replaced after others had been compiled.
    """
    if not _in_compiled_code:
        return
    then, now = _in_compiled_code[0], replaced_equations()
    changed = [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
    if changed:
        raise ReplacedError(
            f"{', '.join(changed)}: replaced after equations had been compiled, which would go on using the old one; "
            "replace it before the first class runs"
        )


def replaced_equations() -> dict[str, str]:
    """What is not as its source says in the modules with compiled functions: its name, and a hash of what it is."""
    ours = {name: vars(module) for name, module in sys.modules.copy().items() if name.startswith(f"{PACKAGE}.")}
    decorators = {one.__name__: one for one in (compiled, kernel, outer)}
    compiling = sorted(
        name for name, scope in ours.items() if any(scope.get(said) is one for said, one in decorators.items())
    )
    return {name: what for module in compiling if module != __name__ for name, what in replaced_in(module)}


LEFT_OVER = 3600.0
"""Seconds after which compiled code that no index names is that of another version, and of no process at work now."""


class CodeFiles(IndexDataCacheFile):
    """Files of one function's compiled code, which several processes may write at the same time.

    numba numbers them, and names a number before the file is there: two that compile the same function in two forms, or
    after a change of the program, may then find one form under the name of the other. Here a form has a name of its
    own, and is there before it is named.
    """

    def save(self, key: Any, data: Any) -> None:
        """Keep compiled code; what another process keeps at this very moment may have to be made once more."""
        known = self._load_index()
        base = self._index_name.removesuffix(".nbi")
        name = f"{base}.{hashlib.sha256(str(key).encode()).hexdigest()[:16]}.nbc"
        if not known:
            for old in Path(self._cache_path).glob(f"{base}.*.nbc"):
                if time.time() - old.stat().st_mtime > LEFT_OVER:
                    old.unlink(missing_ok=True)
        self._save_data(name, data)
        self._save_index({**known, key: name})


class CompiledCode(FunctionCache):
    """numba's cache of one function, which also looks at what the function calls, and makes anew what is damaged."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        plain = self._cache_file
        self._cache_file = CodeFiles(plain._cache_path, self._impl.filename_base, plain._source_stamp)  # noqa: SLF001

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Compiled code from the disk, or None."""
        if not _in_compiled_code:
            _in_compiled_code.append(replaced_equations())
        check_equations()
        if fingerprint(self._py_func.__module__).replaced:
            return None
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # noqa: BLE001 - whatever a damaged file makes numba stumble upon
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep compiled code on the disk, unless the disk is full, may not be written, or has something else there."""
        if not fingerprint(self._py_func.__module__).replaced:
            with suppress(Exception):  # nobody needs it but the next run, which makes it anew
                super().save_overload(sig, data)

    def kept(self) -> list[Any]:
        """Signatures of which the disk has compiled code of today."""
        codegen = cpu_target.target_context.codegen()
        with suppress(Exception):  # whatever a damaged file makes numba stumble upon
            index, today = self._cache_file._load_index(), self._index_key(None, codegen)[1:]  # noqa: SLF001
            return [sig for sig, *about in index if tuple(about) == today]
        return []

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), fingerprint(self._py_func.__module__).digest)


def compile_with(function: F, **special: bool) -> F:
    """Compile `function` with numba; code of ours is kept on disk."""
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True, **special}
    made = numba.njit(**options)(function)
    if function.__module__.partition(".")[0] == PACKAGE:
        with suppress(RuntimeError):  # numba found no folder that can be written
            made._cache = CompiledCode(function)  # noqa: SLF001 - what njit(cache=True) does, with another cache
    return cast("F", made)


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


def entry_point(function: Callable[..., None], form: Any, kept_with: Callable[..., Any]) -> Any:
    """A function of the given form, as C sees it, to be compiled; it is kept on disk with a function of ours."""
    made: Any = CFunc(function, normalize_signature(form), locals={}, options={"error_model": "numpy"})
    if str(kept_with.__module__).partition(".")[0] == PACKAGE:
        with suppress(RuntimeError):
            made._cache = CompiledCode(kept_with)  # noqa: SLF001 - as in `compile_with`
    return made


def is_kept(function: Any) -> bool:
    """Tell whether the disk has a compiled function, in any form."""
    return isinstance(function._cache, CompiledCode) and bool(function._cache.kept())  # noqa: SLF001


def is_to_be_kept(made: Any) -> bool:
    """Tell whether an entry point will be kept on disk, and is not there yet."""
    code = made._cache  # noqa: SLF001
    if not isinstance(code, CompiledCode) or fingerprint(code._py_func.__module__).replaced:  # noqa: SLF001
        return False
    return made._sig not in code.kept()  # noqa: SLF001


# --- With others in the place of some --------------------------------------------------------------------


def called_by(function: Any) -> Iterator[tuple[str, str, Any]]:
    """Compiled functions that a compiled function calls.

    Yields
    ------
    tuple
        The name by which it is known there (of itself, or of its module), its name in that module (else empty), and
        the function.
    """
    scope = function.py_func.__globals__
    steps = [entry for entry in dis.get_instructions(function.py_func.__code__) if entry.opname != "EXTENDED_ARG"]
    for step, after in pairwise(steps):
        value = scope.get(step.argval) if step.opname == "LOAD_GLOBAL" else None
        if hasattr(value, "py_func"):
            yield step.argval, "", value
        elif isinstance(value, ModuleType) and hasattr(called := getattr(value, after.argval, None), "py_func"):
            yield step.argval, after.argval, called


class Anew:
    """Compiled functions once more, beside those that there are, with others in the place of some that they call.

    Only what calls one of these, directly or not, is compiled again, when it is first called; all else is the function
    that there is already. Nothing of it is kept on disk.

    Parameters
    ----------
    others
        What is called instead, by the compiled function in whose place it stands.
    constants
        What stands for global constants, by their names.
    """

    def __init__(self, others: Mapping[Any, Any], constants: Mapping[str, object] | None = None) -> None:
        self.made = dict(others)
        self.constants = constants or {}

    def __call__(self, function: Any) -> Any:
        """The function with others in it; the same function where it calls none of them."""
        if function not in self.made:
            self.made[function] = self.make(function)
        return self.made[function]

    def make(self, function: Any) -> Any:
        """See `__call__`."""
        python = function.py_func
        changes: dict[str, Any] = {
            name: self.constants[name] for name in self.constants.keys() & python.__code__.co_names
        }
        for name, inner, called in called_by(function):
            instead = self(called)
            if instead is called:
                continue
            if inner:
                module = changes.get(name) or a_copy_of(python.__globals__[name])
                setattr(module, inner, instead)
                instead = module
            changes[name] = instead
        if not changes:
            return function
        copy = FunctionType(python.__code__, {**python.__globals__, **changes}, python.__name__, python.__defaults__)
        copy.__module__ = None  # type: ignore[assignment]  # for numba: made while the program runs, and never kept
        copy.__annotations__, copy.__doc__ = python.__annotations__, python.__doc__
        return numba.jit(**function.targetoptions)(copy)


def a_copy_of(module: ModuleType) -> ModuleType:
    """A module with the same contents, in which something may be replaced."""
    copy = ModuleType(module.__name__)
    vars(copy).update(vars(module))
    return copy
