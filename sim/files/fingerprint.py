"""What numbers depend on: sources and the files they read, versions of libraries, what was replaced at run time.

There is one answer for everybody who has to know whether a result still holds: the cache of compiled code, the
manifests of runs and sweeps, the workers of a cluster, the findings that a validation keeps. It is read off the
sources themselves: starting from some modules, all that they import is followed through all packages. What cannot be
found is an error, never left out.

Somebody may put another function in the place of one of ours while the program runs. Such a replacement is part of
the fingerprint too, under its name: functions that are loaded are compared with what their files say.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from sim.files.packaged import PACKAGE, packaged

__all__ = ["Fingerprint", "FingerprintError", "fingerprint", "imports_of", "replaced_in"]

COMPUTING = ("llvmlite", "numba", "numpy", "pandas", "scipy", "semopy", "statsmodels")
"""Libraries whose versions numbers depend on, where they are used."""
WRAPPED_IN = ("py_func", "__wrapped__", "__func__", "fget", "func")
"""Where decorators and descriptors keep the function that they were given."""
STATEMENTS = ("body", "orelse", "finalbody")
BLOCKS = (*STATEMENTS, "handlers", "cases")
"""Where syntax keeps statements within statements: as they are, or in parts with a body each."""
FINDER = packaged.__name__
SHOWN = 16


class FingerprintError(Exception):
    """What numbers depend on cannot be told; the message says what could not be found."""


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
    tree_of_module.cache_clear()  # whatever was to be read in them has been read
    return Fingerprint(hashes(found), versions(found), dict(sorted(replaced.items())))


def imports_of(place: str | Path) -> tuple[str, ...]:
    """Names of the modules of this package that a source itself imports."""
    return source_of(place).imports


# --- Sources -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """What one source says about itself: the modules of ours that it imports, the files it reads, its libraries."""

    imports: tuple[str, ...]
    reads: tuple[str, ...]
    libraries: tuple[str, ...]


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
    files = [path for name in source_of(place).reads if (path := packaged(name)).is_file()]
    read = {shown(path): path.read_bytes() for path in files}
    return {name: sha256(text)[:SHOWN] for name, text in {shown(path_of(place)): content_of(place), **read}.items()}


def versions(places: Sequence[str | Path]) -> dict[str, str]:
    """Versions of the libraries that compute, as far as these sources use them."""
    used = {library for place in places for library in source_of(place).libraries}
    return {name: version_of(name) for name in COMPUTING if name in used}


@cache
def version_of(library: str) -> str:
    """Version of a library that is installed."""
    return version(library)


def shown(path: Path) -> str:
    """A path as it is shown: within the program where it is there, otherwise the name alone."""
    inside = PACKAGE.parent in path.parents
    return path.relative_to(PACKAGE.parent).as_posix() if inside else path.name


def path_of(place: str | Path) -> Path:
    """The file of a module, or the file itself.

    Raises
    ------
    FingerprintError
        When there is none.
    """
    if isinstance(place, Path):
        if place.is_file():
            return place
        raise FingerprintError(f"{place}: no such file")
    inside = PACKAGE.joinpath(*place.split(".")[1:])
    for path in (inside.with_suffix(".py") if inside != PACKAGE else PACKAGE / "__init__.py", inside / "__init__.py"):
        if path.is_file():
            return path
    raise FingerprintError(f"{place}: is imported, but there is no such module")


def content_of(place: str | Path) -> bytes:
    """What stands in a source: in a module as when this process first asked, for it is loaded; in a file as of now."""
    return content_of_module(place) if isinstance(place, str) else path_of(place).read_bytes()


@cache
def content_of_module(name: str) -> bytes:
    """What stands in a module."""
    return path_of(name).read_bytes()


def source_of(place: str | Path) -> Source:
    """What a source says about itself.

    Raises
    ------
    FingerprintError
        When it imports a module that is not there, or names a file other than in so many words.
    """
    return source_of_module(place) if isinstance(place, str) else read_source(place)


@cache
def source_of_module(name: str) -> Source:
    """What a module says about itself."""
    return read_source(name)


def read_source(place: str | Path) -> Source:
    """Read what a source says about itself."""
    imports: list[str] = []
    libraries: list[str] = []
    for node in at_run_time(tree_of(place).body):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            imports += [name for name in names if is_ours(name)]
            if PACKAGE.name in names:  # whatever the package offers may be used
                imports += offered().values()
            libraries += [name.partition(".")[0] for name in names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise FingerprintError(f"{place}: line {node.lineno}: imports from a place that is not named in full")
            if is_ours(node.module or ""):
                imports += [owner(str(node.module), alias.name) for alias in node.names]
            libraries.append((node.module or "").partition(".")[0])
    reads = tuple(files_named_in(place)) if FINDER.encode() in content_of(place) and place != __name__ else ()
    return Source(tuple(dict.fromkeys(imports)), reads, tuple(dict.fromkeys(libraries)))


def files_named_in(place: str | Path) -> Iterator[str]:
    """Names of the files of the program that a source asks for."""
    for call in ast.walk(tree_of(place)):
        if isinstance(call, ast.Call) and name_of(call.func) == FINDER:
            name = call.args[0]
            if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
                raise FingerprintError(f"{place}: line {call.lineno}: does not say in so many words what it reads")
            yield name.value


def name_of(function: ast.expr) -> str:
    """The last part of the name by which a function is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def tree_of(place: str | Path) -> ast.Module:
    """The syntax of a source."""
    return tree_of_module(place) if isinstance(place, str) else read_tree(place)


@cache
def tree_of_module(name: str) -> ast.Module:
    """The syntax of a module."""
    return read_tree(name)


def read_tree(place: str | Path) -> ast.Module:
    """Read the syntax of a source."""
    try:
        return ast.parse(content_of(place))
    except SyntaxError as error:
        raise FingerprintError(f"{place}: line {error.lineno}: {error.msg}") from None


def at_run_time(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements and all that stand in them, without what stands there for type checkers only."""
    for statement in statements:
        yield statement
        only_types = isinstance(statement, ast.If) and name_of(statement.test) == "TYPE_CHECKING"
        for block in BLOCKS[1:] if only_types else BLOCKS:
            inner = getattr(statement, block, ())
            yield from at_run_time(inner if block in STATEMENTS else [one for part in inner for one in part.body])


def is_ours(name: str) -> bool:
    """Whether a module is one of this package."""
    return name.partition(".")[0] == PACKAGE.name


def owner(module: str, name: str) -> str:
    """The module that ``from module import name`` needs: `module`, one in it, or where the package has `name` from."""
    inside = PACKAGE.joinpath(*module.split(".")[1:])
    if (inside / f"{name}.py").is_file() or (inside / name / "__init__.py").is_file():
        return f"{module}.{name}"
    if module == PACKAGE.name and name in offered():
        return offered()[name]
    return module


@cache
def offered() -> dict[str, str]:
    """Names that the package itself offers, and the modules that have them."""
    nodes = ast.walk(tree_of(PACKAGE.name))
    return {
        alias.name: node.module
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and is_ours(node.module)
        for alias in node.names
    }


# --- Replaced at run time ------------------------------------------------------------------------------


def replaced_in(place: str | Path) -> Iterator[tuple[str, str]]:
    """Names in a loaded module that are not what its source says, each with a hash of what they are now."""
    if not isinstance(place, str) or (module := sys.modules.get(place)) is None:
        return
    said = said_by(place)
    for name, codes in said.functions.items():
        now = lookup(module, name)
        opaque = "." in name and now is not None and code_of(now) is None  # what a library made of a method
        if not (opaque or is_known(f"{place}.{name}", now) or is_as_said(f"{place}.{name}", now, codes)):
            yield f"{place}.{name}", told(now)
    for name, value in said.constants.items():
        now = module.__dict__.get(name)
        if type(now) is not type(value) or repr(now) != repr(value):
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


def is_as_said(name: str, now: object, codes: frozenset[str]) -> bool:
    """Whether a function is as its source says."""
    code = code_of(now)
    right = code is not None and written(code) in codes
    if right:
        _known[name] = now, code
    return right


@dataclass(frozen=True)
class Said:
    """What the source of a module says: functions and their code, constants, and names taken from other modules."""

    functions: Mapping[str, frozenset[str]]
    constants: Mapping[str, object]
    taken: Mapping[str, tuple[str, str]]


@cache
def said_by(place: str) -> Said:
    """What the source of a module says."""
    functions: dict[str, set[str]] = {}
    for name, code in functions_in(compile(tree_of(place), str(path_of(place)), "exec", dont_inherit=True)):
        functions.setdefault(name, set()).add(written(code))
    constants: dict[str, object] = {}
    taken: dict[str, tuple[str, str]] = {}
    for node in tree_of(place).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    with_value(constants, target.id, node.value)
        elif isinstance(node, ast.ImportFrom) and is_ours(node.module or ""):
            taken |= {alias.asname or alias.name: (str(node.module), alias.name) for alias in node.names}
    return Said({name: frozenset(codes) for name, codes in functions.items()}, constants, taken)


def with_value(constants: dict[str, object], name: str, value: ast.expr) -> None:
    """Add a constant whose value stands in the source; a name that gets several values is none."""
    try:
        found = ast.literal_eval(value)
    except ValueError:
        constants.pop(name, None)
        return
    if isinstance(found, int | float | str | bytes | tuple):
        constants[name] = found


def functions_in(code: CodeType, before: str = "") -> Iterator[tuple[str, CodeType]]:
    """Functions at the top of a module and methods of its classes, by dotted name."""
    for constant in code.co_consts:
        if not isinstance(constant, CodeType) or constant.co_name.startswith("<"):
            continue
        if constant.co_flags & 1:  # optimized: a function, not the body of a class
            yield f"{before}{constant.co_name}", constant
        else:
            yield from functions_in(constant, f"{before}{constant.co_name}.")


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


def written(code: CodeType) -> str:
    """Code as text that is the same wherever the code stands, and in each process."""
    constants = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            constants.append(written(constant))
        elif isinstance(constant, frozenset):
            constants.append(repr(sorted(map(repr, constant))))
        else:
            constants.append(repr(constant))
    parts = (
        code.co_name, code.co_argcount, code.co_kwonlyargcount, code.co_flags, code.co_names, code.co_varnames,
        code.co_freevars, constants, code.co_code.hex(),
    )  # fmt: skip
    return sha256(repr(parts).encode())


def told(value: object) -> str:
    """A hash of what stands in the place of something; of a function also its defaults and what it closes over."""
    function = function_of(value)
    if function is None:
        return sha256(repr(value).encode())[:SHOWN]
    cells = [repr(cell.cell_contents) for cell in function.__closure__ or ()]
    rest = (function.__defaults__, function.__kwdefaults__, cells)
    return sha256(f"{written(function.__code__)} {rest!r}".encode())[:SHOWN]


def sha256(content: bytes) -> str:
    """SHA-256 as text."""
    return hashlib.sha256(content).hexdigest()
