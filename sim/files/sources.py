"""What sources say about themselves: what they import and read, their functions, constants and names of others.

Reading the syntax of all modules takes a third of a second, at each start of the program. What was read is therefore
kept beside Python's own compiled modules, under a hash of all that it follows from; whatever is damaged, cannot be
written, or belongs to another source is read anew.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType

from sim.files.packaged import PACKAGE, packaged

__all__ = ["FingerprintError", "Source", "as_said", "content_of", "path_of", "sha256", "source_of", "written"]

STATEMENTS = ("body", "orelse", "finalbody")
BLOCKS = (*STATEMENTS, "handlers", "cases")
"""Where syntax keeps statements within statements: as they are, or in parts with a body each."""
FINDER = packaged.__name__


class FingerprintError(Exception):
    """What numbers depend on cannot be told; the message says what could not be found."""


@dataclass(frozen=True)
class Source:
    """What one source says.

    Attributes
    ----------
    imported
        What it imports when it runs: modules, each with a name taken from it, which is empty for the module itself.
    reads
        Files of the program that it asks for.
    functions
        Hashes of the code of its functions, and of methods by dotted names; several where it is defined several times.
    constants
        Type and value, as text, of names that have one value in so many words.
    taken
        Names that it takes from modules of this package: from which, and by which name there.
    """

    imported: tuple[tuple[str, str], ...]
    reads: tuple[str, ...]
    functions: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, tuple[str, str]]
    taken: Mapping[str, tuple[str, str]]


def source_of(place: str | Path) -> Source:
    """What a module, by its name, or a file says.

    Raises
    ------
    FingerprintError
        When it cannot be read, or names what it imports or reads other than in so many words.
    """
    return source_of_module(place) if isinstance(place, str) else read(place)


@cache
def source_of_module(name: str) -> Source:
    """What a module says, as when this process first asked."""
    follows_from = sha256(b"\0".join((about_reading(), name.encode(), content_of(name))))
    place = Path(cache_from_source(path_of(name), optimization="")).with_suffix(".says")
    with suppress(OSError, ValueError, TypeError):
        return kept(place.read_text(encoding="utf-8"), follows_from)
    source = read(name)
    with suppress(OSError):
        keep(source, place, follows_from)
    return source


@cache
def about_reading() -> bytes:
    """What tells how sources are read: this one, and the Python that compiles them."""
    return b"\0".join((content_of(__name__), MAGIC_NUMBER, bytes([sys.flags.optimize])))


def keep(source: Source, place: Path, follows_from: str) -> None:
    """Keep what a source says in a file, which is there as a whole or not at all."""
    text = json.dumps(asdict(source))
    place.parent.mkdir(exist_ok=True)
    writing = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        writing.write_text(f"{sha256((follows_from + text).encode())}\n{text}", encoding="utf-8")
        writing.replace(place)
    finally:
        writing.unlink(missing_ok=True)


def kept(content: str, follows_from: str) -> Source:
    """What a source said that was kept.

    Raises
    ------
    ValueError
        When it is of another source, or damaged.
    """
    check, _, text = content.partition("\n")
    if check != sha256((follows_from + text).encode()):
        raise ValueError
    said = json.loads(text)
    functions, constants, taken = (
        {key: tuple(value) for key, value in said[name].items()} for name in ("functions", "constants", "taken")
    )
    return Source(tuple(map(tuple, said["imported"])), tuple(said["reads"]), functions, constants, taken)


# --- Files -----------------------------------------------------------------------------------------------


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


def sha256(content: bytes) -> str:
    """SHA-256 as text."""
    return hashlib.sha256(content).hexdigest()


# --- Syntax ----------------------------------------------------------------------------------------------


def read(place: str | Path) -> Source:
    """Read what a source says."""
    try:
        tree = ast.parse(content_of(place))
    except SyntaxError as error:
        raise FingerprintError(f"{place}: line {error.lineno}: {error.msg}") from None
    functions: dict[str, tuple[str, ...]] = {}
    for name, code in functions_in(compile(tree, str(path_of(place)), "exec", dont_inherit=True)):
        functions[name] = tuple(sorted({*functions.get(name, ()), written(code)}))
    return Source(
        tuple(dict.fromkeys(imported_in(tree, place))),
        tuple(files_named_in(tree, place)),
        functions,
        constants_in(tree),
        taken_in(tree),
    )


def imported_in(tree: ast.Module, place: str | Path) -> Iterator[tuple[str, str]]:
    """What is imported at run time: modules, and names from modules."""
    for node in at_run_time(tree.body):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise FingerprintError(f"{place}: line {node.lineno}: imports from a place that is not named in full")
            yield from ((str(node.module), alias.name) for alias in node.names)


def at_run_time(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements and all that stand in them, without what stands there for type checkers only."""
    for statement in statements:
        yield statement
        only_types = isinstance(statement, ast.If) and name_of(statement.test) == "TYPE_CHECKING"
        for block in BLOCKS[1:] if only_types else BLOCKS:
            inner = getattr(statement, block, ())
            yield from at_run_time(inner if block in STATEMENTS else [one for part in inner for one in part.body])


def files_named_in(tree: ast.Module, place: str | Path) -> Iterator[str]:
    """Names of the files of the program that a source asks for."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and name_of(call.func) == FINDER:
            name = call.args[0]
            if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
                raise FingerprintError(f"{place}: line {call.lineno}: does not say in so many words what it reads")
            yield name.value


def name_of(function: ast.expr) -> str:
    """The last part of the name by which a function is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def taken_in(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Names that are taken from modules of this package."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == PACKAGE.name
        for alias in node.names
    }


def constants_in(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Type and value of names whose value stands there in so many words; a name that gets several values is none."""
    found: dict[str, tuple[str, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    with_value(found, target.id, node.value)
    return found


def with_value(constants: dict[str, tuple[str, str]], name: str, value: ast.expr) -> None:
    """Add a constant whose value stands in the source."""
    try:
        found = ast.literal_eval(value)
    except ValueError:
        constants.pop(name, None)
        return
    if isinstance(found, int | float | str | bytes | tuple):
        constants[name] = as_said(found)


def as_said(value: object) -> tuple[str, str]:
    """Type and value as text."""
    return type(value).__qualname__, repr(value)


# --- Code ------------------------------------------------------------------------------------------------


def functions_in(code: CodeType, before: str = "") -> Iterator[tuple[str, CodeType]]:
    """Functions at the top of a module and methods of its classes, by dotted name."""
    for constant in code.co_consts:
        if not isinstance(constant, CodeType) or constant.co_name.startswith("<"):
            continue
        if constant.co_flags & 1:  # optimized: a function, not the body of a class
            yield f"{before}{constant.co_name}", constant
        else:
            yield from functions_in(constant, f"{before}{constant.co_name}.")


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
