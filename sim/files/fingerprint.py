"""What numbers depend on: sources and the files they read, versions of libraries, what was replaced at run time.

There is one answer for everybody who has to know whether a result still holds: the cache of compiled code, the
manifests of runs and sweeps, the workers of a cluster, the findings that a validation keeps. It is read off the
sources themselves: starting from some modules, all that they import is followed through all packages. What cannot be
found is an error, never left out.

Somebody may put another function in the place of one of ours while the program runs. Such a replacement is part of
the fingerprint too, under its name: functions that are loaded are compared with what their files say.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from sim.files.packaged import PACKAGE
from sim.files.packaged import packaged as file_named
from sim.files.sources import FingerprintError, Source, as_said, content_of, path_of, sha256, source_of, written

__all__ = ["Fingerprint", "FingerprintError", "fingerprint", "imports_of", "replaced_in"]

COMPUTING = ("llvmlite", "numba", "numpy", "pandas", "scipy", "semopy", "statsmodels")
"""Libraries whose versions numbers depend on, where they are used."""
WRAPPED_IN = ("py_func", "__wrapped__", "__func__", "fget", "func")
"""Where decorators and descriptors keep the function that they were given."""
SHOWN = 16


@dataclass(frozen=True)
class Fingerprint:
    """What some numbers depend on.

    Attributes
    ----------
    sources
        Hash of each source and of each file that a source reads, by its path.
    versions
        Versions of the libraries that compute.
    replaced
        What is not as its source says, by name, with a hash of what it is now.
    """

    sources: Mapping[str, str]
    versions: Mapping[str, str]
    replaced: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """One hash of all of it; it is another one as soon as any part is."""
        return sha256(json.dumps([self.sources, self.versions, self.replaced], sort_keys=True).encode())

    def differences(self, then: Fingerprint) -> list[str]:
        """Names of what is not as it was `then`, in the order of sources, libraries, replacements."""
        pairs = ((then.sources, self.sources), (then.versions, self.versions), (then.replaced, self.replaced))
        return [name for was, is_ in pairs for name in sorted({*was, *is_}) if was.get(name) != is_.get(name)]


def fingerprint(*roots: str | Path) -> Fingerprint:
    """The fingerprint of numbers that these sources make.

    Parameters
    ----------
    roots
        Modules of this package by name, such as ``sim.run``, or files that use them.

    Raises
    ------
    FingerprintError
        When something that a source imports or reads cannot be found.
    """
    found = reached(roots)
    replaced = {name: what for place in found for name, what in replaced_in(place)}
    return Fingerprint(hashes(found), versions(found), dict(sorted(replaced.items())))


# --- Sources -------------------------------------------------------------------------------------------


def imports_of(place: str | Path) -> tuple[str, ...]:
    """Names of the modules of this package that a source itself imports."""
    return imports_of_module(place) if isinstance(place, str) else modules_in(source_of(place))


@cache
def imports_of_module(name: str) -> tuple[str, ...]:
    """Names of the modules of this package that a module imports."""
    return modules_in(source_of(name))


def modules_in(source: Source) -> tuple[str, ...]:
    """The modules of this package among what a source imports."""
    found: list[str] = []
    for module, name in source.imported:
        if is_ours(module):
            found.append(owner(module, name) if name else module)
            if module == PACKAGE.name and not name:  # whatever the package offers may be used
                found += offered().values()
    return tuple(dict.fromkeys(found))


def reached(roots: Sequence[str | Path]) -> tuple[str | Path, ...]:
    """The roots, and the modules that they import, directly or not; packages around a module are imported with it."""
    found: dict[str | Path, None] = {}
    waiting = list(roots)
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found[place] = None
        waiting += imports_of(place)
        if isinstance(place, str) and "." in place:
            waiting.append(place.rpartition(".")[0])
    return tuple(found)


def hashes(places: Sequence[str | Path]) -> dict[str, str]:
    """Hash of each source, and of each file that it reads, by path."""
    found: dict[str, str] = {}
    for place in places:
        found |= hashes_of_module(place) if isinstance(place, str) else hashes_of(place)
    return dict(sorted(found.items()))


@cache
def hashes_of_module(name: str) -> dict[str, str]:
    """Hash of a module and of each file that it reads, as they were when this process first asked."""
    return hashes_of(name)


def hashes_of(place: str | Path) -> dict[str, str]:
    """Hash of a source and of each file of the program that it reads; folders are catalogues."""
    files = [path for name in source_of(place).reads if (path := file_named(name)).is_file()]
    read = {shown(path): path.read_bytes() for path in files}
    return {name: sha256(text)[:SHOWN] for name, text in {shown(path_of(place)): content_of(place), **read}.items()}


def versions(places: Sequence[str | Path]) -> dict[str, str]:
    """Versions of the libraries that compute, as far as these sources use them."""
    used = {module.partition(".")[0] for place in places for module, _ in source_of(place).imported}
    return {name: version_of(name) for name in COMPUTING if name in used}


@cache
def version_of(library: str) -> str:
    """Version of a library that is installed."""
    return version(library)


def shown(path: Path) -> str:
    """A path as it is shown: within the program where it is there, otherwise the name alone."""
    inside = PACKAGE.parent in path.parents
    return path.relative_to(PACKAGE.parent).as_posix() if inside else path.name


def owner(module: str, name: str) -> str:
    """The module that ``from module import name`` needs: `module`, one in it, or where the package has `name` from."""
    inside = PACKAGE.joinpath(*module.split(".")[1:])
    if (inside / f"{name}.py").is_file() or (inside / name / "__init__.py").is_file():
        return f"{module}.{name}"
    if module == PACKAGE.name and name in offered():
        return offered()[name]
    return module


def offered() -> Mapping[str, str]:
    """Names that the package itself offers, and the modules that have them."""
    homes: Mapping[str, str] = sys.modules[PACKAGE.name].HOMES
    return homes


def is_ours(name: str) -> bool:
    """Whether a module is one of this package."""
    return name.partition(".")[0] == PACKAGE.name


# --- Replaced at run time ------------------------------------------------------------------------------


def replaced_in(place: str | Path) -> Iterator[tuple[str, str]]:
    """Names in a loaded module that are not what its source says, each with a hash of what they are now."""
    if not isinstance(place, str) or (module := sys.modules.get(place)) is None:
        return
    said = source_of(place)
    for name, codes in said.functions.items():
        now = lookup(module, name)
        opaque = "." in name and now is not None and code_of(now) is None  # what a library made of a method
        if not (opaque or is_known(f"{place}.{name}", now) or is_as_said(f"{place}.{name}", now, codes)):
            yield f"{place}.{name}", told(now)
    for name, value in said.constants.items():
        now = module.__dict__.get(name)
        if as_said(now) != value:
            yield f"{place}.{name}", told(now)
    for name, (home, theirs) in said.taken.items():
        other, now = sys.modules.get(home), module.__dict__.get(name)
        if other is not None and now is not other.__dict__.get(theirs, now):
            yield f"{place}.{name}", told(now)


_known: dict[str, tuple[object, CodeType | None]] = {}


def is_known(name: str, now: object) -> bool:
    """Whether what stands under a name was found to be as its source says before."""
    before = _known.get(name)
    return before is not None and before[0] is now and before[1] is code_of(now)


def is_as_said(name: str, now: object, codes: Sequence[str]) -> bool:
    """Whether a function is as its source says."""
    code = code_of(now)
    right = code is not None and written(code) in codes
    if right:
        _known[name] = now, code
    return right


def lookup(module: ModuleType, name: str) -> object:
    """What stands under a dotted name, as its owner holds it; None where nothing does."""
    found: Any = module
    for part in name.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found


def function_of(value: Any) -> FunctionType | None:
    """A function, within whatever decorators have put around it; None for what is none."""
    for _ in range(8):
        if isinstance(value, FunctionType) and "__wrapped__" not in value.__dict__:
            return value
        inner = [getattr(value, name, None) for name in WRAPPED_IN]
        value = next((one for one in inner if callable(one)), None)
        if value is None:
            return None
    return None


def code_of(value: object) -> CodeType | None:
    """The code of a function; None for what is none."""
    function = function_of(value)
    return None if function is None else function.__code__


def told(value: object) -> str:
    """A hash of what stands in the place of something; of a function also its defaults and what it closes over."""
    function = function_of(value)
    if function is None:
        return sha256(repr(value).encode())[:SHOWN]
    cells = [repr(cell.cell_contents) for cell in function.__closure__ or ()]
    rest = (function.__defaults__, function.__kwdefaults__, cells)
    return sha256(f"{written(function.__code__)} {rest!r}".encode())[:SHOWN]
